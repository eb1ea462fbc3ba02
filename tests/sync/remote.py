#!/usr/bin/env python3
"""Workers against a real Dovecot and SMTP server: IMAP, POP and sending, killed at every step and taken up again.

usage: remote.py [CASE...]    (needs FEIST_SRCDIR, FEIST_BUILDDIR, FEIST_LIBEXEC)
Each case starts with an empty account. A worker that is killed at step n (FEIST_STOP_AT) and started again must leave
what an undisturbed one leaves: nothing lost, nothing twice.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

SRC, BUILD = os.environ["FEIST_SRCDIR"], os.path.abspath(os.environ["FEIST_BUILDDIR"])
STEPS_MAX = 60
STRIDE = 1 if os.environ.get("FEIST_ALL_STEPS") else 4  # which steps a worker is killed at


class Servers:
    def __init__(self, top):
        self.dir = os.path.join(top, "servers")
        smtpd = os.path.join(BUILD, "tests/e2e/mini-smtpd")
        self.proc = subprocess.Popen([os.path.join(SRC, "tests/e2e/servers"), self.dir] +
                                     ([smtpd] if os.path.exists(smtpd) else ["none"]),
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.has_smtp = os.path.exists(smtpd)
        line = self.proc.stdout.readline().strip()
        if line != "ready":
            print("the servers did not start: %s" % line)
            sys.exit(77)
        self.env = dict(re.findall(r"(\w+)='?(\d+)'?", open(self.dir + "/env").read()))

    def doveadm(self, *args, data=None):
        return subprocess.run(["doveadm", "-c", self.dir + "/dovecot.conf", *args], input=data, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    plain = False

    def make_plain(self):
        """A server of 2003: no extension at all, not even UIDPLUS or IDLE."""
        self.plain = True
        with open(self.dir + "/dovecot.conf", "a") as f:
            f.write("protocol imap {\n  imap_capability = IMAP4rev1\n}\n")
        for word in ("stop imap", "start imap"):
            self.proc.stdin.write(word + "\n")
            self.proc.stdin.flush()
            must(self.proc.stdout.readline().strip() == "ok", word)

    def stop(self):
        try:
            self.proc.communicate("quit\n", timeout=20)
        except subprocess.TimeoutExpired:
            self.proc.terminate()


def message(n, subject=None, extra=""):
    return ("From: Bob <bob@feist.test>\nTo: alice@feist.test\nSubject: %s\nMessage-ID: <m%d@feist.test>\n"
            "Date: Tue, 24 Nov 2026 10:%02d:00 +0000\n%s\nText of %d.\n" % (subject or "message %d" % n, n, n % 60, extra, n))


class World:
    """One user with an empty account, and a place for the worker's files."""
    saved = 0

    def __init__(self, servers, top, user="alice"):
        self.s, self.user = servers, user
        self.dir = tempfile.mkdtemp(dir=top)
        shutil.rmtree("%s/mail/%s" % (servers.dir, user), ignore_errors=True)
        for box in ("INBOX", "Sent", "Trash", "Archive"):
            servers.doveadm("mailbox", "create", "-u", user, box)

    def save(self, box, text):
        maildir = "%s/mail/%s/Maildir" % (self.s.dir, self.user)
        if box == "INBOX" and os.path.isdir(maildir + "/new"):
            # Straight into the Maildir: a doveadm for each would take longer than all the rest.
            World.saved += 1
            path = "%s/tmp/1700000000.%06d.test" % (maildir, World.saved)
            with open(path, "w", newline="") as f:
                f.write(text)
            os.chown(path, os.stat(maildir).st_uid, os.stat(maildir).st_gid)
            os.rename(path, path.replace("/tmp/1700", "/new/1700"))
            return
        self.s.doveadm("save", "-u", self.user, "-m", box, data=text.replace("\n", "\r\n"))

    def ids(self, box):
        out = self.s.doveadm("fetch", "-u", self.user, "hdr.message-id flags", "mailbox", box, "ALL")
        return sorted(re.findall(r"hdr\.message-id: <?([^>\n]*)", out))

    def flags(self, box, subject):
        out = self.s.doveadm("fetch", "-u", self.user, "flags", "mailbox", box, "subject", subject)
        return " ".join(sorted(re.findall(r"\\\w+|\$\w+", out)))

    def drive(self, script, kind="imap", stop_at=0, conf=(), wire=None):
        port = {"imap": "IMAPS", "pop": "POP3S", "smtp": "SMTPS"}[kind]
        head = ["conf host localhost", "conf port %s" % self.s.env[port], "conf tls implicit",
                "conf user %s@feist.test" % self.user, "conf ssl_ca_certificates_file %s/ca.pem" % self.s.dir,
                "conf mailboxes INBOX\\nSent\\nTrash", *("conf " + c for c in conf), "secret secret-%s" % self.user, "quiet",
                "start %s %s %s %s/cache %s/state/state.db" % (kind, "submit" if kind == "smtp" else "box", self.user,
                                                             self.dir, self.dir)]
        env = dict(os.environ, FEIST_LIBEXEC=BUILD, XDG_DATA_HOME=self.dir + "/data")
        env.pop("FEIST_STOP_AT", None)
        if wire:
            env["FEIST_WIRE_LOG"] = wire
        if stop_at:
            env["FEIST_STOP_AT"] = str(stop_at)
        done = subprocess.run([BUILD + "/tests/sync/drive"], input="\n".join(head + script) + "\n", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, timeout=120)
        return done.stdout


