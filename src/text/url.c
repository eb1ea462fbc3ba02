/*
 * URLs (see url.h).
 */
#include "text/url.h"

#include "text/utf8.h"

static const struct {
	const char *scheme;
	unsigned port;
} url_schemes[] = {
	{"imap", 143},
	{"imaps", 993},
	{"pop", 110},
	{"pops", 995},
	{"smtp", 25},
	{"smtps", 465},
	{"submission", 587},
	{"lmtp", 24},
	{"http", 80},
	{"https", 443},
	{"mailto", 0},
	{"file", 0},
	{"ftp", 21},
	{"ldap", 389},
	{"ldaps", 636},
	{"mid", 0},
	{"cid", 0},
	{"news", 119},
	{"nntp", 119},
	{"nntps", 563},
	{"snews", 563},
	{"notmuch", 0},
};

unsigned url_default_port(const char *scheme)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(url_schemes); i++)
		if (sv_is_case(sv_of(scheme), url_schemes[i].scheme))
			return url_schemes[i].port;
	return 0;
}

/* Length of "scheme" before ':', 0 when there is none. */
static size_t scheme_length(struct sv text)
{
	size_t i;

	if (text.len == 0 || !ascii_is_alpha((unsigned char)text.p[0]))
		return 0;
	for (i = 1; i < text.len; i++) {
		int c = (unsigned char)text.p[i];

		if (c == ':')
			return i;
		if (!ascii_is_alnum(c) && c != '+' && c != '-' && c != '.')
			return 0;
	}
	return 0;
}

bool url_is(struct sv text)
{
	size_t i, n = scheme_length(text);

	for (i = 0; n > 0 && i < ARRAY_LEN(url_schemes); i++)
		if (sv_is_case(sv_head(text, n), url_schemes[i].scheme))
			return true;
	return false;
}

bool url_decode(struct str *out, struct sv s)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = i + 2 < s.len ? ascii_hex((unsigned char)s.p[i + 1]) : -1;
			int low = i + 2 < s.len ? ascii_hex((unsigned char)s.p[i + 2]) : -1;

			if (high >= 0 && low >= 0 && (high | low) != 0) {
				c = (char)(high << 4 | low);
				i += 2;
			} else {
				ok = false;
			}
		}
		if (!str_addc(out, c))
			return false;
	}
	return ok;
}

bool url_encode(struct str *out, struct sv s, const char *keep)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = ascii_is_alnum(c) || (c && strchr("-._~", c)) ||
			     (c && keep && strchr(keep, c));

		if (plain ? !str_addc(out, (char)c)
			  : !(str_addc(out, '%') && str_addc(out, hex[c >> 4]) &&
				    str_addc(out, hex[c & 15])))
			return false;
	}
	return true;
}

/* Decoded copy in the arena; ERR_INPUT on a bad escape, a control or bytes that are not UTF-8. */
static bool decode_part(
	struct arena *a, struct sv s, const char *what, const char **out, struct err *e)
{
	struct str made;
	bool ok;
	size_t i;

	str_init(&made, URL_MAX);
	ok = url_decode(&made, s) && utf8_is_valid(str_sv(&made));
	for (i = 0; ok && i < made.len; i++)
		ok = !((unsigned char)made.s[i] < 0x20 || made.s[i] == 0x7f);
	if (ok)
		*out = arena_strndup(a, made.s ? made.s : "", made.len);
	str_fini(&made);
	return ok || err_set(e, ERR_INPUT, "bad %%-escape in the %s of the URL", what);
}

static bool parse_user(struct arena *a, struct sv s, struct url *u, struct err *e)
{
	ptrdiff_t colon = sv_chr(s, ':'), auth;
	struct sv user = colon >= 0 ? sv_head(s, (size_t)colon) : s;

	if (colon >= 0 && !decode_part(a, sv_from(s, (size_t)colon + 1), "password", &u->pass, e))
		return false;
	auth = sv_find_case(user, SV(";AUTH="));
	if (auth >= 0) {
		if (!decode_part(a, sv_from(user, (size_t)auth + 6), "mechanism", &u->auth, e))
			return false;
		user = sv_head(user, (size_t)auth);
	}
	return decode_part(a, user, "user", &u->user, e);
}

static bool parse_port(struct sv s, struct url *u, struct err *e)
{
	uint64_t port;

	if (s.len == 0)
		return true;
	if (!sv_u64(s, &port) || port == 0 || port > 65535)
		return err_set(
			e, ERR_INPUT, "bad port \"" SV_FMT "\" in the URL", SV_ARG(sv_head(s, 20)));
	u->port = (unsigned)port;
	return true;
}

