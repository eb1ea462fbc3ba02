/*
 * Which single-byte set bytes over 127 are in, by what they would say. For each language there is the cost
 * in bits of each of its letters beyond ASCII (how surprising it is there); the language and the set in which the
 * text is least surprising win. Where it is close it is windows-1252, in which most unlabelled mail is.
 */
#include <stdlib.h>

#include <utf8proc.h>

#include "base/mem.h"
#include "text/charset.h"
#include "text/charset_priv.h"
#include "text/utf8.h"

#define HIGH 128             /* bytes that say something */
#define UNKNOWN_COST 12      /* a letter that the language has not */
#define CONTROL_COST 16      /* no character at all */
#define SYMBOL_IN_WORD 12    /* what stands inside a word and is no letter */
#define SYMBOL_COST 10
#define COMMON_COST 6        /* signs of all languages */
#define QUOTE_COST 3
#define CASE_COST 6          /* a capital behind a small letter */
#define SHOUTED_PER_BIT 3    /* capitals behind capitals that cost one */
#define NEIGHBOUR_COST 4     /* beyond ASCII twice in a row, where words are mostly ASCII */
#define INSIDE_COST 4        /* a letter that stands at the end of words */
#define MARGIN 8             /* bits by which another set must be better than windows-1252 ... */
#define MARGIN_PERCENT 30    /* ... and for each byte so much of a bit */
#define LANGUAGE_COST_MAX 55 /* tenths of a bit for each byte: what costs more is another language, or none */

/* letters: a number, the cost, before those that it is for; small ones, capitals cost the same. */
static const struct model {
	const char *charsets[4], *letters;
	bool script; /* whole words are beyond ASCII */
	bool final;  /* these letters end words */
} models[] = {
	/* clang-format off */
	{{"windows-1252"}, "1ü2ä3ö4ß6é", false, false},                            /* German */
	{{"windows-1252"}, "0é4àèê6ôî7â8çùïû10ëœ", false, false},                  /* French */
	{{"windows-1252"}, "1ó2á3í4úé5ñ10ü", false, false},                        /* Spanish */
	{{"windows-1252"}, "2ãç3íá4éó5úõê6â8à10ô", false, false},                  /* Portuguese */
	{{"windows-1252"}, "1è2à4ùòì6é", false, true},                             /* Italian */
	{{"windows-1252"}, "1ä2öå7é", false, false},                               /* Swedish, Finnish */
	{{"windows-1252"}, "1æø2å5é", false, false},                               /* Danish, Norwegian */
	{{"windows-1252"}, "1ë2éï5ó7öüè", false, false},                           /* Dutch */
	{{"windows-1252"}, "2íáð3ó4ú5æýöþ6é", false, false},                       /* Icelandic */
	{{"windows-1252"}, "2óà3é4íèçúò5ï6ü", false, false},                       /* Catalan */
	{{"windows-1252"}, "5éáíóúàèìòùâêîôûäëïöüãõñçåæøß7œýšžÿð", false, false},  /* names from everywhere */
	{{"windows-1250", "iso-8859-2"}, "2ł3żąęóść4ń6ź", false, false},              /* Polish */
	{{"windows-1250", "iso-8859-2"}, "2íá3ř4čéžýě5šů7ú8óň9ťď", false, false},     /* Czech */
	{{"windows-1250", "iso-8859-2"}, "2á3číýťú4éžšľ6ó7ôň8äĺď", false, false},     /* Slovak */
	{{"windows-1250", "iso-8859-2"}, "2áé3íó4öő5üú6ű", false, false},             /* Hungarian */
	{{"windows-1250", "iso-8859-2"}, "1č2š3ž", false, false},                     /* Slovene */
	{{"windows-1250", "iso-8859-2"}, "2čš3žć4đ", false, false},                   /* Croatian */
	{{"windows-1250", "iso-8859-2"}, "1ă2ţ3şî5â", false, false},                  /* Romanian */
	{{"windows-1254"}, "2ı3üş4ğöç", false, false},                             /* Turkish */
	{{"windows-1257"}, "2šėų3žą4įč5ū6ę", false, false},                        /* Lithuanian */
	{{"windows-1257"}, "2āē3īš5ņļū6žķ7čģ", false, false},                      /* Latvian */
	{{"windows-1257"}, "1ä2õü5ö6š7ž", false, false},                           /* Estonian */
	{{"koi8-r", "windows-1251", "iso-8859-5", "ibm866"}, "3ое4аинтрс5лвпкдму6языьйбч7гжфцюх8шщ9эё", true, false},
	{{"koi8-u", "windows-1251"}, "3а4ноиетівр5кслдупмя6збьгйч7жхцфє8шюї9щґ", true, false},
	{{"windows-1251"}, "3ае4ниотр5свдпкзлм6ъябу7чжгйфц8щшх10ю", true, false},            /* Bulgarian */
	{{"windows-1251", "iso-8859-5"}, "3ае4ионртс5купдвмјзл6бг7чшњцљ8жћхф9ђџ", true, false}, /* Serbian */
	{{"windows-1253", "iso-8859-7"}, "3α4οετνιρσ5μηπκυςλίδγ6έήάόχω7θύφώ8βξ9ζ10ψ", true, false},
	{{"windows-1255"}, "3יו4התלמראנ5בקשפדסגט6םעחןכ7צז8ךץ9ף", true, false},
	{{"windows-1256", "iso-8859-6"}, "3ال4يمروةنت5دفسبع6كحقجصأهط7شخإغزذض8ىثئ9ءآ10ؤظ", true, false},
	{{"windows-874"}, "4ารอกม5เน่้ังลดีตสยิบ6แวไจขปหทคูพ์ะ7ืชโใถำุฟซณ8็ธภฐผษ9ึญ10ฮศ", true, false},
	/* clang-format on */
};

