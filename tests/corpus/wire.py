#!/usr/bin/env python3
"""Plays the third-party sessions and responses of the shared corpus to our client and counts what comes of it.

usage: wire.py PLAY_PROGRAM CORPUS_DIR [-v] [SOURCE...]
Exit status 77 without the corpus; 1 when anything happens that must never happen (a crash, a password in clear, a wait
for ever, an error without a reason), or when a source agrees less than its floor below.
"""
import glob
import json
import os
import re
import subprocess
import sys

FLOORS = {"curl": 90, "mailkit-sessions": 90, "mailkit-responses": 95, "libetpan": 90, "stalwart": 100, "imaptest": 95,
          "fake-mail-server": 100, "cve": 100}
IMAP_STATES = {"CAPABILITY": "capability", "LOGIN": "auth", "AUTHENTICATE": "auth", "LIST": "list", "XLIST": "list",
               "LSUB": "lsub", "STATUS": "status", "SELECT": "select", "EXAMINE": "select", "NAMESPACE": "namespace",
               "ENABLE": "enable", "ID": "id", "FETCH": "fetch", "SEARCH": "search", "STORE": "store", "COPY": "copy",
               "MOVE": "move", "EXPUNGE": "expunge", "APPEND": "append", "NOOP": "noop", "IDLE": "idle",
               "COMPRESS": "compress", "STARTTLS": "starttls", "CREATE": "create", "DELETE": "delete",
               "RENAME": "rename", "SUBSCRIBE": "subscribe", "UNSELECT": "unselect", "CLOSE": "unselect"}
POP_STATES = {"CAPA": "capa", "STLS": "stls", "USER": "user", "PASS": "pass", "APOP": "pass", "AUTH": "auth",
              "LIST": "list", "UIDL": "uidl", "RETR": "retr", "TOP": "top", "DELE": "dele", "NOOP": "noop",
              "STAT": "noop", "QUIT": "quit"}
SMTP_STATES = {"EHLO": "ehlo", "HELO": "helo", "STARTTLS": "starttls", "AUTH": "auth", "MAIL": "mail", "RCPT": "rcpt",
               "DATA": "data", ".": "dot", "RSET": "rset", "NOOP": "noop", "QUIT": "quit"}
STATES = {"imap": IMAP_STATES, "pop": POP_STATES, "smtp": SMTP_STATES}


def escape(data):
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if 32 <= b < 127 and b != 92 else "\\x%02x" % b for b in data)


def crlf(data):
    return re.sub(rb"\r?\n", b"\r\n", data)


class Case:
    def __init__(self, name, proto, words=""):
        self.name, self.proto, self.words, self.sets, self.caps = name, proto, words, [], None
        self.expect = None  # "on", "dead", "no": what the outcome must be; a function: of the result; None: anything

    def set(self, state, how, data):
        self.sets.append((state, how, data))
        return self

    def text(self):
        lines = ["case " + self.name, "proto %s %s" % (self.proto, self.words)]
        if self.caps is not None:
            lines.append("caps " + escape(self.caps))
        lines += ["set %s %s %s" % (s, h, escape(d)) for s, h, d in self.sets]
        return "\n".join(lines + ["end", ""])


def with_tag(data):
    """The tags of others become ours."""
    data = re.sub(rb"(?m)^(A#+|A\d{3,8}|[a-z]\d{3}|a\d+)(?= (OK|NO|BAD)\b)", b"%t", data)
    return data


# ---- curl ----

def curl_reply(text):
    return text.encode("latin-1", "replace").decode("unicode_escape", "replace").encode("latin-1", "replace")


