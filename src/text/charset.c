/*
 * Character sets (see charset.h): labels, iconv, and the few sets that iconv does not have or reads
 * more narrowly than mail writes them (ISO-2022-JP with vendor characters, HZ, UTF-16 without a
 * mark).
 */
#include "text/charset.h"

#include <errno.h>
#include <iconv.h>

#include "text/charset_priv.h"
#include "text/utf8.h"

#define CHUNK 4096
#define KEPT_ICONVS 16 /* more sets than one mailbox mixes */

/*
 * Labels as the WHATWG Encoding Standard section 4.2 maps them, and what mail has besides. iconv:
 * the names to try, in order, where they differ from ours; glibc and libiconv do not agree on all.
 */
/* clang-format off */
static const struct charset_entry {
	const char *name, *iconv, *labels;
} entries[] = {
	{"utf-8", NULL,
		" unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8 "
		"utf_8 utf-8-mac "},
	{"us-ascii", NULL,
		" us-ascii ascii ansi_x3.4-1968 ansi_x3.4-1986 iso646-us iso_646.irv:1991 "
		"iso-ir-6 us csascii cp367 ibm367 646 x-ascii ansi-x3.4-1968 7bit "},
	{"windows-1252", "CP1252",
		" windows-1252 cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 "
		"iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 x-cp1252 latin-1 iso8859_1 "
		"iso-8859-1-windows-3.0-latin-1 windows-1252http-equivcontent-type ansi 8859_1 "
		"iso-8859 windows1252 win-1252 cp-1252 "},
	{"iso-8859-2", NULL,
		" csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 "
		"iso_8859-2:1987 l2 latin2 latin-2 "},
	{"iso-8859-3", NULL,
		" csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 "
		"iso_8859-3:1988 l3 latin3 "},
	{"iso-8859-4", NULL,
		" csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 "
		"iso_8859-4:1988 l4 latin4 "},
	{"iso-8859-5", NULL,
		" csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 "
		"iso_8859-5 iso_8859-5:1988 "},
	{"iso-8859-6", NULL,
		" arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 "
		"iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 "
		"iso_8859-6:1987 "},
	{"iso-8859-7", NULL,
		" csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 "
		"iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek "},
	{"iso-8859-8", NULL,
		" csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 "
		"iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual csiso88598i iso-8859-8-i "
		"logical "},
	{"iso-8859-10", NULL,
		" csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6 "},
	{"iso-8859-13", NULL, " iso-8859-13 iso8859-13 iso885913 latin7 "},
	{"iso-8859-14", NULL, " iso-8859-14 iso8859-14 iso885914 latin8 "},
	{"iso-8859-15", NULL,
		" csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9 latin9 latin-9 "
		"latin0 "},
	{"iso-8859-16", NULL, " iso-8859-16 iso8859-16 latin10 "},
	{"koi8-r", NULL, " cskoi8r koi koi8 koi8-r koi8_r x-koi8-r koi8r "},
	{"koi8-u", NULL, " koi8-ru koi8-u koi8u "},
	{"macintosh", "MACINTOSH MAC",
		" csmacintosh mac macintosh x-mac-roman x-macroman macroman mac-roman "},
	{"windows-874", "CP874 TIS-620",
		" dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874 tis620 cp874 "
		"win-874 "},
	{"windows-1250", "CP1250", " cp1250 windows-1250 x-cp1250 win-1250 windows1250 cp-1250 "},
	{"windows-1251", "CP1251",
		" cp1251 windows-1251 x-cp1251 win-1251 windows1251 cp-1251 win1251 "},
	{"windows-1253", "CP1253", " cp1253 windows-1253 x-cp1253 win-1253 windows1253 cp-1253 "},
	{"windows-1254", "CP1254",
		" cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 "
		"iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254 win-1254 windows1254 cp-1254 "},
	{"windows-1255", "CP1255", " cp1255 windows-1255 x-cp1255 win-1255 windows1255 cp-1255 "},
	{"windows-1256", "CP1256", " cp1256 windows-1256 x-cp1256 win-1256 windows1256 cp-1256 "},
	{"windows-1257", "CP1257", " cp1257 windows-1257 x-cp1257 win-1257 windows1257 cp-1257 "},
	{"windows-1258", "CP1258", " cp1258 windows-1258 x-cp1258 win-1258 windows1258 cp-1258 "},
	{"x-mac-cyrillic", "MAC-CYRILLIC MACCYRILLIC MAC-UK",
		" x-mac-cyrillic x-mac-ukrainian maccyrillic mac-cyrillic "},
	{"gbk", "GB18030",
		" chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 "
		"x-gbk euc-cn gb2312-80 cp936 ms936 windows-936 cn-gb x-euc-cn gb-2312 "
		"gb_1988-80 "},
	{"gb18030", NULL, " gb18030 gb-18030 "},
	{"big5", "BIG5-HKSCS BIG5",
		" big5 big5-hkscs cn-big5 csbig5 x-x-big5 big-5 x-big5 cp950 windows-950 "
		"big5hkscs "},
	{"euc-tw", NULL, " euc-tw x-euc-tw cns11643 "},
	{"euc-jp", "EUC-JP-MS EUC-JP",
		" cseucpkdfmtjapanese euc-jp x-euc-jp eucjp ujis x-euc euc_jp "},
	{"iso-2022-jp", NULL,
		" csiso2022jp iso-2022-jp iso-2022-jp-ms jis x-jis cp50220 cp50221 cp50222 "
		"iso2022jp iso-2022-jp-1 "},
	{"iso-2022-jp-2", NULL, " iso-2022-jp-2 csiso2022jp2 iso-2022-jp-3 "},
	{"shift_jis", "CP932 SHIFT_JIS",
		" csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis cp932 "
		"x-ms-cp932 windows-932 shift_jisx0213 shiftjis mskanji "},
	{"euc-kr", "CP949 UHC EUC-KR",
		" cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 "
		"ksc5601 ksc_5601 windows-949 cp949 uhc ks_c_5601 x-windows-949 5601 "
		"ks_c-5601-1987 euckr "},
	{"johab", NULL, " johab cp1361 "},
	{"iso-2022-kr", NULL, " csiso2022kr iso-2022-kr "},
	{"iso-2022-cn", NULL, " iso-2022-cn iso-2022-cn-ext csiso2022cn "},
	{"hz-gb-2312", NULL, " hz-gb-2312 hz hzgb "},
	{"utf-7", NULL,
		" utf-7 unicode-1-1-utf-7 csunicode11utf7 utf7 x-unicode-2-0-utf-7 "
		"unicode-2-0-utf-7 "},
	{"utf-16le", NULL,
		" csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16le ucs-2le "},
	{"utf-16be", NULL, " unicodefffe utf-16be ucs-2be "},
	{"utf-16", NULL, " utf-16 utf16 "},
	{"utf-32", NULL, " utf-32 utf32 ucs-4 iso-10646-ucs-4 "},
	{"utf-32le", NULL, " utf-32le "},
	{"utf-32be", NULL, " utf-32be "},
	{"ibm866", "CP866 IBM866", " 866 cp866 csibm866 ibm866 cp-866 "},
	{"ibm437", "CP437 IBM437", " 437 cp437 ibm437 cp-437 cspc8codepage437 "},
	{"ibm850", "CP850 IBM850", " 850 cp850 ibm850 cp-850 cspc850multilingual "},
	{"ibm852", "CP852 IBM852", " 852 cp852 ibm852 cp-852 cspcp852 "},
	{"ibm855", "CP855 IBM855", " 855 cp855 ibm855 cp-855 "},
	{"ibm862", "CP862 IBM862", " 862 cp862 ibm862 cp-862 "},
	{"ibm864", "CP864 IBM864", " 864 cp864 ibm864 cp-864 "},
	{"viscii", NULL, " viscii csviscii "},
	{"tcvn", NULL, " tcvn tcvn5712-1 x-viet-tcvn5712 "},
	{"armscii-8", NULL, " armscii-8 "},
};
/* clang-format on */