def must(ok, what, out=""):
    if not ok:
        lines = out.split("\n")
        raise AssertionError("\n".join([what] + (lines if len(lines) < 80 else lines[:30] + ["..."] + lines[-40:])))


def equal(got, want, what, out=""):
    must(got == want, "%s: got %r, want %r" % (what, got, want), out)


def rows(out):
    return re.findall(r"^row (\d+) flags=(\d+) size=\d+ att=\d+ \[.*?\] .*? \| (.*)$", out, re.M)


# ---- cases ----

def first_look_and_news(w):
    """The list, the newest first, then all; what changes behind our back; UIDVALIDITY."""
    for n in range(120):
        w.save("INBOX", message(n))
    out = w.drive(["watch INBOX", "wait", "sync", "wait", "rows INBOX", "boxes", "quit"])
    equal(len(rows(out)), 120, "rows after the first sync", out)
    must("box Sent" in out and "special=sent" in out, "the list with special use", out)
    w.s.doveadm("flags", "add", "-u", w.user, "\\Flagged $work", "mailbox", "INBOX", "subject", "message 7")
    w.s.doveadm("expunge", "-u", w.user, "mailbox", "INBOX", "subject", "message 50")
    for n in range(120, 420):
        w.save("INBOX", message(n))
    out = w.drive(["watch INBOX", "wait", "rows INBOX", "quit"])
    got = rows(out)
    equal(len(got), 419, "rows after changes elsewhere", out)
    must(not any(s == "message 50" for _, _, s in got), "an expunged message is gone")
    must(any(s == "message 7" and int(f) & 4 for _, f, s in got), "a flag set elsewhere is seen")
    # The mailbox is made anew with other messages under the same numbers.
    w.s.doveadm("mailbox", "create", "-u", w.user, "Box")
    w.save("Box", message(1, "old one"))
    out = w.drive(["watch Box", "wait", "rows Box", "quit"])
    equal([s for _, _, s in rows(out)], ["old one"], "rows of Box", out)
    w.s.doveadm("mailbox", "delete", "-u", w.user, "-s", "Box")
    w.s.doveadm("mailbox", "create", "-u", w.user, "Box")
    w.save("Box", message(2, "new one"))
    out = w.drive(["watch Box", "wait", "rows Box", "quit"])
    equal([s for _, _, s in rows(out)], ["new one"], "rows of Box made anew", out)
    must("reset" in out, "the reset is told", out)


