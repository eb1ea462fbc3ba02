/*
 * Format strings: the strict and the lenient form agree on what is right, no line is wider than asked
 * for, and every span lies inside it.
 */
#include "conf/expando.h"
#include "tests/fuzz/fuzz.h"
#include "text/width.h"

static bool value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	(void)data;
	switch (ref->kind % 5) {
	case 0:
		v->kind = EXPANDO_NUMBER;
		v->number = ref->kind - 'm';
		return true;
	case 1:
		v->kind = EXPANDO_TIME;
		v->time = 1000000000;
		v->zone_min = 120;
		v->time_fmt = ref->arg.len ? NULL : "%d.%m.%Y";
		return true;
	case 2:
		return false;
	default:
		return str_adds(v->text, "J\303\266rg \346\227\245\346\234\254 x");
	}
}

static void format(const struct expando *x, int width)
{
	struct expando_env env = {
		.value = value, .width = width, .no_filter = true, .now = 1000000000};
	struct expando_spans spans;
	struct str out;

	str_init(&out, EXPANDO_OUT_MAX);
	expando_format(x, &env, &out, &spans);
	if (width > 0 && !expando_is_filter(x))
		fuzz_must(width_of(str_sv(&out)) <= width);
	for (size_t i = 0; i < spans.n; i++)
		fuzz_must(spans.v[i].start + spans.v[i].len <= out.len);
	str_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv text = fuzz_sv(data, MIN(size, 4096u));
	enum expando_set set = size ? (enum expando_set)(data[0] % SET_COUNT) : SET_INDEX;
	struct err e;

	struct expando *strict = expando_new(set, text, &e),
		       *lenient = expando_new_lenient(set, text);
	format(lenient, 0);
	format(lenient, 80);
	format(lenient, 7);
	if (strict)
		format(strict, 20);
	expando_free(strict);
	expando_free(lenient);
	return 0;
}
