#!/usr/bin/env python3
"""Workers and IMAP servers that are old, odd or restored from a backup: afterwards the cache has what the server has.

usage: imap_odd.py [CASE...]    (needs FEIST_BUILDDIR)
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from imap_server import Server

BUILD = os.path.abspath(os.environ["FEIST_BUILDDIR"])
QRESYNC = "IMAP4rev1 SASL-IR ENABLE CONDSTORE QRESYNC ESEARCH UIDPLUS"
CONDSTORE = "IMAP4rev1 SASL-IR ENABLE CONDSTORE ESEARCH"
OLD = "IMAP4rev1"


class World:
    def __init__(self, server):
        self.s, self.dir = server, tempfile.mkdtemp(prefix="feist-odd-")

    def drive(self, *script, stop_at=0):
        head = ["conf host 127.0.0.1", "conf port %d" % self.s.port, "conf tls none", "conf user joe", "conf mailboxes INBOX",
                "secret pw", "quiet", "start imap box joe %s/cache %s/state/state.db" % (self.dir, self.dir)]
        env = dict(os.environ, FEIST_LIBEXEC=BUILD)
        if stop_at:
            env["FEIST_STOP_AT"] = str(stop_at)
        self.s.seen.clear()
        self.out = subprocess.run([BUILD + "/tests/sync/drive"], input="\n".join(head + list(script)) + "\n", text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, timeout=120).stdout
        return self.out

    def sync(self):
        return self.drive("watch INBOX", "wait", "rows INBOX", "boxes", "quit")

    def must(self, ok, what):
        if not ok:
            raise AssertionError("%s\n%s\n%s" % (what, self.out[-1200:], "\n".join(self.s.seen[-20:])))

    def same(self):
        """The rows are the messages: UIDs, flags and subjects."""
        bits = {"\\Seen": 1, "\\Answered": 2, "\\Flagged": 4, "\\Deleted": 8, "\\Draft": 16}
        want = [(m.uid, sum(bits[f] for f in m.flags), re.search("Subject: (.*)\r", m.header)[1]) for m in self.s.messages]
        got = [(int(u), int(f) & 31, s) for u, f, s in re.findall(r"^row (\d+) flags=(\d+) .*? \| (.*)$", self.out, re.M)]
        want.sort()
        self.must(got == want, "rows are %s, messages %s" % ([x for x in got if x not in want], [x for x in want if x not in got]))

    def fetches(self):
        return [x for x in self.s.seen if "FETCH" in x]


def changed(w):
    """Some of everything, while nobody is connected."""
    w.s.flag(3, "\\Seen")
    w.s.flag(150, "\\Flagged", "\\Seen")
    for uid in (5, 77, 200):
        w.s.expunge(uid)
    w.s.add()
    w.s.add()


def through_all(caps, *quirks):
    def case(w):
        w.sync()
        w.same()
        changed(w)
        w.sync()
        w.same()
        w.sync()
        w.same()
    case.server = lambda: Server(caps, 320)
    case.quirks = set(quirks)
    return case


def qresync_is_one_command(w):
    w.sync()
    changed(w)
    w.sync()
    w.same()
    w.must(len(w.fetches()) == 1 and not any("SEARCH" in x for x in w.s.seen), "one FETCH for what is new, no SEARCH")


def condstore_asks_behind_select(w):
    w.sync()
    w.s.flag(3, "\\Seen")
    w.sync()
    w.same()
    at = [i for i, x in enumerate(w.s.seen) if x.startswith("SELECT")][0]
    w.must("CHANGEDSINCE" in w.s.seen[at + 2], "the changes are asked for in the same flight")


def old_server_in_slices(w):
    """Flags without CONDSTORE; UIDs far apart must not make it ask for millions."""
    for uid in (10 ** 6, 10 ** 8, 3 * 10 ** 9):
        w.s.add(uid=uid)
    w.sync()
    w.s.flag(10 ** 8, "\\Flagged")
    w.s.expunge(2)
    w.sync()
    w.same()
    w.must(len(w.fetches()) < 5, "few commands")


def uidvalidity_changes(w):
    w.sync()
    w.s.uidvalidity, w.s.uidnext, w.s.messages, w.s.vanished = 8, 1, [], []
    for n in range(130):
        w.s.add("new %d" % n)
    out = w.sync()
    w.same()
    w.must("reset" in out, "it is told")


def modseq_goes_back(w):
    """Restored from a backup: the same UIDVALIDITY, an older state."""
    for _ in range(5):
        w.s.tick()
    w.sync()
    w.s.flag(7, "\\Seen")
    w.s.flag(8, "\\Flagged")
    w.s.add()
    w.sync()
    w.same()
    w.s.messages = [m for m in w.s.messages if m.uid not in (3, 321)]
    for m in w.s.messages:
        m.modseq, m.flags = 2, set()
    w.s.flag(9, "\\Answered")
    w.s.modseq = 3
    for m in w.s.messages:
        if m.uid == 9:
            m.modseq = 3
    w.sync()
    w.same()


def expunged_while_fetching(w):
    """Messages go between SEARCH and FETCH, and in the middle of one."""
    state = {"n": 0}

    def on_fetch():
        state["n"] += 1
        if state["n"] in (3, 4):
            w.s.expunge(w.s.messages[state["n"]].uid, told=True)
            w.s.expunge(w.s.messages[-1].uid, told=True)
    w.s.before["FETCH"] = on_fetch
    w.sync()
    w.s.before.clear()
    w.sync()
    w.same()


def a_broken_message(w):
    """One that the server cannot read costs itself, not its neighbours."""
    w.s.refuse = {50, 51, 310}
    w.sync()
    w.s.messages = [m for m in w.s.messages if m.uid not in w.s.refuse]
    w.same()
    w.must("rows=all" in w.out, "and the rest is complete")


def new_while_the_old_come(w):
    """Mail that arrives in the middle of a first sync has its row before the rest of the old ones."""
    once = []  # many, and early: a fast machine asks for hundreds at a time, one batch ahead
    for _ in range(3000):
        w.s.add()

    def on_fetch():
        if len([x for x in w.s.seen if "FETCH" in x]) == 3 and not once:
            once.append(1)
            w.s.arrive("just in")
    w.s.before["FETCH"] = on_fetch
    out = w.sync()
    w.same()
    told = re.findall(r"^changed: \d+ (\w+) (\d+)", out, re.M)
    w.must(("new", "1") in told and told.index(("new", "1")) < len(told) - 1, "told before the end: %s" % told)


def a_row_is_missing(w):
    """A hole in the cache, whatever made it, is found and filled."""
    w.s.refuse = {70, 71}
    w.sync()
    w.s.refuse = set()
    w.sync()
    w.same()


def exists_shrinks(w):
    """Less without a word about which."""
    w.s.quirks.add("exists-shrinks")
    w.sync()
    w.s.before["IDLE"] = lambda: (w.s.before.clear(), w.s.expunge(4, told=True))
    w.drive("watch INBOX", "wait", "awaitbox INBOX 319 319", "rows INBOX", "quit")
    w.same()


def killed_between(w):
    """A worker that is killed in its first sync goes on where it was."""
    for stop in (3, 5):
        w.drive("watch INBOX", "wait", "quit", stop_at=stop)
    w.sync()
    w.same()


def partial_in_one_flight(w):
    """RFC 9394: the screenful is asked for behind the SELECT."""
    w.sync()
    w.same()
    at = [i for i, x in enumerate(w.s.seen) if x.startswith("SELECT")][0]
    w.must("PARTIAL -1:-100" in w.s.seen[at + 1], "in the same flight")


def empty(w):
    w.sync()
    w.same()
    w.s.add()
    w.sync()
    w.same()


CASES = {
    "old server": through_all(OLD),
    "old server, no UIDNEXT": through_all(OLD, "no-uidnext"),
    "CONDSTORE": through_all(CONDSTORE),
    "CONDSTORE, NOMODSEQ": through_all(CONDSTORE, "nomodseq"),
    "QRESYNC": through_all(QRESYNC),
    "QRESYNC, NOMODSEQ": through_all(QRESYNC, "nomodseq"),
    "QRESYNC, no UIDNEXT": through_all(QRESYNC, "no-uidnext"),
}
for name, caps, fn in (("QRESYNC is one command", QRESYNC, qresync_is_one_command),
                       ("CONDSTORE behind SELECT", CONDSTORE, condstore_asks_behind_select),
                       ("flags in slices", OLD, old_server_in_slices),
                       ("UIDVALIDITY changes", QRESYNC, uidvalidity_changes),
                       ("UIDVALIDITY changes, old server", OLD, uidvalidity_changes),
                       ("HIGHESTMODSEQ goes back", QRESYNC, modseq_goes_back),
                       ("HIGHESTMODSEQ goes back, CONDSTORE", CONDSTORE, modseq_goes_back),
                       ("expunged while fetching", QRESYNC, expunged_while_fetching),
                       ("expunged while fetching, old server", OLD, expunged_while_fetching),
                       ("a broken message", QRESYNC, a_broken_message),
                       ("a broken message, old server", OLD, a_broken_message),
                       ("new while the old come", QRESYNC, new_while_the_old_come),
                       ("a row is missing", QRESYNC, a_row_is_missing),
                       ("a row is missing, CONDSTORE", CONDSTORE, a_row_is_missing),
                       ("EXISTS shrinks", OLD + " IDLE", exists_shrinks),
                       ("killed between", QRESYNC, killed_between),
                       ("PARTIAL in one flight", QRESYNC + " PARTIAL", partial_in_one_flight)):
    def case(w, fn=fn):
        fn(w)
    case.server = lambda caps=caps: Server(caps, 320)
    case.quirks = set()
    CASES[name] = case
for name, caps in (("empty", QRESYNC), ("empty, PARTIAL", QRESYNC + " PARTIAL"), ("empty, old server", OLD)):
    def case(w):
        empty(w)
    case.server = lambda caps=caps: Server(caps, 0)
    case.quirks = set()
    CASES[name] = case


def main():
    failed = 0
    wanted = sys.argv[1:]
    for name, case in CASES.items():
        if wanted and name not in wanted:
            continue
        began = time.monotonic()
        server = case.server()
        server.quirks |= case.quirks
        w = World(server)
        try:
            case(w)
            print("ok - %s  %.1f s" % (name, time.monotonic() - began), flush=True)
        except (AssertionError, subprocess.TimeoutExpired) as e:
            failed += 1
            print("not ok - %s: %s" % (name, e), flush=True)
        shutil.rmtree(w.dir, ignore_errors=True)
    print("# %d cases, %d failed" % (len(CASES), failed))
    sys.exit(1 if failed else 0)


main()
