== the newest in the flight of SELECT (RFC 9394)
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 PARTIAL] hello
C: f1 SELECT INBOX
C: f2 UID FETCH 1:* (UID FLAGS) (PARTIAL -1:-2)
S: * 3 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: f1 OK [READ-WRITE] selected
S: * 2 FETCH (UID 5 FLAGS ())
S: * 3 FETCH (UID 9 FLAGS ())
S: f2 OK
> open
< ok
> open-newest INBOX 2 0 UID FLAGS
< exists 3
< ok
< message 5 flags=0
< message 9 flags=0
< ok

== the newest in the flight of SELECT, by the count of a moment ago
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
C: f1 SELECT INBOX
C: f2 FETCH 49:* (UID FLAGS)
S: * 51 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: f1 OK [READ-WRITE] selected
S: * 49 FETCH (UID 490 FLAGS ())
S: * 50 FETCH (UID 500 FLAGS ())
S: * 51 FETCH (UID 510 FLAGS ())
S: f2 OK
> open
< ok
> open-newest INBOX 2 50 UID FLAGS
< exists 51
< ok
< message 490 flags=0
< message 500 flags=0
< message 510 flags=0
< ok

== the counts of many in one command
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 LIST-EXTENDED LIST-STATUS] hello
C: f1 LIST "" (INBOX "Work" "&AOQ-") RETURN (STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY))
S: * LIST () "/" INBOX
S: * STATUS INBOX (MESSAGES 3 UNSEEN 1 UIDNEXT 4 UIDVALIDITY 7)
S: * LIST () "/" "&AOQ-"
S: * STATUS "&AOQ-" (MESSAGES 5 UNSEEN 0 UIDNEXT 9 UIDVALIDITY 8)
S: f1 OK
> open
< ok
> counts INBOX Work ä
< list INBOX delim=/ attr=0
< status INBOX messages=3 unseen=1
< list ä delim=/ attr=0
< status ä messages=5 unseen=0
< ok

== the newest of an empty mailbox: nothing is sent
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
C: f1 SELECT INBOX
S: * 0 EXISTS
S: f1 OK selected
C: f2 NOOP
S: f2 OK
> open
< ok
> select INBOX
< exists 0
< selected exists=0 uidvalidity=0 uidnext=0 modseq=0
< ok
> newest 10 UID FLAGS
< gone: the mailbox is empty
> noop
< ok

== what is said of the mailbox that is left is not taken for the next one
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE QRESYNC CONDSTORE] hello
C: f1 SELECT INBOX (CONDSTORE)
S: * 2 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: f1 OK [READ-WRITE] selected
C: f2 SELECT "Sent" (CONDSTORE)
S: * VANISHED 3
S: * 1 FETCH (UID 4 FLAGS (\\Seen))
S: * OK [CLOSED] the other begins
S: * 5 EXISTS
S: * OK [UIDVALIDITY 8] valid
S: * VANISHED (EARLIER) 6
S: * 1 FETCH (UID 1 FLAGS ())
S: f2 OK [READ-WRITE] selected
> open
< ok
> select INBOX
< exists 2
< selected exists=2 uidvalidity=7 uidnext=0 modseq=0
< ok
> select Sent
< exists 5
< vanished 6
< message 1 flags=0
< selected exists=5 uidvalidity=8 uidnext=0 modseq=0
< ok

== NOTIFY: counts of others come by themselves, in IDLE too
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 NOTIFY IDLE] hello
C: f1 NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange)) (MAILBOXES (INBOX "Sent") (MessageNew MessageExpunge FlagChange))
S: f1 OK
C: f2 IDLE
S: * STATUS Sent (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 9 UNSEEN 1)
S: + idling
C: DONE
S: f2 OK
C: f3 NOTIFY NONE
S: f3 OK
> open
< ok
> notify INBOX Sent
< ok
> idle 300
< status Sent messages=2 unseen=1
< ok
> notify
< ok

== NOTIFY is refused
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 NOTIFY] hello
C: f1 NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange)) (MAILBOXES (INBOX) (MessageNew MessageExpunge FlagChange))
S: f1 NO [NOTIFICATIONOVERFLOW] too much
C: f2 NOOP
S: f2 OK
> open
< ok
> notify INBOX
< proto: the server says no: too much
> noop
< ok

== COMPRESS is refused: the session goes on as it was
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hello
C: f1 COMPRESS DEFLATE
S: f1 NO [COMPRESSIONACTIVE] TLS does it
C: f2 NOOP
S: f2 OK
> open
< ok
> compress
< ok
> noop
< ok
