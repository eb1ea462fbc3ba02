"""A small IMAP server for tests of workers: what it can do and what it gets wrong is up to the test.

It serves one mailbox, INBOX, to one connection after another. Fields of Server that a test sets:

  caps      what CAPABILITY says, and what works of it (CONDSTORE, QRESYNC, ESEARCH, ENABLE, PARTIAL)
  refuse    UIDs: a FETCH of one of them is answered with NO, after the others
  quirks    "no-uidnext", "nomodseq", "exists-shrinks" (expunges are told as a smaller EXISTS only)
  before    {"SELECT": fn, "FETCH": fn, ...}: called when the command comes, before it is carried out
  seen      every command line that came
"""
import re
import socket
import threading


class Message:
    def __init__(self, uid, modseq, subject):
        self.uid, self.modseq, self.flags = uid, modseq, set()
        self.header = ("From: Bob <bob@feist.test>\r\nTo: alice@feist.test\r\nSubject: %s\r\nMessage-ID: <u%d@feist.test>\r\n"
                       "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\n" % (subject, uid))
        self.text = "Text of %d.\r\n" % uid


class Server:
    def __init__(self, caps="IMAP4rev1 SASL-IR", count=0):
        self.caps, self.refuse, self.quirks, self.before, self.seen = caps, set(), set(), {}, []
        self.uidvalidity, self.uidnext, self.modseq = 7, 1, 10
        self.messages, self.vanished = [], []  # (uid, modseq)
        self.untold = []                       # lines that the next answer brings along
        for _ in range(count):
            self.add()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def has(self, cap):
        return cap in self.caps.split()

    # ---- what happens to the mailbox ----

    def tick(self):
        self.modseq += 1
        return self.modseq

    def add(self, subject=None, uid=None):
        uid = uid or self.uidnext
        self.messages.append(Message(uid, self.tick(), subject or "message %d" % uid))
        self.uidnext = max(self.uidnext, uid + 1)

    def arrive(self, subject=None):
        """While somebody is connected."""
        self.add(subject)
        self.untold.append("* %d EXISTS" % len(self.messages))

    def flag(self, uid, *flags):
        for m in self.messages:
            if m.uid == uid:
                m.flags, m.modseq = set(flags), self.tick()

    def expunge(self, uid, told=False):
        i = [m.uid for m in self.messages].index(uid)
        del self.messages[i]
        self.vanished.append((uid, self.tick()))
        if told and "exists-shrinks" in self.quirks:
            self.untold.append("* %d EXISTS" % len(self.messages))
        elif told:
            self.untold.append("* VANISHED %d" % uid if self.enabled else "* %d EXPUNGE" % (i + 1))

    # ---- the connection ----

    def accept(self):
        while True:
            c, _ = self.listener.accept()
            try:
                self.serve(c)
            except (OSError, ValueError):
                pass
            c.close()

    def say(self, text):
        self.file.write((text + "\r\n").encode("utf-8", "surrogateescape"))

    def serve(self, c):
        self.file, self.enabled = c.makefile("rwb"), False
        self.say("* OK [CAPABILITY %s AUTH=PLAIN] hello" % self.caps)
        self.file.flush()
        while True:
            line = self.file.readline().decode().rstrip("\r\n")
            if not line:
                return
            tag, _, rest = line.partition(" ")
            self.seen.append(rest)
            uid = rest.upper().startswith("UID ")
            verb, _, args = (rest[4:] if uid else rest).partition(" ")
            verb = verb.upper()
            if verb in self.before:
                self.before[verb]()
            answer = getattr(self, "do_" + verb.lower(), self.do_other)(args, uid)
            if verb != "SELECT":
                for x in self.untold:
                    self.say(x)
            self.untold = []
            self.say("%s %s" % (tag, answer or "OK done"))
            self.file.flush()
            if verb == "LOGOUT":
                return

    def do_other(self, args, uid):
        return "OK done"

    def do_capability(self, args, uid):
        self.say("* CAPABILITY " + self.caps)

    def do_authenticate(self, args, uid):
        if len(args.split()) < 2:
            self.say("+ ")
            self.file.flush()
            self.file.readline()
        return "OK [CAPABILITY %s] in" % self.caps

    def do_enable(self, args, uid):
        self.enabled = "QRESYNC" in args and self.has("QRESYNC")
        if self.enabled:
            self.say("* ENABLED QRESYNC CONDSTORE")

    def do_list(self, args, uid):
        self.say('* LIST () "/" INBOX')

    def do_idle(self, args, uid):
        self.say("+ idling")
        for x in self.untold:
            self.say(x)
        self.untold = []
        self.file.flush()
        self.file.readline()

    def do_select(self, args, uid):
        self.untold = []
        self.say("* FLAGS (\\Seen \\Flagged \\Deleted \\Answered \\Draft)")
        self.say("* %d EXISTS" % len(self.messages))
        self.say("* OK [UIDVALIDITY %d] valid" % self.uidvalidity)
        if "no-uidnext" not in self.quirks:
            self.say("* OK [UIDNEXT %d] next" % self.uidnext)
        if self.has("CONDSTORE") or self.has("QRESYNC"):
            self.say("* OK [NOMODSEQ] none" if "nomodseq" in self.quirks else "* OK [HIGHESTMODSEQ %d] highest" % self.modseq)
        known = re.search(r"QRESYNC \((\d+) (\d+)", args)
        if known and int(known[1]) == self.uidvalidity and "nomodseq" not in self.quirks:
            since = int(known[2])
            gone = [str(u) for u, m in self.vanished if m > since]
            if gone:
                self.say("* VANISHED (EARLIER) " + ",".join(gone))
            self.tell([m for m in self.messages if m.modseq > since], "UID FLAGS MODSEQ")
        return "OK [READ-WRITE] selected"

    # ---- sets and items ----

    def chosen(self, text, uid):
        """The messages of a set."""
        numbers = [m.uid for m in self.messages] if uid else list(range(1, len(self.messages) + 1))
        last, out = (numbers[-1] if numbers else 0), set()
        for part in text.split(","):
            a, _, b = part.partition(":")
            a = last if a == "*" else int(a)
            b = a if not b else last if b == "*" else int(b)
            out |= {n for n in numbers if min(a, b) <= n <= max(a, b)}
        return [m for n, m in zip(numbers, self.messages) if n in out]

    def tell(self, messages, items):
        for m in messages:
            parts = ["UID %d" % m.uid] if "UID" in items else []
            if "FLAGS" in items.replace("HEADER.FIELDS", ""):
                parts.append("FLAGS (%s)" % " ".join(sorted(m.flags)))
            if "INTERNALDATE" in items:
                parts.append('INTERNALDATE "24-Nov-2026 10:00:00 +0000"')
            if "RFC822.SIZE" in items:
                parts.append("RFC822.SIZE %d" % len(m.header + m.text))
            if "BODYSTRUCTURE" in items:
                parts.append('BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" %d 1)' % len(m.text))
            if "MODSEQ" in items and "nomodseq" not in self.quirks:
                parts.append("MODSEQ (%d)" % m.modseq)
            if "HEADER.FIELDS" in items:
                parts.append("BODY[HEADER.FIELDS (DATE FROM)] {%d}\r\n%s" % (len(m.header), m.header))
            if "BODY.PEEK[]" in items:
                parts.append("BODY[] {%d}\r\n%s" % (len(m.header + m.text), m.header + m.text))
            self.say("* %d FETCH (%s)" % (self.messages.index(m) + 1, " ".join(parts)))

    def do_fetch(self, args, uid):
        # The numbers below are those after what went: so that has to be said first. (Only UID FETCH allows that.)
        for x in self.untold if uid else ():
            self.say(x)
        self.untold = [] if uid else self.untold
        text, _, items = args.partition(" ")
        since = re.search(r"\(CHANGEDSINCE (\d+)", items)
        partial = re.search(r"\(PARTIAL -1:-(\d+)\)", items)
        messages = self.chosen(text, uid)
        if partial:
            messages = messages[-int(partial[1]):]
        if since:
            messages = [m for m in messages if m.modseq > int(since[1])]
        bad = [m for m in messages if m.uid in self.refuse]
        self.tell([m for m in messages if m not in bad], items)
        return "NO some of the messages cannot be read" if bad else "OK done"

    def do_search(self, args, uid):
        ranges = re.search(r"UID (\d+:[\d*]+)", args)
        found = [m.uid for m in (self.chosen(ranges[1], True) if ranges else self.messages)]
        if "RETURN" in args:
            self.say('* ESEARCH (TAG "x") UID' + (" ALL " + ",".join(map(str, found)) if found else ""))
        else:
            self.say("* SEARCH" + "".join(" %d" % n for n in found))