def news_while_watching(w):
    """IDLE: new mail, flags and expunges arrive by themselves."""
    w.save("INBOX", message(1))
    w.save("INBOX", message(3))
    script = ["watch INBOX", "wait", "await INBOX 1 message 1,message 2", "rows INBOX", "quit"]
    import threading
    def later():
        w.save("INBOX", message(2))
        w.s.doveadm("flags", "add", "-u", w.user, "\\Seen", "mailbox", "INBOX", "subject", "message 1")
        w.s.doveadm("expunge", "-u", w.user, "mailbox", "INBOX", "subject", "message 3")
    t = threading.Timer(0.35, later)
    t.start()
    out = w.drive(script)
    t.join()
    got = rows(out)
    equal([s for _, _, s in got], ["message 1", "message 2"], "rows", out)
    must(int(got[0][1]) & 1, "the flag", out)


def bodies(w):
    """Whole messages, the text of a big one, one part."""
    big = "eHh4" * 19 + "\n"  # 57 times x
    w.save("INBOX", message(1, extra="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\n"
           "Content-Type: text/plain\n\nthe text\n--b\nContent-Type: application/x-big; name=\"big.bin\"\n"
           "Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"big.bin\"\n\n" + big * 9000 +
           "--b--\n"))
    w.save("INBOX", message(2))
    out = w.drive(["watch INBOX", "wait", 'fetch INBOX 2 text', "wait", 'body INBOX 2 text', "quit"])
    must("Text of 2." in out, "a small message comes whole", out)
    out = w.drive(["watch INBOX", "wait", 'fetch INBOX 1 text', "wait", 'body INBOX 1 text', "quit"])
    size = int(re.search(r"^body (\d+)", out, re.M).group(1))
    must(size < 4000, "the big part stays on the server (%d bytes)" % size, out[:2000])
    must("the text" in out and "access-type=x-feist; section=\"2\"" in out and 'name="big.bin"' in out, "the pointer", out)
    out = w.drive(["watch INBOX", "wait", 'fetch INBOX 1 2', "wait", 'body INBOX 1 2', "quit"])
    must("Content-Disposition: attachment" in out, "the part with its header", out[:500])
    # Dovecot has BINARY: what crosses the line is a quarter less.
    if "Content-Transfer-Encoding: binary" in out:
        must(out.count("x" * 57) == 9000, "all of the part, decoded by the server", out[:500])
    else:
        must(w.s.plain and out.count(big.strip()) == 9000, "all of the part", out[:500])


INTENTS = ["flag INBOX 1 5 0", "move INBOX 2 Archive", "copy INBOX 3 Archive", "delete INBOX 4",
           "append Sent %(dir)s/state/draft", "move INBOX 5 Missing", "create New/Box", "flag INBOX 6 64 1"]


def check_intents(w, out):
    equal(w.ids("INBOX"), ["m1@feist.test", "m3@feist.test", "m6@feist.test"], "INBOX", out)
    equal(w.ids("Archive"), ["m2@feist.test", "m3@feist.test"], "Archive", out)
    equal(w.ids("Sent"), ["appended@test.example"], "Sent", out)
    equal(w.ids("Missing"), ["m5@feist.test"], "a missing destination is made", out)
    must("\\Flagged" in w.flags("INBOX", "message 1") and "\\Seen" in w.flags("INBOX", "message 1"), "flags", out)
    must("$Forwarded" in w.flags("INBOX", "message 6"), "a keyword", out)
    must("New/Box" in w.s.doveadm("mailbox", "list", "-u", w.user), "the new mailbox", out)


def prepare_intents(w):
    for n in range(1, 7):
        w.save("INBOX", message(n))
    os.makedirs(w.dir + "/state", exist_ok=True)
    with open(w.dir + "/state/draft", "w") as f:
        f.write("From: a@x.example\nSubject: appended\nMessage-ID: <appended@test.example>\n\nline\n")
    w.drive(["watch INBOX", "wait", "quit"])


def intents(w):
    """Everything a user can do to messages, once."""
    prepare_intents(w)
    out = w.drive(["watch INBOX", "wait"] + [i % {"dir": w.dir} for i in INTENTS] + ["wait", "rows INBOX", "quit"])
    check_intents(w, out)
    equal(len(rows(out)), 3, "rows that are left", out)


