/*
 * Refusals: the response codes of RFC 5530 and others that come with NO, each with the class that it
 * means for us and what the user can do. Servers that send no code are known by their texts.
 */
#include "net/imap_parse.h"

static const struct {
	enum imap_code code;
	struct imap_refusal r;
} refusals[] = {
	{CODE_ALREADYEXISTS, {ERR_INPUT, false, "choose another name"}},
	{CODE_AUTHENTICATIONFAILED, {ERR_AUTH, false, "check the user name and the password or token"}},
	{CODE_AUTHORIZATIONFAILED,
		{ERR_AUTH, false, "this login may not use that account: check the user name"}},
	{CODE_BADCHARSET, {ERR_INPUT, false, ""}},
	{CODE_CANNOT, {ERR_INPUT, false, "the server can never do this; another name may do"}},
	{CODE_CLIENTBUG, {ERR_PROTO, false, "please report it, with a --wire-log"}},
	{CODE_CONTACTADMIN, {ERR_AUTH, false, "only the server's administrator can help"}},
	{CODE_CORRUPTION, {ERR_PROTO, false, "the server's data are damaged: tell its administrator"}},
	{CODE_EXPIRED, {ERR_AUTH, false, "the password has expired: set a new one at the provider"}},
	{CODE_EXPUNGEISSUED, {ERR_GONE, false, ""}},
	{CODE_HASCHILDREN, {ERR_INPUT, false, "remove the mailboxes below it first"}},
	{CODE_INUSE, {ERR_PROTO, true, "another program holds it: it is tried again"}},
	{CODE_LIMIT, {ERR_LIMIT, false, "a limit of the server is reached"}},
	{CODE_NONEXISTENT, {ERR_GONE, false, ""}},
	{CODE_NOPERM, {ERR_PROTO, false, "you have no right to do this there: ask its owner"}},
	{CODE_OVERQUOTA,
		{ERR_LIMIT, false,
			"the mailbox is full: delete or move away messages and empty the trash, or ask for more room"}},
	{CODE_PRIVACYREQUIRED, {ERR_TLS, false, "the server wants TLS: use imaps:, or set $ssl_force_tls"}},
	{CODE_SERVERBUG, {ERR_PROTO, true, "a fault of the server: it is tried again"}},
	{CODE_TOOBIG, {ERR_LIMIT, false, "the message is larger than the server takes"}},
	{CODE_TRYCREATE, {ERR_GONE, false, ""}},
	{CODE_UNAVAILABLE, {ERR_PROTO, true, "a part of the server is down: it is tried again"}},
	{CODE_UNKNOWN_CTE, {ERR_INPUT, false, ""}},
	{CODE_USEATTR, {ERR_INPUT, false, ""}},
};

/* quirk: NO_WITHOUT_CODE */
static const struct {
	const char *text;
	bool about_mailbox; /* only in an answer about a mailbox */
	enum imap_code means;
} texts[] = {
	{"doesn't exist", true, CODE_NONEXISTENT},
	{"does not exist", true, CODE_NONEXISTENT},
	{"no such mailbox", true, CODE_NONEXISTENT},
	{"no such folder", true, CODE_NONEXISTENT},
	{"unknown mailbox", true, CODE_NONEXISTENT},
	{"nonexistent mailbox", true, CODE_NONEXISTENT},
	{"mailbox not found", true, CODE_NONEXISTENT},
	{"folder not found", true, CODE_NONEXISTENT},
	{"already exists", true, CODE_ALREADYEXISTS},
	{"permission denied", true, CODE_NOPERM},
	{"over quota", false, CODE_OVERQUOTA},
	{"quota exceeded", false, CODE_OVERQUOTA},
	{"exceeded your mail storage", false, CODE_OVERQUOTA},
	/* quirk: NOT_CONNECTED */
	{"user is authenticated but not connected", false, CODE_UNAVAILABLE},
};

static enum imap_code code_of_text(struct sv text, bool about_mailbox)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if ((about_mailbox || !texts[i].about_mailbox) &&
			sv_find_case(text, sv_of(texts[i].text)) >= 0)
			return texts[i].means;
	return CODE_NONE;
}

struct imap_refusal imap_refusal_of(enum imap_code code, struct sv text, bool about_mailbox)
{
	if (code == CODE_NONE || code == CODE_OTHER || code == CODE_ALERT)
		code = code_of_text(text, about_mailbox);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (refusals[i].code == code)
			return refusals[i].r;
	return (struct imap_refusal){ERR_PROTO, false, ""};
}
