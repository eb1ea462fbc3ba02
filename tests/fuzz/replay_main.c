/*
 * Drives a fuzz target without a fuzzer: the files and folders named, else the seeds of the target
 * (tests/corpus/fuzz/NAME) and the shared corpus that fits it. Each input is also given in changed
 * forms: cut short, with bytes flipped, doubled, a piece left out; always the same ones.
 * FEIST_FUZZ_ROUNDS: changed forms of each seed (default 40; the shared corpus gets a tenth).
 * FEIST_FUZZ_SAVE: a file that gets each input before it is given, to find the one that failed.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (8u << 20)
#define CHANGED_MAX (256u * 1024) /* larger inputs are only given as they are */
#define DEPTH_MAX 8

static size_t inputs;

/* xorshift: the same on every machine. */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* A private copy of exactly that size, so that a sanitizer sees a read behind the end. */
static void give(const char *p, size_t n)
{
	const char *save = getenv("FEIST_FUZZ_SAVE");
	uint8_t *copy = malloc(n ? n : 1);
	struct err e;

	if (!copy || (save && !fs_write_atomic(save, sv_make(p, n), 0600, &e)))
		abort();
	if (n > 0)
		memcpy(copy, p, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	inputs++;
}

static void change(struct str *s, uint32_t *state)
{
	static const char interesting[] = "\0\n\r\t \"'()<>@,;:\\=?*%&-./[]{}\x7f\x80\xff+~^|";
	size_t at, n, k;

	switch (next_random(state) % 6) {
	case 0: /* cut */
		str_cut(s, s->len ? next_random(state) % s->len : 0);
		break;
	case 1: /* some bytes become special ones */
		for (k = next_random(state) % 8 + 1; k > 0 && s->len > 0; k--)
			s->s[next_random(state) % s->len] =
				interesting[next_random(state) % (sizeof(interesting) - 1)];
		break;
	case 2: /* leave a piece out */
		if (s->len > 0) {
			at = next_random(state) % s->len;
			str_remove(s, at, next_random(state) % MIN(s->len, 64u));
		}
		break;
	case 3: /* double a piece */
		if (s->len > 0) {
			struct str piece;

			at = next_random(state) % s->len;
			n = next_random(state) % 200 + 1;
			n = MIN(n, s->len - at);
			str_init(&piece, n + 1);
			str_add(&piece, sv_make(s->s + at, n));
			str_insert(s, at, str_sv(&piece));
			str_fini(&piece);
		}
		break;
	case 4: /* random bytes */
		for (k = next_random(state) % 4 + 1; k > 0 && s->len > 0; k--)
			s->s[next_random(state) % s->len] = (char)next_random(state);
		break;
	default: /* a special byte more */
		n = next_random(state) % (sizeof(interesting) - 1);
		str_insert(
			s, s->len ? next_random(state) % s->len : 0, sv_make(interesting + n, 1));
		break;
	}
}

static void replay_bytes(struct sv bytes, unsigned rounds)
{
	uint32_t state = 2463534242u + (uint32_t)bytes.len;
	struct str s;
	unsigned i;

	give(bytes.p ? bytes.p : "", bytes.len);
	if (bytes.len > CHANGED_MAX)
		return;
	str_init(&s, CHANGED_MAX * 4);
	for (i = 0; i < rounds; i++) {
		unsigned times = next_random(&state) % 3 + 1;

		str_clear(&s);
		str_add(&s, bytes);
		while (times-- > 0)
			change(&s, &state);
		give(s.s ? s.s : "", s.len);
	}
	str_fini(&s);
}

static void replay(const char *path, unsigned rounds, int depth)
{
	struct dirent **names;
	struct str bytes;
	struct err e;
	int n, i;

	if (!fs_is_dir(path)) {
		if (fs_read(path, INPUT_MAX, &bytes, &e)) {
			replay_bytes(str_sv(&bytes), rounds);
			str_fini(&bytes);
		}
		return;
	}
	n = depth < DEPTH_MAX ? scandir(path, &names, NULL, alphasort) : -1;
	for (i = 0; i < n; i++) {
		char *name = names[i]->d_name[0] == '.' ? NULL : fs_join(path, names[i]->d_name);

		if (name)
			replay(name, rounds, depth + 1);
		free(name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void replay_own(const char *program, unsigned rounds)
{
	const char *name = strstr(fs_basename(program), "fuzz_"), *src = getenv("FEIST_SRCDIR"),
		   *shared = getenv("FEIST_SHARED");
	const char *const *dir;
	char *path;

	give("", 0);
	path = xasprintf("%s/tests/corpus/fuzz/%s", src ? src : ".", name ? name + 5 : "");
	replay(path, rounds, 0);
	free(path);
	for (dir = fuzz_shared; shared && dir && *dir; dir++) {
		path = xasprintf("%s/corpus/%s", shared, *dir);
		replay(path, rounds / 10, 0);
		free(path);
	}
}

int main(int argc, char **argv)
{
	const char *text = getenv("FEIST_FUZZ_ROUNDS");
	uint64_t value = 40;
	int i;

	if (text && !sv_u64(sv_of(text), &value))
		value = 40;
	for (i = 1; i < argc; i++)
		replay(argv[i], (unsigned)value, 0);
	if (argc < 2)
		replay_own(argv[0], (unsigned)value);
	printf("%zu inputs\n", inputs);
	return 0;
}