/* [user[:pass]@]host[:port] */
static bool parse_authority(struct arena *a, struct sv s, struct url *u, struct err *e)
{
	ptrdiff_t at = sv_rchr(s, '@'), colon, close;

	if (at >= 0) {
		if (!parse_user(a, sv_head(s, (size_t)at), u, e))
			return false;
		s = sv_from(s, (size_t)at + 1);
	}
	if (s.len > 0 && s.p[0] == '[') {
		close = sv_chr(s, ']');
		if (close < 0)
			return err_set(e, ERR_INPUT, "\"[\" without \"]\" in the URL");
		u->host = arena_strndup(a, s.p + 1, (size_t)close - 1);
		if (strspn(u->host, "0123456789abcdefABCDEF:.%") != (size_t)close - 1)
			return err_set(e, ERR_INPUT, "not an IPv6 address in the URL");
		s = sv_from(s, (size_t)close + 1);
		if (s.len > 0 && s.p[0] != ':')
			return err_set(
				e, ERR_INPUT, "something between \"]\" and the path of the URL");
		return parse_port(sv_from(s, 1), u, e);
	}
	colon = sv_rchr(s, ':');
	if (colon >= 0 && !parse_port(sv_from(s, (size_t)colon + 1), u, e))
		return false;
	return decode_part(a, colon >= 0 ? sv_head(s, (size_t)colon) : s, "host", &u->host, e);
}

static char *lower_in(struct arena *a, struct sv s)
{
	char *p = arena_strndup(a, s.p, s.len);
	size_t i;

	for (i = 0; i < s.len; i++)
		p[i] = (char)ascii_lower((unsigned char)p[i]);
	return p;
}

bool url_parse(struct arena *a, struct sv text, struct url *out, struct err *e)
{
	struct url u = {0};
	struct sv rest;
	ptrdiff_t at;
	size_t n;

	text = sv_trim(text);
	if (text.len > URL_MAX)
		return err_set(e, ERR_INPUT, "URL longer than %d bytes", URL_MAX);
	n = scheme_length(text);
	if (n == 0)
		return err_set(e, ERR_INPUT, "not a URL");
	u.scheme = lower_in(a, sv_head(text, n));
	rest = sv_from(text, n + 1);
	at = sv_chr(rest, '#');
	if (at >= 0) {
		if (!decode_part(a, sv_from(rest, (size_t)at + 1), "fragment", &u.fragment, e))
			return false;
		rest = sv_head(rest, (size_t)at);
	}
	at = sv_chr(rest, '?');
	if (at >= 0) {
		u.query = arena_strndup(a, rest.p + at + 1, rest.len - (size_t)at - 1);
		rest = sv_head(rest, (size_t)at);
	}
	if (sv_starts(rest, SV("//"))) {
		rest = sv_from(rest, 2);
		at = sv_chr(rest, '/');
		if (!parse_authority(a, at < 0 ? rest : sv_head(rest, (size_t)at), &u, e))
			return false;
		rest = at < 0 ? sv_from(rest, rest.len)
			      : sv_from(rest, (size_t)at + (u.host && *u.host));
		if (at < 0) {
			*out = u;
			return true;
		}
	}
	if (!decode_part(a, rest, "path", &u.path, e))
		return false;
	*out = u;
	return true;
}

bool url_query(struct arena *a, struct sv *rest, const char **name, const char **value)
{
	struct sv piece;
	struct str made;
	ptrdiff_t eq;

	do {
		if (!sv_split(rest, '&', &piece))
			return false;
		if (sv_starts(piece, SV("amp;"))) /* written in HTML and not undone */
			piece = sv_from(piece, 4);
	} while (piece.len == 0);
	eq = sv_chr(piece, '=');
	str_init(&made, URL_MAX);
	url_decode(&made, eq < 0 ? piece : sv_head(piece, (size_t)eq));
	*name = arena_strndup(a, made.s ? made.s : "", made.len);
	str_clear(&made);
	if (eq >= 0)
		url_decode(&made, sv_from(piece, (size_t)eq + 1));
	*value = arena_strndup(a, made.s ? made.s : "", made.len);
	str_fini(&made);
	return true;
}

bool url_format(struct str *out, const struct url *u)
{
	bool v6 = u->host && strchr(u->host, ':');
	bool ok = str_adds(out, u->scheme) && str_adds(out, u->host ? "://" : ":");

	if (ok && u->user)
		ok = url_encode(out, sv_of(u->user), "!$'()*+,=") && str_addc(out, '@');
	if (ok && u->host) {
		ok = v6 ? str_addf(out, "[%s]", u->host) : url_encode(out, sv_of(u->host), "");
		if (ok && u->port)
			ok = str_addf(out, ":%u", u->port);
		if (ok && u->path)
			ok = str_addc(out, '/');
	}
	if (ok && u->path)
		ok = url_encode(out, sv_of(u->path), "/!$'()*+,=:@");
	if (ok && u->query)
		ok = str_addc(out, '?') && str_adds(out, u->query);
	return ok;
}