enum kind { KIND_LETTER, KIND_CAPITAL, KIND_SMALL, KIND_APOSTROPHE, KIND_QUOTE, KIND_COMMON, KIND_SYMBOL, KIND_CONTROL };

/* The upper half of a set. */
struct upper {
	const char *name;
	unsigned char kind[HIGH];
	uint32_t small[HIGH]; /* the letter, small */
};

/* Sets that were read: each language asks for its own again. */
struct uppers {
	struct upper list[24];
	size_t count;
};

/* A language in one of its sets. Made once: a header may have a hundred thousand names to guess. */
static struct model_table {
	const struct model *model;
	const char *charset;
	unsigned char kind[HIGH], cost[HIGH];
} model_tables[64];
static size_t model_table_count;

static bool is_one_of(uint32_t code, const uint32_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == code)
			return true;
	return false;
}

static enum kind kind_of(uint32_t code)
{
	static const uint32_t quotes[] = {0xaa, 0xab, 0xba, 0xbb, 0x2018, 0x201c, 0x201d, 0x201e, 0x2013, 0x2026},
		common[] = {0xa0, 0xa1, 0xa3, 0xa7, 0xa9, 0xae, 0xb0, 0xb5, 0xbf, 0x2014, 0x201a, 0x2022, 0x20ac,
			0x2116, 0x2122};
	int32_t c = (int32_t)code;

	if (code < 0xa0 || code == 0xfffd)
		return KIND_CONTROL;
	if (code == 0x2019 || code == 0xad || code == 0xb7)
		return KIND_APOSTROPHE;
	if (is_one_of(code, quotes, ARRAY_LEN(quotes)))
		return KIND_QUOTE;
	if (is_one_of(code, common, ARRAY_LEN(common)))
		return KIND_COMMON;
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
		return utf8proc_tolower(c) != c ? KIND_CAPITAL : utf8proc_toupper(c) != c ? KIND_SMALL : KIND_LETTER;
	default:
		return KIND_SYMBOL;
	}
}

static bool is_letter(enum kind k)
{
	return k == KIND_LETTER || k == KIND_CAPITAL || k == KIND_SMALL;
}

/* Each byte in a line of its own: some sets put marks and letters together. */
static bool read_upper(struct upper *u, const char *name)
{
	char bytes[HIGH * 2];
	struct str text;
	struct sv rest, line;
	size_t used, n = 0;

	u->name = name;
	for (size_t i = 0; i < HIGH; i++) {
		bytes[2 * i] = (char)(HIGH + i);
		bytes[2 * i + 1] = '\n';
	}
	str_init(&text, sizeof(bytes) * UTF8_MAX);
	charset_to_utf8(&text, sv_make(bytes, sizeof(bytes)), sv_of(name), NULL, NULL);
	for (rest = str_sv(&text); n < HIGH && sv_line(&rest, &line); n++) {
		uint32_t code = line.len ? utf8_decode(line, &used) : 0;
		u->kind[n] = (unsigned char)kind_of(code);
		u->small[n] = (uint32_t)utf8proc_tolower((int32_t)code);
	}
	str_fini(&text);
	return n == HIGH;
}

/* NULL: this machine does not have it. */
static const struct upper *upper_of(struct uppers *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(name, all->list[i].name) == 0)
			return &all->list[i];
	if (all->count == ARRAY_LEN(all->list) || !read_upper(&all->list[all->count], name))
		return NULL;
	return &all->list[all->count++];
}

