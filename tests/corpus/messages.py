#!/usr/bin/env python3
"""Compares what we make of the messages of the shared corpus with two peers (CPython's email package and Dovecot).

usage: messages.py FEIST_RENDER CORPUS_DIR [-v] [SUBSTRING...]
Exit status 77 without the corpus, 1 when something agrees less than its floor. A peer is a second opinion, not the
truth: they disagree with each other, too.
"""
import email.header
import email.utils
import hashlib
import json
import os
import re
import subprocess
import sys

FLOORS = {"parses": 100, "tree": 90, "dovecot-tree": 90, "subject": 90, "date": 90, "from": 90, "message-id": 90,
          "body": 90, "text": 85, "charset": 90}


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


def dovecot_types(text):
    """A BODYSTRUCTURE as a list of types."""
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
                out.append(t.strip('"') if t.startswith('"') else t)
                i += 1
        return out, i
    root = parse(0)[0][0]

    def types(node):
        if isinstance(node[0], list):
            children = []
            for i, x in enumerate(node):
                if not isinstance(x, list):
                    return ["multipart/" + x.lower()] + children
                children += types(x)
            return children
        kind = (node[0] + "/" + node[1]).lower()
        if kind == "message/rfc822" and len(node) > 8 and isinstance(node[8], list):
            return [kind] + types(node[8])
        return [kind]
    return types(root)


def squeeze(s):
    return re.sub(r"\s+", " ", s or "").strip()


def check(name, peer, got, tally, note):
    python, dovecot = peer.get("python"), peer.get("dovecot")

    def vote(what, ok, ours, theirs):
        tally.setdefault(what, [0, 0])[0 if ok else 1] += 1
        if not ok:
            note("%s %s\n  ours   %s\n  theirs %s" % (what, name, json.dumps(ours, ensure_ascii=False)[:600],
                                                     json.dumps(theirs, ensure_ascii=False)[:600]))
    vote("parses", got is not None, None, None)
    if got is None:
        return
    if dovecot and dovecot.get("bodystructure"):
        theirs = dovecot_types(dovecot["bodystructure"])
        vote("dovecot-tree", leaves(got["tree"]) == theirs, leaves(got["tree"]), theirs)
    if not python or "tree" not in python:
        return
    theirs = python["tree"] if isinstance(python["tree"], list) else [python["tree"]]
    flat = []

    def walk(x):
        if isinstance(x, list):
            for y in x:
                walk(y)
        else:
            flat.append(x)
    walk(theirs)
    vote("tree", leaves(got["tree"]) == flat, leaves(got["tree"]), flat)
    if python.get("subject") is not None:
        vote("subject", squeeze(got["subject"]) == squeeze(python["subject"]), got["subject"], python["subject"])
    if "date_epoch" in python:
        vote("date", got["date_epoch"] == python["date_epoch"], got["date_epoch"], python["date_epoch"])
    if python.get("message-id"):
        vote("message-id", got["message_id"].strip("<>") == python["message-id"].strip().strip("<>"), got["message_id"],
             python["message-id"])
    if python.get("from"):
        ours = [a["addr"] for a in got["from"] if a.get("addr")]
        theirs = [a for n, a in email.utils.getaddresses([python["from"]]) if a]
        vote("from", ours == theirs, ours, theirs)
    if leaves(got["tree"]) == flat:
        ours = [p for p in got["parts"] if not p["type"].startswith(("multipart/", "message/")) and ".u" not in p["id"]]
        theirs = [p for p in python.get("parts", []) if not p["type"].startswith(("multipart/", "message/"))]
        for a, b in zip(ours, theirs):
            if b.get("charset"):
                vote("charset", a["charset"] == b["charset"].lower(), a["charset"], b["charset"])
            vote("body", a["sha256"].startswith(b["sha256"]), [a["id"], a["size"], a["encoding"], a.get("text", "")[-60:]],
                 [b["size"], b.get("text_head", "")[-60:]])
            if "text_sha256" in b and "text" in a:
                digest = hashlib.sha256(a["text"].rstrip().encode()).hexdigest()
                vote("text", digest.startswith(b["text_sha256"]), [a["id"], a["charset"], a["text"][:200]],
                     [b.get("charset"), b.get("text_head", "")[:200]])


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