def curl_cases(root):
    for path in sorted(glob.glob(root + "/5-wire/curl/*.xml")):
        text = open(path, encoding="latin-1").read()
        name = os.path.basename(path)
        proto = "imap" if ".imap." in name else "pop" if ".pop3." in name else "smtp"
        words = "tls" if "--ssl-reqd" in text else "tls optional" if " --ssl" in text else ""
        c = Case("curl/" + name, proto, words)
        caps = re.search(r"(?m)^CAPA (.*)$", text)
        auth = re.search(r"(?m)^AUTH (.*)$", text)
        if proto == "smtp" and re.search(r"(?m)^REPLY EHLO|^CAPA ", text) and caps:
            c.caps = "".join("250-%s\r\n" % w.strip('"') for w in re.findall(r'"[^"]*"|\S+', caps.group(1)))
        for verb, reply in re.findall(r"(?m)^REPLY (\S+) (.*)$", text):
            state = STATES[proto].get(verb.upper())
            if verb.lower() == "welcome":
                state = "greeting"
            if state:
                data = curl_reply(reply)
                data = with_tag(re.sub(rb"\r?\n?$", b"", data) + b"\r\n")
                c.set(state, "all", data)
        body = re.search(r"(?s)<data[^>]*>\n(.*?)</data>", text)
        if body and "%" not in body.group(1) and proto == "pop" and re.search(r"RETR", text):
            c.set("retr", "all", b"+OK\r\n" + crlf(body.group(1).encode("latin-1")) + b".\r\n")
        error = re.search(r"<errorcode>\s*(\d+)", text)
        fails = bool(error and error.group(1) not in ("0",))
        touched = bool(c.sets)
        # An exchange with a mechanism that we were not asked to use, or commands of curl's own, say nothing about us.
        if touched and not auth and not re.search(r"VRFY|EXPN|CUSTOM|HELP", text):
            c.expect = (lambda r, fails=fails: (r["outcome"] != "on") == fails or r["used"][0] == 0)
        else:
            c.expect = lambda r: True
        yield c


# ---- MailKit ----

def mailkit_file(root, proto, name):
    folder = {"imap": "imap", "pop3": "pop3", "smtp": "smtp"}[proto]
    for cand in (name, name.replace(".", "__", 1)):
        path = "%s/5-wire/MailKit/%s/%s" % (root, folder, cand)
        if os.path.exists(path):
            return crlf(open(path, "rb").read())
    return None


def mailkit_sessions(root):
    for path in sorted(glob.glob(root + "/5-wire/MailKit/sessions/*/*.json")):
        d = json.load(open(path))
        proto = d["protocol"]
        ours = "pop" if proto == "pop3" else proto
        c = Case("mailkit/" + os.path.basename(path)[:-5], ours)
        wants = {"Plus": b"+ \r\n", "OK": b"%t OK done\r\n", "NO": b"%t NO no\r\n", "BAD": b"%t BAD bad\r\n"}
        logged_in = False
        for step in d["steps"]:
            client = step.get("client", "")
            data = None
            if "server_file" in step:
                data = mailkit_file(root, proto, step["server_file"])
            elif "raw_literals" in step:
                texts = [t for t in step["raw_literals"] if t.endswith(".txt")]
                others = [t for t in step["raw_literals"] if not t.endswith(".txt")]
                client = others[-1] if others else ""
                data = mailkit_file(root, proto, texts[0]) if texts else None
            elif step.get("server") in wants:
                data = wants[step["server"]]
            if data is None:
                continue
            words = client.split()
            if not client:
                state = "greeting"
            else:
                verb = (words[1] if ours == "imap" and len(words) > 1 else words[0] if words else "").upper()
                if verb == "UID" and len(words) > 2:
                    verb = words[2].upper()
                state = STATES[ours].get(verb)
                if state in ("auth", "pass") and re.search(rb"OK|235", data):
                    logged_in = True
                if state == "capability" and logged_in:
                    state = "capability-in"
                if state == "capa" and logged_in:
                    state = "capa-in"
                if verb == "AUTHENTICATE" and data.startswith(b"+"):
                    state = None
            if state:
                c.set(state, "all", with_tag(data))
        c.expect = lambda r: r["failed"] != "open" or r["class"] in ("auth", "proto", "net", "tls")
        yield c


def mailkit_responses(root):
    for path in sorted(glob.glob(root + "/5-wire/MailKit/imap/*.txt")):
        data = with_tag(crlf(open(path, "rb").read()))
        lines = [l for l in data.split(b"\r\n")]
        tagged = [l for l in lines if l.startswith(b"%t")]
        name = os.path.basename(path)
        c = Case("mailkit/imap/" + name, "imap")
        if "greeting" in name:
            c.set("greeting", "all", data)
        elif data.startswith(b"+"):
            c.set("noop", "before", data)
        elif "fetch" in name:
            c.set("fetch", "all" if tagged else "before", data)
        elif tagged:
            c.set("noop", "all", data)
        else:
            c.set("noop", "before", data)
        c.expect = lambda r, name=name: r["outcome"] in ("on", "no") or r["class"] in ("net", "proto", "auth")
        yield c
    for path in sorted(glob.glob(root + "/5-wire/MailKit/pop3/*.txt")):
        data = crlf(open(path, "rb").read())
        name = os.path.basename(path)
        for state in ("greeting", "list", "uidl", "retr", "quit"):
            c = Case("mailkit/pop3/%s@%s" % (name, state), "pop").set(state, "all", data)
            c.expect = lambda r: True
            yield c
    for path in sorted(glob.glob(root + "/5-wire/MailKit/smtp/*.txt")):
        data = crlf(open(path, "rb").read())
        name = os.path.basename(path)
        for state in ("greeting", "ehlo", "auth", "mail", "rcpt", "dot"):
            c = Case("mailkit/smtp/%s@%s" % (name, state), "smtp").set(state, "all", data)
            c.expect = lambda r: True
            yield c


