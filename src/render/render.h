/*
 * A message in, a styled document out. Runs in feist-render, in its cage; knows nothing but bytes.
 * Rendering never fails on what a message holds: broken messages give a document with defects.
 *
 * Options travel as lines "name=value" (RENDER and SAVEPART in ipc/messages.def, and on the command
 * line of feist-render as --name=value). yes/no for booleans; a list option may come any number of
 * times, each adds. Unknown names are left alone. These are they (names of mutt variables mean what
 * the variable means):
 *
 *   mode=doc            what the pager shows (default)
 *   mode=reply          the body for quoting in an answer: no header, no notes, no attachment lines,
 *                       not wrapped (format=flowed paragraphs and HTML at reflow_wrap, else 72)
 *   mode=source         the bytes as they are, made safe to show
 *   mode=part           only the part named by part=, as the attachment menu shows it
 *   mode=headers        only parts, headers and links of nothing: no lines
 *   part=1.2            the part for mode=part, or in mode=doc and reply the part to begin at
 *   as=text             with mode=part: show the part as text/plain whatever its type
 *   width=80            columns of the window
 *   wrap=0              $wrap
 *   smart_wrap=yes      break lines between words
 *   markers=no          put "+" before continued lines
 *   weed=yes            leave out headers by ignore/unignore
 *   ignore=NAME  unignore=NAME  hdr_order=NAME          (lists, in the order of the commands)
 *   alternative_order=TYPE                              (list)
 *   auto_view=TYPE                                      (list) types that a mailcap filter shows
 *   mime_lookup=TYPE                                    (list) types whose file name decides
 *   type=ID VALUE       (list) reads part ID as if its Content-Type were VALUE
 *   view=ID             (list) the output of the mailcap filter for part ID comes with the request:
 *                       one SAVEFD of the same job before RENDER for each, in the same order
 *   view=display        the same for all of the message: what $display_filter made of its lines. They are
 *                       shown instead, header and all; parts and headers are described as ever
 *   unwrapped=no        lines of plain text stay whole: a display filter gets them as mutt's does
 *   quote_regexp=RE  smileys=RE                         default mutt's
 *   charset_hook=ALIAS NAME                             (list)
 *   emoji=no            emoji sequences stay whole ($emoji=full)
 *   assumed_charset=a:b
 *   charset=NAME        all texts are in NAME, whatever they say
 *   reflow_text=yes  reflow_wrap=78  reflow_space_quotes=yes
 *   honor_disposition=no  include_onlyfirst=no  allow_ansi=no
 *   show_multipart_alternative=                         info | inline (NeoMutt)
 *   colors=yes          colours of HTML and of ANSI sequences (allow_ansi) are kept
 *   background=dark     or light: what colours must be readable on
 *   link_list=yes       the list of link targets after HTML
 *   images=alt          alt: "[text]" for images; links: and each remote one is a link; none: leave them out
 *   hidden=no           show the text of HTML that its sender hides
 *   pieces=yes          the message is a digest: a piece of a cut message, and others that may belong to it
 *   timezone=SECONDS    offset east of UTC for dates written by us (invitations)
 */
#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include "text/doc.h"

#define RENDER_MESSAGE_MAX (1u << 30)
#define RENDER_LIST_MAX 1000 /* entries of one list option */
#define RENDER_VIEWS_MAX 65 /* 64 parts, and the whole */
#define RENDER_VIEW_DISPLAY "display"
#define RENDER_WIDTH_MIN 10
#define RENDER_WIDTH_MAX 1000

enum render_mode { RENDER_DOC, RENDER_REPLY, RENDER_SOURCE, RENDER_PART, RENDER_HEADERS };

struct render_list {
	char **item;
	size_t count, cap;
};

/* The output of a mailcap filter for one part. */
struct render_view {
	char *id;
	struct sv text; /* lent by who made the options */
};

struct render_opts {
	enum render_mode mode;
	char *part, *quote_regexp, *smileys, *assumed_charset, *charset;
	int width, wrap, reflow_wrap, timezone_s;
	bool smart_wrap, markers, weed, reflow_text, reflow_space_quotes, honor_disposition;
	bool include_onlyfirst, allow_ansi, colors, light_background, link_list, image_alt, image_links, as_text;
	bool alternative_info, alternative_inline, emoji;
	struct render_list ignore, unignore, hdr_order, alternative_order, auto_view, mime_lookup,
		charset_hook, type;
	struct render_list strip, drop, add; /* rewrite.h */
	bool decode, unescape, hidden, unwrapped;
	struct render_view view[RENDER_VIEWS_MAX];
	size_t view_count;
};

void render_opts_init(struct render_opts *);
void render_opts_fini(struct render_opts *);
/* One option; false (ERR_INPUT) when the value makes no sense. */
bool render_opt_set(
	struct render_opts *, struct sv name, struct sv value, struct err *e) MUST_CHECK;
/* Lines of "name=value". */
bool render_opts_parse(struct render_opts *, struct sv lines, struct err *e) MUST_CHECK;

/* With pieces=yes among the options the message becomes the one that was cut, when all is there, else the
 * first piece; false when it is too big. */
bool render_pieces(struct str *message, struct sv options);
/* Never NULL. The document owns everything; message may go away after. */
struct doc *render_message(struct sv message, const struct render_opts *);
/* A piece of HTML alone (UTF-8), as a body would be shown. */
struct doc *render_html_piece(struct sv html, const struct render_opts *);
/* format=flowed text alone (UTF-8). */
struct doc *render_flowed_piece(struct sv text, bool delsp, const struct render_opts *);

/* The object of `feist --dump=json` (design: batch.md). */
bool render_json(
	struct sv message, const struct render_opts *, struct str *out, struct err *e) MUST_CHECK;
/*
 * Decoded bytes of part id to fd. Text stays in its own charset. ERR_GONE when there is no such
 * part, or when it is on the server; ERR_DISK when fd cannot be written.
 */
bool render_extract(
	struct sv message, const char *id, int fd, uint64_t *bytes, struct err *e) MUST_CHECK;
/* The same, a text part converted to that charset (its line ends become LF). ERR_INPUT: it cannot hold the text. */
bool render_extract_text(
	struct sv message, const char *id, const char *charset, int fd, uint64_t *bytes, struct err *e) MUST_CHECK;
/*
 * All attachments one after the other: a line "ID SIZE SAFE-NAME", then SIZE decoded bytes. The names
 * need not be different.
 */
bool render_save(struct sv message, const struct render_opts *, int fd, struct err *e) MUST_CHECK;

#endif
