/*
 * From the first byte to the authenticated state: greeting, STARTTLS, capabilities, login. What a
 * server says before TLS may come from anybody on the line: it is believed in nothing but that
 * STARTTLS is offered.
 */
#include <stdlib.h>

#include "net/imap_priv.h"
#include "net/sasl.h"

/* OK, PREAUTH or BYE; anything else is no IMAP server. */
static bool greeting(struct imap *im, bool *preauth, struct err *e)
{
	struct imap_resp r;

	if (!imap_read(im, &r, e)) {
		if (e && e->class == ERR_PROTO)
			err_set(e, ERR_PROTO, "%s does not speak IMAP on this port",
				conn_peer(im->conn));
		return false;
	}
	if (r.kind != RESP_STATUS || r.status == IMAP_NO || r.status == IMAP_BAD) {
		err_set(e, ERR_PROTO, "%s does not greet as an IMAP server", conn_peer(im->conn));
		return imap_die(im, e);
	}
	if (r.status == IMAP_BYE) {
		err_set(e, ERR_NET, "%s does not want us now: " SV_FMT, conn_peer(im->conn),
			SV_ARG(sv_head(r.text, 200)));
		return imap_die(im, e);
	}
	*preauth = r.status == IMAP_PREAUTH;
	quirks_learn(&im->quirks, QUIRK_IMAP, QUIRK_BY_GREETING, r.text);
	return imap_dispatch(im, &r, e);
}

static bool need_caps(struct imap *im, struct err *e)
{
	return im->caps_known || imap_do_text(im, "CAPABILITY", e);
}

static bool starttls(struct imap *im, bool preauth, struct err *e)
{
	if (preauth) {
		/*
		 * A PREAUTH greeting would make STARTTLS impossible: the oldest trick to avoid it.
		 */
		err_set(e, ERR_TLS,
			"%s claims that we are logged in already, which rules out STARTTLS",
			conn_peer(im->conn));
		return imap_die(im, e);
	}
	if (!need_caps(im, e))
		return false;
	if (!imap_has(im, CAP_STARTTLS)) {
		if (im->server->security == SERVER_TLS_IF_OFFERED)
			return true;
		err_set(e, ERR_TLS, "%s does not offer STARTTLS, and without it nothing is sent",
			conn_peer(im->conn));
		return imap_die(im, e);
	}
	if (!imap_do_text(im, "STARTTLS", e)) {
		err_at(e, "STARTTLS");
		if (e && e->class == ERR_PROTO)
			e->class = ERR_TLS;
		return imap_die(im, e);
	}
	if (!server_starttls(im->server, im->conn, e))
		return imap_die(im, e);
	imap_forget(im);
	return true;
}

/* ---- login ---- */

/* The LOGIN command: one round trip, as safe as PLAIN, understood by every server. */
static bool login_command(
	struct imap *im, struct sasl *s, struct imap_answer *answer, struct err *e)
{
	struct imap_out o;
	bool ok;

	imap_out_start(im, &o, "LOGIN ");
	imap_out_astring(&o, sv_of(im->server->user));
	imap_out_raw(&o, " ");
	imap_out_astring(&o, sv_of(sasl_password(s)));
	conn_mask(im->conn, true);
	ok = imap_do(im, VERB_OTHER, &o, answer, e);
	conn_mask(im->conn, false);
	return ok;
}

/* One answer of the client; a refused step takes the exchange back with "*". */
static bool sasl_turn(struct imap *im, struct sasl *s, struct err *e)
{
	struct sv answer;

	if (!sasl_step(s, str_sv(&im->go_text), &answer, e)) {
		if (conn_write(im->conn, SV("*\r\n"), NULL) && !conn_flush(im->conn, NULL))
			im->dead = true;
		return imap_die(im, e);
	}
	if (!conn_write_secret(im->conn, answer, e) || !conn_write(im->conn, SV("\r\n"), e))
		return imap_die(im, e);
	return true;
}

static bool send_authenticate(
	struct imap *im, struct sasl *s, struct slot *slot, bool *first_left, struct err *e)
{
	struct err why = {0};
	struct sv first;

	*first_left = sasl_first(s, &first, &why);
	if (why.class != ERR_NONE)
		return err_set(e, why.class, "%s", why.text);
	if (!conn_writef(im->conn, e, "f%u AUTHENTICATE %s", slot->tag, sasl_mechanism(s)))
		return false;
	if (*first_left && imap_has(im, CAP_SASL_IR)) {
		*first_left = false;
		if (!conn_write(im->conn, SV(" "), e) || !conn_write_secret(im->conn, first, e))
			return false;
	}
	return conn_write(im->conn, SV("\r\n"), e);
}

