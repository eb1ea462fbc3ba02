#!/usr/bin/env python3
"""Two clients, one truth: our worker and another IMAP client do random things to the same account of a real Dovecot, at
the same time. At each checkpoint our cache must say what the server says (mailboxes, UIDs, flags, keywords, subjects, and
the bytes of some messages), and every message that nobody has deleted must be there. Now and then a mailbox is made anew
with other messages under the same numbers while intents for the old ones wait: they are set aside, never applied.

usage: truth.py [SEED]    (needs FEIST_SRCDIR, FEIST_BUILDDIR) A slice of seconds; with FEIST_TORTURE 100,000 operations
or FEIST_TORTURE_MINUTES. An operation is one change of one message or mailbox.
"""
import imaplib
import os
import random
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time

SRC, BUILD = os.environ["FEIST_SRCDIR"], os.path.abspath(os.environ["FEIST_BUILDDIR"])
EVERYTHING = "FEIST_TORTURE" in os.environ
OPERATIONS = 100000 if EVERYTHING else 600
SECONDS = float(os.environ.get("FEIST_TORTURE_MINUTES", "60" if EVERYTHING else "0.3")) * 60
BURST = (12, 24) if EVERYTHING else (3, 6)  # commands of the other client in a round
MANY = 40 if EVERYTHING else 12             # messages of one
BOXES = ["INBOX", "Archive", "Sent", "Work"]
FLIP = "Flip"
WORDS = ["$work", "later", "$Label1"]
FLAGS = {"\\Seen": 1, "\\Answered": 2, "\\Flagged": 4, "\\Deleted": 8, "\\Draft": 16, "$Forwarded": 64, "$MDNSent": 128,
         "$Junk": 256, "$NotJunk": 512}
OURS = {1: "\\Seen", 2: "\\Answered", 4: "\\Flagged"}


