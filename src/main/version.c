/*
 * feist -v: version, and what this build can do. Prints without touching configuration or libraries.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "main/main.h"

static const struct {
	const char *name, *help;
	bool built_in;
} features[] = {
	{"html", N_("HTML mail without mailcap (libxml2, in feist-render)"),
#ifdef HAVE_LIBXML2
		true
#endif
	},
	{"sasl", N_("SCRAM and other sign-in methods (libgsasl, in feist-worker)"),
#ifdef HAVE_GSASL
		true
#endif
	},
	{"idn", N_("international domain names (libidn2)"),
#ifdef HAVE_IDN2
		true
#endif
	},
	{"truecolor", N_("24-bit colour on any terminal that has it (unibilium)"),
#ifdef HAVE_UNIBILIUM
		true
#endif
	},
	{"nls", N_("messages in your language (gettext)"),
#ifdef ENABLE_NLS
		true
#endif
	},
	{"imap", N_("IMAP4rev1 and rev2"), true},
	{"pop", N_("POP3 as download"), true},
	{"smtp", N_("submission by SMTP"), true},
	{"maildir", N_("Maildir and mbox"), true},
};

int main_version(const struct args *a)
{
	struct utsname u;

	(void)a;
	printf("feist %s\n", PACKAGE_VERSION);
	if (uname(&u) == 0)
		printf("%s %s %s\n", u.sysname, u.release, u.machine);
	puts("");
	for (size_t i = 0; i < ARRAY_LEN(features); i++)
		printf("%c%-10s %s\n", features[i].built_in ? '+' : '-', features[i].name, _(features[i].help));
	printf("\n%s\n  libexec  %s\n  system   %s/feistrc\n", _("Places:"), PKGLIBEXECDIR, SYSCONFDIR);
	return 0;
}