static bool authenticate(struct imap *im, struct sasl *s, struct imap_answer *answer, struct err *e)
{
	struct slot *slot = imap_slot_new(im, VERB_OTHER, e);
	bool first_left;
	struct sv first;

	if (!slot)
		return false;
	if (!send_authenticate(im, s, slot, &first_left, e))
		return imap_die(im, e);
	while (!slot->done) {
		bool go;

		if (!imap_await_go(im, slot, &go, e))
			return false;
		if (!go)
			break;
		if (first_left) {
			first_left = false;
			(void)sasl_first(s, &first, NULL);
			if (!conn_write_secret(im->conn, sv_is(first, "=") ? SV("") : first, e) ||
				!conn_write(im->conn, SV("\r\n"), e))
				return imap_die(im, e);
		} else if (!sasl_turn(im, s, e)) {
			return false;
		}
	}
	if (!imap_end(im, slot->tag, answer, e))
		return false;
	if (!sasl_finish(s, SV(""), e))
		return imap_die(im, e);
	return true;
}

/* LOGINDISABLED and LOGIN together: RFC 9051 6.2.3 forbids the command. */
static bool login_command_fits(const struct imap *im)
{
	return !imap_has(im, CAP_LOGINDISABLED);
}

/*
 * A server that cannot say now whether the password is right (UNAVAILABLE, INUSE, too many
 * connections) is asked again later, without another question to the user.
 */
static enum err_class class_of_refusal(const struct imap_refusal *r)
{
	if (r->passing || r->class == ERR_LIMIT)
		return ERR_NET;
	return r->class == ERR_TLS ? ERR_TLS : ERR_AUTH;
}

/* One attempt. *again: another mechanism may do. */
static bool attempt(struct imap *im, struct sasl_tries *tries, bool *again, struct err *e)
{
	struct imap_answer answer = {0};
	struct str offered;
	struct sasl *s;
	bool ok;

	*again = false;
	str_init(&offered, IMAP_LINE_MAX);
	str_add(&offered, str_sv(&im->mechs));
	if (login_command_fits(im))
		str_adds(&offered, " LOGIN");
	ok = sasl_new(im->server, im->conn, str_sv(&offered), tries, &s, e);
	str_fini(&offered);
	if (!ok)
		return false;
	if (strcmp(sasl_mechanism(s), "LOGIN") == 0 && login_command_fits(im))
		ok = login_command(im, s, &answer, e);
	else
		ok = authenticate(im, s, &answer, e);
	conn_note(im->conn, "login by %s: %s", sasl_mechanism(s), ok ? "done" : "refused");
	if (!ok && !im->dead) {
		struct imap_refusal r = imap_refusal_of(answer.code, sv_of(answer.text), false);

		*again = !r.passing && sasl_again(s, tries);
		err_set(e, class_of_refusal(&r), "the server refused the login%s%s%s%s%s%s%s",
			answer.text[0] ? ": " : "", answer.text, sasl_server_error(s)[0] ? " " : "",
			sasl_server_error(s), *r.cure ? " (" : "", r.cure, *r.cure ? ")" : "");
	}
	if (ok)
		sasl_worked(im->server, im->conn, sasl_mechanism(s));
	sasl_free(s);
	return ok;
}

static bool log_in(struct imap *im, struct err *e)
{
	struct sasl_tries tries = {0};
	struct err first = {0}, last = {0};
	bool again, ok;

	if (!im->server->user || !*im->server->user)
		return err_set(e, ERR_AUTH, "no user name for %s", im->server->host);
	do {
		err_clear(&last);
		ok = attempt(im, &tries, &again, &last);
		if (!ok && first.class == ERR_NONE)
			first = last;
	} while (again);
	/* The first refusal says more than "nothing else is offered". */
	if (!ok && e)
		*e = im->dead || last.class == ERR_CANCEL ? last : first;
	if (!ok)
		im->dead = true;
	return ok;
}

bool imap_login(struct imap *im, struct err *e)
{
	bool preauth, plain;

	plain = server_wants_starttls(im->server, im->conn);
	im->mute = plain;
	if (!greeting(im, &preauth, e))
		return false;
	if (plain && !starttls(im, preauth, e))
		return false;
	im->mute = false;
	if (!preauth) {
		if (!need_caps(im, e))
			return false;
		/*
		 * The tagged OK may carry the new capabilities; when it does not, they are asked
		 * for.
		 */
		im->caps_known = false;
		if (!log_in(im, e))
			return false;
	}
	return need_caps(im, e);
}
