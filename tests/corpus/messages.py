#!/usr/bin/env python3
"""Compares what we make of the messages of the shared corpus with two peers (CPython's email package and Dovecot).

usage: messages.py FEIST_RENDER CORPUS_DIR [-v] [SUBSTRING...]
Exit status 77 without the corpus, 1 when something agrees less than its floor. A peer is a second opinion, not the
truth: they disagree with each other, too.
"""
import datetime
import email.errors
import email.header
import email.utils
import hashlib
import json
import os
import re
import subprocess
import sys

# Percent that agree with at least one of the two.
FLOORS = {"parses": 100, "tree": 98, "subject": 98, "date": 98, "from": 98, "to": 98, "message-id": 98, "body": 98, "text": 98,
          "charset": 98}


def dump(program, path):
    with open(path, "rb") as f:
        done = subprocess.run([program, "--dump=json"], stdin=f, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60)
    if done.returncode != 0:
        return None
    return json.loads(done.stdout.decode())


def leaves(tree):
    """Types of a tree in our notation, in order."""
    return re.findall(r"[^(),]+", tree)


def imap_list(text):
    """What stands in one pair of parentheses; NIL is None."""
    tokens = re.findall(r'"(?:[^"\\]|\\.)*"|\(|\)|[^\s()"]+', text)

    def parse(i):
        out = []
        while i < len(tokens):
            t = tokens[i]
            if t == "(":
                item, i = parse(i + 1)
                out.append(item)
            elif t == ")":
                return out, i + 1
            else:
                out.append(re.sub(r"\\(.)", r"\1", t[1:-1]) if t.startswith('"') else None if t == "NIL" else t)
                i += 1
        return out, i
    return parse(0)[0][0]


def decoded(value):
    """An encoded header as text."""
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return value


def dovecot_envelope(text):
    """The fields of an ENVELOPE as ours are named; a field that cannot be compared is left out."""
    if re.search(r"\{\d+\}", text):  # literals were not kept
        return {}
    fields = imap_list(text)
    if len(fields) < 10:
        return {}
    date, subject, sender, _, _, to = fields[:6]
    out = {"message-id": (fields[9] or "").strip().strip("<>")}
    if subject is not None:
        out["subject"] = squeeze(decoded(subject))
    if date:
        try:
            at = email.utils.parsedate_to_datetime(date)
            out["date"] = int((at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)).timestamp())
        except (ValueError, TypeError, OverflowError):
            out["date"] = None
    else:
        out["date"] = None
    for name, people in (("from", sender), ("to", to)):
        out[name] = ["%s@%s" % (p[2], p[3]) for p in people or [] if isinstance(p, list) and p[2] and p[3] not in
                     (None, "MISSING_DOMAIN") and p[2] != "MISSING_MAILBOX"]
    return out


def dovecot_types(text):
    """A BODYSTRUCTURE as a list of types."""
    root = imap_list(text)

    def types(node):
        if isinstance(node[0], list):
            children = []
            for i, x in enumerate(node):
                if not isinstance(x, list):
                    return ["multipart/" + x.lower()] + children
                children += types(x)
            return children
        kind = ("%s/%s" % (node[0] or "", node[1] or "")).lower()
        if kind == "message/rfc822" and len(node) > 8 and isinstance(node[8], list):
            return [kind] + types(node[8])
        return [kind]
    return types(root)


MISSING = object()


def squeeze(s):
    return re.sub(r"\s+", " ", s or "").strip()


def check(name, peer, got, tally, note):
    python, dovecot = peer.get("python") or {}, peer.get("dovecot") or {}

    def vote(what, ours, *theirs):
        # What a peer could not read, and says so, is no opinion.
        theirs = [t for t in theirs if t is not MISSING and (t == ours or "\ufffd" not in str(t))]
        if not theirs:
            return
        ok = ours in theirs
        tally.setdefault(what, [0, 0])[0 if ok else 1] += 1
        if not ok:
            note("%s %s\n  ours   %s" % (what, name, json.dumps(ours, ensure_ascii=False)[:600]))
            for t in theirs:
                note("  theirs %s" % json.dumps(t, ensure_ascii=False)[:600])
    vote("parses", got is not None, True)
    if got is None:
        return
    flat = []

    def walk(x):
        if isinstance(x, list):
            for y in x:
                walk(y)
        else:
            flat.append(x)
    walk(python.get("tree", []))
    structure = dovecot.get("bodystructure")
    vote("tree", leaves(got["tree"]), flat if "tree" in python else MISSING, dovecot_types(structure) if structure else MISSING)
    theirs = dovecot_envelope(dovecot["envelope"]) if dovecot.get("envelope") else {}
    vote("subject", squeeze(got["subject"]), squeeze(python["subject"]) if python.get("subject") is not None else MISSING,
         theirs.get("subject", MISSING))
    vote("date", got["date_epoch"], python.get("date_epoch", MISSING), theirs.get("date", MISSING))
    vote("message-id", got["message_id"].strip("<>"), python["message-id"].strip().strip("<>") if python.get("message-id") else MISSING,
         theirs.get("message-id", MISSING))
    for field in ("from", "to"):
        vote(field, [a["addr"] for a in got[field] if a.get("addr")],
             [a for n, a in email.utils.getaddresses([python[field]]) if a] if python.get(field) else MISSING,
             theirs.get(field, MISSING))
    if leaves(got["tree"]) == flat:
        ours = [p for p in got["parts"] if not p["type"].startswith(("multipart/", "message/")) and ".u" not in p["id"]]
        theirs = [p for p in python.get("parts", []) if not p["type"].startswith(("multipart/", "message/"))]
        for a, b in zip(ours, theirs):
            if b.get("charset"):
                vote("charset", a["charset"], b["charset"].lower())
            vote("body", a["sha256"][:len(b["sha256"])], b["sha256"])
            # Bytes over 127 without a character set: the peer does not read them.
            unread = "\ufffd" in b.get("text_head", "") or b.get("charset") in (None, "us-ascii") and not a.get("text", "").isascii()
            if "text_sha256" in b and "text" in a and not unread:
                digest = hashlib.sha256(a["text"].rstrip().encode()).hexdigest()
                vote("text", digest[:len(b["text_sha256"])], b["text_sha256"])


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    if len(args) < 2:
        sys.exit(__doc__)
    verbose = "-v" in sys.argv
    tally = {}
    for category in ("1-mime", "6-security"):
        directory = os.path.join(args[1], category)
        if not os.path.isdir(directory):
            print("no corpus: skipped")
            sys.exit(77)
        peers = json.load(open(os.path.join(directory, "PEERS.json")))
        for name, peer in sorted(peers.items()):
            path = os.path.join(directory, name)
            if args[2:] and not any(a in name for a in args[2:]):
                continue
            if os.path.exists(path) and isinstance(peer, dict):
                check(name, peer, dump(args[0], path), tally, print if verbose else lambda s: None)
    failed = False
    for what, (good, bad) in tally.items():
        percent = 100 * good // (good + bad)
        few = percent < FLOORS.get(what, 0)
        failed |= few
        print("%-14s %4d of %4d agree (%d%%, floor %d%%)%s" % (what, good, good + bad, percent, FLOORS.get(what, 0),
                                                               "  TOO FEW" if few else ""))
    sys.exit(1 if failed else 0)


main()