/* Labels that WHATWG reads as a wider set: what they say when we write them. */
static const struct {
	const char *name, *labels;
} strict[] = {
	{"iso-8859-1",
		" iso-8859-1 latin1 latin-1 iso8859-1 iso_8859-1 l1 iso88591 iso8859_1 8859_1 "},
	{"iso-8859-9", " iso-8859-9 latin5 iso8859-9 iso_8859-9 l5 "},
	{"iso-8859-11", " iso-8859-11 iso8859-11 "},
	{"tis-620", " tis-620 tis620 "},
	{"gb2312", " gb2312 euc-cn gb_2312-80 "},
	{"euc-jp", " euc-jp eucjp ujis "},
	{"koi8-ru", " koi8-ru "},
};

static bool has_label(const char *labels, struct sv padded)
{
	return sv_find(sv_of(labels), padded) >= 0;
}

/* " label " in lower case, quotes and blanks around it gone; false when it is empty or too long. */
static bool pad_label(struct sv label, char out[CHARSET_NAME_MAX + 2], struct sv *padded)
{
	size_t i;

	label = sv_trim(label);
	while (label.len > 0 && (label.p[0] == '"' || label.p[0] == '\''))
		label = sv_from(label, 1);
	while (label.len > 0 && (label.p[label.len - 1] == '"' || label.p[label.len - 1] == '\''))
		label.len--;
	label = sv_trim(label);
	if (label.len == 0 || label.len >= CHARSET_NAME_MAX)
		return false;
	out[0] = ' ';
	for (i = 0; i < label.len; i++) {
		int c = ascii_lower((unsigned char)label.p[i]);

		/* Nothing else is in a name; '/' would give iconv its //options. */
		if (!ascii_is_alnum(c) && (c == 0 || !strchr("-_.:+()", c)))
			return false;
		out[i + 1] = (char)c;
	}
	out[i + 1] = ' ';
	*padded = sv_make(out, label.len + 2);
	return true;
}

