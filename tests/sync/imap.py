#!/usr/bin/env python3
"""IMAP workers against a real Dovecot: what is fetched ahead, what goes on where it was cut, who tells of news.

usage: imap.py [CASE...]    (needs FEIST_SRCDIR, FEIST_BUILDDIR, FEIST_LIBEXEC)
"""
import os
import re
import threading

from remote import equal, main, message, must, rows


def ahead(w):
    """Bodies before anybody asks: newest first, by policy, within the budget, and again after a kill."""
    for n in range(1, 41):
        w.save("INBOX", message(n))
    w.save("Sent", message(50))
    text = ["imap_prefetch text"]
    out = w.drive(["watch INBOX", "wait", "awaitbody INBOX 1 text", "body INBOX 1 text", "body INBOX 40 text", "quit"], conf=text)
    must("Text of 1." in out and "Text of 40." in out, "all are here", out)
    out = w.drive(["sync", "wait", "awaitbody Sent 1 text", "body Sent 1 text", "quit"], conf=text)
    must("Text of 50." in out, "mailboxes that are watched, too", out)
    w.save("INBOX", message(41))
    out = w.drive(["watch INBOX", "wait", "awaitbody INBOX 41 text", "quit"], conf=text, wire=w.dir + "/wire")
    must("timeout" not in out, "a new one", out)
    asked = re.findall(r"UID FETCH (\S+) \(UID BODY.PEEK\[\]", open(w.dir + "/wire").read())
    equal(asked, ["41"], "what is here is not fetched again", out)


def ahead_by_mailbox(w):
    """An exception for a mailbox by a pattern."""
    w.save("INBOX", message(1))
    w.save("Sent", message(2))
    out = w.drive(["sync", "wait", "watch INBOX", "wait", "awaitbody INBOX 1 text", "body INBOX 1 text", "body Sent 1 text", "quit"],
                  conf=["imap_prefetch all", "imap_prefetch_mailboxes Se*=headers, Trash=text"])
    must("Text of 1." in out and "no body" in out, "only the one", out)


def resumed(w):
    """A big part whose download was killed goes on behind what is here; so does one that the line cut."""
    line = "%075d\n"
    big = "".join(line % i for i in range(40000))
    w.save("INBOX", message(1, extra="MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\n"
           "Content-Type: text/plain\n\nthe text\n--b\nContent-Type: application/x-big; name=\"big.bin\"\n\n" + big + "--b--\n"))
    script = ["watch INBOX", "wait", "fetch INBOX 1 2", "wait", "body INBOX 1 2", "quit"]
    wire = w.dir + "/wire"
    for stop in (8, 10, 12):
        w.drive(script, stop_at=stop, conf=["imap_fetch_chunk_size 262144"], wire=wire)
    out = w.drive(script, conf=["imap_fetch_chunk_size 262144"], wire=wire)
    asked = [int(n) for n in re.findall(r"BODY\.PEEK\[2\]<(\d+)\.", open(wire).read())]
    must(asked and asked == sorted(asked) and len(set(asked)) >= len(asked) - 3, "no byte twice but those of the last piece: %s" % asked, out[:2000])
    got = re.findall(r"^0{60,}\d+$", out.replace("\r", ""), re.M)
    equal(len(got), 40000, "all lines", out[:500])
    must(got == sorted(got), "in their order", out[:500])


def later(*steps):
    """What others do while the worker waits: the steps, one after another, in their own time."""
    def all_of_them():
        for step in steps:
            step()
    t = threading.Timer(0.4, all_of_them)
    t.start()
    return t


def told_of_others(w):
    """NOTIFY: counts of the other mailboxes come by themselves, on the one connection, while INBOX is open."""
    w.save("INBOX", message(1))
    w.save("Sent", message(2))
    t = later(lambda: w.save("Sent", message(3)), lambda: w.save("INBOX", message(4)),
              lambda: w.s.doveadm("flags", "add", "-u", w.user, "\\Seen", "mailbox", "Sent", "all"),
              lambda: w.s.doveadm("expunge", "-u", w.user, "mailbox", "INBOX", "subject", "message 1"))
    wire = w.dir + "/wire"
    out = w.drive(["watch INBOX", "wait", "awaitbox Sent 2 0", "await INBOX 0 message 4", "boxes", "quit"], wire=wire)
    t.join()
    must("timeout" not in out, "all is told", out)
    log = open(wire).read()
    must("NOTIFY SET" in log, "by NOTIFY", log[-3000:])
    equal(len(re.findall("^C: f\\d+ (?:SELECT|EXAMINE)", log, re.M)), 1, "nothing was opened for it", log[-3000:])
    equal(len(re.findall("^C: f\\d+ (?:STATUS|LIST \"\" \\()", log, re.M)), 1, "nor asked for but at the beginning", log[-3000:])


def others_are_read_ahead(w):
    """New mail in another mailbox that is to be read offline: its rows and bodies come, too."""
    w.save("INBOX", message(1))
    w.save("Sent", message(2))
    conf = ["imap_prefetch text"]
    w.drive(["watch Sent", "wait", "quit"], conf=conf)
    t = later(lambda: w.save("Sent", message(3)))
    out = w.drive(["watch INBOX", "wait", "awaitbox Sent 2 2", "awaitbody Sent 2 text", "body Sent 2 text", "rows Sent", "quit"], conf=conf)
    t.join()
    must("Text of 3." in out, "the body", out)
    equal([s for _, _, s in rows(out)], ["message 2", "message 3"], "the rows", out)


CASES = [ahead, ahead_by_mailbox, resumed, told_of_others, others_are_read_ahead]

if __name__ == "__main__":
    main(CASES, [])
