#!/usr/bin/env python3
"""Compares what we make of messages with what the projects they come from expect of their own parsers.

usage: upstream.py FEIST_RENDER CORPUS_DIR [-v] [SUBSTRING...]
Exit status 77 without the corpus, 1 when something agrees less than its floor. The projects contradict each other (and
the RFCs) in places: what we do not follow is in REFUSED, with the reason.
"""
import datetime
import glob
import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

FLOORS = {"subject": 99, "from": 99.5, "to": 98, "date": 99, "tree": 97, "attachments": 99, "text": 94}

# (part of the file's name, what): why we do otherwise.
REFUSED = {
    # Bytes above 127 in a header without a label are guessed here; the source leaves replacement characters.
    ("legacy_010", "to"), ("legacy_010", "subject"), ("legacy_017", "to"), ("legacy_052", "to"),
    ("legacy_052", "subject"), ("legacy_052", "text"),
    # uuencoded files in a text are parts here, text there.
    ("legacy_026", "text"),
    # A boundary of the outer multipart ends the inner one (RFC 2046, 5.1.2), also when its own end is missing.
    ("malformed_007", "tree"), ("malformed_008", "tree"), ("malformed_008", "text"),
    # A last boundary with nothing behind it opens an empty part, as in mutt and Dovecot.
    ("malformed_014", "tree"),
    # message/rfc822 with a text instead of a message: a message without a header is still one.
    ("malformed_022", "tree"),
    # Several Date fields: the first counts, the source takes the last.
    ("malformed_019", "date"),
    # RFC 5322: one word is an address without a domain, not a name.
    ("rfc_001", "from"), ("rfc_001", "to"),
    # A delimiter is a line of its own, not the end of a line; 8-bit garbage is shown byte by byte.
    ("thirdparty_002", "text"), ("thirdparty_005", "text"),
    # Attached messages that end at the outer boundary: all three are found here.
    ("thirdparty_015", "tree"), ("thirdparty_015", "text"),
    # iso-8859-1 is read as windows-1252, as every browser does (WHATWG).
    ("content_transfer_encoding_7-bit", "text"), ("content_transfer_encoding_plain", "text"),
    # Broken Big5: how much of the text is lost differs by decoder.
    ("content_transfer_encoding_empty", "text"),
    # "Big Bug bb@bug.com": name and address, not an address with blanks.
    ("mix_caps_content_type", "from"),
    # A line without a colon among the fields is skipped here; there it ends the header.
    ("raw_email_incorrect_header", "from"), ("raw_email_incorrect_header", "to"),
    ("raw_email_incorrect_header", "subject"), ("raw_email_incorrect_header", "text"),
    # Comments beside a name: the source mixes them in, or loses them.
    ("rfc2822_example10", "from"), ("rfc2822_example10", "to"),
    # The blank between "TEST" and an encoded word belongs to the text (RFC 2047, 6.2).
    ("rfc2822_example14", "subject"),
    # The message is text/plain with a wrongly made UTF-7; the header has no charset at all.
    ("m1011", "subject"), ("m1011", "to"), ("m1011", "text"),
    # An empty file in the source.
    ("m3005", "subject"), ("m3005", "from"), ("m3005", "to"), ("m3005", "text"), ("m3005", "attachments"),
    # Counts the messages of a digest as one.
    ("m4007", "attachments"),
    # A text with a name and "inline" is a file for one source and text for the other: a file here.
    ("m1009", "attachments"),
    # The name parameter of Content-Type, where Content-Disposition has another file name.
    ("attachment_long_filename", "attachments"),
    # A template: its test writes other dates into it.
    ("date-template", "date"),
    # Names that the source makes of hashes; contents that it takes with other line ends; values of other messages.
    ("embedded_email_without_content_disposition", "attachments"), ("example_bounce", "attachments"),
    ("inline_attachment", "attachments"), ("nestes_embedded", "attachments"), ("issue-410symbols", "attachments"),
    ("attachment_7bit", "attachments"),
    # A multipart without parts is shown as one text, which is all that there is to show.
    ("missing-inner-boundary", "tree"), ("multipartnopart", "tree"), ("jwz_132", "tree"), ("jwz_22", "tree"),
    # Blanks at the end of a boundary are none (RFC 2046, 5.1.1); CPython agrees.
    ("very-long-boundary", "tree"), ("weird-boundary", "tree"),
    # x-sun-attachment, of mailers long gone, is text; Content-Types without a subtype are, too.
    ("jwz_134", "tree"),
    # A message inside whose multipart is cut: its parts are found here.
    ("jwz_5", "tree"), ("simple_3", "tree"),
    # Sizes of decoded text in another charset.
    ("get_multipart_mixed", "attachments"),
}