static const struct charset_entry *entry_of(struct sv padded)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(entries); i++)
		if (has_label(entries[i].labels, padded))
			return &entries[i];
	return NULL;
}

static void copy_name(char name[CHARSET_NAME_MAX], struct sv from)
{
	size_t n = MIN(from.len, CHARSET_NAME_MAX - 1), i;

	for (i = 0; i < n; i++)
		name[i] = (char)ascii_lower((unsigned char)from.p[i]);
	name[n] = 0;
}

static void set_name(char name[CHARSET_NAME_MAX], const char *from)
{
	copy_name(name, sv_of(from));
}

bool charset_name(struct sv label, const struct charset_rules *rules, char name[CHARSET_NAME_MAX])
{
	char buf[CHARSET_NAME_MAX + 2];
	const struct charset_entry *entry;
	struct sv padded;
	iconv_t cd;
	size_t i;

	copy_name(name, sv_trim(label));
	for (i = 0; rules && i < MIN(rules->n_aliases, CHARSET_ALIASES_MAX); i++)
		if (sv_is_case(label, rules->aliases[i].label)) {
			label = sv_of(rules->aliases[i].name);
			break;
		}
	if (!pad_label(label, buf, &padded))
		return false;
	entry = entry_of(padded);
	copy_name(name, entry ? sv_of(entry->name) : sv_trim(padded));
	if (entry)
		return true;
	cd = iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1)
		return false;
	iconv_close(cd);
	return true;
}