def killed_at_every_step(make, servers, top):
    """The same, the worker killed at step n for every n, then started again."""
    n = 1
    while n < STEPS_MAX:
        w = World(servers, top, "bob")
        prepare_intents(w)
        out = w.drive(["watch INBOX", "wait"] + [i % {"dir": w.dir} for i in INTENTS] + ["wait", "quit"], stop_at=n)
        killed = "stopped at step" in out
        again = w.drive(["watch INBOX", "wait", "apply", "wait", "rows INBOX", "quit"])
        try:
            check_intents(w, again)
            equal(len(rows(again)), 3, "rows that are left", again)
        except AssertionError as e:
            raise AssertionError("killed at step %d: %s\n-- first run\n%s" % (n, e, out))
        shutil.rmtree(w.dir)
        if not killed:
            return n - 1
        n += STRIDE
    return n


def pop_download(w):
    """POP: everything once, kept on the server, then deleted there."""
    texts = [message(n) for n in range(1, 9)] + [message(20, "dots", "\n.\n..\n. x\n")]
    for t in texts:
        w.save("INBOX", t)
    out = w.drive(["watch INBOX", "wait", "sync", "wait", "rows INBOX", "quit"], kind="pop")
    equal(len(rows(out)), 9, "rows", out)
    out = w.drive(["watch INBOX", "wait", "sync", "wait", "rows INBOX", "quit"], kind="pop")
    equal(len(rows(out)), 9, "nothing comes twice", out)
    equal(len(w.ids("INBOX")), 9, "left on the server", out)
    out = w.drive(["conf pop_delete yes", "watch INBOX", "wait", "sync", "wait", "rows INBOX", "quit"], kind="pop")
    equal(len(w.ids("INBOX")), 0, "deleted on the server", out)
    equal(len(rows(out)), 9, "kept here", out)


def pop_killed_at_every_step(make, servers, top):
    n = 1
    while n < STEPS_MAX:
        w = World(servers, top, "carol")
        for k in range(1, 4):
            w.save("INBOX", message(k))
        script = ["conf pop_delete yes", "watch INBOX", "wait", "sync", "wait", "rows INBOX", "quit"]
        first = w.drive(script, kind="pop", stop_at=n)
        again = w.drive(script, kind="pop")
        got = sorted(s for _, _, s in rows(again))
        equal(got, ["message 1", "message 2", "message 3"], "killed at step %d" % n, first + "--\n" + again)
        equal(w.ids("INBOX"), [], "killed at step %d: left on the server" % n, first + "--\n" + again)
        shutil.rmtree(w.dir)
        if "stopped at step" not in first:
            return n - 1
        n += STRIDE
    return n


def mailboxes(w):
    """Made, renamed with all below, subscribed, removed; what the server refuses is told."""
    w.drive(["sync", "wait", "quit"])
    out = w.drive(["create Old", "create Old/below", "create Old/below/deeper", "create Older", "wait", "quit"])
    w.save("Old/below", message(1, "kept"))
    out += w.drive(["watch Old/below", "wait", "rows Old/below", "fetch Old/below 1 text", "wait", "quit"])
    out += w.drive(["rename Old \"Neu ä/x\"", "wait", "boxes", "rows \"Neu ä/x/below\"", "body \"Neu ä/x/below\" 1 text", "quit"])
    listed = w.s.doveadm("mailbox", "list", "-u", w.user, "-8").split("\n")
    for name in ("Neu ä/x", "Neu ä/x/below", "Neu ä/x/below/deeper", "Older"):
        must(name in listed, "%s is on the server: %s" % (name, listed), out)
    must("Old" not in listed, "the old name has gone", out)
    must("Text of 1." in out, "rows and bodies below are still known", out)
    out = w.drive(["create Older", "rename Older Sent", "wait", "remove Older", "subscribe \"Neu ä/x\"", "unsubscribe \"Neu ä/x/below\"", "wait", "quit"])
    must(re.search(r"applied: \d+ input .*already exists.*choose another name", out), "a rename onto another one is refused", out)
    must("Older" not in w.s.doveadm("mailbox", "list", "-u", w.user).split("\n"), "removed", out)
    subscribed = w.s.doveadm("mailbox", "list", "-u", w.user, "-8", "-s").split("\n")
    must("Neu ä/x" in subscribed and "Neu ä/x/below/deeper" in subscribed and "Neu ä/x/below" not in subscribed,
         "subscriptions: %s" % subscribed, out)
    must(not any(n.startswith("Old") for n in subscribed), "no subscription is left behind: %s" % subscribed, out)