# ---- grammar samples ----

def libetpan_cases(root):
    for path in sorted(glob.glob(root + "/5-wire/dinhvh_libetpan/*.imap")):
        name = os.path.basename(path)
        if "_command-" in name:
            continue
        data = with_tag(crlf(open(path, "rb").read().rstrip(b"\r\n") + b"\r\n"))
        c = Case("libetpan/" + name, "imap")
        if "greeting" in name:
            c.set("greeting", "all", data)
        elif data.startswith(b"%t"):
            c.set("noop", "all", data)
        else:
            c.set("fetch" if b"FETCH" in data.upper() else "noop", "before", data)
        hard = "overflow" in name
        invalid = "invalid" in name
        c.expect = (lambda r: r["outcome"] == "dead") if hard else (lambda r: True) if invalid else \
            (lambda r: r["class"] == "auth") if "greeting" in name else \
            (lambda r, known=b"UID" in data or b"FETCH" not in data: r["outcome"] in ("on", "no") and
             (r["unclear"] == 0 or not known or "exists" in r["name"]))  # without a UID nobody knows whose data it is
        yield c


def stalwart_cases(root):
    for path in sorted(glob.glob(root + "/5-wire/stalwartlabs_stalwart/*.imap")):
        text = open(path, "rb").read()
        for i, block in enumerate(re.split(rb"(?m)^-{3,}.*$|\n(?=BODY ?\(|BODYSTRUCTURE ?\()", text)):
            m = re.match(rb"\s*(BODY|BODYSTRUCTURE) ?\(", block)
            if not m:
                continue
            flat = b" ".join(block.split())
            # Up to the parenthesis that ends it.
            depth, end, quoted = 0, None, False
            for k, ch in enumerate(flat):
                if ch == 34 and flat[k - 1] != 92:
                    quoted = not quoted
                elif not quoted and ch == 40:
                    depth += 1
                elif not quoted and ch == 41:
                    depth -= 1
                    if depth == 0:
                        end = k + 1
                        break
            flat = re.sub(rb"\( ", b"(", re.sub(rb" \)", b")", flat[:end]))
            c = Case("stalwart/%s#%d" % (os.path.basename(path), i), "imap")
            c.set("fetch", "before", b"* 1 FETCH (UID 11 " + flat + b")\r\n")
            c.expect = lambda r: r["outcome"] == "on" and r["unclear"] == 0
            yield c


def imaptest_cases(root):
    for path in sorted(glob.glob(root + "/5-wire/imaptest/src_tests_*")):
        if path.endswith(".mbox"):
            continue
        lines = re.findall(r"(?m)^\* .*$", open(path, errors="replace").read())
        c = Case("imaptest/" + os.path.basename(path), "imap")
        for line in lines:
            line = re.sub(r"\$\{?[a-z0-9]*uid[a-z0-9]*\}?", "11", line)
            line = re.sub(r"\$[!a-zA-Z]*|\$\{[^}]*\}", "1", line)
            if "{{{" in line or line.count("(") != line.count(")"):
                continue
            c.set("noop", "before", line.encode() + b"\r\n")
        if not c.sets:
            continue
        # All of them before one answer: the first that says anything.
        c.sets = [("noop", "before", b"".join(d for _, _, d in c.sets))]
        c.expect = lambda r: r["outcome"] in ("on", "no")
        yield c


# ---- the fake mail server: STARTTLS attacks ----

def ron_string(text, field):
    m = re.search(r'(?m)^\s*%s:\s*(?:Some\()?"((?:[^"\\]|\\.)*)"' % field, text)
    return None if not m else m.group(1)


def ron_bytes(s):
    return s.encode().decode("unicode_escape").encode("latin-1").replace(b"<tag>", b"%t")


def ron_caps(text, field):
    m = re.search(r"(?s)^\s*%s:\s*\[(.*?)\]\s*,\s*$" % field, text, re.M)
    if not m:
        return None
    return m.group(1)