def dump(program, path):
    with open(path, "rb") as f:
        done = subprocess.run([program, "--dump=json"], stdin=f, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60)
    return json.loads(done.stdout.decode()) if done.returncode == 0 else None


def squeezed(text):
    """White space is a matter of taste of each project; imap_tools' values have a charset of their own in <meta>."""
    return re.sub(r"charset=[\w-]+", "charset", re.sub(r"\s+", " ", text or "")).strip()


def people(boxes):
    out = []
    for b in boxes or []:
        if "group" in b:
            out += people(b["members"])
        elif b.get("addr") or b.get("name"):
            out.append((squeezed(b.get("name")), (b.get("addr") or "").strip().lower()))
    return out


def leaf_texts(doc, kind):
    return [p["text"] for p in doc["parts"] if p["type"] == kind and "text" in p]


def names(doc):
    parts = {p["id"]: p for p in doc["parts"]}
    return [parts[i] for i in doc["attachments"]]


class Tally:
    def __init__(self, verbose):
        self.count = {k: [0, 0] for k in FLOORS}
        self.verbose = verbose
        self.refused = 0

    def check(self, path, what, ours, theirs):
        if any(part in path and what == w for part, w in REFUSED):
            self.refused += 1
            return
        self.count[what][1] += 1
        if ours == theirs:
            self.count[what][0] += 1
        elif self.verbose:
            print(f"{what}: {path}\n   ours   {ours!r:.600}\n   theirs {theirs!r:.600}")


# ---- stalwartlabs/mail-parser: the whole tree ----

def mp_people(value):
    boxes = value.get("List")
    if boxes is None:
        boxes = [a for g in value.get("Group", []) for a in g["addresses"]]
    return [(squeezed(b["name"]), (b["address"] or "").lower()) for b in boxes]


def mp_date(v):
    tz = datetime.timedelta(hours=v["tz_hour"], minutes=v["tz_minute"]) * (-1 if v["tz_before_gmt"] else 1)
    try:
        d = datetime.datetime(v["year"], v["month"], v["day"], v["hour"], v["minute"], min(v["second"], 59),
                              tzinfo=datetime.timezone(tz))
    except ValueError:
        return None
    return int(d.timestamp())


def mp_type(part, default="text/plain"):
    for h in part["headers"]:
        if h["name"] == "content_type" and isinstance(h["value"], dict):
            c = h["value"]["ContentType"]
            if c["c_subtype"]:
                return f"{c['c_type']}/{c['c_subtype']}".lower()
    return default


def mp_tree(message, i=0, default="text/plain"):
    part = message["parts"][i]
    body = part["body"]
    kind = mp_type(part, default)
    if "Multipart" in body:
        inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        return f"{kind}({','.join(mp_tree(message, n, inner) for n in body['Multipart'])})"
    if "Message" in body and body["Message"]:
        return f"{kind}({mp_tree(body['Message'])})"
    return kind


def mp_texts(message):
    out = []
    for part in message["parts"]:
        body = part["body"]
        if "Text" in body and mp_type(part).startswith("text/") and body["Text"].strip():
            out.append(squeezed(body["Text"]))
        elif "Message" in body and body["Message"]:
            out += mp_texts(body["Message"])
    return out


def mail_parser(program, path, tally):
    doc = dump(program, path)
    want = json.load(open(re.sub(r"\.(eml|txt|msg)$", "", path) + ".json"))
    name = os.path.basename(path)
    for h in want["parts"][0]["headers"]:
        v = h["value"]
        if not isinstance(v, dict):
            continue
        if h["name"] == "subject":
            tally.check(name, "subject", squeezed(doc["subject"]), squeezed(v["Text"]))
        elif h["name"] in ("from", "to"):
            tally.check(name, h["name"], people(doc[h["name"]]), mp_people(v["Address"]))
        elif h["name"] == "date":
            tally.check(name, "date", doc["date_epoch"], mp_date(v["DateTime"]))
    tally.check(name, "tree", doc["tree"], mp_tree(want))
    ours = [squeezed(p["text"]) for p in doc["parts"] if p["type"].startswith("text/") and p["type"] != "text/html" and
            squeezed(p.get("text"))]
    theirs = mp_texts(want)
    for t in theirs:
        tally.check(name, "text", t if t in ours else ours, t)


# ---- ikvk/imap_tools ----

