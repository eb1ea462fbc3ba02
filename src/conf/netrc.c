/*
 * ~/.netrc: machine, login, password words, as ftp and curl read it.
 */
#include <stdlib.h>

#include "base/fs.h"
#include "base/mem.h"
#include "conf/account.h"

#define NETRC_MAX (1 << 20)

/* Words are separated by blanks; quotes may hold blanks. False at the end. */
static bool next_word(struct scan *s, struct str *out)
{
	str_clear(out);
	for (;;) {
		scan_wsp(s);
		if (!scan_byte(s, '#'))
			break;
		(void)scan_until(s, "\n");
	}
	if (scan_end(s))
		return false;
	if (scan_byte(s, '"')) {
		for (; !scan_end(s) && *s->p != '"'; s->p++) {
			if (*s->p == '\\' && s->p + 1 < s->end)
				s->p++;
			str_addc(out, *s->p);
		}
		(void)scan_byte(s, '"');
		return true;
	}
	str_add(out, scan_until(s, " \t\r\n"));
	return true;
}

struct entry {
	bool host_fits, is_default;
	char *login, *password;
};

static void entry_clear(struct entry *entry)
{
	free(entry->login);
	free_wiped(entry->password);
	*entry = (struct entry){0};
}

/* Is this complete entry the one that is asked for? */
static bool fits(const struct entry *entry, const char *login)
{
	if (!(entry->host_fits || entry->is_default) || !entry->password)
		return false;
	return !login || !entry->login || strcmp(entry->login, login) == 0;
}

static char *search(struct sv text, const char *host, const char *login, char **user)
{
	struct scan s = scan_of(text);
	struct entry entry = {0};
	struct str word, value;
	char *found = NULL;
	bool more = true;

	str_init(&word, NETRC_MAX);
	str_init(&value, NETRC_MAX);
	while (!found && more) {
		more = next_word(&s, &word);
		struct sv w = str_sv(&word);
		bool starts = !more || sv_is(w, "machine") || sv_is(w, "default");
		if (starts && fits(&entry, login)) {
			found = xstrdup(entry.password);
			if (user)
				*user = xstrdup(entry.login);
		}
		if (starts)
			entry_clear(&entry);
		if (sv_is(w, "default")) {
			entry.is_default = true;
		} else if (sv_is(w, "machine") && next_word(&s, &value)) {
			entry.host_fits = sv_is_case(str_sv(&value), host);
		} else if (sv_is(w, "login") && next_word(&s, &value)) {
			free(entry.login);
			entry.login = xstrdup(value.s);
		} else if (sv_is(w, "password") && next_word(&s, &value)) {
			free_wiped(entry.password);
			entry.password = xstrdup(value.s);
		} else if (sv_is(w, "macdef")) { /* up to an empty line */
			ptrdiff_t end = sv_find(scan_rest(&s), SV("\n\n"));
			s.p = end < 0 ? s.end : s.p + end;
		}
	}
	entry_clear(&entry);
	str_wipe(&word);
	str_wipe(&value);
	return found;
}

char *netrc_password(const char *file, const char *host, const char *login, char **user)
{
	struct str text;
	struct err e;
	char *found;

	if (user)
		*user = NULL;
	if (!fs_read(file, NETRC_MAX, &text, &e))
		return NULL;
	found = search(str_sv(&text), host, login, user);
	str_wipe(&text);
	return found;
}
