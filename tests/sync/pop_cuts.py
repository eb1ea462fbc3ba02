#!/usr/bin/env python3
"""POP3 downloads that are cut at every protocol event, and workers killed at every step: a ledger compares the
Maildir, the rows and the server. Nothing may be lost, nothing doubled, nothing fetched twice that was safe.

usage: pop_cuts.py [MODE[:POINT]...]    (needs FEIST_BUILDDIR)
Without FEIST_TORTURE only some points of each mode are tried. A failing line names its case: give it as argument.

A point is a number: the how-manieth thing that the server does is where the line is cut (before and after each
answer, inside of long ones, before and after QUIT is carried out), or, with k before it, the step at which the
worker is killed. r and a seed: cuts and kills at random, several in a row.
"""
import os
import random
import re
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

BUILD = os.path.abspath(os.environ["FEIST_BUILDDIR"])
ALL = bool(os.environ.get("FEIST_TORTURE"))
LIMIT_S = 120
STOPPED = "stopped at step"


def header(n, extra=""):
    return ("Received: from a by b id %d; Tue, 24 Nov 2026 10:00:%02d +0000\r\nFrom: Bob <bob@feist.test>\r\n"
            "Subject: message %d\r\nMessage-ID: <m%d@feist.test>\r\nDate: Tue, 24 Nov 2026 10:00:%02d +0000\r\n%s\r\n"
            % (n, n, n, n, n, extra)).encode()


def messages():
    """As they lie on the server, with CRLF. Each is different, and each is nasty in its own way."""
    return [
        header(1) + b"plain text\r\n",
        header(2),
        header(3) + b".\r\n..\r\n.x\r\n\r\n.\r\n",
        header(4) + b"nul \0 and \xff\xfe, a bare\nLF and a bare\rCR\r\n",
        header(5) + b"x" * 70000 + b"\r\n",
        header(6) + b"".join(b"line %d of many\r\n" % i for i in range(3000)),
        b"no header at all\r\n\r\nand no id %d\r\n" % 7,
        header(8, "Status: RO\r\n") + b"the last\r\n",
    ]


def stuffed(message):
    body = b"\r\n".join(b"." + l if l.startswith(b".") else l for l in message.split(b"\r\n"))
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def as_file(message):
    return message.replace(b"\r\n", b"\n")


class Cut(Exception):
    pass


