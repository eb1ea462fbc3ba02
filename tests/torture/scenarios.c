/* One action a message and step: then a message is in one of two states until the step is acknowledged. */
#include "tests/torture/scenario.h"

#include "base/util.h"

#define INBOX "inbox/ a: b:S c:F d: e:S"
#define MBOX "old a: b:S c:F d: e:S"
#define BOXES "Archive/ x:S", "Trash/", "Sent/", "Drafts/"
#define ALL "<tag-pattern>~A<enter>;"
/* A letter in its own words: see stage.c's editor. */
#define WRITE "manna@berg.example<enter>letter<enter>"
/* What is under way when a sender or the program dies: nobody knows, and the user is asked. */
#define LETTER_MAY_BE \
	"!letter @out:; @unknown:", "!letter @unknown:", "!letter @refused:", "letter @draft:", "letter @draft:; @out:", "letter @outbox:", "Re:_a @draft:", \
	"letter @out:"

const struct scenario scenarios[] = {
	/* ---- Maildir ---- */
	{.name = "maildir-flags", .flags = SCENARIO_QUICK | SCENARIO_DISK, .have = {INBOX},
		.step = {"F", "jF", "<last-entry>N", "<tag-pattern>~s b<enter>;N"},
		.want = {"inbox a:F b: c: d: e:"}},
	{.name = "maildir-flag-all", .flags = SCENARIO_DISK, .have = {INBOX}, .step = {ALL "wr", ALL "F", ALL "Wr"},
		.want = {"inbox a:F b:SF c: d:F e:SF"}},
	{.name = "maildir-first-day", .flags = SCENARIO_COLD, .have = {INBOX}, .step = {"F", "jF"},
		.want = {"inbox a:F b:S c: d: e:S"}},
	{.name = "maildir-delete", .flags = SCENARIO_QUICK | SCENARIO_DISK, .have = {INBOX, BOXES},
		.step = {"d", "$", "d", "$"}, .want = {"inbox c:F d: e:S", "Trash a: b:S"}},
	{.name = "maildir-purge", .flags = SCENARIO_QUICK | SCENARIO_DISK, .have = {INBOX}, .rc = "set trash=''",
		.step = {"d", "d", "$"}, .want = {"inbox c:F d: e:S"}},
	{.name = "maildir-move", .flags = SCENARIO_QUICK | SCENARIO_DISK, .have = {INBOX, BOXES},
		.step = {"s=Archive<enter>", "$", "s=Archive<enter>", "$"}, .want = {"inbox c:F d: e:S", "Archive x:S a: b:S"}},
	{.name = "maildir-copy", .flags = SCENARIO_QUICK | SCENARIO_DISK, .have = {INBOX, BOXES},
		.step = {"C=Archive<enter>", "jC=Archive<enter>"}, .want = {INBOX, "Archive x:S a: b:S"}},
	{.name = "undo-flag-and-move", .flags = SCENARIO_DISK, .have = {INBOX, BOXES},
		.step = {"F", "s=Archive<enter>", "$", "<undo>", "<undo>"}, .want = {INBOX, "Archive x:S"}},
	/* ---- mbox ---- */
	{.name = "mbox-flags", .flags = SCENARIO_QUICK | SCENARIO_DISK, .have = {MBOX}, .rc = "set spoolfile==old",
		.step = {"F", "jF", "<last-entry>N", "$"}, .want = {"old a:F b:S c: d: e:"}},
	{.name = "mbox-delete", .flags = SCENARIO_QUICK | SCENARIO_DISK, .have = {MBOX, BOXES}, .rc = "set spoolfile==old",
		.step = {"d", "$", "jd", "$"}, .want = {"old b:S d: e:S", "Trash a: c:F"}},
	{.name = "mbox-purge", .flags = SCENARIO_DISK, .have = {MBOX}, .rc = "set spoolfile==old trash=''", .step = {"d", "$", ALL "d", "$"}, .want = {"old"}},
	{.name = "maildir-to-mbox", .flags = SCENARIO_QUICK | SCENARIO_DISK, .have = {INBOX, "old x:S"},
		.step = {"s=old<enter>", "$", "s=old<enter>", "$"}, .want = {"inbox c:F d: e:S", "old x:S a: b:S"}},
	{.name = "mbox-to-maildir", .flags = SCENARIO_DISK, .have = {MBOX, BOXES}, .rc = "set spoolfile==old",
		.step = {"s=Archive<enter>", "$", ALL "s=Archive<enter>", "$"}, .want = {"old", "Archive x:S a: b:S c:F d: e:S"}},
	{.name = "mbox-to-mbox", .flags = SCENARIO_DISK, .have = {MBOX, "other x:S"}, .rc = "set spoolfile==old",
		.step = {"C=other<enter>", "js=other<enter>", "$"}, .want = {"old a: c:F d: e:S", "other x:S a: b:S"}},
	/* ---- writing ---- */
	{.name = "postpone", .flags = SCENARIO_QUICK | SCENARIO_DISK, .have = {INBOX, BOXES}, .step = {WRITE "P"},
		.want = {"Drafts letter:SD"}, .also = {"letter @draft:", "letter @draft:; Drafts:SD"}},
	{.name = "postpone-to-mbox", .flags = SCENARIO_DISK, .have = {INBOX, "later x:"}, .rc = "set postponed==later", .step = {WRITE "P"},
		.want = {"later x: letter:SD"}, .also = {"letter @draft:", "letter @draft:; later:SD"}},
	{.name = "recall-and-postpone", .flags = SCENARIO_DISK, .have = {INBOX, BOXES}, .rc = "set recall=yes",
		.step = {WRITE "P", ":wait-idle\nRP"}, .want = {"Drafts letter:SD"},
		.also = {"letter @draft:", "letter @draft:; Drafts:SD", "letter Drafts:SD; Drafts:SD"}},
	{.name = "send", .flags = SCENARIO_QUICK, .have = {INBOX, BOXES}, .step = {WRITE "y"},
		.want = {"Sent letter:S", "@out letter:"}, .also = {LETTER_MAY_BE}},
	{.name = "send-by-smtp", .have = {INBOX, BOXES}, .rc = "set smtp_url=smtp://127.0.0.1:$SMTP/", .step = {WRITE "y"},
		.want = {"Sent letter:S", "@out letter:"}, .also = {LETTER_MAY_BE}},
	{.name = "reply", .have = {INBOX, BOXES}, .rc = "set smtp_url=smtp://127.0.0.1:$SMTP/",
		.step = {"r<edit-subject>\\Ca\\Ckletter<enter>y"},
		.want = {"inbox a:SR b:S c:F d: e:S", "Sent letter:S", "@out letter:"}, .also = {LETTER_MAY_BE}},
	{.name = "recall-and-send", .have = {INBOX, BOXES}, .rc = "set recall=yes", .step = {WRITE "P", ":wait-idle\nRy"},
		.want = {"Drafts", "Sent letter:S", "@out letter:"},
		.also = {LETTER_MAY_BE, "letter @draft:; Drafts:SD"}},
	{.name = "batch-send", .flags = SCENARIO_QUICK, .have = {INBOX, "posted x:"}, .rc = "set record==posted",
		.step = {"$ $FEIST -F $W/rc -s letter anna@berg.example <$W/letter"},
		.want = {"posted x: letter:S", "@out letter:"}, .also = {LETTER_MAY_BE}},
	{.name = "batch-send-by-smtp", .flags = SCENARIO_QUICK, .have = {INBOX, BOXES},
		.rc = "set smtp_url=smtp://127.0.0.1:$SMTP/",
		.step = {"$ $FEIST -F $W/rc -s letter anna@berg.example <$W/letter"},
		.want = {"Sent letter:S", "@out letter:"}, .also = {LETTER_MAY_BE}},
	/* ---- POP ---- */
	{.name = "pop", .flags = SCENARIO_QUICK, .have = {INBOX, "@server p: q: r:"},
		.rc = "set pop_host=pop://me@127.0.0.1:$POP/ pop_pass=x pop_delete=no",
		.step = {"$ $FEIST -F $W/rc --sync"}, .want = {"@server p: q: r:", "@pop p: q: r:"}},
	{.name = "pop-delete", .flags = SCENARIO_QUICK, .have = {INBOX, "@server p: q: r:"},
		.rc = "set pop_host=pop://me@127.0.0.1:$POP/ pop_pass=x pop_delete=yes",
		.step = {"$ $FEIST -F $W/rc --sync"}, .want = {"@server", "@pop p: q: r:"}},
	{.name = "pop-to-archive", .have = {INBOX, "@server p: q:", BOXES},
		.rc = "set pop_host=pop://me@127.0.0.1:$POP/ pop_pass=x pop_delete=yes",
		.step = {"$ $FEIST -F $W/rc --sync", "cpop://me@127.0.0.1:$POP/<enter>\n:wait-idle\nl~s p<enter>s=Archive<enter>\n:wait-idle", "$"},
		/* Both are of one second, and their order is that of a hash: the limit chooses. */
		.want = {"Archive x:S p:", "@pop q:"}},
	/* ---- all the rest ---- */
	{.name = "mailboxes", .flags = SCENARIO_DISK, .have = {INBOX, "old/ x: y:S", "gone/"},
		.step = {"y<create-mailbox>=fresh<enter>", "y<last-entry><rename-mailbox>\\Ca\\Ck=newer<enter>"}, .want = {INBOX}},
	{.name = "cache-rebuilt", .flags = SCENARIO_QUICK | SCENARIO_SPOILED, .have = {INBOX, BOXES}, .step = {"F", "jd", "$"},
		.want = {"inbox a:F b:S d: e:S"}},
	/* A disk that does not take it at the end loses what was typed in this run, and that is only in the log. */
	{.name = "history", .flags = SCENARIO_BLIND, .have = {INBOX},
		.step = {"$ printf '<enter-command>echo one<enter>\\n' >$W/k1; $FEIST --screen-test $W/k1 -F $W/rc",
			"$ printf '<enter-command>echo two<enter>\\n' >$W/k1; $FEIST --screen-test $W/k1 -F $W/rc"},
		.want = {INBOX, "@history echo_one: echo_two:"}},
	{.name = "two-at-once", .flags = SCENARIO_BLIND, .have = {INBOX, BOXES},
		.step = {"$ printf ':wait-idle\\nF\\n:wait-idle\\n' >$W/k1; printf ':wait-idle\\njd$\\n:wait-idle\\n' >$W/k2;"
			 " $FEIST --screen-test $W/k1 -F $W/rc & p=$!; $FEIST --screen-test $W/k2 -F $W/rc; s=$?; wait $p && exit $s"},
		.want = {"inbox a:F c:F d: e:S", "Trash b:S"}, .also = {"b @marked-delete:; inbox:S"}},
};
const size_t scenario_count = ARRAY_LEN(scenarios);