def found(out):
    return sorted(int(n) for line in re.findall(r"^found:(.*)$", out, re.M) for n in line.split())


def searching(w):
    """Bodies that are not here, expressions that the server cannot say, rows that are not here yet."""
    for n in range(1, 400):
        w.save("INBOX", message(n, "message %d" % n, "X-N: %d\n" % n))
    w.save("INBOX", message(400, "der Gr\u00fcne", "Content-Type: text/plain; charset=utf-8\n\nsch\u00f6ne Gr\u00fc\u00dfe 77\n"))
    w.drive(["conf mailboxes Sent", "sync", "wait", "quit"])
    # In one run with the opening: the older ones are not backfilled yet.
    out = w.drive(["watch INBOX", r"search INBOX rows\nsubject message 7", "wait", "quit"])
    first = [int(n) for n in re.findall(r"^changed: \d+ (?:older|messages) ([1-9]\d*)", out, re.M)]
    must(len(first) > 1 and first[0] == 100 and 5 < first[1] < 20, "the rows that may match come first: %s" % first, out)
    equal(found(w.drive(['watch INBOX', 'wait', 'search INBOX =b "Text of 17"', "wait", "quit"])),
          [17] + list(range(170, 180)), "a plain text is the server's")
    out = w.drive(['watch INBOX', 'wait', 'search INBOX ~b "^Text of 1.\\.$"', "wait", "quit"])
    equal(found(out), list(range(10, 20)), "an expression is decided here", out)
    out = w.drive(['watch INBOX', 'wait', 'search INBOX ~h "^x-n: 2[0-4]$"', "wait", "quit"])
    equal(found(out), list(range(20, 25)), "in headers", out)
    equal(found(w.drive(['watch INBOX', 'wait', 'search INBOX ~b "sch\u00f6ne gr\u00fc.e"', "wait", "quit"])), [400], "UTF-8")
    out = w.drive(['watch INBOX', 'wait', 'search INBOX ~b "[0-9][0-9]$"', "wait", "quit"])
    equal(found(out), [400], "without a word in it only what is here is searched", out)


PARTIAL = 1 << 10  # enum message_flag
LIMIT = ["conf pop_max_size 1"]


def big_message(n, lines=20000):
    return message(n, extra="X-Big: yes\n").replace("Text of", "Begin of") + "".join("%06d %s\n" % (i, "y" * 70) for i in range(lines))


def pop_files(w):
    base = "%s/data/feist/mail/%s/INBOX" % (w.dir, w.user)
    return sorted(open("%s/%s/%s" % (base, sub, f), "rb").read() for sub in ("new", "cur") for f in os.listdir("%s/%s" % (base, sub)))