class Server:
    """A maildrop and what its server does. cut: the how-manieth event ends the connection."""

    def __init__(self, mode, msgs):
        self.mode = mode
        self.drop = [["uid%04d" % (i * 7), m] for i, m in enumerate(msgs)]
        self.cut, self.events, self.sessions = 0, 0, 0
        self.retrieved = []  # contents that were sent completely
        self.busy = threading.Lock()
        self.sock = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.sock.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                conn, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(conn,), daemon=True).start()

    def end(self):
        self.sock.close()

    def event(self):
        self.events += 1
        if self.events == self.cut:
            raise Cut

    def say(self, conn, data):
        """In pieces: long answers can be cut inside."""
        self.event()
        points = {1, 2, len(data) // 3, len(data) - 3, len(data) - 1} if len(data) > 200 else set()
        at = 0
        for p in sorted(x for x in points if 0 < x < len(data)):
            conn.sendall(data[at:p])
            at = p
            self.event()
        conn.sendall(data[at:])
        self.event()

    def talk(self, conn):
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.busy:
            self.sessions += 1
            try:
                self.session(conn)
            except Cut:
                if self.events % 2:
                    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
            conn.close()

    def uidl(self, i, name):
        if "same" in self.mode and i in (1, 3):
            return "same"
        if "long" in self.mode:
            return name + " " + "y" * 300
        if "new" in self.mode:
            return "s%d-%s" % (self.sessions, name)
        return name

    def session(self, conn):
        f = conn.makefile("rb")
        drop, gone, m = list(self.drop), set(), self.mode
        self.say(conn, b"+OK hello\r\n")
        while True:
            line = f.readline()
            if not line.endswith(b"\n"):
                return
            word, *args = line.decode("latin-1").split() or [""]
            word = word.upper()
            k = int(args[0]) - 1 if args and args[0].isdigit() else -1
            if word in ("RETR", "TOP", "DELE") and (k < 0 or k >= len(drop) or k in gone):
                self.say(conn, b"-ERR no such message\r\n")
            elif word == "CAPA":
                self.say(conn, b"+OK\r\nUSER\r\n" + (b"PIPELINING\r\n" if "pipe" in m else b"") +
                         (b"" if "notop" in m else b"TOP\r\n") + (b"" if "nouidl" in m else b"UIDL\r\n") + b".\r\n")
            elif word in ("USER", "PASS", "NOOP"):
                self.say(conn, b"+OK\r\n")
            elif word == "LIST":
                wrong = 3 if "sizes" in m else 0
                self.say(conn, b"+OK\r\n" + b"".join(b"%d %d\r\n" % (i + 1, (len(x[1]) >> wrong) + wrong * self.sessions)
                                                   for i, x in enumerate(drop)) + b".\r\n")
            elif word == "UIDL" and "nouidl" not in m:
                self.say(conn, b"+OK\r\n" + b"".join(b"%d %s\r\n" % (i + 1, self.uidl(i, x[0]).encode()) for i, x in enumerate(drop)) +
                         b".\r\n")
            elif word == "TOP" and "notop" not in m:
                head, _, body = drop[k][1].partition(b"\r\n\r\n")
                lines = body.split(b"\r\n")[:int(args[1])]
                self.say(conn, b"+OK\r\n" + stuffed(head + b"\r\n\r\n" + b"".join(l + b"\r\n" for l in lines)) + b".\r\n")
            elif word == "RETR":
                self.say(conn, b"+OK\r\n" + stuffed(drop[k][1]) + b".\r\n")
                self.retrieved.append(drop[k][1])
            elif word == "DELE":
                gone.add(k)
                self.say(conn, b"+OK\r\n")
            elif word == "QUIT":
                self.event()
                self.drop = [x for i, x in enumerate(drop) if i not in gone]
                self.say(conn, b"+OK bye\r\n")
                return
            else:
                self.say(conn, b"-ERR what\r\n")


class Case:
    def __init__(self, mode, top):
        self.mode, self.msgs = mode, messages()
        if "copies" in mode:
            self.msgs.append(self.msgs[0])
        self.dir = tempfile.mkdtemp(dir=top)
        self.server = Server(mode, self.msgs)
        self.out = ""

    def end(self):
        self.server.end()
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, syncs=2, stop_at=0):
        script = ["conf host 127.0.0.1", "conf port %d" % self.server.port, "conf tls none", "conf user joe", "secret secret",
                  "conf mailboxes INBOX", "conf pop_delete %s" % ("yes" if "delete" in self.mode else "no"),
                  "conf pop_fold_duplicates %s" % ("yes" if "fold" in self.mode else "no"), "conf pop_max_size 0",
                  "start pop box joe %s/cache %s/state/state.db" % (self.dir, self.dir), "watch INBOX", "wait"]
        script += ["sync", "wait"] * syncs + ["rows INBOX", "quit"]
        env = dict(os.environ, FEIST_LIBEXEC=BUILD, XDG_DATA_HOME=self.dir + "/data", HOME=self.dir)
        env.pop("FEIST_STOP_AT", None)
        if stop_at:
            env["FEIST_STOP_AT"] = str(stop_at)
        done = subprocess.run([BUILD + "/tests/sync/drive"], input="\n".join(script) + "\n", text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, timeout=LIMIT_S)
        self.out += done.stdout + "--\n"
        return done.stdout

    def files(self):
        base, found = self.dir + "/data/feist/mail/joe/INBOX", []
        for sub in ("new", "cur"):
            for name in os.listdir(base + "/" + sub) if os.path.isdir(base + "/" + sub) else ():
                found.append(open("%s/%s/%s" % (base, sub, name), "rb").read())
        return sorted(found)

    def ledger(self, out):
        """What is wrong; "" nothing."""
        want = sorted(as_file(m) for m in (set(self.msgs) if "fold" in self.mode or ("nouidl" in self.mode and "copies" in self.mode)
                                           else self.msgs))
        have, wrong = self.files(), []
        lost = sum(1 for m in set(want) if have.count(m) < want.count(m))
        doubled = sum(1 for m in set(have) if have.count(m) > want.count(m))
        if lost or doubled or len(have) != len(want):
            wrong.append("%d lost, %d doubled or damaged, %d files for %d messages" % (lost, doubled, len(have), len(want)))
        rows = len(re.findall(r"^row \d+ ", out, re.M))
        if rows != len(have):
            wrong.append("%d rows for %d files" % (rows, len(have)))
        left = len(self.server.drop)
        if left != (0 if "delete" in self.mode else len(self.msgs)):
            wrong.append("%d of %d messages on the server" % (left, len(self.msgs)))
        tmp = self.dir + "/data/feist/mail/joe/INBOX/tmp"
        if os.path.isdir(tmp) and os.listdir(tmp):
            wrong.append("left in tmp: %s" % os.listdir(tmp))
        wrong += ["the worker: " + w for w in re.findall(r".*(?:Sanitizer:|runtime error:|feist: bug at).*", self.out)[:3]]
        return "; ".join(wrong)