/* The cost of each byte of the set in the language, where it stands well. */
static void letter_costs(const struct model *m, const struct upper *u, unsigned char cost[HIGH])
{
	struct scan s = scan_of(sv_of(m->letters));
	uint64_t bits = UNKNOWN_COST;
	uint32_t code;
	size_t used;

	memset(cost, UNKNOWN_COST, HIGH);
	while (!scan_end(&s)) {
		if (scan_u64(&s, &bits))
			continue;
		code = utf8_decode(scan_rest(&s), &used);
		s.p += used;
		for (size_t i = 0; i < HIGH; i++)
			if (u->small[i] == code)
				cost[i] = (unsigned char)bits;
	}
}

static void make_tables(void)
{
	struct uppers *all = xcalloc(1, sizeof(*all));

	for (size_t i = 0; i < ARRAY_LEN(models); i++) {
		const struct model *m = &models[i];
		for (size_t k = 0; k < ARRAY_LEN(m->charsets) && m->charsets[k]; k++) {
			const struct upper *u = upper_of(all, m->charsets[k]);
			if (!u || model_table_count == ARRAY_LEN(model_tables))
				continue;
			struct model_table *t = &model_tables[model_table_count++];
			t->model = m;
			t->charset = m->charsets[k];
			memcpy(t->kind, u->kind, sizeof(t->kind));
			letter_costs(m, u, t->cost);
		}
	}
	free(all);
}

/* ---- what a text costs ---- */

/* A byte beyond ASCII between its neighbours. */
struct seen {
	unsigned char c, before, behind;
};

static enum kind kind_at(const struct model_table *t, unsigned char c)
{
	if (c >= HIGH)
		return (enum kind)t->kind[c - HIGH];
	return !ascii_is_alpha(c) ? KIND_SYMBOL : c >= 'a' ? KIND_SMALL : KIND_CAPITAL;
}

/* in_word: between letters; before: in front of one. */
static unsigned sign_cost(enum kind k, bool in_word, bool before)
{
	if (k == KIND_CONTROL)
		return CONTROL_COST;
	if (in_word)
		return k == KIND_APOSTROPHE ? NEIGHBOUR_COST : SYMBOL_IN_WORD;
	return k == KIND_QUOTE || (k == KIND_APOSTROPHE && !before) ? QUOTE_COST : k == KIND_COMMON ? COMMON_COST : SYMBOL_COST;
}

static size_t text_cost(const struct model_table *t, const struct seen *seen, size_t n)
{
	size_t sum = 0, shouted = 0;

	for (size_t i = 0; i < n; i++) {
		enum kind k = kind_at(t, seen[i].c), before = kind_at(t, seen[i].before);
		bool letter_follows = is_letter(kind_at(t, seen[i].behind));
		if (!is_letter(k)) {
			sum += sign_cost(k, is_letter(before) && letter_follows, letter_follows);
			continue;
		}
		sum += t->cost[seen[i].c - HIGH];
		if (k == KIND_CAPITAL && before == KIND_SMALL)
			sum += CASE_COST;
		shouted += k == KIND_CAPITAL && before == KIND_CAPITAL;
		if (!t->model->script && seen[i].before >= HIGH && is_letter(before))
			sum += NEIGHBOUR_COST;
		if (t->model->final && letter_follows)
			sum += INSIDE_COST;
	}
	return sum + shouted / SHOUTED_PER_BIT;
}

/* ---- the best ---- */

static size_t look_at(struct sv s, struct seen *seen)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= HIGH)
			seen[n++] = (struct seen){(unsigned char)s.p[i], i ? (unsigned char)s.p[i - 1] : ' ',
				i + 1 < s.len ? (unsigned char)s.p[i + 1] : ' '};
	return n;
}

const char *charset_guess_model(struct sv s, bool words)
{
	struct seen *seen = xcalloc(s.len + 1, sizeof(*seen));
	size_t high = look_at(s, seen), best[2] = {SIZE_MAX, SIZE_MAX}, western = SIZE_MAX;
	const char *name[2] = {NULL, NULL};

	if (model_table_count == 0)
		make_tables();
	for (size_t i = 0; i < model_table_count; i++) {
		const struct model_table *t = &model_tables[i];
		bool script = t->model->script;
		if (script && !words)
			continue;
		size_t cost = text_cost(t, seen, high);
		if (strcmp(t->charset, "windows-1252") == 0)
			western = MIN(western, cost);
		if (cost < best[script]) {
			best[script] = cost;
			name[script] = t->charset;
		}
	}
	free(seen);
	bool script = best[1] <= best[0];
	if (best[script] * 10 > high * LANGUAGE_COST_MAX || (words && !script))
		return NULL;
	return script || best[0] + MARGIN + high * MARGIN_PERCENT / 100 <= western ? name[script] : "windows-1252";
}
