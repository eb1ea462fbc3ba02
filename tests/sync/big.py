#!/usr/bin/env python3
"""Large local mailboxes, read from the end in slices: all of them, in their order, with what happens meanwhile.

usage: big.py [CASE...]    (needs FEIST_BUILDDIR)
"""
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(os.environ["FEIST_BUILDDIR"])
MESSAGES = 6000  # some 5 MB: more than the first slice
MAILDIR = 1500   # files are slow to make


def text(n, extra="", body=None):
    return ("From: Bob <bob@feist.test>\nTo: alice@feist.test\nSubject: message %d\nMessage-ID: <m%d@feist.test>\n"
            "Date: Tue, 24 Nov 2026 10:%02d:%02d +0000\n%s\n%s" % (n, n, n // 60 % 60, n % 60, extra,
                                                                  body or "Text of %d.\n" % n + "> a line of text\n" * 35))


def entry(n, extra="", body=None):
    return "From bob@feist.test Tue Nov 24 10:%02d:%02d 2026\n%s\n" % (n // 60 % 60, n % 60, text(n, extra, body))


def must(ok, what, out=()):
    if not ok:
        raise AssertionError("\n".join([what] + list(out)[-60:]))


def equal(got, want, what, out=()):
    must(got == want, "%s: got %.300r, want %.300r" % (what, got, want), out)


class World:
    def __init__(self, top):
        self.dir = tempfile.mkdtemp(dir=top)
        self.mbox, self.maildir = self.dir + "/mbox", self.dir + "/Maildir"

    def write(self, entries):
        """As other programs do it: in place, with the lock held."""
        with open(self.mbox, "a") as f:
            fcntl.lockf(f, fcntl.LOCK_EX)
            f.truncate(0)
            f.writelines(entries)
            f.flush()

    def deliver(self, n):
        path = "%s/tmp/%d.M%d.test" % (self.maildir, 1700000000 + n, n)
        with open(path, "w") as f:
            f.write(text(n))
        os.rename(path, path.replace("/Maildir/tmp/", "/Maildir/new/"))

    def make(self, count):
        for sub in ("tmp", "new", "cur"):
            os.makedirs("%s/%s" % (self.maildir, sub))
        for n in range(count):
            self.deliver(n)

    def drive(self, box, script=("rows BOX",), at_first=None, kill=0):
        """All that the worker says. at_first: called when the first rows are there; kill: it dies behind so many changes."""
        script = ["conf mailboxes " + box, "start local box local %s/cache %s/state/state.db" % (self.dir, self.dir), "watch " + box,
                  "wait", "echo in sync", *(s.replace("BOX", box) for s in script), "quit"]
        p = subprocess.Popen([BUILD + "/tests/sync/drive"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                             env=dict(os.environ, FEIST_LIBEXEC=BUILD))
        p.stdin.write("\n".join(script) + "\n")
        p.stdin.close()
        out, changes = [], 0
        for line in p.stdout:
            out.append(line.rstrip("\n"))
            if not re.match(r"changed: \d+ (new|older|messages)", line):
                continue
            changes += 1
            if at_first and changes == 1:
                at_first()
            if changes == kill:
                kids = open("/proc/%d/task/%d/children" % (p.pid, p.pid)).read().split()
                os.kill(int(kids[0]), 9)
        p.wait()
        return out


def rows(out):
    return [int(m.group(2)) for m in (re.match(r"row (\d+) .*\| message (\d+)$", l) for l in out) if m]


def mbox_from_the_end(w):
    w.write(entry(n) for n in range(MESSAGES))
    out = w.drive(w.mbox)
    equal(rows(out), list(range(MESSAGES)), "rows in their order", out)
    equal([l for l in out if l.startswith("changed: 1 ")][0], "changed: 1 older 100", "a screenful first", out)
    # Added to: only what is new is read.
    with open(w.mbox, "a") as f:
        f.write(entry(MESSAGES))
    out = w.drive(w.mbox)
    equal([l for l in out if l.startswith("changed")], ["changed: 1 new 1"], "one is new", out)
    equal(rows(out), list(range(MESSAGES + 1)), "rows", out)


def mbox_within_a_message(w):
    """A message that holds another mailbox, and whose Content-Length says so: nothing in it is a message."""
    inner = "".join(entry(n) for n in range(10000, 10000 + MESSAGES))
    body = "Here it is:\n\n" + inner
    w.write([entry(0), entry(1), entry(2, "Content-Length: %d\n" % len(body), body), entry(3)])
    out = w.drive(w.mbox)
    equal(rows(out), [0, 1, 2, 3], "rows", out)


def mbox_odd(w):
    """One message larger than a slice; no line end at the end; blank lines at the beginning."""
    w.write(["\n\n", entry(0), entry(1, body="0123456789abcde\n" * 400000), entry(2), entry(3).rstrip("\n")])
    out = w.drive(w.mbox)
    equal(rows(out), [0, 1, 2, 3], "rows", out)


def mbox_added_to_meanwhile(w):
    w.write(entry(n) for n in range(3 * MESSAGES))

    def add():
        with open(w.mbox, "a") as f:
            f.write(entry(3 * MESSAGES) + entry(3 * MESSAGES + 1))
    out = w.drive(w.mbox, at_first=add)
    if len(rows(out)) == 3 * MESSAGES:  # it came behind the last piece
        out = w.drive(w.mbox)
    equal(rows(out), list(range(3 * MESSAGES + 2)), "rows in their order", out)
    equal([l for l in out if re.match(r"changed: \d+ messages", l)], [], "nothing was read anew", out)


def mbox_changed_meanwhile(w):
    """Another program takes one away while we read: the whole file is compared."""
    entries = [entry(n) for n in range(3 * MESSAGES)]
    w.write(entries)
    out = w.drive(w.mbox, at_first=lambda: w.write(entries[:5] + entries[6:]))
    out = w.drive(w.mbox)
    equal(rows(out), [n for n in range(3 * MESSAGES) if n != 5], "rows", out)


def mbox_killed(w):
    w.write(entry(n) for n in range(2 * MESSAGES))
    for at in (1, 2, 4):
        w.drive(w.mbox, kill=at)
    out = w.drive(w.mbox)
    equal(rows(out), list(range(2 * MESSAGES)), "rows in their order", out)


def maildir_meanwhile(w):
    w.make(MAILDIR)
    came = []

    def deliver():
        w.deliver(MAILDIR)
        came.append(time.monotonic())
    out = w.drive(w.maildir, at_first=deliver)
    if len(rows(out)) == MAILDIR:
        out = w.drive(w.maildir)
    equal(rows(out), list(range(MAILDIR + 1)), "rows in their order", out)


def maildir_killed(w):
    w.make(MAILDIR)
    for at in (1, 2, 3):
        w.drive(w.maildir, kill=at)
    out = w.drive(w.maildir)
    equal(rows(out), list(range(MAILDIR)), "rows in their order", out)
    size = os.path.getsize(w.dir + "/cache/cache-local.db")
    must(size < MAILDIR * 1200, "the cache is small: %d bytes a message" % (size / MAILDIR))


CASES = [mbox_from_the_end, mbox_within_a_message, mbox_odd, mbox_added_to_meanwhile, mbox_changed_meanwhile, mbox_killed,
         maildir_meanwhile, maildir_killed]


def main():
    wanted, failed, count = sys.argv[1:], 0, 0
    top = tempfile.mkdtemp(prefix="feist-big-")
    try:
        for case in CASES:
            if wanted and case.__name__ not in wanted:
                continue
            count += 1
            began = time.monotonic()
            try:
                case(World(top))
                print("ok - %s  %.1f s" % (case.__name__, time.monotonic() - began), flush=True)
            except (AssertionError, subprocess.TimeoutExpired) as e:
                failed += 1
                print("not ok - %s: %s" % (case.__name__, e), flush=True)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print("# %d cases, %d failed" % (count, failed))
    sys.exit(1 if failed else 0)


main()