def pop_preview(w):
    """Of a large message the beginning; then all of it, under the same row, with its flags."""
    big = big_message(2)
    w.save("INBOX", message(1))
    w.save("INBOX", big)
    w.save("INBOX", message(3))
    out = w.drive(LIMIT + ["watch INBOX", "wait", "sync", "wait", "flag INBOX 2 5 0", "wait", "rows INBOX", "body INBOX 2 text", "body INBOX 2 ",
                           "quit"], kind="pop")
    got = rows(out)
    equal([s for _, _, s in got], ["message 1", "message 2", "message 3"], "rows", out)
    must(int(got[1][1]) & PARTIAL and not int(got[0][1]) & PARTIAL, "the mark", out)
    must(re.search(r"^row 2 .* size=15\d{5} ", out, re.M), "the size of the whole", out)
    must("Begin of 2." in out and "000005 y" in out and "000100 y" not in out, "the beginning", out)
    equal(max(len(f) for f in pop_files(w)) < 10000, True, "only the beginning is here")
    out = w.drive(LIMIT + ["watch INBOX", "wait", "fetch INBOX 2 ", "wait", "rows INBOX", "sync", "wait", "rows INBOX", "quit"], kind="pop")
    for got in (rows(out)[:3], rows(out)[3:]):
        equal([(u, s) for u, _, s in got], [("1", "message 1"), ("2", "message 2"), ("3", "message 3")], "rows with the whole", out)
        equal(int(got[1][1]) & (PARTIAL | 5), 5, "flags stay, the mark goes", out)
    must(big.encode() in pop_files(w), "the whole as it was sent", out)
    equal(len(pop_files(w)), 3, "files", out)
    equal(len(w.ids("INBOX")), 3, "on the server", out)


def pop_preview_killed(make, servers, top):
    """The same, killed at every step of getting the whole: never both, never neither."""
    n, big = 1, big_message(2)
    while n < STEPS_MAX:
        w = World(servers, top, "carol")
        w.save("INBOX", message(1))
        w.save("INBOX", big)
        script = LIMIT + ["watch INBOX", "wait", "fetch INBOX 2 ", "wait", "quit"]
        first = w.drive(script, kind="pop", stop_at=n)
        killed = "stopped at step" in first
        rest = w.drive(LIMIT + ["watch INBOX", "wait", "sync", "wait", "rows INBOX", "quit"], kind="pop")
        uid = [u for u, f, s in rows(rest) if s == "message 2"]
        equal(len(uid), 1, "killed at step %d: rows of the message" % n, first + "--\n" + rest)
        again = w.drive(LIMIT + ["watch INBOX", "wait", "fetch INBOX %s " % uid[0], "wait", "sync", "wait", "rows INBOX", "quit"], kind="pop")
        equal(sorted(len(f) for f in pop_files(w)), sorted([len(message(1)), len(big)]), "killed at step %d: files" % n, first + again)
        equal(sorted(s for _, _, s in rows(again)), ["message 1", "message 2"], "killed at step %d: rows" % n, first + again)
        shutil.rmtree(w.dir)
        if not killed:
            return n - 1
        n += STRIDE
    return n


def pop_leaving(w):
    """What stays on the server: by count, by size, what was deleted here, never what is not here."""
    for n in range(1, 9):
        w.save("INBOX", message(n))
    w.save("INBOX", big_message(20))
    script = ["watch INBOX", "wait", "sync", "wait", "quit"]
    w.drive(LIMIT + ["conf pop_mirror_delete yes"] + script[:-1] + ["delete INBOX 2", "wait", "sync", "wait", "quit"], kind="pop")
    equal(w.ids("INBOX"), sorted("m%d@feist.test" % n for n in (1, 3, 4, 5, 6, 7, 8, 20)), "what was deleted here is deleted there")
    w.drive(LIMIT + ["conf pop_keep_count 3"] + script, kind="pop")
    equal(w.ids("INBOX"), ["m20@feist.test", "m7@feist.test", "m8@feist.test"], "by count, the oldest first")
    w.drive(LIMIT + ["conf pop_keep_size 1"] + script, kind="pop")
    equal(w.ids("INBOX"), ["m20@feist.test"], "by size; what is only there stays")
    w.drive(LIMIT + ["conf pop_delete yes"] + script, kind="pop")
    equal(w.ids("INBOX"), ["m20@feist.test"], "what is only there stays, whatever is said")
    out = w.drive(LIMIT + ["conf pop_delete yes", "watch INBOX", "wait", "fetch INBOX 9 ", "wait", "sync", "wait", "rows INBOX", "quit"], kind="pop")
    equal(w.ids("INBOX"), [], "now it is here, and may go", out)
    equal(len(rows(out)), 8, "nothing is lost here", out)


