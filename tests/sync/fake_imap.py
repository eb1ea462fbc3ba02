"""An IMAP server in memory, for what no server at hand offers: labels of Gmail, OBJECTID, QUOTA, REPLACE, UTF8=ACCEPT ...

Fake(caps) listens on a free port of the loopback, in clear, and takes any login. It knows enough of the protocol for
the worker, and nothing of what it does not announce: a command or item beyond `caps` is BAD, which fails the test.
"""
import re
import socketserver
import threading

CORE = "IMAP4rev1 LITERAL+ UIDPLUS ENABLE CONDSTORE IDLE UNSELECT"


class Box:
    count = 0

    def __init__(self, name, use=""):
        Box.count += 1
        self.name, self.use, self.messages, self.uidnext = name, use, [], 1
        self.validity, self.id, self.subscribed = 1000 + Box.count, "F%d" % Box.count, True


class Message:
    count = 0

    def __init__(self, text, flags=(), labels=(), id=None):
        Message.count += 1
        self.text = text.replace("\r\n", "\n").replace("\n", "\r\n") if isinstance(text, str) else text
        self.flags, self.labels, self.uid, self.modseq = set(flags), set(labels), 0, 0
        self.id = id or "M%d" % Message.count
        self.thread = None


class Fake:
    def __init__(self, caps="", core=CORE):
        self.caps = (core + " " + caps).split()
        self.boxes, self.quota, self.log, self.modseq, self.refuse = {}, None, [], 1, {}
        self.before = {}       # how a command begins: called once before it is carried out
        self.stubborn = False  # calls every message modified
        self.lock = threading.RLock()
        for name, use in (("INBOX", ""), ("Sent", "\\Sent"), ("Archive", "\\Archive")):
            self.boxes[name] = Box(name, use)
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    Session(fake, self.rfile, self.wfile).run()
                except (ConnectionError, ValueError, EOFError):
                    pass

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def has(self, cap):
        return cap in self.caps

    def put(self, box, message):
        with self.lock:
            b = self.boxes[box]
            message.uid, b.uidnext = b.uidnext, b.uidnext + 1
            self.touch(message)
            b.messages.append(message)
            return message

    def touch(self, message):
        self.modseq += 1
        message.modseq = self.modseq

    def commands(self, word):
        return [c for c in self.log if word in c]


def tokens(text):
    """Words, quoted texts and parentheses of a command; literals were put in as \\0<number>\\0."""
    return re.findall(r'"(?:[^"\\]|\\.)*"|\0\d+\0|\(|\)|BODY[^ ()]*\[[^\]]*\](?:<[^>]*>)?|[^\s()"]+', text)