def imap_tools(program, path, tally):
    doc = dump(program, path)
    want = json.load(open(path + ".expected.json"))
    name = os.path.basename(path)
    tally.check(name, "subject", squeezed(doc["subject"]), squeezed(want["subject"]))
    values = want["from_values"]
    tally.check(name, "from", people(doc["from"])[:1],
                [(squeezed(values["name"]), values["email"].lower())] if values and values["email"] else [])
    tally.check(name, "to", people(doc["to"]), [(squeezed(v["name"]), v["email"].lower()) for v in want["to_values"]])
    if not want["date"].startswith("1900-01-01"):
        theirs = datetime.datetime.fromisoformat(want["date"])
        if not theirs.tzinfo:
            theirs = theirs.replace(tzinfo=datetime.timezone.utc)
        tally.check(name, "date", doc["date_epoch"], int(theirs.timestamp()))
    for kind in ("text/plain", "text/html"):
        theirs = squeezed(want["text" if kind == "text/plain" else "html"])
        ours = squeezed(" ".join(leaf_texts(doc, kind)))
        tally.check(name, "text", theirs if theirs in ours else ours, theirs)
    parts = [(p["filename"] or "", p["size"], p["sha256"]) for p in doc["parts"]]
    for a in want["attachments"]:
        theirs = (a["filename"], a["payload"]["size"], a["payload"]["sha256"])
        tally.check(name, "attachments", theirs if theirs in parts else parts, theirs)


# ---- zbateson/mail-mime-parser ----

def mime_parser(program, path, tally):
    doc = dump(program, path)
    want = json.load(open(re.sub(r"\.txt$", "", path) + ".expected.json"))
    name = os.path.basename(path)
    tally.check(name, "subject", squeezed(doc["subject"]), squeezed(want["Subject"]))
    for field in ("From", "To"):
        box = want[field]
        tally.check(name, field.lower(), people(doc[field.lower()])[:1],
                    [(squeezed(box.get("name")), box["email"].lower())])
    if "text" in want:
        base = os.path.join(os.path.dirname(path), "files", want["text"])
        if os.path.exists(base):
            raw = open(base, "rb").read()
            try:
                theirs = squeezed(raw.decode())
            except UnicodeDecodeError:
                theirs = squeezed(raw.decode("cp1252", "replace"))
            ours = squeezed(" ".join(leaf_texts(doc, "text/plain")))
            tally.check(name, "text", theirs if theirs in ours else ours, theirs)
    if "attachments" in want:
        tally.check(name, "attachments", len(names(doc)), want["attachments"])


# ---- Webklex/php-imap: assertions of its tests ----

def php_imap(program, path, tally):
    doc = dump(program, path)
    name = os.path.basename(path)
    for a in json.load(open(path + ".asserts.json")):
        actual, theirs = a["actual"], a["expected"]
        if a["assert"] not in ("Same", "Equals", "assertSame", "assertEquals") or not isinstance(theirs, (str, int)):
            continue
        if actual in ("$message->subject", "$message->getSubject()"):
            tally.check(name, "subject", squeezed(doc["subject"]), squeezed(theirs))
        elif actual in ("$message->from->first()->mail", "$from->mail"):
            tally.check(name, "from", people(doc["from"])[0][1], theirs.lower())
        elif actual == "$from->personal":
            tally.check(name, "from", people(doc["from"])[0][0], squeezed(theirs))
        elif actual == "$message->to->first()->mail":
            tally.check(name, "to", people(doc["to"])[0][1], theirs.lower())
        elif actual.startswith("$message->date->first()") and "format" in actual:
            when = datetime.datetime.fromisoformat(theirs).replace(tzinfo=datetime.timezone.utc)
            tally.check(name, "date", doc["date_epoch"], int(when.timestamp()))
        elif actual == "$message->getTextBody()":
            ours = squeezed(" ".join(leaf_texts(doc, "text/plain")))
            tally.check(name, "text", squeezed(theirs) if squeezed(theirs) in ours else ours, squeezed(theirs))
        elif actual == "$message->getHTMLBody()":
            ours = squeezed(" ".join(leaf_texts(doc, "text/html")))
            tally.check(name, "text", squeezed(theirs) if squeezed(theirs) in ours else ours, squeezed(theirs))
        elif actual in ("$attachment->name", "$attachment->filename") and theirs not in ("undefined", ""):
            ours = [p["filename"] for p in doc["parts"]]
            tally.check(name, "attachments", theirs if theirs in ours else ours, theirs)
        elif actual == "$attachment->content":
            ours = [p["sha256"] for p in doc["parts"]]
            want = hashlib.sha256(theirs.encode()).hexdigest()
            tally.check(name, "attachments", want if want in ours else ours, want)


# ---- stalwartlabs/stalwart: JMAP renditions ----

def jmap_tree(part):
    kind = part.get("type", "text/plain")
    return f"{kind}({','.join(jmap_tree(p) for p in part['subParts'])})" if part.get("subParts") else kind


