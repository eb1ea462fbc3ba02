#!/usr/bin/env python3
"""A worker against a server in memory (fake_imap.py), for the extensions of IMAP that Dovecot does not offer.

usage: extensions.py [CASE...]    (needs FEIST_SRCDIR, FEIST_BUILDDIR, FEIST_LIBEXEC)
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from fake_imap import CORE, Box, Fake, Message
from remote import BUILD, equal, message, must, rows


class World:
    """A worker's files, and how to talk to it."""

    def __init__(self, server, top):
        self.s, self.dir = server, tempfile.mkdtemp(dir=top)

    def drive(self, script):
        head = ["conf host localhost", "conf port %d" % self.s.port, "conf tls none", "conf user joe", "secret x",
                "conf mailboxes INBOX\\nSent", "quiet",
                "start imap box joe %s/cache %s/state/state.db" % (self.dir, self.dir)]
        env = dict(os.environ, FEIST_LIBEXEC=BUILD)
        done = subprocess.run([BUILD + "/tests/sync/drive"], input="\n".join(head + script) + "\n", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, timeout=60)
        return done.stdout


def draft(w, name, text, id=None):
    os.makedirs(w.dir + "/state", exist_ok=True)
    path = "%s/state/%s" % (w.dir, name)
    with open(path, "w") as f:
        f.write("From: a@x.example\nSubject: %s\nMessage-ID: <%s@test.example>\n\n%s\n" % (name, id or name, text))
    return path


def gmail_labels(w):
    """Labels are tags: shown, changed, not lost when flags are told alone."""
    s = w.s
    s.put("INBOX", Message(message(1), ["\\Seen"], ["\\Important", "Work Stuff", "&AOQ-b"]))
    out = w.drive(["watch INBOX", "wait", "rows INBOX", "quit"])
    must("[\u00e4b Work\u00a0Stuff \\Important]" in out, "labels are shown", out)
    out = w.drive(["watch INBOX", "wait", "tag INBOX 1 new,Work\u00a0Stuff,\u00fc $Phishing,\u00e4b", "wait", "rows INBOX", "quit"])
    equal(s.boxes["INBOX"].messages[0].labels, {"\\Important", "Work Stuff", "new", "&APw-"}, "labels on the server", out)
    equal(s.boxes["INBOX"].messages[0].flags, {"\\Seen"}, "no keyword is made of them", out)
    must("thread=%s" % s.boxes["INBOX"].messages[0].id[1:] in out, "the thread", out)
    must("new" in out and "\u00fc" in out, "and in the row", out)


def labels_of_what_goes_up(w):
    """A message that is put back has its labels again, also when the worker was killed right behind APPEND."""
    s = w.s
    w.drive(["watch Sent", "wait", "quit"])
    out = w.drive(["watch Sent", "wait", "append Sent %s Work\u00a0Stuff,$Phishing" % draft(w, "one", "x"), "wait", "rows Sent", "quit"])
    m = s.boxes["Sent"].messages[0]
    equal((m.labels, m.flags), ({"Work Stuff"}, {"\\Seen", "$Phishing"}), "labels and keywords", out)
    s.refuse["UID STORE"] = "NO [INUSE] not now"
    w.drive(["append Sent %s later" % draft(w, "two", "x", "appended"), "wait", "quit"])
    del s.refuse["UID STORE"]
    out = w.drive(["apply", "wait", "quit"])
    equal([m.labels for m in s.boxes["Sent"].messages], [{"Work Stuff"}, {"later"}], "not twice, and with its label", out)


def threads(w):
    """THREADID is kept."""
    s = w.s
    s.put("INBOX", Message(message(1))).thread = "T1a"
    s.put("INBOX", Message(message(2)))
    out = w.drive(["watch INBOX", "wait", "rows INBOX", "quit"])
    equal(re.findall(r"\| (message \d.*)", out), ["message 1 thread=T1a", "message 2"], "rows", out)


def told_before(w):
    """CONDSTORE: a mailbox that was opened for an intent is looked through all the same."""
    s = w.s
    for n in (1, 2):
        s.put("INBOX", Message(message(n)))
    w.drive(["watch INBOX", "wait", "quit"])
    s.boxes["INBOX"].messages[1].flags.add("\\Answered")
    s.touch(s.boxes["INBOX"].messages[1])
    out = w.drive(["flag INBOX 1 4 0", "wait", "watch INBOX", "wait", "rows INBOX", "quit"])
    must("row 2 flags=34" in out, "the flag that another has set", out)


