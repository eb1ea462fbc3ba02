/*
 * The named cases of the evil servers: files of rows, one a line, and what they are multiplied out to.
 *
 *	proto imap [tls] [far] [preauth] [optional] [caps=...]   what the rows below are about ("_" is a blank)
 *	list X                               values for "@X" in names of rows below, one a line, up to "end"
 *	name | states | how | verdict | bytes
 *	! pattern | verdict                  another verdict for the cases above whose full name fits (fnmatch)
 *
 * states: names of the model's states separated by ",", or "*" for all of them, "*-a,b" without some, "=X" those in
 * list X; STATE#n the nth time. how: before, instead, last, all, after, cut, silence (model.h). bytes: "\r", "\n", "\t", "\0", "\\", "\xHH",
 * "\*1000(text)" text a thousand times, "%t" the tag, "@X" each value of a list.
 *
 * verdict: what must come of it, words separated by blanks:
 *	on            every step of the tour is done
 *	no            the step that was hit is refused, the session goes on
 *	dead          the connection is given up
 *	any           one of these
 *	CLASS         the class of the first error (net, tls, auth, proto, gone, limit, input ...)
 *	"text"        the first error says this
 *	=text         an event of this kind was told ("=unclear")
 *	^text         no event holds this
 *	~             what the steps gave may differ from an honest server's (it lies, and nobody can know)
 *
 * The full name of a case is PROTO/STATE/HOW/NAME, with the values in place of "@X".
 */
#ifndef TESTS_EVIL_CASES_H
#define TESTS_EVIL_CASES_H

#include "tests/evil/model.h"

struct mode {
	enum model_proto proto;
	bool tls, far, preauth, optional;
	char *caps;
};

struct one_case {
	char *name;
	struct mode mode;
	char *state;
	int nth;
	enum fault_how how;
	char *bytes;
	size_t len;
	char *verdict;
};

struct cases {
	struct one_case *v;
	size_t n, cap;
	struct str notes; /* what is wrong with the files */
};

void cases_init(struct cases *);
bool cases_read(struct cases *, const char *path);
void cases_free(struct cases *);

#endif
