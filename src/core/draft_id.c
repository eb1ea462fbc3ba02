/* The Message-ID of a letter by $message_id_format. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "conf/expando.h"
#include "core/draft_priv.h"
#include "mime/msgid.h"

#define DEFAULT_FORMAT "<%z@%f>"
#define RANDOM_MAX 16

struct id {
	const struct draft *d;
	struct sv domain; /* of the From address */
	struct sv seed;
	struct tm utc; /* as mutt, which tells nobody where you are */
	int64_t now;
	unsigned drawn;
};

/* n letters and digits; under SOURCE_DATE_EPOCH from the seed, different each time. */
static bool put_random(struct id *id, size_t n, struct str *out)
{
	char word[SHA256_HEX_LEN + 1];
	struct str seed;

	if (!getenv("SOURCE_DATE_EPOCH")) {
		random_word(word, n);
		return str_adds(out, word);
	}
	str_init(&seed, id->seed.len + 32);
	(void)str_addf(&seed, "%u ", id->drawn++);
	(void)str_add(&seed, id->seed);
	hash_sha256_hex(str_sv(&seed), word);
	str_fini(&seed);
	word[n] = 0;
	return str_adds(out, word);
}

static bool put_host(const struct id *id, struct str *out)
{
	return *id->d->conf->hostname ? str_adds(out, id->d->conf->hostname) : str_add(out, id->domain);
}

static bool id_value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	static unsigned counter;
	struct id *id = data;

	v->kind = EXPANDO_TEXT;
	switch (ref->kind) {
	case 'c': return str_addc(v->text, (char)('A' + counter++ % 26));
	case 'd': return str_addf(v->text, "%02d", id->utc.tm_mday);
	case 'f': return put_host(id, v->text);
	case 'F': return str_add(v->text, id->domain);
	case 'H': return str_addf(v->text, "%02d", id->utc.tm_hour);
	case 'm': return str_addf(v->text, "%02d", id->utc.tm_mon + 1);
	case 'M': return str_addf(v->text, "%02d", id->utc.tm_min);
	case 'p': return str_addf(v->text, "%ld", (long)getpid());
	case 'r': return put_random(id, 4, v->text);
	case 'S': return str_addf(v->text, "%02d", id->utc.tm_sec);
	case 'x': return put_random(id, 2, v->text);
	case 'Y': return str_addf(v->text, "%d", id->utc.tm_year + 1900);
	case 'z': return str_addf(v->text, "%llx.", (unsigned long long)id->now) && put_random(id, RANDOM_MAX, v->text);
	default: return false;
	}
}

/* One id and nothing else, in ASCII: what other programs can put into References. */
static bool is_sound(struct sv text)
{
	struct arena *a = arena_new();
	const char *first = msgid_first(a, text);
	bool ok = first && sv_eq(text, sv_of(first)) && text.len <= MSGID_MAX && sv_chr(text, '@') > 1;

	for (size_t i = 0; ok && i < text.len; i++)
		ok = text.p[i] > ' ' && text.p[i] < 0x7f;
	arena_free(a);
	return ok;
}

char *draft_message_id(const struct draft *d, struct sv domain, struct sv seed)
{
	struct id id = {.d = d, .domain = domain, .seed = seed, .now = clock_now()};
	struct expando_env env = {.value = id_value, .data = &id, .no_filter = true};
	time_t now = (time_t)id.now;
	char *host, *made;
	struct str out;

	str_init(&out, EXPANDO_OUT_MAX);
	if (strcmp(d->conf->message_id_format, DEFAULT_FORMAT) != 0) {
		struct expando *x = expando_new_lenient(SET_MSGID, sv_of(d->conf->message_id_format));

		gmtime_r(&now, &id.utc);
		expando_format(x, &env, &out, NULL);
		expando_free(x);
	}
	if (out.len && is_sound(str_sv(&out)))
		return str_detach(&out);
	str_fini(&out);
	host = sv_dup(domain);
	made = msgid_new(host, seed);
	free(host);
	return made;
}