class Servers:
    def __init__(self, top):
        self.dir = os.path.join(top, "servers")
        self.proc = subprocess.Popen([os.path.join(SRC, "tests/e2e/servers"), self.dir, "none"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)
        if self.proc.stdout.readline().strip() != "ready":
            print("the servers did not start: skipped")
            sys.exit(77)
        self.env = dict(re.findall(r"(\w+)='?(\d+)'?", open(self.dir + "/env").read()))

    def stop(self):
        try:
            self.proc.communicate("quit\n", timeout=20)
        except subprocess.TimeoutExpired:
            self.proc.terminate()


class Truth:
    def __init__(self, top, servers, seed):
        self.s, self.rnd, self.dir = servers, random.Random(seed), top
        self.made = self.ops = self.checks = self.flips = self.aside = 0
        self.gone = set()     # subjects that somebody has deleted somewhere
        self.alive = set()
        self.rows = {}        # box -> [(uid, subject)] of our cache
        self.other = self.connect()
        for box in BOXES[1:] + [FLIP]:
            self.other.create(box)
        for box in BOXES:
            self.append(box, 15)
        os.makedirs(top + "/state", exist_ok=True)

    def connect(self):
        context = ssl.create_default_context(cafile=self.s.dir + "/ca.pem")
        c = imaplib.IMAP4_SSL("localhost", int(self.s.env["IMAPS"]), ssl_context=context)
        c.login("alice@feist.test", "secret-alice")
        return c

    # ---- the other client ----

    def text(self, n):
        return ("From: Bob <bob@feist.test>\r\nTo: alice@feist.test\r\nSubject: message %d\r\nMessage-ID: <m%d@feist.test>\r\n"
                "Date: Tue, 24 Nov 2026 10:%02d:00 +0000\r\n\r\nText of %d.\r\n%s" % (n, n, n % 60, n, "line\r\n" * (n % 9)))

    def append(self, box, count):
        for _ in range(count):
            self.made += 1
            self.alive.add("message %d" % self.made)
            self.must(self.other.append(box, None, None, self.text(self.made).encode()))
            self.ops += 1

    @staticmethod
    def must(answer):
        if answer[0] != "OK":
            raise AssertionError("the other client: %r" % (answer,))
        return answer[1]

    def uids(self, box):
        """What the server has there now: [(uid, subject)]."""
        return [(u, s) for u, _, s in self.server_rows(box)]

    def server_rows(self, box):
        self.must(self.other.select(box, readonly=False))
        if self.other.untagged_responses.get("EXISTS", [b"0"])[-1] == b"0":
            return []
        out = []
        for item in self.must(self.other.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")):
            if isinstance(item, tuple):
                head = item[0].decode()
                uid = int(re.search(r"UID (\d+)", head).group(1))
                flags = re.search(r"FLAGS \(([^)]*)\)", head).group(1).split()
                out.append((uid, flags, re.search(r"Subject: ([^\r]*)", item[1].decode()).group(1)))
        return out

    def other_client(self):
        r = self.rnd
        for _ in range(r.randint(*BURST)):
            box = r.choice(BOXES)
            have = self.uids(box)
            some = r.sample(have, min(len(have), r.randint(1, MANY)))
            few = some[:2]
            kind = r.choice(["flags", "flags", "flags", "words", "move", "copy", "expunge", "append", "box"])
            if kind == "append" or (len(have) < 5 and kind in ("move", "expunge")):
                self.append(box, 3)
            elif kind == "box":
                self.mailboxes()
            elif kind in ("flags", "words") and some:
                word = r.choice(WORDS if kind == "words" else list(OURS.values()))
                self.must(self.other.uid("STORE", self.set_of(some), r.choice("+-") + "FLAGS.SILENT", "(%s)" % word))
                self.ops += len(some)
            elif kind == "copy" and few and len(self.alive) < 400:
                self.must(self.other.uid("COPY", self.set_of(few), r.choice([b for b in BOXES if b != box])))
                self.ops += len(few)
            elif kind == "move" and some:
                self.must(self.other.uid("MOVE", self.set_of(some[:5]), r.choice([b for b in BOXES if b != box])))
                self.ops += len(some[:5])
            elif kind == "expunge" and few:
                self.gone.update(s for _, s in few)
                self.must(self.other.uid("STORE", self.set_of(few), "+FLAGS.SILENT", "(\\Deleted)"))
                self.must(self.other.uid("EXPUNGE", self.set_of(few)))
                self.ops += len(few)

    def mailboxes(self):
        """One comes, gets another name, or goes."""
        names = [n for n in self.server_boxes() if re.match(r"T\d+$", n)]
        if names and self.rnd.random() < 0.5:
            self.must(self.other.rename(names[0], "T%d" % self.rnd.randint(1000, 9999)))
        elif len(names) > 3:
            self.must(self.other.delete(names[0]))
        else:
            self.other.create("T%d" % self.rnd.randint(100, 999))
        self.ops += 1

    @staticmethod
    def set_of(items):
        return ",".join(str(u) for u, _ in items)

    def server_boxes(self):
        out = []
        for line in self.must(self.other.list()):
            if line:
                out.append(re.search(rb'"?([^" ]*)"?$', line).group(1).decode())
        return out

    # ---- ours ----

    def script(self, lines, offline=False):
        return "\n".join(["conf host localhost", "conf port %s" % self.s.env["IMAPS"], "conf tls implicit",
                          "conf user alice@feist.test", "conf ssl_ca_certificates_file %s/ca.pem" % self.s.dir,
                          "conf mailboxes " + "\\n".join(BOXES + [FLIP]), "conf offline %s" % ("yes" if offline else "no"),
                          "secret secret-alice", "quiet", "start imap box alice %s/cache %s/state/state.db" %
                          (self.dir, self.dir)] + lines + ["quit", ""])

    def start(self, lines, offline=False):
        env = dict(os.environ, FEIST_LIBEXEC=BUILD, XDG_DATA_HOME=self.dir + "/data")
        p = subprocess.Popen([BUILD + "/tests/sync/drive"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, env=env)
        p.stdin.write(self.script(lines, offline))
        p.stdin.close()
        return p

    @staticmethod
    def end(p):
        out = p.stdout.read()
        p.wait(timeout=120)
        if p.returncode != 0 or "timeout" in out or "the worker has gone" in out.replace("the worker has gone\nended: 0", ""):
            raise AssertionError("our worker: status %d\n%s" % (p.returncode, out[-3000:]))
        return out

    def intents(self):
        r, out = self.rnd, []
        for _ in range(r.randint(4, 14)):
            box = r.choice(BOXES)
            if not self.rows.get(box):
                continue
            uid, subject = r.choice(self.rows[box])
            kind = r.choice(["flag"] * 5 + ["move", "move", "copy", "delete"])
            if kind == "flag":
                add, remove = r.choice([(1, 0), (4, 0), (0, 4), (0, 1), (2, 0)])
                out.append("flag %s %d %d %d" % (box, uid, add, remove))
            elif kind == "delete":
                self.gone.add(subject)
                out.append("delete %s %d" % (box, uid))
            elif kind == "move" or len(self.alive) < 400:
                out.append("%s %s %d %s" % (kind, box, uid, r.choice([b for b in BOXES if b != box])))
        self.ops += len(out)
        return out

    # ---- the checkpoint ----

    def checkpoint(self):
        lines = []
        for box in BOXES + [FLIP]:
            lines += ["watch %s" % box, "wait"]
        lines += ["sync", "wait"]
        for box in BOXES + [FLIP]:
            lines += ["echo == %s" % box, "rows %s" % box]
        lines += ["echo == boxes", "boxes"]
        out = self.end(self.start(lines))
        parts = dict(re.findall(r"^== (\S+)\n(.*?)(?=^== |\Z)", out, re.M | re.S))
        seen = set()
        for box in BOXES + [FLIP]:
            ours = {}
            for uid, flags, words, subject in re.findall(r"^row (\d+) flags=(\d+) .*?\[(.*?)\] .*? \| (.*)$", parts[box], re.M):
                ours[int(uid)] = (int(flags) & ~32, frozenset(words.lower().split()), subject)
            theirs = {}
            for uid, flags, subject in self.server_rows(box):
                bits = sum(FLAGS.get(f, 0) for f in flags)
                theirs[uid] = (bits, frozenset(f.lower() for f in flags if f not in FLAGS and f != "\\Recent"), subject)
                seen.add(subject)
            if ours != theirs:
                wrong = ["%d: ours %r, server %r" % (u, ours.get(u), theirs.get(u)) for u in sorted(set(ours) | set(theirs))
                         if ours.get(u) != theirs.get(u)]
                raise AssertionError("%s is not what the server has:\n%s" % (box, "\n".join(wrong[:10])))
            self.rows[box] = [(u, v[2]) for u, v in ours.items()]
        boxes = set(re.findall(r"^box (\S+) ", parts["boxes"], re.M))
        if not set(self.server_boxes()) <= boxes:
            raise AssertionError("mailboxes: ours %r, server %r" % (sorted(boxes), sorted(self.server_boxes())))
        lost = self.alive - self.gone - seen
        if lost:
            raise AssertionError("lost, and nobody has deleted them: %r" % sorted(lost)[:10])
        self.alive &= seen
        self.checks += 1
        return out

    def check_bodies(self):
        box = self.rnd.choice([b for b in BOXES if self.rows[b]])
        some = self.rnd.sample(self.rows[box], min(3, len(self.rows[box])))
        lines = ["watch %s" % box, "wait"]
        for uid, _ in some:
            lines += ["fetch %s %d text" % (box, uid), "wait", "body %s %d text" % (box, uid)]
        out = self.end(self.start(lines))
        for _, subject in some:
            n = int(subject.split()[1])
            if "Text of %d.\n" % n not in out.replace("\r", "") or "Subject: %s" % subject not in out:
                raise AssertionError("the body of %s is another one:\n%s" % (subject, out[-2000:]))

    # ---- made anew ----

    def flip(self):
        """Intents wait; the mailbox is made anew with other messages under the same numbers."""
        if not self.rows.get(FLIP):
            self.must(self.other.append(FLIP, None, None, self.text(900001).encode()))
            self.checkpoint()
        lines = []
        for uid, _ in self.rows[FLIP][:4]:
            lines.append(self.rnd.choice(["delete %s %d", "flag %s %d 4 0", "move %s %d Archive", "copy %s %d Archive"]) %
                         (FLIP, uid))
        env_out = self.start(lines, offline=True)
        out = env_out.stdout.read()
        env_out.wait(timeout=120)
        self.must(self.other.select("INBOX"))
        self.must(self.other.delete(FLIP))
        self.must(self.other.create(FLIP))
        count = self.rnd.randint(3, 5)
        for _ in range(count):
            self.must(self.other.append(FLIP, None, None, self.text(900000 + self.rnd.randint(1, 99999)).encode()))
        before = self.server_rows(FLIP)
        out = self.end(self.start(["watch %s" % FLIP, "wait", "apply", "wait", "sync", "wait"]))
        after = self.server_rows(FLIP)
        if [(u, s) for u, _, s in before] != [(u, s) for u, _, s in after] or \
                any(set(f) - {"\\Recent"} for _, f, _ in after):
            raise AssertionError("an intent for the old messages was applied to new ones:\n%r\n%r\n%s" % (before, after, out))
        if re.search(r"^applied: \d+ none", out, re.M):
            raise AssertionError("an intent of the old mailbox is said to be done:\n" + out)
        self.aside += len(re.findall(r"^applied: \d+ gone", out, re.M))
        self.flips += 1
        self.ops += len(lines) + count

    def round(self, n):
        p = self.start(["watch %s" % self.rnd.choice(BOXES), "wait"] + self.intents() + ["wait", "sync", "wait"])
        self.other_client()
        self.end(p)
        self.checkpoint()
        if n % 4 == 0:
            self.flip()
            self.checkpoint()
        if n % 5 == 0:
            self.check_bodies()


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else (1 if EVERYTHING else int(time.time()))
    top = tempfile.mkdtemp(prefix="feist-truth-")
    os.chmod(top, 0o755)
    servers = Servers(top)
    began, n, t, failed = time.monotonic(), 0, None, 0
    try:
        t = Truth(top, servers, seed)
        t.checkpoint()
        while t.ops < OPERATIONS and time.monotonic() - began < SECONDS:
            n += 1
            t.round(n)
    except (AssertionError, imaplib.IMAP4.error, subprocess.TimeoutExpired) as e:
        print("not ok - two clients, seed %d, round %d: %s" % (seed, n, e))
        failed = 1
    finally:
        servers.stop()
        shutil.rmtree(top, ignore_errors=True)
    if t:
        print("%s - two clients, seed %d: %d operations in %d rounds, %d checkpoints, %d mailboxes made anew with %d intents set "
              "aside, %d s" % ("not ok" if failed else "ok", seed, t.ops, n, t.checks, t.flips, t.aside, time.monotonic() - began))
    sys.exit(failed)


main()