def keywords(w):
    """Tags are keywords, both ways, with a second client: also such that are no atoms."""
    w.save("INBOX", message(1))
    w.save("INBOX", message(2))
    w.drive(["watch INBOX", "wait", "quit"])
    out = w.drive(["watch INBOX", "wait", "tag INBOX 1 work,sp\u00e4ter,R&D -", "tag INBOX 2 a(b -", "wait", "rows INBOX", "quit"])
    got = w.s.doveadm("fetch", "-u", w.user, "flags", "mailbox", "INBOX", "subject", "message 1")
    must("work" in got and "sp&AOQ-ter" in got and "R&D" in got, "on the server: %s" % got, out)
    must(re.search(r"applied: \d+ input .*cannot keep a tag with the name a\(b", out), "what can be no keyword is refused", out)
    w.s.doveadm("flags", "add", "-u", w.user, "&ZeVnLIqe-", "mailbox", "INBOX", "subject", "message 1")
    w.s.doveadm("flags", "remove", "-u", w.user, "work", "mailbox", "INBOX", "subject", "message 1")
    out = w.drive(["watch INBOX", "wait", "rows INBOX", "quit"])
    row = re.search(r"^row 1 .*\[(.*?)\]", out, re.M).group(1).split()
    equal(sorted(row), sorted(["sp\u00e4ter", "R&D", "\u65e5\u672c\u8a9e"]), "what the other client did is seen", out)
    w.drive(["watch INBOX", "wait", "tag INBOX 1 - sp\u00e4ter,\u65e5\u672c\u8a9e", "wait", "quit"])
    got = w.s.doveadm("fetch", "-u", w.user, "flags", "mailbox", "INBOX", "subject", "message 1")
    must("&" not in got.replace("R&D", ""), "and taken away again: %s" % got)


def maildir_keywords(w):
    """The server's own Maildir, used without the server: keywords are letters that dovecot-keywords explains."""
    for n in (1, 2):
        w.save("INBOX", message(n))
    w.s.doveadm("flags", "add", "-u", w.user, "work", "mailbox", "INBOX", "subject", "message 1")
    maildir = "%s/mail/%s/Maildir" % (w.s.dir, w.user)

    def local(*script):
        head = ["start local box local %s/lcache %s/lstate/state.db" % (w.dir, w.dir), "watch " + maildir, "wait"]
        tail = ["wait", "rows " + maildir, "quit"]
        done = subprocess.run([BUILD + "/tests/sync/drive"], input="\n".join([*head, *script, *tail]) + "\n", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, FEIST_LIBEXEC=BUILD), timeout=60)
        return done.stdout
    equal([words for words in re.findall(r"^row .*att=0 \[(.*?)\]", local(), re.M)], ["work", ""], "read")
    out = local("tag %s 2 home,work -" % maildir, "flag %s 2 256 0" % maildir, "tag %s 1 - work" % maildir)
    must("applied: " in out and " input" not in out, "carried out", out)
    for name in os.listdir(maildir):
        if name.startswith("dovecot") or name in ("cur", "new"):
            shutil.chown(maildir + "/" + name, os.stat(maildir).st_uid, os.stat(maildir).st_gid)
    flags = re.findall(r"^flags: (.*)", w.s.doveadm("fetch", "-u", w.user, "flags", "mailbox", "INBOX", "all"), re.M)
    equal([sorted(x for x in f.split() if x != "\\Recent") for f in flags], [[], ["$Junk", "home", "work"]], "as the server sees them", out)
    equal(os.path.exists(maildir + "/dovecot-keywords.lock"), False, "no lock is left")
    os.unlink(maildir + "/dovecot-keywords")
    out = local("tag %s 1 other -" % maildir)
    must(re.search(r"applied: \d+ input .*keeps no keywords", out), "without the file it is refused", out)


