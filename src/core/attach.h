/*
 * Attachments outside of feist: mailcap (RFC 1524, with mutt's reading of it), names of files to save
 * to, and what auto_view shows inside the message. Text from mail gets into a command only through
 * attach_plan, which quotes it for where it stands.
 */
#ifndef CORE_ATTACH_H
#define CORE_ATTACH_H

#include "conf/conf.h"
#include "core/session.h"
#include "text/doc.h"

#define MAILCAP_FILE_MAX (4u << 20)
#define MAILCAP_ENTRIES_MAX 20000
#define MAILCAP_TEST_MS 5000       /* a test= command may take as long */
#define ATTACH_VIEW_MAX (8u << 20) /* bytes of an auto_view filter's output that are shown */
#define ATTACH_VIEW_TIMEOUT_MS 60000

/* ---- options of the renderer ---- */

/* The "name=value" lines of render/render.h that the configuration asks for, without mode and part. */
bool attach_render_options(const struct conf *, int width, bool weed, struct str *out);

/* ---- mailcap ---- */

enum attach_action {
	ATTACH_VIEW,   /* view-mailcap, and what ENTER does with parts that we cannot show */
	ATTACH_FILTER, /* copiousoutput only: view-text, auto_view */
	ATTACH_EDIT,
	ATTACH_COMPOSE,      /* a new part of this type */
	ATTACH_COMPOSETYPED, /* the same, and the program writes the MIME headers, too */
	ATTACH_PRINT,
};

/* How a program is run. */
enum attach_run {
	ATTACH_FILTERED, /* copiousoutput: what it prints is for the pager */
	ATTACH_TERMINAL, /* needsterminal: the screen is given away and taken back */
	ATTACH_WINDOW,   /* it has a window of its own: in the background */
	ATTACH_UNSURE,   /* in the background until it turns to the terminal */
};

#define ATTACH_TEXT_MAX (256u << 20) /* bytes of a part whose line ends are changed */
#define ATTACH_SUBS_MAX 200 /* parts of a multipart that a program gets in files */

/* A part of a multipart, for a program that wants each in a file (%F). */
struct attach_sub {
	char *id, *type, *path;
	int fd;
};

/* What to do, decided; nothing has been run. */
struct attach_plan {
	char *command; /* for proc_shell */
	char *path; /* temporary file that must hold the part before the command runs; NULL: none needed */
	int fd;         /* open for writing on it; -1 */
	struct attach_sub *subs; /* they must be in their files, too */
	size_t sub_count;
	bool unix_lines; /* CRLF in its file are to become LF */
	bool on_stdin;  /* the part goes to the command's standard input */
	enum attach_run run;
	bool keep_file; /* others read the file when the command has ended: remove it when feist ends */
};

/*
 * The first entry of mailcap that fits (type, test, the action's field). ERR_GONE: there is none.
 * Reads the files of $mailcap_path (or MAILCAPS) at first use and after they have changed.
 */
bool attach_plan(const struct conf *, const struct doc_part *, enum attach_action,
	struct attach_plan *, struct err *e) MUST_CHECK;
/* The same for a part of doc, which may be a multipart: programs may ask for its parts. */
bool attach_plan_in(const struct conf *, const struct doc *, const struct doc_part *, enum attach_action,
	struct attach_plan *, struct err *e) MUST_CHECK;
/* Is there an entry for it? As attach_plan without making files. */
bool attach_has_entry(const struct conf *, const struct doc_part *, enum attach_action);
/*
 * The command that works on a file of the user's (edit, compose, composetyped), for the terminal. ERR_GONE: no
 * entry; ERR_INPUT: its command has no %s. Caller frees.
 */
char *attach_command(const struct conf *, const struct doc_part *, enum attach_action, const char *path, struct err *e);
/* The file has the part now: it is made as the command wants it. ERR_DISK. */
bool attach_plan_filled(struct attach_plan *, struct err *e) MUST_CHECK;
/* Closes the descriptors: nobody may write to a file that is being run or shown (ETXTBSY). */
void attach_plan_close(struct attach_plan *);
/* Closes them and removes the files, unless keep_file. */
void attach_plan_fini(struct attach_plan *);
/* Files that were kept for programs in the background are removed (at the end). */
void attach_forget_files(void);

/* ---- saving ---- */

/* What the prompt offers: $attach_save_dir (if set) and the safe name. Caller frees. */
char *attach_save_path(const struct conf *, const struct doc_part *);
enum attach_existing { ATTACH_REFUSE, ATTACH_OVERWRITE, ATTACH_APPEND };
/* Opens the file to save to. A folder gets the part's safe name below it. ERR_LIMIT: it exists (REFUSE). *path_out: caller frees. */
bool attach_save_open(const struct conf *, const char *path, const struct doc_part *,
	enum attach_existing, int *fd, char **path_out, struct err *e) MUST_CHECK;

/* ---- auto_view ---- */

/* Output of the filters: ids[i] was written to fds[i] (memory files, the callee closes). */
typedef void attach_views_fn(void *data, const char *const *ids, const int *fds, size_t count);
struct attach_views;
/*
 * Runs the mailcap filters for the parts of doc that want one, one after the other, from the loop;
 * done is called once with those that worked. NULL when no part wants one or none has an entry: done
 * is not called then. Give the outputs back with RENDER: options "view=ID" and SAVEFD (render/render.h).
 */
struct attach_views *attach_views_start(struct session *, const struct msg_source *,
	const struct doc *, attach_views_fn *done, void *data);
void attach_views_cancel(struct attach_views *); /* NULL is fine */

/* ---- display_filter ---- */

typedef void display_filter_fn(void *data, int fd /* the callee closes; -1: it wrote nothing */);
struct display_filter;
/*
 * Runs $display_filter over the lines of doc, from the loop; done is called once. The command has COLUMNS
 * in its environment. NULL when it cannot be started: done is not called then.
 */
struct display_filter *display_filter_start(
	struct session *, const struct doc *, int columns, display_filter_fn *done, void *data);
void display_filter_cancel(struct display_filter *); /* NULL is fine */

#endif
