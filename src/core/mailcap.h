/*
 * mailcap files, RFC 1524 as mutt reads it: which program for a type, and its command with the name of
 * the file and parameters put in. Values that came with mail are quoted for the place in the command
 * where they stand, whatever the entry's author wrote around them.
 */
#ifndef CORE_MAILCAP_H
#define CORE_MAILCAP_H

#include "base/err.h"
#include "base/str.h"
#include "text/doc.h"

#define MAILCAP_LINE_MAX (64u << 10)

/* One entry; slices of the file's text, trimmed, escapes still in them; empty when absent. */
struct mailcap_entry {
	struct sv type, view, edit, compose, composetyped, print, test, nametemplate;
	bool terminal, copious; /* needsterminal, copiousoutput */
	bool keep;              /* x-neomutt-keep: the program reads its file after it has ended */
	bool unix_lines;        /* textualnewlines: it wants LF, whatever the mail had */
};

/* Takes the next entry off the text of a mailcap file; joined holds continued lines (cleared each time). */
bool mailcap_next(struct sv *rest, struct str *joined, struct mailcap_entry *);
/* "image/png" against the entry's "image/png", "image/ *" (without the blank) or "image". */
bool mailcap_matches(const struct mailcap_entry *, struct sv type);

/* A part of a multipart in a file of its own. */
struct mailcap_sub {
	const char *type, *path;
};

/* What goes in for %s %t %{name}, and for a multipart %n (how many parts) and %F (type and file of each). */
struct mailcap_values {
	const char *path;
	struct sv type;
	const struct doc_param *params;
	size_t param_count;
	const struct mailcap_sub *subs;
	size_t sub_count;
	bool sanitize; /* $mailcap_sanitize: odd characters of values become '_' */
};
/* Appends the command for sh. *used_path: there was a %s. False when out is full. */
bool mailcap_expand(
	struct str *out, struct sv command, const struct mailcap_values *, bool *used_path);
/* The command wants the parts of a multipart in files of their own (%F). */
bool mailcap_wants_subs(struct sv command);
/* The name of a temporary file as nametemplate wants it ("%s.html"): what stands behind the %s, made harmless. */
void mailcap_suffix(struct str *out, struct sv nametemplate);

#endif