def counted_together(w):
    """LIST-STATUS: the counts of all watched mailboxes are one command; what was counted is opened in one flight."""
    s = w.s
    s.boxes["50%"] = Box("50%")
    s.put("50%", Message(message(7)))
    for n in range(1, 4):
        s.put("Archive", Message(message(n)))
    conf = "conf mailboxes INBOX\\nSent\\nArchive\\n50%"
    out = w.drive([conf, "sync", "wait", "boxes", "watch Archive", "wait", "rows Archive", "quit"])
    must("box Archive total=3" in out and "box 50% total=1" in out, "counts", out)
    equal(len(rows(out)), 3, "rows", out)
    must(s.commands("RETURN (STATUS (MESSAGES"), "one command for all: %s" % s.log, out)
    equal({c.split()[1] for c in s.log if c.startswith("STATUS")}, {'"50%"'}, "a name with a mark by itself", out)
    at = [c.startswith('SELECT "Archive"') for c in s.log].index(True)
    equal(s.log[at + 1][:10], "FETCH 1:* ", "SELECT and the screenful in one flight", out)
    # It has shrunk since: too few come, and it is asked again.
    s.boxes["Big"] = Box("Big")
    for n in range(200):
        s.put("Big", Message(message(n)))
    s.log.clear()

    def shrink():
        del s.boxes["Big"].messages[:150]
    s.before['SELECT "Big"'] = shrink
    out = w.drive([conf + "\\nBig", "sync", "wait", "rows Big", "quit"])
    equal(len(rows(out)), 50, "rows of what has shrunk", out)
    equal([c[:11] for c in s.commands("FETCH ") if c.startswith("FETCH")][:2], ["FETCH 101:*", "FETCH 1:50 "], "asked again", out)


def moved_by_others(w):
    """OBJECTID: the body of a message that somebody moved is not fetched again; a renamed mailbox keeps its rows."""
    s = w.s
    m = s.put("INBOX", Message(message(1)))
    w.drive(["watch INBOX", "wait", "fetch INBOX 1 text", "wait", "sync", "wait", "quit"])
    s.boxes["INBOX"].messages.remove(m)
    s.put("Archive", Message(m.text, m.flags, id=m.id))
    s.log.clear()
    out = w.drive(["watch INBOX", "wait", "watch Archive", "wait", "fetch Archive 1 text", "wait", "body Archive 1 text", "quit"])
    must("Text of 1." in out, "the body is there", out)
    equal(s.commands("BODY.PEEK[]") + s.commands("BODY.PEEK[TEXT]"), [], "fetched again", out)
    box = s.boxes.pop("Archive")
    box.name = "Attic"
    s.boxes["Attic"] = box
    s.log.clear()
    out = w.drive(["sync", "wait", "rows Attic", "boxes", "quit"])
    equal(len(rows(out)), 1, "the renamed mailbox has its rows", out)
    must("box Archive" not in out, "the old name has gone", out)


def quota_and_uses(w):
    """QUOTA is told when it is nearly used up; a mailbox that is made gets its special use; other namespaces are listed."""
    s = w.s
    s.quota = (950 * 1024, 1000 * 1024)
    s.boxes["Shared/team"] = Box("Shared/team")
    s.put("INBOX", Message(message(1)))
    out = w.drive(["loud", "conf uses trash Papierkorb\\nsent Sent", "watch INBOX", "wait", "sync", "wait",
                   "move INBOX 1 Papierkorb", "wait", "boxes", "quit"])
    must("95 % of the room on the server is used" in out, "the warning", out)
    must("box Shared/team" in out, "the shared namespace", out)
    equal(s.boxes["Papierkorb"].use, "\\Trash", "special use of what was made", out)
    equal(len(s.boxes["Papierkorb"].messages), 1, "moved there", out)