bool charset_name_strict(struct sv label, char name[CHARSET_NAME_MAX])
{
	char buf[CHARSET_NAME_MAX + 2];
	struct sv padded;
	size_t i;

	copy_name(name, sv_trim(label));
	if (!pad_label(label, buf, &padded))
		return false;
	for (i = 0; i < ARRAY_LEN(strict); i++)
		if (has_label(strict[i].labels, padded)) {
			copy_name(name, sv_of(strict[i].name));
			return true;
		}
	return charset_name(label, NULL, name);
}

bool charset_known(struct sv label, const struct charset_rules *rules)
{
	char name[CHARSET_NAME_MAX];

	return charset_name(label, rules, name);
}

bool charset_is_utf8(struct sv label)
{
	char name[CHARSET_NAME_MAX];

	return sv_is_case(label, "utf-8") ||
	       (charset_name(label, NULL, name) && strcmp(name, "utf-8") == 0);
}

bool charset_is_ascii(struct sv label)
{
	char name[CHARSET_NAME_MAX];

	return sv_is_case(label, "us-ascii") ||
	       (charset_name(label, NULL, name) && strcmp(name, "us-ascii") == 0);
}

/* Opens a conversion; from or to is a name as charset_name gives it. */
static iconv_t open_iconv(const char *name, bool from)
{
	char buf[CHARSET_NAME_MAX];
	iconv_t cd = (iconv_t)-1;
	struct sv names = sv_of(name), one;
	size_t i;

	for (i = 0; i < ARRAY_LEN(entries); i++)
		if (entries[i].iconv && strcmp(entries[i].name, name) == 0)
			names = sv_of(entries[i].iconv);
	while (cd == (iconv_t)-1 && sv_split(&names, ' ', &one)) {
		memcpy(buf, one.p, MIN(one.len, sizeof(buf) - 1));
		buf[MIN(one.len, sizeof(buf) - 1)] = 0;
		cd = from ? iconv_open("UTF-8", buf) : iconv_open(buf, "UTF-8");
	}
	return cd;
}

/* Through iconv; each byte that is wrong becomes U+FFFD (c1: bytes 0x80 to 0x9f become the
 * controls of that number, as WHATWG fills the holes of the windows sets; the display filter
 * deals with them). */
static bool run_iconv(iconv_t cd, struct str *out, struct sv bytes, bool c1, size_t *replaced)
{
	char *in = (char *)(uintptr_t)bytes.p, *to, buf[CHUNK];
	size_t left = bytes.len, room, got;
	int why;

	do {
		to = buf;
		room = sizeof(buf);
		got = iconv(cd, &in, &left, &to, &room);
		why = got == (size_t)-1 ? errno : 0;
		if (!str_add(out, sv_make(buf, (size_t)(to - buf))))
			return false;
		if (why == EILSEQ || why == EINVAL) {
			(*replaced)++;
			if (!utf8_add(out, c1 && (unsigned char)*in < 0xa0 ? (unsigned char)*in
									   : UTF8_REPLACEMENT))
				return false;
			in++;
			left--;
			iconv(cd, NULL, NULL, NULL, NULL);
			if (why == EINVAL)
				left = 0; /* a character cut off by the end */
		}
	} while (left > 0);
	to = buf;
	room = sizeof(buf);
	iconv(cd, NULL, NULL, &to, &room);
	return str_add(out, sv_make(buf, (size_t)(to - buf)));
}

/* iconv knows odd sets; whatever it makes, behind this only UTF-8 goes on. */
static bool keep_valid(struct str *out, size_t from)
{
	struct str made;
	bool ok;

	if (utf8_is_valid(sv_from(str_sv(out), from)))
		return true;
	str_init(&made, out->len + 1);
	ok = str_add(&made, sv_from(str_sv(out), from));
	str_cut(out, from);
	ok = ok && utf8_add_fixed(out, str_sv(&made));
	str_fini(&made);
	return ok;
}

