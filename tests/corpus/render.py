"""Everything in the shared corpus that can be drawn, drawn.

For each message: text and JSON; for the hostile ones also the source, an answer, and a narrow window.
Nothing may crash, take more than SECONDS or more than MEGABYTES, or let a control character through. HTML files are compared
with what w3m and lynx made of them (7-html/PEERS.json): the same words in the order of one of them, and no line
wider than the window. They show what senders hide (preheaders, mostly), and we do not: so also with that shown by us,
and, for each kind of files, with that taken out of theirs.
"""
import collections
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import unicodedata

SECONDS = 5
MEGABYTES = 200
LIKE_PEERS = {"": (0.975, 0.97), "yes": (0.988, 0.983)}  # --hidden: token F1 and F1 of the common order, means of 7-html
KIND_FLOOR = (0.97, 0.965)  # of each kind of files, without what is hidden
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


def tokens(text):
    """Words; numbers of links and w3m's marks of struck, deleted and new text are none."""
    text = re.sub(r"https?://\S+|mailto:\S+|\[\d+\]|\[(?:S|DEL|INS):|:(?:S|DEL|INS)\]", " ", text)
    return re.findall(r"[^\W_]+", text.lower())


def f1(common, ours, theirs):
    return 2 * common / (len(ours) + len(theirs)) if ours or theirs else 1


def same_words(ours, theirs):
    both = collections.Counter(ours) & collections.Counter(theirs)
    return f1(sum(both.values()), ours, theirs)


def same_order(ours, theirs):
    """F1 of the longest common subsequence, found with one long number for a row of the table."""
    at = collections.defaultdict(int)
    for i, word in enumerate(ours):
        at[word] |= 1 << i
    ones = row = (1 << len(ours)) - 1
    for word in theirs:
        hit = row & at[word]
        row = ((row + hit) | (row - hit)) & ones
    return f1(bin(~row & ones).count("1"), ours, theirs)


def better(ours, peers):
    """The F1s with the one that is more alike."""
    return max(same_words(ours, t) for t in peers), max(same_order(ours, t) for t in peers)


def without(words, hidden):
    """Words without the first of each that is hidden: preheaders come first."""
    left, kept = collections.Counter(hidden), []
    for word in words:
        if left[word] > 0:
            left[word] -= 1
        else:
            kept.append(word)
    return kept


def means(scores):
    return [sum(column) / len(column) for column in zip(*scores)]


def check_widths(name, text, width):
    for line in text.split("\n"):
        columns = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
        if columns > width and len(line.split()) > 1 and len(line.split()[-1]) < width:
            faults.append(f"7-html/{name}: {columns} columns of {width}: {line!r}")
            return


def check_html():
    if b"built without HTML" in run(["--dump=text"], b"Content-Type: text/html\n\nx")[1]:
        return
    peers = json.load(open(os.path.join(corpus, "7-html", "PEERS.json"), encoding="utf-8"))
    scores = {hidden: [] for hidden in LIKE_PEERS}
    kinds = collections.defaultdict(list)
    for name in sorted(peers):
        data = open(os.path.join(corpus, "7-html", name), "rb").read()
        theirs = [tokens(peers[name][p]) for p in ("w3m", "lynx") if peers[name].get(p) is not None]
        shown = {}
        for width in (40, 80, 120, 200):
            for hidden in LIKE_PEERS if width == 80 else [""]:
                status, out, err = run(["--dump=text", "--link_list=no", f"--width={width}", f"--hidden={hidden or 'no'}"],
                                       b"Content-Type: text/html; charset=utf-8\n\n" + data)
                if status != 0:
                    faults.append(f"7-html/{name}: status {status} {err[:200]!r}")
                    continue
                check_text(name, [], out)
                body = out.decode().split("\n\n", 1)[-1]
                check_widths(name, body, width)
                if width == 80:
                    shown[hidden] = tokens(body)
        if len(shown) < len(LIKE_PEERS) or not (shown[""] or any(theirs)):
            continue
        for hidden in LIKE_PEERS:
            scores[hidden].append(better(shown[hidden], theirs))
        hidden = collections.Counter(shown["yes"]) - collections.Counter(shown[""])
        kinds[name.split("/")[0]].append(better(shown[""], [without(t, hidden) for t in theirs]))
    for kind, each in sorted(kinds.items()):
        got = means(each)
        print(f"  {kind}: {len(each)} files, words {got[0]:.4f}, in order {got[1]:.4f}, without what is hidden")
        if got[0] < KIND_FLOOR[0] or got[1] < KIND_FLOOR[1]:
            faults.append(f"7-html/{kind}: {got}, not {KIND_FLOOR}")
    for hidden, floor in LIKE_PEERS.items():
        got = means(scores[hidden])
        print(f"HTML{', hidden text shown' if hidden else ''}: words {got[0]:.4f}, in order {got[1]:.4f} (F1 with w3m or lynx)")
        if got[0] < floor[0] or got[1] < floor[1]:
            faults.append(f"7-html: {got}, not {floor}")


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