def imap_caps(text):
    out = []
    for w in re.findall(r'Other\(CapabilityOther\(inner: Atom\("([^"]*)"\)\)\)|Auth\((\w+)\)|(\w+)', text or ""):
        out.append(w[0] or (w[1] and "AUTH=" + w[1].upper()) or w[2].upper())
    return " ".join(out)


def ron_imap(c, text):
    g = re.search(r"(?s)greeting: \(\s*kind: (\w+),\s*code: (.*?),\s*text: Text\(\"(.*?)\"\)", text)
    over = dict(re.findall(r'(?m)^\s*"(\w+)":\s*"((?:[^"\\]|\\.)*)"', text))
    if "greeting" in over:
        greeting = ron_bytes(over.pop("greeting"))
    elif g:
        code = ""
        if "Capability" in g.group(2):
            code = "[CAPABILITY %s] " % imap_caps(re.search(r"\[(.*)\]", g.group(2), re.S).group(1))
        elif g.group(2) != "None":
            word = re.search(r"Some\((?:\w+\()*\"?(\w+)", g.group(2))
            code = "[%s] " % (word.group(1).upper() if word else "X")
        greeting = ("* %s %s%s\r\n" % (g.group(1).upper(), code, g.group(3))).encode()
    else:
        greeting = b"* OK hi\r\n"
    extra = ron_string(text, "response_after_greeting")
    c.set("greeting", "all", greeting + (ron_bytes(extra) if extra else b""))
    caps = imap_caps(ron_caps(text, "caps"))
    if "hide_commands" in text and "starttls" in text:
        caps = caps.replace("STARTTLS", "").strip()
    if "capability" in over:
        c.set("capability", "all", ron_bytes(over["capability"]))
    else:
        c.set("capability", "all", ("* CAPABILITY %s\r\n%%t OK done\r\n" % caps).encode())
    reply = ron_string(text, "starttls_response")
    if reply:
        c.set("starttls", "all", ron_bytes(reply))
    return greeting


def ron_pop(c, text):
    over = dict(re.findall(r'(?m)^\s*"(\w+)":\s*"((?:[^"\\]|\\.)*)"', text))
    greeting = ron_string(text, "greeting") or "+OK hi\\r\\n"
    c.set("greeting", "all", ron_bytes(greeting))
    lines = re.findall(r'"([^"]*)"', ron_caps(text, "capa") or "")
    c.set("capa", "all", ron_bytes(over["capa"]) if "capa" in over else
          ("+OK\r\n" + "".join(l + "\r\n" for l in lines) + ".\r\n").encode())
    reply = ron_string(text, "stls_response") or over.get("stls")
    if reply:
        c.set("stls", "all", ron_bytes(reply))
    if "quit" in over:
        c.set("quit", "all", ron_bytes(over["quit"]))


def ron_smtp(c, text):
    over = dict(re.findall(r'(?m)^\s*"(\w+)":\s*"((?:[^"\\]|\\.)*)"', text))
    c.set("greeting", "all", ron_bytes(ron_string(text, "greeting") or "220 hi\\r\\n"))
    caps = ron_caps(text, "capabilities") or ""
    lines = ["mx"] + (["STARTTLS"] if "StartTLS" in caps else []) + (["AUTH PLAIN LOGIN"] if "Auth" in caps else [])
    if "ehlo" in over:
        c.set("ehlo", "all", ron_bytes(over["ehlo"]))
    else:
        c.set("ehlo", "all", "".join("250%s%s\r\n" % ("-" if i + 1 < len(lines) else " ", l)
                                      for i, l in enumerate(lines)).encode())
    for verb, state in (("helo", "helo"), ("rset", "rset"), ("quit", "quit"), ("starttls", "starttls")):
        reply = over.get(verb) or (ron_string(text, "stls_response") if verb == "starttls" else None)
        if reply:
            c.set(state, "all", ron_bytes(reply))


def fake_cases(root):
    for path in sorted(glob.glob(root + "/6-security/fake-mail-server/*.ron")):
        text = re.sub(r"(?m)//.*$", "", open(path, encoding="utf-8").read())
        name = os.path.basename(path)[:-4]
        if name.startswith("_"):
            continue
        proto = "imap" if "_imap" in name else "pop" if "_pop3" in name else "smtp"
        for words in ("tls", "tls optional"):
            c = Case("fake-mail-server/%s (%s)" % (name, words), proto, words)
            {"imap": ron_imap, "pop": ron_pop, "smtp": ron_smtp}[proto](c, text)
            # That nothing goes in clear and nothing is believed is judged for every case; a session is a
            # session under TLS, or none.
            c.expect = lambda r: r["outcome"] in ("on", "no", "dead") and (
                r["outcome"] == "on" or r["failed"] != "-" and r["text"])
            yield c