def many_at_once(w):
    """MULTIAPPEND: one command; when that is refused each gets its own answer. Dozens of deletes: one flight."""
    s = w.s
    for n in range(1, 61):
        s.put("INBOX", Message(message(n)))
    w.drive(["watch INBOX", "wait", "sync", "wait", "quit"])
    files = [draft(w, "d%d" % n, "text %d" % n) for n in range(5)]
    s.log.clear()
    out = w.drive(["offline"] + ["append Sent %s" % f for f in files] + ["online", "apply", "wait", "quit"])
    equal(len(s.boxes["Sent"].messages), 5, "all are there", out)
    equal(len(s.commands("APPEND")), 1, "in one command: %s" % s.commands("APPEND"), out)
    bad = draft(w, "bad", "REFUSE me")
    good = draft(w, "good", "fine")
    out = w.drive(["offline", "append Sent %s" % bad, "append Sent %s" % good, "online", "apply", "wait", "quit"])
    equal(len(s.boxes["Sent"].messages), 6, "the good one is there", out)
    must(re.search(r"applied: \d+ limit .*not this one", out), "the other is refused by itself", out)
    s.log.clear()
    out = w.drive(["watch INBOX", "wait", "offline"] + ["delete INBOX %d" % n for n in range(1, 51)] + ["online", "apply", "wait", "quit"])
    equal(len(s.boxes["INBOX"].messages), 10, "deleted", out)
    # The worker may look into the queue while it is being filled.
    must(len(s.commands("EXPUNGE")) <= 8, "in a few flights: %s" % s.commands("EXPUNGE"), out)
    equal(s.commands("UID SEARCH"), [], "our own deletes raise no doubts", out)


def replaced_draft(w):
    """REPLACE: a draft that was saved again takes the place of the old one; refused, it is APPEND and a delete."""
    s = w.s
    s.put("Sent", Message(message(1)))
    w.drive(["watch Sent", "wait", "quit"])
    s.log.clear()
    out = w.drive(["watch Sent", "wait", "offline", "append Sent %s" % draft(w, "second", "better"), "delete-after Sent 1", "online",
                   "apply", "wait", "rows Sent", "quit"])
    equal([m.uid for m in s.boxes["Sent"].messages], [2], "one draft is left", out)
    equal((len(s.commands("UID REPLACE")), len(s.commands("APPEND"))), (1, 0), "by REPLACE: %s" % s.log, out)
    s.refuse["UID REPLACE"] = "NO not here"
    out = w.drive(["watch Sent", "wait", "offline", "append Sent %s" % draft(w, "third", "best"), "delete-after Sent 2", "online",
                   "apply", "wait", "apply", "wait", "quit"])
    equal([m.uid for m in s.boxes["Sent"].messages], [3], "one draft is left after a refusal", out)
    must("third" in s.boxes["Sent"].messages[0].text, "the new one", out)


def names_in_utf8(w):
    """UTF8=ACCEPT: names and headers go as they are."""
    s = w.s
    s.put("INBOX", Message(message(1)))
    out = w.drive(["watch INBOX", "wait", "move INBOX 1 Entw\u00fcrfe", "create R&D", "append Entw\u00fcrfe %s" % draft(w, "\u00fc", "x"),
                   "wait", "quit"])
    must("Entw\u00fcrfe" in s.boxes and "R&D" in s.boxes, "names: %s" % list(s.boxes), out)
    equal(len(s.boxes["Entw\u00fcrfe"].messages), 2, "messages", out)
    must(any("UTF8 (" in c for c in s.commands("APPEND")), "the header was announced: %s" % s.commands("APPEND"), out)


def no_uidplus(w):
    """Without UIDPLUS nothing that another program has marked is expunged: said, and kept."""
    s = w.s
    for n in range(1, 4):
        s.put("INBOX", Message(message(n)))
    s.boxes["INBOX"].messages[2].flags.add("\\Deleted")
    out = w.drive(["watch INBOX", "wait", "delete INBOX 1", "wait", "quit"])
    equal(len(s.boxes["INBOX"].messages), 3, "nothing is expunged", out)
    must(re.search(r"applied: \d+ limit .*1 others are marked as deleted", out), "it is told", out)
    equal(s.commands("UID EXPUNGE"), [], "no command that it does not know", out)


def no_keywords(w):
    """A mailbox that keeps no tags of its own: a tag is refused, flags of ours are left out."""
    s = w.s
    s.refuse["*keywords"] = ""
    s.put("INBOX", Message(message(1)))
    out = w.drive(["watch INBOX", "wait", "tag INBOX 1 work -", "flag INBOX 1 64 0", "flag INBOX 1 4 0", "wait", "quit"])
    must(re.search(r"applied: \d+ input .*keeps no tags", out), "the tag is refused", out)
    equal(s.boxes["INBOX"].messages[0].flags, {"\\Flagged"}, "flags on the server", out)


def previews(w):
    """$imap_extra_data: asked for only when wanted."""
    s = w.s
    s.put("INBOX", Message(message(1)))
    w.drive(["watch INBOX", "wait", "quit"])
    equal(s.commands("PREVIEW"), [], "not asked for unasked")
    s.put("INBOX", Message(message(2)))
    out = w.drive(["conf imap_extra_data preview:savedate", "watch INBOX", "wait", "preview INBOX 2", "quit"])
    must("preview: Text of 2." in out, "kept", out)


