/*
 * What the server can do, and what follows from it.
 */
#include "net/imap_priv.h"

static const char *const cap_names[] = {
#define CAP(id, name) [CAP_##id] = name,
#include "net/imap_caps.def"
#undef CAP
};
_Static_assert(IMAP_CAPS <= 64, "the capabilities are bits of a uint64_t");

/* What a capability includes without naming it. */
static const struct {
	enum imap_cap cap, includes;
} cap_includes[] = {
	{CAP_QRESYNC, CAP_CONDSTORE},
	{CAP_UTF8_ONLY, CAP_UTF8_ACCEPT},
	/* RFC 9051, appendix E. */
	{CAP_IMAP4REV2, CAP_IDLE},
	{CAP_IMAP4REV2, CAP_ENABLE},
	{CAP_IMAP4REV2, CAP_UIDPLUS},
	{CAP_IMAP4REV2, CAP_MOVE},
	{CAP_IMAP4REV2, CAP_SPECIAL_USE},
	{CAP_IMAP4REV2, CAP_LIST_EXTENDED},
	{CAP_IMAP4REV2, CAP_LIST_STATUS},
	{CAP_IMAP4REV2, CAP_NAMESPACE},
	{CAP_IMAP4REV2, CAP_ESEARCH},
	{CAP_IMAP4REV2, CAP_SEARCHRES},
	{CAP_IMAP4REV2, CAP_UNSELECT},
	{CAP_IMAP4REV2, CAP_SASL_IR},
	{CAP_IMAP4REV2, CAP_LITERAL_MINUS},
	{CAP_IMAP4REV2, CAP_STATUS_SIZE},
};

static uint64_t cap_bit(enum imap_cap cap)
{
	return UINT64_C(1) << cap;
}

void imap_set_caps(struct imap *im, struct imap_words words)
{
	im->caps = 0;
	im->caps_known = true;
	str_clear(&im->mechs);
	for (size_t i = 0; i < words.n; i++) {
		quirks_learn(&im->quirks, QUIRK_IMAP, QUIRK_BY_CAPABILITY, words.w[i]);
		for (size_t k = 0; k < ARRAY_LEN(cap_names); k++)
			if (sv_is_case(words.w[i], cap_names[k]))
				im->caps |= cap_bit((enum imap_cap)k);
		if (sv_starts_case(words.w[i], SV("AUTH="))) {
			str_add(&im->mechs, sv_from(words.w[i], 5));
			str_addc(&im->mechs, ' ');
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(cap_includes); i++)
		if (im->caps & cap_bit(cap_includes[i].cap))
			im->caps |= cap_bit(cap_includes[i].includes);
}

bool imap_has(const struct imap *im, enum imap_cap cap)
{
	return (im->caps & cap_bit(cap)) != 0;
}

void imap_forget(struct imap *im)
{
	im->caps = 0;
	im->caps_known = false;
	str_clear(&im->mechs);
	im->bye[0] = 0;
	im->selected = false;
	im->go_ahead = false;
	im->qresync = im->qresync_told = im->condstore = im->utf8 = im->rev2 = false;
}
