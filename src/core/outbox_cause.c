/* A server's refusal in plain words: enhanced status codes (RFC 3463, IANA), else the basic code. */
#include "base/mem.h"
#include "core/draft.h"
#include "core/gettext.h"

static const struct {
	int klass; /* 4, 5; 0: both */
	int subject, detail;
	const char *text;
} causes[] = {
	{5, 1, 1, N_("there is no such mailbox")},
	{0, 1, 2, N_("there is no such domain, or it takes no mail")},
	{0, 1, 3, N_("the address is not written as the server wants it")},
	{5, 1, 6, N_("the mailbox has moved")},
	{0, 1, 7, N_("the sender's address is not valid")},
	{0, 1, 8, N_("the sender's domain does not exist")},
	{5, 1, 10, N_("the domain says that it takes no mail")},
	{0, 2, 0, N_("the mailbox takes no mail now")},
	{0, 2, 1, N_("the mailbox is switched off")},
	{0, 2, 2, N_("the mailbox is full")},
	{0, 2, 3, N_("the message is bigger than that mailbox allows")},
	{0, 3, 1, N_("the server has no room left")},
	{0, 3, 2, N_("the server takes no mail now")},
	{0, 3, 4, N_("the message is too big")},
	{4, 4, 1, N_("the server of the recipient does not answer")},
	{4, 4, 2, N_("the connection to the recipient's server broke")},
	{0, 4, 7, N_("the server could not deliver it in time")},
	{0, 5, 3, N_("too many recipients at once")},
	{0, 6, 7, N_("the way to the recipient cannot carry international addresses")},
	{4, 7, 0, N_("the server wants to see whether we come back (greylisting)")},
	{4, 7, 1, N_("the server wants to see whether we come back (greylisting)")},
	{5, 7, 1, N_("the server does not allow it")},
	{0, 7, 8, N_("user name or password are wrong")},
	{5, 7, 9, N_("this way of signing in is not allowed")},
	{5, 7, 26, N_("the server says that the sender is not who it claims to be (SPF, DKIM)")},
	{5, 7, 30, N_("no way with TLS leads to the recipient")},
};

static const struct {
	int code;
	const char *text;
} codes[] = {
	{421, N_("the server is closing or too busy")},
	{450, N_("the mailbox is busy, or the server wants to see whether we come back")},
	{451, N_("the server has a fault of its own")},
	{452, N_("the server has no room left, or too many recipients at once")},
	{530, N_("the server wants a login first")},
	{535, N_("user name or password are wrong")},
	{550, N_("there is no such mailbox, or the server does not allow it")},
	{551, N_("the mailbox is somewhere else")},
	{552, N_("the mailbox is full, or the message too big")},
	{553, N_("the address is not allowed")},
	{554, N_("the server refuses it")},
	{555, N_("the server does not know a parameter of ours")},
};

/* Where the code stands: "550 5.1.1 text", or behind "what: ". */
static bool find_code(struct sv text, int *code, struct sv *rest)
{
	for (size_t i = 0; i + 3 <= text.len; i++) {
		bool start = i == 0 || text.p[i - 1] == ' ';

		if (!start || (text.p[i] != '4' && text.p[i] != '5') ||
			!ascii_is_digit((unsigned char)text.p[i + 1]) ||
			!ascii_is_digit((unsigned char)text.p[i + 2]) ||
			(i + 3 < text.len && text.p[i + 3] != ' '))
			continue;
		*code = (text.p[i] - '0') * 100 + (text.p[i + 1] - '0') * 10 +
			(text.p[i + 2] - '0');
		*rest = sv_from(text, i + 4);
		return true;
	}
	return false;
}

static const char *enhanced(struct sv rest)
{
	struct scan s = scan_of(rest);
	uint64_t a, b, c;

	if (!scan_u64(&s, &a) || !scan_byte(&s, '.') || !scan_u64(&s, &b) || !scan_byte(&s, '.') ||
		!scan_u64(&s, &c))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(causes); i++)
		if ((causes[i].klass == 0 || (uint64_t)causes[i].klass == a) &&
			(uint64_t)causes[i].subject == b && (uint64_t)causes[i].detail == c)
			return causes[i].text;
	return NULL;
}

char *outbox_cause(const char *words)
{
	struct sv rest;
	const char *text;
	int code;

	if (!find_code(sv_of(words), &code, &rest))
		return xstrdup("");
	text = enhanced(rest);
	for (size_t i = 0; !text && i < ARRAY_LEN(codes); i++)
		if (codes[i].code == code)
			text = codes[i].text;
	return xstrdup(text ? _(text) : "");
}