/* Named by who made them: Google, Facebook, Microsoft, Yandex, Mailchimp, HubSpot, Marketo, Vero ... */
static const char *const trackers[] = {"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
	"utm_id", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "fb_action_ids", "msclkid", "yclid",
	"ymclid", "twclid", "ttclid", "igshid", "igsh", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "hsctatracking",
	"mkt_tok", "vero_id", "vero_conv", "oly_enc_id", "oly_anon_id", "wickedid", "ck_subscriber_id", "s_cid",
	"trk_contact", "trk_msg", "trk_module", "_openstat", "rb_clickid", "ml_subscriber",
	"ml_subscriber_hash", "sc_customer", "bsft_clkid", "bsft_uid", "elqtrackid", "mkevt", "__s", "_kx",
	"_bta_tid", "_bta_c", "dm_i", "piwik_campaign", "mtm_campaign", "pk_campaign", "cvid", "epik"};

/* The piece's parameter, when it is one of the trackers. */
static const char *tracker_of(struct sv piece)
{
	ptrdiff_t eq = sv_chr(piece, '=');
	struct sv name = sv_head(piece, eq < 0 ? piece.len : (size_t)eq);

	if (sv_starts(name, SV("amp;"))) /* escaped once too often */
		name = sv_from(name, 4);
	for (size_t i = 0; i < ARRAY_LEN(trackers); i++)
		if (sv_is_case(name, trackers[i]))
			return trackers[i];
	return NULL;
}

/* The query of a URL (empty: none), and what stands before its '?' and behind it. */
static struct sv query_of(struct sv url, struct sv *before, struct sv *behind)
{
	ptrdiff_t mark = sv_chr(url, '?');

	*before = mark < 0 ? url : sv_head(url, (size_t)mark);
	*behind = SV("");
	if (mark < 0)
		return SV("");
	struct scan s = scan_of(sv_from(url, (size_t)mark + 1));
	struct sv query = scan_until(&s, "#");
	*behind = sv_from(url, (size_t)mark + 1 + query.len);
	return query;
}

bool url_trackers(struct str *out, struct sv url)
{
	struct sv before, behind, query = query_of(url, &before, &behind), piece;
	bool any = false, ok = true;

	while (query.len && sv_split(&query, '&', &piece)) {
		const char *name = tracker_of(piece);
		if (!name)
			continue;
		ok = ok && str_adds(out, any ? ", " : "") && str_adds(out, name);
		any = true;
	}
	return any && ok;
}

bool url_untracked(struct str *out, struct sv url)
{
	struct sv before, behind, query = query_of(url, &before, &behind), piece;
	bool ok = str_add(out, before);
	char joint = '?';

	while (query.len && sv_split(&query, '&', &piece)) {
		if (tracker_of(piece))
			continue;
		ok = ok && str_addc(out, joint) && str_add(out, piece);
		joint = '&';
	}
	return ok && str_add(out, behind);
}

/* ---- what a link says, and where it leads ---- */

static struct sv host_of(struct sv url)
{
	ptrdiff_t slashes = sv_find(url, SV("://"));

	if (slashes < 0)
		return SV("");
	struct scan s = scan_of(sv_from(url, (size_t)slashes + 3));
	struct sv host = scan_until(&s, "/?#");
	ptrdiff_t at = sv_rchr(host, '@');
	host = at < 0 ? host : sv_from(host, (size_t)at + 1);
	ptrdiff_t colon = sv_chr(host, ':');
	return colon < 0 ? host : sv_head(host, (size_t)colon);
}

static struct sv without_www(struct sv host)
{
	return sv_starts_case(host, SV("www.")) ? sv_from(host, 4) : host;
}

/* news.bank.example is within bank.example; mybank.example is not. */
static bool is_within(struct sv host, struct sv domain)
{
	return sv_ends_case(host, domain) &&
	       (host.len == domain.len || (domain.len && host.p[host.len - domain.len - 1] == '.'));
}

struct sv url_claimed_host(struct sv text, struct sv url)
{
	struct sv claim = SV(""), real = without_www(host_of(url));

	if (sv_starts_case(text, SV("http://")) || sv_starts_case(text, SV("https://")))
		claim = host_of(text);
	else if (sv_starts_case(text, SV("www."))) {
		struct scan s = scan_of(text);
		claim = scan_until(&s, "/?# ");
	}
	claim = without_www(claim);
	if (!claim.len || sv_chr(claim, '.') < 0 || is_within(real, claim) ||
		is_within(claim, real))
		return SV("");
	return claim;
}
