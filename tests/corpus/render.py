"""Everything in the shared corpus that can be drawn, drawn.

For each message: text and JSON; for the hostile ones also the source, an answer, and a narrow window.
Nothing may crash, take more than SECONDS or more than MEGABYTES, or let a control character through. HTML files are compared
with what w3m and lynx made of them (7-html/PEERS.json): words that both show must be shown, unless the
sender hid them.
"""
import collections
import json
import os
import re
import resource
import subprocess
import sys
import tempfile

SECONDS = 5
MEGABYTES = 200
RECALL = 0.95  # of words, over all of 7-html; what is missing is hidden previews
MODES = {"1-mime": (["--dump=text"], ["--dump=json"]),
         "6-security": (["--dump=text"], ["--dump=text", "--weed", "--width", "40"], ["--dump=text", "--mode=source"],
                        ["--dump=text", "--mode=reply"], ["--dump=json"])}

program, corpus = sys.argv[1:3]
# Sanitizers need room of their own; leaks are not what is measured here.
sanitized = b"__asan_init" in open(program, "rb").read()
faults = []
runs = 0


def run(args, data):
    """Output of feist-render; faults are noted."""
    global runs
    runs += 1
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.seek(0)
        child = subprocess.Popen([program] + args, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = child.communicate(timeout=60)
    return child.returncode, out, err


def check_text(name, args, out):
    text = out.decode("utf-8")  # raises when it is not
    bad = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    if bad:
        faults.append(f"{name} {args}: control character {ord(bad.group()):#x} at {bad.start()}")


def check_message(category, name, data):
    for args in MODES[category]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            status, out, err = run(args, data)
        except subprocess.TimeoutExpired:
            faults.append(f"{name} {args}: no end")
            continue
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if status != 0:
            faults.append(f"{name} {args}: status {status} {err[:200]!r}")
        elif spent > SECONDS * (10 if sanitized else 1):
            faults.append(f"{name} {args}: {spent:.1f} s")
        elif args == ["--dump=json"]:
            json.loads(out)
        else:
            check_text(name, args, out)


def words(text):
    return collections.Counter(re.findall(r"[^\W_]{2,}", text.lower()))


def check_html():
    if b"built without HTML" in run(["--dump=text"], b"Content-Type: text/html\n\nx")[1]:
        return
    peers = json.load(open(os.path.join(corpus, "7-html", "PEERS.json"), encoding="utf-8"))
    want = have = 0
    for name in sorted(peers):
        data = open(os.path.join(corpus, "7-html", name), "rb").read()
        status, out, err = run(["--dump=text", "--link_list=no"], b"Content-Type: text/html; charset=utf-8\n\n" + data)
        if status != 0:
            faults.append(f"7-html/{name}: status {status} {err[:200]!r}")
            continue
        check_text(name, [], out)
        both = words(peers[name].get("w3m") or "") & words(peers[name].get("lynx") or "")
        want += sum(both.values())
        have += sum((both & words(out.decode())).values())
    print(f"HTML: {have / want:.3f} of the words that w3m and lynx agree on")
    if have < want * RECALL:
        faults.append(f"7-html: {have / want:.3f} of the words, not {RECALL}")


for category in MODES:
    for folder, _, files in sorted(os.walk(os.path.join(corpus, category))):
        for file in sorted(files):
            path = os.path.join(folder, file)
            if not file.endswith(".json") and os.path.getsize(path) < 8 << 20:
                check_message(category, os.path.relpath(path, corpus), open(path, "rb").read())
check_html()
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
if peak > MEGABYTES and not sanitized:
    faults.append(f"{peak} MB for one message")
print(f"{runs} runs, largest {peak} MB, {len(faults)} faults")
print("\n".join(faults[:50]))
sys.exit(1 if faults else 0)
