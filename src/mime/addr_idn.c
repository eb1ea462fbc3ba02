/*
 * International addresses for the wire: A-labels (RFC 5890, 6531). Through libidn2 when it is there.
 */
#include <stdlib.h>

#include "mime/addr.h"
#include "text/utf8.h"

#ifdef HAVE_IDN2
#include <idn2.h>
#endif

#define DOMAIN_MAX 1024

#ifdef HAVE_IDN2

/* A domain alone may be given, too: then there is no '@'. */
static struct sv domain_of(struct sv addr)
{
	return sv_chr(addr, '@') < 0 ? addr : addr_domain(addr);
}

bool addr_to_ascii(struct str *out, struct sv addr)
{
	struct sv domain = domain_of(addr);
	char text[DOMAIN_MAX], *made = NULL;
	bool ok;

	if (utf8_is_ascii(domain) || domain.len >= sizeof(text))
		return str_add(out, addr);
	memcpy(text, domain.p, domain.len);
	text[domain.len] = 0;
	if (idn2_to_ascii_8z(text, &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return str_add(out, addr);
	ok = str_add(out, sv_head(addr, addr.len - domain.len)) && str_adds(out, made);
	idn2_free(made);
	return ok;
}

#else

bool addr_to_ascii(struct str *out, struct sv addr)
{
	return str_add(out, addr);
}

#endif
