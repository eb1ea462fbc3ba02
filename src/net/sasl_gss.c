/*
 * Kerberos. libgsasl does the talking (with whatever GSS library it was built with); the ticket is
 * the user's, from the cache that kinit fills.
 */
#include "base/mem.h"
#include "net/sasl_priv.h"

#ifdef HAVE_GSASL
#include <gsasl.h>
#include <stdlib.h>
#include <unistd.h>

struct gss {
	Gsasl *lib;
	Gsasl_session *session;
	bool finished;
};

bool gss_here(void)
{
	Gsasl *lib;
	bool here;

	if (gsasl_init(&lib) != GSASL_OK)
		return false;
	here = gsasl_client_support_p(lib, "GSSAPI");
	gsasl_done(lib);
	return here;
}

/*
 * The cache of tickets: a file, or a folder with several ("DIR:/run/tickets", "DIR::/run/tickets/tkt");
 * NULL: kept by somebody else (KCM:, KEYRING:).
 */
static char *ticket_path(void)
{
	const char *named = getenv("KRB5CCNAME");

	if (!named || !*named)
		return xasprintf("/tmp/krb5cc_%ld", (long)getuid());
	if (strncmp(named, "DIR::", 5) == 0) {
		const char *slash = strrchr(named, '/');

		return slash && slash > named + 5 ? xstrndup(named + 5, (size_t)(slash - named - 5)) : NULL;
	}
	if (strncmp(named, "FILE:", 5) == 0)
		named += 5;
	else if (strncmp(named, "DIR:", 4) == 0)
		named += 4;
	return *named == '/' ? xstrdup(named) : NULL;
}

size_t server_ticket_paths(bool written, char *paths[SERVER_TICKET_PATHS])
{
	const char *config = getenv("KRB5_CONFIG");
	struct sv rest = sv_of(config ? config : ""), one;
	size_t n = 0;

	if (written) {
		paths[0] = ticket_path();
		return paths[0] != NULL;
	}
	while (n < SERVER_TICKET_PATHS && sv_split(&rest, ':', &one))
		if (one.len)
			paths[n++] = sv_dup(one);
	return n;
}

bool gss_has_ticket(void)
{
	const char *named = getenv("KRB5CCNAME");
	char *path = ticket_path();
	bool has = (named && *named) || access(path, R_OK) == 0;

	free(path);
	return has;
}

static int no_callback(Gsasl *lib, Gsasl_session *session, Gsasl_property prop)
{
	(void)lib;
	(void)session;
	(void)prop;
	return GSASL_NO_CALLBACK;
}

bool gss_new(
	const char *service, const char *host, const char *user, struct gss **out, struct err *e)
{
	struct gss *g = xcalloc(1, sizeof(*g));
	int rc = gsasl_init(&g->lib);

	if (rc == GSASL_OK) {
		gsasl_callback_set(g->lib, no_callback);
		rc = gsasl_client_start(g->lib, "GSSAPI", &g->session);
	}
	if (rc == GSASL_OK)
		rc = gsasl_property_set(g->session, GSASL_SERVICE, service);
	if (rc == GSASL_OK)
		rc = gsasl_property_set(g->session, GSASL_HOSTNAME, host);
	if (rc == GSASL_OK)
		rc = gsasl_property_set(g->session, GSASL_AUTHZID, user);
	if (rc == GSASL_OK) {
		*out = g;
		return true;
	}
	gss_free(g);
	return err_set(e, ERR_AUTH, "GSSAPI: %s", gsasl_strerror(rc));
}

void gss_free(struct gss *g)
{
	if (!g)
		return;
	if (g->session)
		gsasl_finish(g->session);
	if (g->lib)
		gsasl_done(g->lib);
	free(g);
}

static bool run(struct sasl *s, struct sv challenge, struct err *e)
{
	char *out = NULL;
	size_t len = 0;
	int rc = gsasl_step(s->gss->session, challenge.p, challenge.len, &out, &len);
	bool ok;

	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE) {
		gsasl_free(out);
		return err_set(e, ERR_AUTH, "GSSAPI: %s",
			rc == GSASL_GSSAPI_INIT_SEC_CONTEXT_ERROR && s->round == 0
				? "no ticket for this server (see kinit and klist)"
				: gsasl_strerror(rc));
	}
	s->gss->finished = rc == GSASL_OK;
	ok = str_add(&s->out, sv_make(out ? out : "", len));
	gsasl_free(out);
	return ok || sasl_too_long(e);
}

bool gss_first(struct sasl *s, struct err *e)
{
	return run(s, SV(""), e);
}

bool gss_step(struct sasl *s, struct sv challenge, struct err *e)
{
	return run(s, challenge, e);
}

bool gss_finished(const struct gss *g)
{
	return g->finished;
}

#else

size_t server_ticket_paths(bool written, char *paths[SERVER_TICKET_PATHS])
{
	(void)written;
	(void)paths;
	return 0;
}

bool gss_here(void)
{
	return false;
}

bool gss_has_ticket(void)
{
	return false;
}

bool gss_new(
	const char *service, const char *host, const char *user, struct gss **out, struct err *e)
{
	(void)service;
	(void)host;
	(void)user;
	(void)out;
	return err_set(e, ERR_AUTH, "built without libgsasl, so no GSSAPI");
}

void gss_free(struct gss *g)
{
	(void)g;
}

bool gss_first(struct sasl *s, struct err *e)
{
	(void)s;
	(void)e;
	return false;
}

bool gss_step(struct sasl *s, struct sv challenge, struct err *e)
{
	(void)s;
	(void)challenge;
	(void)e;
	return false;
}

bool gss_finished(const struct gss *g)
{
	(void)g;
	return false;
}

#endif