class Session:
    def __init__(self, fake, rfile, wfile):
        self.f, self.r, self.w, self.box, self.known, self.utf8 = fake, rfile, wfile, None, [], False

    def say(self, text):
        self.w.write((text if isinstance(text, bytes) else text.encode()) + b"\r\n")
        self.w.flush()

    def read(self):
        """One command with its literals."""
        text, self.literals = "", []
        while True:
            line = self.r.readline()
            if not line:
                raise EOFError
            line = line.rstrip(b"\r\n").decode()
            m = re.search(r"~?\{(\d+)(\+?)\}$", line)
            if not m:
                return text + line
            if not m.group(2):
                self.say("+ go")
            text += line[:m.start()] + "\0%d\0" % len(self.literals)
            self.literals.append(self.r.read(int(m.group(1))))

    def value(self, token):
        if token.startswith("\0"):
            return self.literals[int(token.strip("\0"))].decode()
        return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token

    def run(self):
        self.say("* OK [CAPABILITY %s] fake" % " ".join(self.f.caps))
        while True:
            line = self.read()
            tag, _, rest = line.partition(" ")
            with self.f.lock:
                self.f.log.append(rest)
                words = tokens(rest)
                name = (words[0] + ("_" + words[1] if words[0] == "UID" else "")).lower()
                args = words[2 if words[0] == "UID" else 1:]
                for begins in [b for b in self.f.before if rest.startswith(b)]:
                    self.f.before.pop(begins)()
                for refused, answer in self.f.refuse.items():
                    if rest.startswith(refused):
                        self.say("%s %s" % (tag, answer))
                        break
                else:
                    try:
                        answer = getattr(self, "do_" + name)(args, tag) or "OK done"
                    except (AttributeError, KeyError, IndexError, AssertionError) as e:
                        answer = "BAD %s: %r" % (rest[:80].replace("\0", "?"), e)
                    self.say("%s %s" % (tag, answer))
                if name == "logout":
                    return

    # ---- without a mailbox ----

    def do_login(self, a, tag):
        return "OK [CAPABILITY %s] in" % " ".join(self.f.caps)

    def do_enable(self, a, tag):
        self.utf8 = "UTF8=ACCEPT" in a
        self.say("* ENABLED " + " ".join(a))

    def do_noop(self, a, tag):
        self.news()

    def do_logout(self, a, tag):
        self.say("* BYE")

    def do_idle(self, a, tag):
        self.say("+ idling")
        self.f.lock.release()
        try:
            self.r.readline()
        finally:
            self.f.lock.acquire()

    def do_namespace(self, a, tag):
        assert self.f.has("NAMESPACE")
        self.say('* NAMESPACE (("" "/")) (("Others/" "/")) (("Shared/" "/"))')

    def wire(self, name):
        if self.utf8 or name.isascii() and "&" not in name:
            return '"%s"' % name
        import imaplib  # noqa: F401 (no encoder there, so by hand)
        out = re.sub(r"[^ -~]+", lambda m: "&" + m.group().encode("utf-16-be").hex() + "-", name)
        return '"%s"' % out

    def do_list(self, a, tag):
        if a[1] == "(":  # several names, for their counts alone
            end = a.index(")")
            assert self.f.has("LIST-EXTENDED") and self.f.has("LIST-STATUS") and a[end + 1:end + 4] == ["RETURN", "(", "STATUS"]
            for name in (self.value(t) for t in a[2:end]):
                if name in self.f.boxes:
                    self.say('* LIST () "/" %s' % self.wire(name))
                    self.status(self.f.boxes[name], a[end + 4:])
            return
        pattern = self.value(a[0]) + self.value(a[1])
        for b in sorted(self.f.boxes.values(), key=lambda b: b.name):
            hidden = b.name.startswith(("Others/", "Shared/"))
            if (pattern == "*" and hidden) or not b.name.startswith(pattern.rstrip("*")):
                continue
            self.say("* LIST (%s%s) \"/\" %s" % ("\\Subscribed " if b.subscribed and "RETURN" in a else "", b.use, self.wire(b.name)))
            if "STATUS" in a:
                assert self.f.has("LIST-STATUS")
                self.status(b, a[a.index("STATUS") + 2:])

    def do_lsub(self, a, tag):
        for b in self.f.boxes.values():
            if b.subscribed:
                self.say('* LSUB () "/" %s' % self.wire(b.name))

    def status(self, b, items):
        known = {"MESSAGES": len(b.messages), "UIDNEXT": b.uidnext, "UIDVALIDITY": b.validity, "HIGHESTMODSEQ": self.f.modseq,
                 "UNSEEN": sum("\\Seen" not in m.flags for m in b.messages), "MAILBOXID": "(%s)" % b.id}
        assert "MAILBOXID" not in items or self.f.has("OBJECTID")
        self.say("* STATUS %s (%s)" % (self.wire(b.name), " ".join("%s %s" % (i, known[i]) for i in items if i in known)))

    def do_status(self, a, tag):
        name = self.value(a[0])
        if name not in self.f.boxes:
            return "NO [NONEXISTENT] no such mailbox"
        self.status(self.f.boxes[name], a[1:])

    def do_create(self, a, tag):
        name, use = self.value(a[0]), ""
        if "USE" in a:
            assert self.f.has("CREATE-SPECIAL-USE")
            use = a[a.index("USE") + 2]
        if name in self.f.boxes:
            return "NO [ALREADYEXISTS] it is there"
        self.f.boxes[name] = Box(name, use)

    def do_subscribe(self, a, tag):
        self.f.boxes[self.value(a[0])].subscribed = True

    def do_getquotaroot(self, a, tag):
        assert self.f.has("QUOTA")
        self.say('* QUOTAROOT INBOX "user"')
        if self.f.quota:
            self.say('* QUOTA "user" (STORAGE %d %d)' % self.f.quota)

    # ---- with one ----

    def do_select(self, a, tag):
        name = self.value(a[0])
        if name not in self.f.boxes:
            return "NO no such mailbox"
        self.box = self.f.boxes[name]
        self.known = list(self.box.messages)
        self.say("* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft%s)] ok" % self.f.refuse.get("*keywords", " \\*"))
        self.say("* %d EXISTS" % len(self.known))
        self.say("* OK [UIDVALIDITY %d] ok" % self.box.validity)
        self.say("* OK [UIDNEXT %d] ok" % self.box.uidnext)
        self.say("* OK [HIGHESTMODSEQ %d] ok" % self.f.modseq)
        return "OK [READ-WRITE] selected"

    def do_unselect(self, a, tag):
        self.box = None

    def news(self):
        if not self.box:
            return
        for i in reversed(range(len(self.known))):
            if self.known[i] not in self.box.messages:
                self.say("* %d EXPUNGE" % (i + 1))
                del self.known[i]
        if len(self.known) < len(self.box.messages):
            self.known = list(self.box.messages)
            self.say("* %d EXISTS" % len(self.known))

    def by_set(self, text):
        top = max([m.uid for m in self.box.messages] or [0])
        out = []
        for part in text.split(","):
            lo, _, hi = part.partition(":")
            lo, hi = (top if x == "*" else int(x) for x in (lo, hi or lo))
            out += [m for m in self.box.messages if min(lo, hi) <= m.uid <= max(lo, hi)]
        return sorted(set(out), key=lambda m: m.uid)

    def fetch(self, messages, items, since=0):
        for m in messages:
            if m.modseq <= since:
                continue
            seq = self.known.index(m) + 1
            head, _, body = m.text.partition("\r\n\r\n")
            out = []
            for item in items:
                if item == "UID":
                    out.append("UID %d" % m.uid)
                elif item == "FLAGS":
                    out.append("FLAGS (%s)" % " ".join(sorted(m.flags)))
                elif item == "MODSEQ":
                    out.append("MODSEQ (%d)" % m.modseq)
                elif item == "INTERNALDATE":
                    out.append('INTERNALDATE "24-Nov-2026 10:00:00 +0000"')
                elif item == "RFC822.SIZE":
                    out.append("RFC822.SIZE %d" % len(m.text.encode()))
                elif item == "BODYSTRUCTURE":
                    out.append('BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" %d 1)' % len(body))
                elif item in ("THREADID", "X-GM-THRID"):
                    assert self.f.has("OBJECTID" if item == "THREADID" else "X-GM-EXT-1")
                    out.append("%s %s" % (item, ("(%s)" if item == "THREADID" else "%s") % m.thread if m.thread else "NIL" if item == "THREADID" else m.id[1:]))
                elif item in ("X-GM-MSGID", "X-GM-LABELS"):
                    assert self.f.has("X-GM-EXT-1")
                    labels = " ".join(l if l.startswith("\\") else '"%s"' % l for l in sorted(m.labels))
                    out.append("X-GM-MSGID %d" % (int(m.id[1:])) if item == "X-GM-MSGID" else "X-GM-LABELS (%s)" % labels)
                elif item == "EMAILID":
                    assert self.f.has("OBJECTID")
                    out.append("EMAILID (%s)" % m.id)
                elif item == "PREVIEW":
                    assert self.f.has("PREVIEW")
                    out.append('PREVIEW "%s"' % body[:40].replace("\r\n", " ").strip())
                elif item == "SAVEDATE":
                    assert self.f.has("SAVEDATE")
                    out.append('SAVEDATE "25-Nov-2026 10:00:00 +0000"')
                elif item.startswith("BODY"):
                    name = re.search(r"\[([^\]]*)\]", item).group(1)
                    text = head + "\r\n\r\n" if name.startswith("HEADER") else body if name in ("TEXT", "1") else m.text
                    out.append("BODY[%s] {%d}\r\n%s" % (name, len(text.encode()), text))
                else:
                    raise KeyError(item)
            self.say("* %d FETCH (%s)" % (seq, " ".join(out)))

    def items(self, a):
        depth, out = 0, []
        for t in a:
            depth += {"(": 1, ")": -1}.get(t, 0)
            if t not in "()":
                out.append(t)
            if depth == 0:
                return out
        return out

    def do_uid_fetch(self, a, tag):
        since = int(a[a.index("CHANGEDSINCE") + 1]) if "CHANGEDSINCE" in a else 0
        items = self.items(a[1:])
        self.fetch(self.by_set(a[0]), items if "UID" in items else items + ["UID"], since)

    def do_fetch(self, a, tag):
        lo, _, hi = a[0].partition(":")
        if hi == "*":
            lo, hi = min(int(lo), len(self.known)), len(self.known)
        self.fetch(self.known[max(int(lo) - 1, 0):int(hi or lo)], self.items(a[1:]))

    def do_uid_store(self, a, tag):
        since, modified, rest = None, [], a[1:]
        if rest[:2] == ["(", "UNCHANGEDSINCE"]:
            since, rest = int(rest[2]), rest[4:]
        op, labels = rest[0][0], "X-GM-LABELS" in rest[0]
        assert not labels or self.f.has("X-GM-EXT-1")
        values = {self.value(t) for t in rest[1:] if t not in "()"}
        for m in self.by_set(a[0]):
            if since is not None and (m.modseq > since or self.f.stubborn):
                modified.append(str(m.uid))
                continue
            target = m.labels if labels else m.flags
            target.update(values) if op == "+" else target.difference_update(values)
            self.f.touch(m)
            self.say("* %d FETCH (UID %d MODSEQ (%d))" % (self.known.index(m) + 1, m.uid, m.modseq))
        if modified:
            return "OK [MODIFIED %s] not all" % ",".join(modified)

    def do_uid_search(self, a, tag):
        criteria = [self.value(t) for t in a]
        found = list(self.box.messages)
        if "UID" in criteria:
            found = self.by_set(criteria[criteria.index("UID") + 1]) if "NOT" not in criteria else \
                [m for m in found if m not in self.by_set(criteria[criteria.index("UID") + 1])]
        if "DELETED" in criteria:
            found = [m for m in found if "\\Deleted" in m.flags]
        if "HEADER" in criteria:
            found = [m for m in found if criteria[-1].lower() in m.text.partition("\r\n\r\n")[0].lower()]
        self.say("* SEARCH" + "".join(" %d" % m.uid for m in found))

    def remove(self, messages):
        self.box.messages = [m for m in self.box.messages if m not in messages]
        self.news()

    def do_uid_expunge(self, a, tag):
        assert self.f.has("UIDPLUS")
        self.remove([m for m in self.by_set(a[0]) if "\\Deleted" in m.flags])

    def do_expunge(self, a, tag):
        self.remove([m for m in self.box.messages if "\\Deleted" in m.flags])

    def copy(self, a):
        dest = self.value(a[1])
        if dest not in self.f.boxes:
            return None
        old = self.by_set(a[0])
        new = [self.f.put(dest, Message(m.text, m.flags, m.labels, m.id)) for m in old]
        return old, "COPYUID %d %s %s" % (self.f.boxes[dest].validity, ",".join(str(m.uid) for m in old),
                                          ",".join(str(m.uid) for m in new))

    def do_uid_copy(self, a, tag):
        done = self.copy(a)
        return "OK [%s] done" % done[1] if done else "NO [TRYCREATE] no such mailbox"

    def do_uid_move(self, a, tag):
        assert self.f.has("MOVE")
        done = self.copy(a)
        if not done:
            return "NO [TRYCREATE] no such mailbox"
        self.say("* OK [%s] moved" % done[1])
        self.remove(done[0])

    def appended(self, a):
        """Messages of APPEND or REPLACE: flags and literals; each UTF8 (...) one only with UTF8=ACCEPT."""
        flags, out = set(), []
        for t in a:
            if t.startswith(("\\", "$")):
                flags.add(t)
            elif t == "UTF8":
                assert self.utf8
            elif t.startswith("\0"):
                out.append(Message(self.literals[int(t.strip("\0"))].decode(), flags))
                flags = set()
        return out

    def do_append(self, a, tag):
        name, messages = self.value(a[0]), self.appended(a[1:])
        assert len(messages) == 1 or self.f.has("MULTIAPPEND")
        if name not in self.f.boxes:
            return "NO [TRYCREATE] no such mailbox"
        if any("REFUSE" in m.text for m in messages):
            return "NO [LIMIT] not this one"
        uids = [self.f.put(name, m).uid for m in messages]
        return "OK [APPENDUID %d %s] done" % (self.f.boxes[name].validity, ",".join(map(str, uids)))

    def do_uid_replace(self, a, tag):
        assert self.f.has("REPLACE")
        old = self.by_set(a[0])
        if not old:
            return "NO there is no such message"
        new = self.f.put(self.value(a[1]), self.appended(a[2:])[0])
        self.say("* OK [APPENDUID %d %d] there" % (self.f.boxes[self.value(a[1])].validity, new.uid))
        self.remove(old)