def changed_meanwhile(w):
    """CONDSTORE: what another program has decided since we looked is not taken away; the rest is."""
    s = w.s
    for n in range(1, 5):
        s.put("INBOX", Message(message(n), ["\\Flagged", "work"]))
    w.drive(["watch INBOX", "wait", "quit"])
    one, two, three, _ = s.boxes["INBOX"].messages
    one.flags.add("\\Answered")   # no conflict
    two.flags.add("\\Deleted")    # set by another program: it is not ours to take away
    three.flags.add("$Junk")
    for m in (one, two, three):
        s.touch(m)
    s.log.clear()
    out = w.drive(["loud", "offline"] + ["flag INBOX %d 0 12" % n for n in range(1, 5)] + ["tag INBOX 3 - work"] +
                  ["online", "apply", "wait", "watch INBOX", "wait", "rows INBOX", "quit"])
    equal([m.flags for m in s.boxes["INBOX"].messages],
          [{"\\Answered", "work"}, {"\\Deleted", "work"}, {"$Junk"}, {"work"}], "flags on the server", out)
    must("message 2: another program has set the flag since" in out, "it is told", out)
    must(len(s.commands("UID STORE")) <= 7, "not one by one: %s" % s.commands("UID STORE"), out)
    s.log.clear()
    out = w.drive(["watch INBOX", "wait", "flag INBOX 4 4 0", "wait", "flag INBOX 4 0 4", "wait", "rows INBOX", "quit"])
    equal(s.boxes["INBOX"].messages[3].flags, {"work"}, "taken back", out)
    equal(len(s.commands("UNCHANGEDSINCE")), 1, "our own change is no conflict: %s" % s.commands("STORE"), out)


def stubborn(w):
    """A server that calls every message modified is asked without the condition in the end."""
    s = w.s
    s.put("INBOX", Message(message(1), ["\\Flagged"]))
    s.stubborn = True
    out = w.drive(["watch INBOX", "wait", "flag INBOX 1 0 4", "wait", "quit"])
    equal(s.boxes["INBOX"].messages[0].flags, set(), "done all the same", out)
    equal(len(s.commands("UID STORE")), 4, "tries: %s" % s.commands("UID STORE"), out)


def passing(w):
    """INUSE: the intent stays in the queue."""
    s = w.s
    s.put("INBOX", Message(message(1)))
    s.refuse["UID STORE"] = "NO [INUSE] somebody else is at it"
    out = w.drive(["watch INBOX", "wait", "flag INBOX 1 4 0", "wait", "quit"])
    must("applied" not in out, "nothing is said of it", out)
    del s.refuse["UID STORE"]
    out = w.drive(["watch INBOX", "wait", "apply", "wait", "quit"])
    equal(s.boxes["INBOX"].messages[0].flags, {"\\Flagged"}, "done later", out)


FAKE = [(gmail_labels, "X-GM-EXT-1 MOVE"), (moved_by_others, "OBJECTID LIST-EXTENDED LIST-STATUS MOVE"),
        (quota_and_uses, "QUOTA NAMESPACE MOVE SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED"), (many_at_once, "MULTIAPPEND MOVE"),
        (replaced_draft, "REPLACE"), (names_in_utf8, "UTF8=ACCEPT MOVE"), (no_uidplus, None), (no_keywords, ""),
        (previews, "PREVIEW SAVEDATE"), (passing, ""), (changed_meanwhile, ""), (stubborn, ""),
        (labels_of_what_goes_up, "X-GM-EXT-1 MOVE"), (threads, "OBJECTID"), (counted_together, "LIST-EXTENDED LIST-STATUS"), (told_before, "")]


def main():
    wanted = sys.argv[1:]
    top = tempfile.mkdtemp(prefix="feist-extensions-")
    count = failed = 0
    try:
        for case, caps in FAKE:
            if wanted and case.__name__ not in wanted:
                continue
            server = Fake(caps) if caps is not None else Fake("", CORE.replace("UIDPLUS ", ""))
            count += 1
            began = time.monotonic()
            try:
                case(World(server, top))
                print("ok - %s  %.1f s" % (case.__name__, time.monotonic() - began), flush=True)
            except (AssertionError, KeyError, IndexError, subprocess.TimeoutExpired) as e:
                failed += 1
                print("not ok - %s: %s" % (case.__name__, e), flush=True)
            server.stop()
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print("# %d cases, %d failed" % (count, failed))
    sys.exit(1 if failed else 0)


main()