def jmap(program, path, tally):
    doc = dump(program, path)
    want = json.load(open(re.sub(r"\.eml$", "", path) + ".json"))
    name = os.path.basename(path)
    if want.get("subject") is not None:
        tally.check(name, "subject", squeezed(doc["subject"]), squeezed(want["subject"]))
    for field in ("from", "to"):
        if want.get(field):
            tally.check(name, field, people(doc[field]),
                        [(squeezed(b.get("name")), (b.get("email") or "").lower()) for b in want[field]])
    if want.get("sentAt"):
        when = datetime.datetime.fromisoformat(want["sentAt"].replace("Z", "+00:00"))
        tally.check(name, "date", doc["date_epoch"], int(when.timestamp()))
    if want.get("bodyStructure"):
        # A message inside is one part there.
        tally.check(name, "tree", re.sub(r"(message/(rfc822|global))\((?:[^()]|\([^()]*\))*\)", r"\1", doc["tree"]),
                    jmap_tree(want["bodyStructure"]))
        sizes = sorted(p["size"] for p in doc["parts"])
        for a in want.get("attachments", []):
            theirs = (a.get("name"), a["size"])
            ours = [(p["filename"], p["size"]) for p in doc["parts"]]
            tally.check(name, "attachments", theirs if theirs in ours or a["type"] == "message/rfc822" and
                        a["size"] in sizes else ours, theirs)


# ---- apache/james-mime4j: the tree as XML ----

def xml_type(part, default):
    for field in part.findall("header/field"):
        m = re.match(r"(?i)content-type\s*:\s*([^;\s(]*)", (field.text or "").strip())
        if m:
            return m.group(1).lower() if "/" in m.group(1).strip("/") else default
    return default


def xml_tree(part, default="text/plain"):
    kind = xml_type(part, default)
    inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
    if part.find("multipart") is not None:
        return f"{kind}({','.join(xml_tree(p, inner) for p in part.findall('multipart/body-part'))})"
    if part.find("message") is not None:
        return f"{kind}({xml_tree(part.find('message'))})"
    return kind


def mime4j(program, path, tally):
    root = xml.etree.ElementTree.parse(re.sub(r"\.msg$", "_decoded.xml", path)).getroot()
    tally.check(os.path.basename(path), "tree", dump(program, path)["tree"], xml_tree(root))


# ---- dinhvh/libetpan (mailcore): the tree and the header ----

def etpan_tree(part):
    if part["partType"] == "single":
        return part.get("mimeType", "text/plain").lower()
    if part["partType"] == "message":
        return f"message/rfc822({etpan_tree(part['mainPart'])})"
    return f"{part['partType'].lower()}({','.join(etpan_tree(p) for p in part.get('parts', {}).get('items', []))})"


def etpan(program, path, tally):
    with open(path.replace("_input_", "_output_")) as f:
        want = json.load(f)
    doc = dump(program, path)
    name = os.path.basename(path)
    header = want["header"]
    tally.check(name, "tree", doc["tree"].replace("multipart/digest", "multipart/mixed"), etpan_tree(want["mainPart"]))
    if "subject" in header:
        tally.check(name, "subject", squeezed(doc["subject"]), squeezed(header["subject"]))
    if "from" in header: # comments beside an address are no names there
        tally.check(name, "from", [a for n, a in people(doc["from"])][:1], [header["from"].get("mailbox", "").lower()])


SOURCES = [
    ("apache_james-mime4j/*.msg", mime4j),
    ("dinhvh_libetpan*/unittest_mime-parser_data_input_*", etpan),
    ("stalwartlabs_mail-parser/*.eml", mail_parser),
    ("ikvk_imap_tools/*.eml", imap_tools),
    ("zbateson_mail-mime-parser/m*.txt", mime_parser),
    ("Webklex_php-imap/*.eml", php_imap),
    ("stalwartlabs_stalwart/*get*.eml", jmap),
]


def main():
    argv = [a for a in sys.argv[1:] if a != "-v"]
    if len(argv) < 2:
        print(__doc__)
        return 64
    program, corpus = argv[:2]
    tally = Tally("-v" in sys.argv)
    messages = 0
    for pattern, compare in SOURCES:
        for path in sorted(glob.glob(os.path.join(corpus, "1-mime", pattern))):
            if len(argv) > 2 and not any(s in path for s in argv[2:]):
                continue
            try:
                compare(program, path, tally)
                messages += 1
            except FileNotFoundError:
                pass # no expected values for this one
    if messages == 0:
        print("no messages: skipped")
        return 77
    low = False
    for what, (good, total) in tally.count.items():
        if total:
            percent = 100 * good / total
            low |= percent < FLOORS[what]
            print(f"{what:12} {good:5} of {total:5} agree ({percent:.1f}%, floor {FLOORS[what]}%)")
    print(f"{messages} messages, {tally.refused} values refused with a reason")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