/*
 * Descriptors that are kept open. Opening one loads a module and closing it unloads the module again:
 * dearer by far than the subject of a mail, and a mailbox has 100,000 of them in few sets.
 */
static struct kept_iconv {
	char name[CHARSET_NAME_MAX]; /* "": free */
	iconv_t cd;
} kept_iconv[KEPT_ICONVS];

static iconv_t keep_iconv(const char *name)
{
	static unsigned next;
	struct kept_iconv *k;
	iconv_t cd;

	for (size_t i = 0; i < KEPT_ICONVS; i++)
		if (strcmp(kept_iconv[i].name, name) == 0) {
			iconv(kept_iconv[i].cd, NULL, NULL, NULL, NULL);
			return kept_iconv[i].cd;
		}
	cd = open_iconv(name, true);
	if (cd == (iconv_t)-1)
		return cd;
	k = &kept_iconv[next++ % KEPT_ICONVS];
	if (k->name[0])
		iconv_close(k->cd);
	copy_name(k->name, sv_of(name));
	k->cd = cd;
	return cd;
}

static bool by_iconv(struct str *out, struct sv bytes, const char *name, size_t *replaced)
{
	iconv_t cd = keep_iconv(name);
	size_t from = out->len;
	bool ok;

	if (cd == (iconv_t)-1) {
		(*replaced)++;
		return utf8_add_fixed(out, bytes);
	}
	ok = run_iconv(cd, out, bytes, strncmp(name, "windows-125", 11) == 0, replaced);
	return keep_valid(out, from) && ok;
}

static bool from_utf8_bytes(struct str *out, struct sv bytes, size_t *replaced)
{
	size_t used, at = 0;
	uint32_t code;

	if (utf8_is_valid(bytes))
		return str_add(out, bytes);
	for (; at < bytes.len; at += used)
		if (!utf8_decode_ok(sv_from(bytes, at), &code, &used))
			(*replaced)++;
	return utf8_add_fixed(out, bytes);
}

static bool decode_named(struct str *out, struct sv bytes, const char *name, size_t *replaced);

/* Text without a single escape under the label ISO-2022-JP: a relay took it for 7-bit, the
 * writer meant another set. */
static bool decode_mislabelled_jis(struct str *out, struct sv bytes, size_t *replaced)
{
	static const char *const meant[] = {"utf-8", "euc-jp", "shift_jis"};
	struct str made;
	size_t i, wrong = 1;
	bool ok = false;

	str_init(&made, bytes.len * 4 + 16);
	for (i = 0; i < ARRAY_LEN(meant) && wrong > 0; i++) {
		wrong = 0;
		str_clear(&made);
		if (!decode_named(&made, bytes, meant[i], &wrong))
			wrong = 1;
	}
	*replaced += wrong;
	ok = str_add(out, str_sv(&made));
	str_fini(&made);
	return ok;
}

/* name: as charset_name gives it and known. */
static bool decode_named(struct str *out, struct sv bytes, const char *name, size_t *replaced)
{
	struct str made;
	bool ok;

	if (strcmp(name, "utf-8") == 0)
		return from_utf8_bytes(out, bytes, replaced);
	if (strcmp(name, "iso-2022-jp") == 0 && !utf8_is_ascii(bytes) && sv_chr(bytes, '\033') < 0)
		return decode_mislabelled_jis(out, bytes, replaced);
	str_init(&made, bytes.len * 2 + 16);
	if (strcmp(name, "iso-2022-jp") == 0 && charset_jis_to_euc(&made, bytes))
		ok = by_iconv(out, str_sv(&made), "euc-jp", replaced);
	else if (strcmp(name, "iso-2022-jp") == 0)
		ok = by_iconv(out, bytes, "iso-2022-jp-2", replaced);
	else if (strcmp(name, "hz-gb-2312") == 0)
		ok = charset_hz_to_gb(&made, bytes) &&
		     by_iconv(out, str_sv(&made), "gbk", replaced);
	else if (strcmp(name, "utf-16") == 0)
		ok = by_iconv(out, bytes, charset_utf16_order(&bytes), replaced);
	else
		ok = by_iconv(out, bytes, name, replaced);
	str_fini(&made);
	return ok;
}