def try_cut(mode, point, top):
    c = Case(mode, top)
    try:
        c.server.cut = point
        c.run(1)
        safe, before = c.files(), len(c.server.retrieved)
        c.server.cut = 0
        out = c.run(1)
        wrong = c.ledger(out)
        again = [m for m in c.server.retrieved[before:] if as_file(m) in safe and "notop" not in mode and "copies" not in mode]
        if again:
            wrong += "; %d fetched again though they were safe" % len(again)
        return wrong and "%s\n%s" % (wrong, c.out), False
    finally:
        c.end()


def try_kill(mode, step, top):
    c = Case(mode, top)
    try:
        killed = STOPPED in c.run(1, step)
        wrong = c.ledger(c.run(2))
        return wrong and "%s\n%s" % (wrong, c.out), killed
    finally:
        c.end()


def try_random(mode, seed, top):
    """Several cuts and kills one after the other, mail arriving and leaving behind our back."""
    rnd, c = random.Random("%s %s" % (mode, seed)), Case(mode, top)
    try:
        for i in range(rnd.randrange(2, 5)):
            c.server.events, c.server.cut = 0, rnd.choice([0, rnd.randrange(1, 120)])
            c.run(1, rnd.choice([0, 0, rnd.randrange(1, 20)]))
            if rnd.random() < 0.5:
                m = header(20 + i) + b"came later\r\n"
                with c.server.busy:
                    c.msgs.append(m)
                    c.server.drop.append(["late%d" % i, m])
        c.server.cut = 0
        wrong = c.ledger(c.run(2))
        return wrong and "%s\n%s" % (wrong, c.out), False
    finally:
        c.end()


# What the server can and does, and what the user wants, as words.
MODES = ["pipe", "pipe-delete", "plain", "plain-delete", "pipe-nouidl", "pipe-nouidl-delete", "plain-nouidl-delete", "pipe-new", "plain-new-delete",
         "pipe-same", "pipe-same-delete", "pipe-long-delete", "pipe-sizes-delete", "plain-nouidl-notop-delete", "pipe-copies-delete",
         "pipe-copies-fold-delete"]


def events_of(mode, top):
    c = Case(mode, top)
    try:
        out = c.run(1)
        wrong = c.ledger(out)
        assert not wrong, "%s, undisturbed: %s\n%s" % (mode, wrong, c.out)
        return c.server.events
    finally:
        c.end()


def one(job):
    mode, point, top = job
    try:
        if point[0] == "k":
            wrong, _ = try_kill(mode, int(point[1:]), top)
        elif point[0] == "r":
            wrong, _ = try_random(mode, int(point[1:]), top)
        else:
            wrong, _ = try_cut(mode, int(point), top)
    except subprocess.TimeoutExpired:
        wrong = "hangs"
    return mode, point, wrong


def steps_of(mode, top):
    """How many steps an undisturbed run has: the first that is not reached."""
    low, high = 1, 64
    while low < high:
        mid = (low + high) // 2
        if try_kill(mode, mid, top)[1]:
            low = mid + 1
        else:
            high = mid
    return low - 1


def jobs_of(top):
    jobs = []
    for at, mode in enumerate(MODES):
        if not ALL and at % 4 not in (1, 2):
            continue
        n = events_of(mode, top)
        steps = steps_of(mode, top) if ALL else 14
        stride = 1 if ALL else 29
        jobs += [(mode, str(p), top) for p in range(1 + (at * 5) % stride, n + 1, stride)]
        jobs += [(mode, "k%d" % s, top) for s in range(1 + at % (1 if ALL else 4), steps + 1, 1 if ALL else 6)]
        jobs += [(mode, "r%d" % s, top) for s in range(20 if ALL else 1)]
    return jobs


def main():
    top = tempfile.mkdtemp(prefix="feist-popcuts-")
    began, failed = time.monotonic(), 0
    try:
        if len(sys.argv) > 1:
            jobs = []
            for a in sys.argv[1:]:
                mode, _, point = a.partition(":")
                points = [point] if point else [str(p) for p in range(1, events_of(mode, top) + 1)]
                jobs += [(mode, p, top) for p in points]
        else:
            jobs = jobs_of(top)
        with ThreadPoolExecutor(2) as pool:
            for mode, point, wrong in pool.map(one, jobs):
                if wrong:
                    failed += 1
                    print("not ok - %s:%s: %s" % (mode, point, wrong if failed < 5 else wrong.split("\n")[0]), flush=True)
    except AssertionError as e:
        print("not ok - %s" % e)
        failed, jobs = 1, []
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print("# %d downloads cut, killed or both in %d modes, %d not as they should be, %.0f s" %
          (len(jobs), len({j[0] for j in jobs}), failed, time.monotonic() - began))
    sys.exit(1 if failed else 0)


main()