# ---- responses that CVEs were given for ----

def cve_cases(root):
    for path in sorted(glob.glob(root + "/6-security/made/cve/*.json")):
        d = json.load(open(path))
        steps = d.get("server_steps")
        if not steps or d.get("proto") not in ("imap", "pop3", "smtp"):
            continue
        proto = "pop" if d["proto"] == "pop3" else d["proto"]
        c = Case("cve/" + os.path.basename(path)[:-5], proto, "tls" if "STARTTLS" in json.dumps(steps) else "")
        for s in steps:
            if "send" not in s:
                continue
            data = s["send"].encode("utf-8", "surrogateescape").replace(b"{tag}", b"%t")
            state = STATES[proto].get(s["on"]) if "on" in s else "greeting"
            if state == "fetch" and b"BODY[]" in data:
                state = "body"
            if state == "auth" and data.startswith(b"+"):
                c.caps = "IDLE"
                c.set("capability", "all", b"* CAPABILITY IMAP4rev1 AUTH=CRAM-MD5\r\n%t OK\r\n")
                c.set("auth-go", "all", data)
                continue
            c.set(state, "before" if state == "capability" else "all", data)
        c.expect = lambda r: True
        yield c


SOURCES = [("curl", curl_cases), ("mailkit-sessions", mailkit_sessions), ("mailkit-responses", mailkit_responses),
           ("libetpan", libetpan_cases), ("stalwart", stalwart_cases), ("imaptest", imaptest_cases),
           ("fake-mail-server", fake_cases), ("cve", cve_cases)]


def dictionary(root):
    """Every word of the dictionary alone and in brackets, as a line of the server."""
    path = root + "/5-wire/imap-codec/imap.dict"
    words = re.findall(r'(?m)^(?:\w+=)?"((?:[^"\\]|\\.)*)"$', open(path).read())
    for i, w in enumerate(words):
        data = w.replace('\\"', '"').replace("\\\\", "\\").encode("latin-1", "replace")
        for how, line in (("line", with_tag(data)), ("star", b"* " + data), ("code", b"* OK [" + data + b"] x")):
            c = Case("imap-codec/%d/%s" % (i, how), "imap").set("noop", "before", line.replace(b"\n", b" ") + b"\r\n")
            c.expect = lambda r: True
            yield c


def play(program, cases):
    text = "".join(c.text() for c in cases).encode("latin-1", "replace")
    done = subprocess.run([program], input=text, stdout=subprocess.PIPE, timeout=240)
    results = []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        f = line.split("\t")
        used, given = f[5].split("/")
        results.append({"name": f[0], "outcome": f[1], "failed": f[2], "class": f[3], "text": f[4],
                        "used": (int(used), int(given)), "unclear": int(f[6]), "problems": f[7], "steps": f[8].split()})
    if done.returncode != 0 or len(results) != len(cases):
        last = cases[len(results)].name if len(results) < len(cases) else "?"
        sys.exit("%s ended with %d after %d of %d cases, at %s" % (program, done.returncode, len(results), len(cases), last))
    return results


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    verbose = "-v" in sys.argv
    program, root, only = args[0], args[1], args[2:]
    if not os.path.isdir(root + "/5-wire"):
        sys.exit(77)
    bad = False
    for name, make in SOURCES + [("imap-codec", dictionary)]:
        if only and name not in only:
            continue
        cases = list(make(root))
        results = play(program, cases)
        agree = 0
        for c, r in zip(cases, results):
            ok = bool(c.expect(r))
            agree += ok
            if r["problems"]:
                bad = True
            if r["problems"] or (verbose and not ok):
                print("  %s: %s at %s: %s: %s %s" % (r["name"], r["outcome"], r["failed"], r["class"], r["text"][:100],
                                                       "NEVER: " + r["problems"] if r["problems"] else ""))
        reached = sum(r["used"][0] > 0 for r in results)
        share = 100.0 * agree / max(len(cases), 1)
        outcomes = {o: sum(r["outcome"] == o for r in results) for o in ("on", "no", "dead")}
        print("%-18s %4d cases, %4d reached, on %d, refused %d, given up %d; as expected %d (%.0f %%)" % (
            name, len(cases), reached, outcomes["on"], outcomes["no"], outcomes["dead"], agree, share))
        if share < FLOORS.get(name, 0):
            print("  less than its floor of %d %%" % FLOORS[name])
            bad = True
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