/* The assumed charset that fits, or the last one known of the list. */
static void choose_assumed(
	struct sv bytes, const struct charset_rules *rules, char name[CHARSET_NAME_MAX])
{
	bool told = rules && rules->assumed && *rules->assumed;
	struct sv list = sv_of(told ? rules->assumed : "utf-8:windows-1252"), one;
	const char *script;

	if (!told && !utf8_is_valid(bytes) && (script = charset_guess_script(bytes))) {
		set_name(name, script);
		return;
	}

	set_name(name, "utf-8");
	while (sv_split(&list, ':', &one)) {
		char candidate[CHARSET_NAME_MAX];
		size_t replaced = 0;
		struct str made;

		if (!charset_name(one, rules, candidate))
			continue;
		set_name(name, candidate);
		if (strcmp(candidate, "us-ascii") == 0) {
			if (utf8_is_ascii(bytes))
				return;
			continue;
		}
		if (strcmp(candidate, "utf-8") == 0) {
			if (utf8_is_valid(bytes))
				return;
			continue;
		}
		str_init(&made, bytes.len * 4 + 64);
		decode_named(&made, bytes, candidate, &replaced);
		str_fini(&made);
		if (replaced == 0)
			return;
	}
}

/* ESC $ B and ESC $ @ switch to JIS X 0208 (RFC 1468). */
static bool has_jis(struct sv bytes)
{
	for (ptrdiff_t at; (at = sv_chr(bytes, '\033')) >= 0;) {
		bytes = sv_from(bytes, (size_t)at + 1);
		if (sv_starts(bytes, SV("$B")) || sv_starts(bytes, SV("$@")))
			return true;
	}
	return false;
}

void charset_guess(struct sv bytes, const struct charset_rules *rules, char name[CHARSET_NAME_MAX])
{
	if (sv_starts(bytes, SV("\xef\xbb\xbf"))) {
		set_name(name, "utf-8");
	} else if (sv_starts(bytes, SV("\xff\xfe")) || sv_starts(bytes, SV("\xfe\xff"))) {
		set_name(name, "utf-16");
	} else if (utf8_is_ascii(bytes)) {
		set_name(name, has_jis(bytes) ? "iso-2022-jp" : "us-ascii");
	} else {
		choose_assumed(bytes, rules, name);
	}
}

static bool decode_unlabelled(struct str *out, struct sv bytes, const struct charset_rules *rules,
	struct charset_report *report)
{
	charset_guess(bytes, rules, report->used);
	if (strcmp(report->used, "us-ascii") == 0)
		return from_utf8_bytes(out, bytes, &report->replaced);
	return decode_named(out, bytes, report->used, &report->replaced);
}

bool charset_to_utf8(struct str *out, struct sv bytes, struct sv label,
	const struct charset_rules *rules, struct charset_report *report)
{
	struct charset_report mine = {0};
	struct str probe;
	bool ok, known;

	report = report ? report : &mine;
	*report = mine;
	label = sv_trim(label);
	if (label.len == 0)
		return decode_unlabelled(out, bytes, rules, report);
	known = charset_name(label, rules, report->used);
	if (known && strcmp(report->used, "us-ascii") == 0)
		return decode_unlabelled(out, bytes, rules, report);
	if (!known) {
		ok = decode_unlabelled(out, bytes, rules, report);
		report->unknown = true;
		return ok;
	}
	if (strcmp(report->used, "windows-1252") != 0 || utf8_is_ascii(bytes))
		return decode_named(out, bytes, report->used, &report->replaced);
	/* Text in UTF-8 under the label latin1 is common (a gateway added the label): five bytes
	 * in windows-1252 mean nothing, so a text with them that is right in UTF-8 is taken for
	 * that. */
	str_init(&probe, bytes.len * 3 + 16);
	ok = decode_named(&probe, bytes, report->used, &report->replaced);
	if (ok && report->replaced > 0 && utf8_is_valid(bytes)) {
		report->replaced = 0;
		set_name(report->used, "utf-8");
		ok = str_add(out, bytes);
	} else {
		ok = str_add(out, str_sv(&probe)) && ok;
	}
	str_fini(&probe);
	return ok;
}