def changed_meanwhile(w):
    """Flags that somebody else has changed since we looked: his are not taken away with ours."""
    for n in (1, 2, 3):
        w.save("INBOX", message(n))
    w.drive(["watch INBOX", "wait", "flag INBOX 1 4 0", "flag INBOX 2 4 0", "wait", "quit"])
    w.s.doveadm("flags", "add", "-u", w.user, "\\Answered", "mailbox", "INBOX", "uid", "1")
    w.s.doveadm("flags", "add", "-u", w.user, "\\Deleted", "mailbox", "INBOX", "uid", "2")
    wire = w.dir + "/wire"
    out = w.drive(["flag INBOX 1 0 4", "flag INBOX 2 0 8", "flag INBOX 3 4 0", "wait", "flag INBOX 3 0 4", "wait",
                   "watch INBOX", "wait", "rows INBOX", "quit"], wire=wire)
    equal([w.flags("INBOX", "message %d" % n) for n in (1, 2, 3)], ["\\Answered", "\\Deleted \\Flagged", ""], "flags", out)
    equal([int(f) & 31 for f in re.findall(r"^row \d+ flags=(\d+)", out, re.M)], [2, 12, 0], "rows", out)
    with open(wire) as f:
        equal(len(re.findall(r"UID STORE \S+ \(UNCHANGEDSINCE", f.read())), 4, "two are tried, one of them again; ours is no conflict", out)


def wrong_password(w):
    out = w.drive(["secret nonsense", "watch INBOX", "wait", "quit"])
    must("failed: auth" in out or "offline" in out, "the refusal is told", out)


def certificate_question(w):
    """A server that nobody vouches for: refused, or let through when the user says so."""
    out = w.drive(["conf ssl_ca_certificates_file ", "watch INBOX", "wait", "quit"])
    must("asked: #feist-accept localhost:" in out and "failed: tls" in out, "asked and refused", out)
    w.save("INBOX", message(1))
    out = w.drive(["conf ssl_ca_certificates_file ", "cert once", "watch INBOX", "wait", "rows INBOX", "quit"])
    equal(len(rows(out)), 1, "let through once", out)


def sending(w):
    if not w.s.has_smtp:
        return "no smtp server"
    os.makedirs(w.dir + "/state", exist_ok=True)
    with open(w.dir + "/state/mail", "w") as f:
        f.write("From: alice@feist.test\nTo: bob@feist.test\nSubject: sent\nMessage-ID: <sent@feist.test>\n\n.dot\n")
    out = w.drive(["send alice@feist.test bob@feist.test %s/state/mail" % w.dir, "wait",
                   "send alice@feist.test nobody@feist.test %s/state/mail" % w.dir, "wait", "quit"], kind="smtp")
    must("sent: committing" in out and "sent: sent" in out, "sent after the word", out)
    must("sent: failed" in out, "an unknown user is a failure", out)


PLAIN = [first_look_and_news, bodies, intents]
CASES = [first_look_and_news, news_while_watching, bodies, intents, mailboxes, searching, keywords, maildir_keywords, changed_meanwhile, pop_download, pop_preview, pop_leaving, wrong_password, certificate_question, sending]
KILLED = [killed_at_every_step, pop_killed_at_every_step, pop_preview_killed]


def run(case, servers, top, suffix=""):
    began = time.monotonic()
    name = case.__name__ + suffix
    try:
        note = case(None, servers, top) if case in KILLED else case(World(servers, top))
        print("ok - %s%s  %.1f s" % (name, " (%s)" % note if note is not None else "", time.monotonic() - began), flush=True)
        return 0
    except (AssertionError, subprocess.TimeoutExpired) as e:
        print("not ok - %s: %s" % (name, e), flush=True)
        return 1


def main(cases, plain):
    wanted = sys.argv[1:]
    failed = count = 0
    top = tempfile.mkdtemp(prefix="feist-remote-")
    os.chmod(top, 0o755)
    servers = Servers(top)
    try:
        for case in cases:
            if not wanted or case.__name__ in wanted:
                count += 1
                failed += run(case, servers, top)
        if plain:
            servers.make_plain()
        for case in plain:
            if not wanted or case.__name__ + "_plain" in wanted:
                count += 1
                failed += run(case, servers, top, "_plain")
    finally:
        servers.stop()
        shutil.rmtree(top, ignore_errors=True)
    print("# %d cases, %d failed" % (count, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(CASES + KILLED, PLAIN + KILLED[:1])