/* U+0080 to U+009F: readers take these bytes of iso-8859-x for characters of windows-125x. */
static bool has_c1(struct sv text)
{
	ptrdiff_t at;

	while ((at = sv_chr(text, '\xc2')) >= 0) {
		text = sv_from(text, (size_t)at + 1);
		if (text.len > 0 && (unsigned char)text.p[0] < 0xa0)
			return true;
	}
	return false;
}

bool charset_from_utf8(struct str *out, struct sv text, const char *label, struct err *e)
{
	char name[CHARSET_NAME_MAX], buf[CHUNK], *in, *to;
	size_t start = out->len, left = text.len, room, got = 0;
	iconv_t cd;
	int why;

	if (!charset_name_strict(sv_of(label), name))
		return err_set(e, ERR_INPUT, "unknown character set \"%s\"", label);
	if (!utf8_is_valid(text))
		return err_set(e, ERR_INPUT, "the text is not UTF-8");
	if (strcmp(name, "utf-8") == 0 || strcmp(name, "us-ascii") == 0) {
		if (name[0] == 'u' && name[1] == 's' && !utf8_is_ascii(text))
			return err_set(
				e, ERR_INPUT, "the text has characters that are not in us-ascii");
		return str_add(out, text) || err_set(e, ERR_LIMIT, "text too long");
	}
	if (strncmp(name, "iso-8859-", 9) == 0 && has_c1(text))
		return err_set(
			e, ERR_INPUT, "the text has control characters that are not in %s", name);
	cd = open_iconv(name, false);
	if (cd == (iconv_t)-1)
		return err_set(e, ERR_INPUT, "unknown character set \"%s\"", label);
	in = (char *)(uintptr_t)text.p;
	do {
		to = buf;
		room = sizeof(buf);
		got = iconv(cd, left > 0 ? &in : NULL, &left, &to, &room);
		why = got == (size_t)-1 ? errno : 0;
		if (!str_add(out, sv_make(buf, (size_t)(to - buf))))
			why = ENOMEM;
	} while ((why == 0 && left > 0) || why == E2BIG);
	if (why == 0 && got == 0) { /* got > 0: something was put in place of what the set lacks */
		to = buf;
		room = sizeof(buf);
		iconv(cd, NULL, NULL, &to, &room);
		if (!str_add(out, sv_make(buf, (size_t)(to - buf))))
			why = ENOMEM;
	}
	iconv_close(cd);
	if (why == 0 && got == 0)
		return true;
	str_cut(out, start);
	if (why == ENOMEM)
		return err_set(e, ERR_LIMIT, "text too long");
	return err_set(e, ERR_INPUT, "the text has characters that are not in %s", name);
}

void charset_choose(struct sv text, const char *list, char name[CHARSET_NAME_MAX])
{
	struct sv rest = sv_of(list ? list : "us-ascii:utf-8"), one;

	while (sv_split(&rest, ':', &one)) {
		struct str made;
		bool ok;

		if (!charset_name_strict(one, name))
			continue;
		str_init(&made, text.len * 4 + 64);
		ok = charset_from_utf8(&made, text, name, NULL);
		str_fini(&made);
		if (ok)
			return;
	}
	set_name(name, utf8_is_ascii(text) ? "us-ascii" : "utf-8");
}
