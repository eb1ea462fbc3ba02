== open, list, select, newest screenful
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN ESEARCH SEARCHRES ENABLE CONDSTORE QRESYNC UIDPLUS MOVE LIST-EXTENDED LIST-STATUS SPECIAL-USE NAMESPACE IDLE] hello
C: f1 AUTHENTICATE PLAIN AGpvZQBzZWNyZXQ=
S: f1 OK [CAPABILITY IMAP4rev1 LITERAL+ ESEARCH SEARCHRES ENABLE CONDSTORE QRESYNC UIDPLUS MOVE LIST-EXTENDED LIST-STATUS SPECIAL-USE NAMESPACE IDLE] in
C: f2 ENABLE QRESYNC
S: * ENABLED QRESYNC CONDSTORE
S: f2 OK
C: f3 NAMESPACE
C: f4 LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ))
S: * NAMESPACE (("" "/")) NIL NIL
S: f3 OK
S: * LIST (\\HasNoChildren \\Subscribed) "/" INBOX
S: * STATUS INBOX (MESSAGES 3 UNSEEN 1 UIDNEXT 10 UIDVALIDITY 7 HIGHESTMODSEQ 99)
S: * LIST (\\HasNoChildren \\Sent) "/" "Sent Items"
S: * LIST (\\NoSelect \\HasChildren) "/" {8}
S: &U,BTFw-
S: * LIST (\\HasNoChildren) NIL "odd\\"name"
S: f4 OK done
C: f5 SELECT INBOX (CONDSTORE)
S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] ok
S: * 3 EXISTS
S: * 0 RECENT
S: * OK [UIDVALIDITY 7] UIDs valid
S: * OK [UIDNEXT 10] next
S: * OK [HIGHESTMODSEQ 99] highest
S: f5 OK [READ-WRITE] selected
C: f6 FETCH 2:3 (UID FLAGS)
S: * 2 FETCH (UID 5 FLAGS (\\Seen $Important) MODSEQ (12))
S: * 3 FETCH (UID 9 FLAGS () MODSEQ (99))
S: f6 OK
> open
< ok
> enable
< ok
> list
< list INBOX delim=/ attr=72
< status INBOX messages=3 unseen=1
< list Sent Items delim=/ attr=8 special=Sent
< list 台北 delim=/ attr=5
< list odd"name delim=- attr=8
< ok
> namespaces
< personal - delim=/
> select INBOX
< exists 3
< selected exists=3 uidvalidity=7 uidnext=10 modseq=99
< ok
> newest 2 UID FLAGS
< message 5 flags=1+$Important modseq=12
< message 9 flags=0 modseq=99
< ok

== body in a literal, as quoted text, as NIL, gone
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
C: f1 UID FETCH 5 (UID BODY.PEEK[])
S: * 1 FETCH (UID 5 FLAGS (\\Seen) BODY[] {11}
S: hello
S- body)\r\n
S: f1 OK
C: f2 UID FETCH 5 (UID BODY.PEEK[1.2]<10.20>)
S: * 1 FETCH (BODY[1.2]<10> "in quotes" UID 5)
S: f2 OK
C: f3 UID FETCH 5 (UID BODY.PEEK[9])
S: * 1 FETCH (UID 5 BODY[9] NIL)
S: f3 OK
C: f4 UID FETCH 6 (UID BODY.PEEK[])
S: f4 OK nothing
C: f5 UID FETCH 5 (UID BODY.PEEK[])
S: * 1 FETCH (UID 6 BODY[] {3}
S: abc)
S: f5 OK
> open
< ok
> body 5 -
< message 5 flags=1 []0
< body 11 hello||body
< ok
> body 5 1.2 10 20
< message 5 [1.2]9
< body 9 in quotes
< ok
> body 5 9
< message 5 [9]nil0
< gone: the server has no such part
> body 6 -
< gone: the message is not on the server any more
> body 5 -
< proto: the server sent another message than the one asked for
> dead
< dead

== sequence numbers become UIDs
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hello
C: f1 SELECT INBOX
S: * 5 EXISTS
S: * OK [UIDVALIDITY 1]
S: f1 OK [READ-WRITE]
C: f2 UID FETCH 1:* (UID)
S: * 1 FETCH (UID 10)
S: * 2 FETCH (UID 20)
S: * 3 FETCH (UID 30)
S: * 4 FETCH (UID 40)
S: * 5 FETCH (UID 50)
S: f2 OK
C: f3 IDLE
S: + idling
S: * 2 EXPUNGE
S: * 2 EXPUNGE
S: * 2 FETCH (FLAGS (\\Flagged))
S: * 1 EXPUNGE
S: * 3 EXISTS
S: * 3 FETCH (FLAGS (\\Seen))
C: DONE
S: * 3 EXPUNGE
S: * 9 EXPUNGE
S: f3 OK
> open
< ok
> select INBOX
< exists 5
< selected exists=5 uidvalidity=1 uidnext=0 modseq=0
< ok
> fetch 1:* UID
< message 10
< message 20
< message 30
< message 40
< message 50
< ok
> idle 1000
< vanished 20
< vanished 30
< message 40 flags=4
< vanished 10
< exists 3
< unclear
< unclear
< unclear
< ok

== news between IDLE and its plus ends the wait
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hello
C: f1 SELECT INBOX
S: * 2 EXISTS
S: * OK [UIDVALIDITY 1]
S: f1 OK [READ-WRITE]
C: f2 UID FETCH 1:* (UID)
S: * 1 FETCH (UID 10)
S: * 2 FETCH (UID 20)
S: f2 OK
C: f3 IDLE
S: * 1 EXPUNGE
S: + idling
C: DONE
S: f3 OK
> open
< ok
> select INBOX
< exists 2
< selected exists=2 uidvalidity=1 uidnext=0 modseq=0
< ok
> fetch 1:* UID
< message 10
< message 20
< ok
> idle 600000
< vanished 10
< ok

== QRESYNC
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE QRESYNC] hello
C: f1 ENABLE QRESYNC
S: * ENABLED QRESYNC
S: f1 OK
C: f2 SELECT "Box" (QRESYNC (7 90))
S: * OK [CLOSED]
S: * 100 EXISTS
S: * OK [UIDVALIDITY 7]
S: * OK [HIGHESTMODSEQ 95]
S: * VANISHED (EARLIER) 41,43:45
S: * 3 FETCH (UID 8 FLAGS (\\Seen) MODSEQ (94))
S: f2 OK [READ-ONLY] done
C: f3 NOOP
S: * VANISHED 50:51
S: * 4 FETCH (UID 9 FLAGS () MODSEQ (96))
S: f3 OK
> open
< ok
> enable
< ok
> select Box 7 90
< exists 100
< vanished 41,43 (..45)
< message 8 flags=1 modseq=94
< selected exists=100 uidvalidity=7 uidnext=0 modseq=95 read-only
< ok
> noop
< vanished 50 (..51)
< message 9 flags=0 modseq=96
< ok

== copy, move, store, UID EXPUNGE, append
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS MOVE] hello
C: f1 UID COPY 1:2 "a b"
S: f1 OK [COPYUID 38505 1:2 3956:3957] Done
C: f2 UID MOVE 3 "Other"
S: * OK [COPYUID 38505 3 9]
S: * 1 EXPUNGE
S: f2 OK moved
C: f3 UID STORE 4 +FLAGS.SILENT (\Seen \Flagged $Label1)
S: f3 OK
C: f4 UID EXPUNGE 4
S: f4 OK
C: f5 APPEND "Sent" (\Seen) {13}
S: + go
CB 13
C:
S: f5 OK [APPENDUID 38505 77] done
C: f6 UID COPY 1 "Nowhere"
S: f6 NO [TRYCREATE] no such mailbox
> open
< ok
> copy 1:2 a b
< from 1 (..2)
< to 3956 (..3957)
< ok
> move 3 Other
< unclear
< from 3
< to 9
< ok
> store 4 + 5 $Label1
< ok
> expunge 4
< ok
> append Sent hello\r\nworld!
< appended 77
< ok
> copy 1 Nowhere
< gone: the server says no: no such mailbox

== a store that is left undone where the message has changed
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 CONDSTORE] hello
C: f1 UID STORE 4:6 (UNCHANGEDSINCE 12121230045) -FLAGS.SILENT (\Deleted)
S: * 1 FETCH (UID 4 MODSEQ (12121231000))
S: f1 OK [MODIFIED 5:6] Conditional STORE failed
C: f2 UID STORE 7 (UNCHANGEDSINCE 12) -FLAGS.SILENT (\Flagged work)
S: f2 NO [MODIFIED 7] Nothing stored
C: f3 UID COPY 7 "Other"
S: f3 OK [MODIFIED 7] makes no sense here
> open
< ok
> store 4:6 - 8 - 12121230045
< message 4 modseq=12121231000
< modified 5 (..6)
< ok
> store 7 - 4 work 12
< modified 7
< proto: the server says no: Nothing stored
> copy 7 Other
< ok

== namespaces, quotas, ids and uses of mailboxes
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 NAMESPACE LIST-EXTENDED LIST-STATUS SPECIAL-USE CREATE-SPECIAL-USE OBJECTID QUOTA] hello
C: f1 NAMESPACE
C: f2 LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY))
S: * NAMESPACE (("" "/")) (("Other &AOQ-/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) (("#shared/" "/")("#public." "."))
S: f1 OK
S: * LIST (\\Subscribed) "/" INBOX
S: * STATUS INBOX (MESSAGES 3 UNSEEN 1 MAILBOXID (F2212ea87-6097))
S: f2 OK
C: f3 LIST "Other &AOQ-/" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MAILBOXID))
S: * LIST () "/" "Other &AOQ-/bob"
S: f3 OK
C: f4 GETQUOTAROOT INBOX
S: * QUOTAROOT INBOX "" "root two"
S: * QUOTA "" (STORAGE 10 512)
S: * QUOTA "root two" (MESSAGE 5 100 STORAGE 7 8)
S: f4 OK
C: f5 CREATE "Papierkorb" (USE (\Trash))
S: f5 NO [USEATTR] there is one
> open
< ok
> list
< list INBOX delim=/ attr=64
< status INBOX messages=3 unseen=1 id=F2212ea87-6097
< ok
> namespaces
< personal - delim=/
< others Other ä/ delim=/
< shared #shared/ delim=/
< shared #public. delim=.
> below Other ä/
< list Other ä/bob delim=/ attr=0
< ok
> quota
< quota "" STORAGE 10 of 512
< quota "root two" MESSAGE 5 of 100
< quota "root two" STORAGE 7 of 8
< ok
> use Papierkorb Trash
< input: the server says no: there is one

== a server that cannot mark mailboxes, and namespaces half told
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 NAMESPACE] hello
C: f1 NAMESPACE
C: f2 LIST "" "*"
S: * NAMESPACE (("INBOX." ".")) NIL
S: f1 OK
S: f2 OK
C: f3 CREATE "Trash"
S: f3 OK
> open
< ok
> list
< ok
> namespaces
< personal INBOX. delim=.
> use Trash Trash
< ok

== an EXPUNGE of our own asking is no riddle, one more is
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS MOVE] hello
C: f1 SELECT INBOX
S: * 9 EXISTS
S: * OK [UIDVALIDITY 1]
S: f1 OK [READ-WRITE]
C: f2 UID EXPUNGE 3,7:8
S: * 3 EXPUNGE
S: * 6 EXPUNGE
S: * 6 EXPUNGE
S: f2 OK
C: f3 UID MOVE 9 "Other"
S: * 1 EXPUNGE
S: * 5 EXPUNGE
S: f3 OK
> open
< ok
> select INBOX
< exists 9
< selected exists=9 uidvalidity=1 uidnext=0 modseq=0
< ok
> expunge 3,7:8
< ok
> move 9 Other
< unclear
< ok

== labels of Gmail
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 X-GM-EXT-1] hello
C: f1 UID FETCH 4 (UID FLAGS X-GM-MSGID X-GM-THRID X-GM-LABELS)
S: * 1 FETCH (X-GM-MSGID 1278455344230334865 X-GM-THRID 1266894439832287888 X-GM-LABELS (\\Inbox "Work Stuff" foo &AOQ-) UID 4 FLAGS (\\Seen))
S: f1 OK
C: f2 UID STORE 4 +X-GM-LABELS.SILENT (\Inbox "Work Stuff" "&AOQ-")
S: f2 OK
C: f3 UID STORE 4 -X-GM-LABELS.SILENT ("foo")
S: f3 OK
> open
< ok
> fetch 4 UID FLAGS X-GM-MSGID X-GM-THRID X-GM-LABELS
< message 4 flags=1 object=1278455344230334865 thread=1266894439832287888 labels=\Inbox,Work Stuff,foo,&AOQ-
< ok
> label 4 + \Inbox,Work Stuff,ä
< ok
> label 4 - foo
< ok

== ids of messages, when they were saved, previews
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 OBJECTID SAVEDATE PREVIEW] hello
C: f1 UID FETCH 4:5 (UID EMAILID THREADID SAVEDATE PREVIEW (LAZY))
S: * 1 FETCH (UID 4 EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9) SAVEDATE "01-Jan-2026 10:00:00 +0000" PREVIEW "This is it")
S: * 2 FETCH (UID 5 EMAILID (M5) THREADID NIL SAVEDATE NIL PREVIEW NIL)
S: f1 OK
> open
< ok
> fetch 4:5 UID EMAILID THREADID SAVEDATE PREVIEW (LAZY)
< message 4 object=M6d99ac3275bb4e thread=T64b478a75b7ea9 saved=1767261600 preview=This is it
< message 5 object=M5
< ok

== several messages in one command, all or none
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS MULTIAPPEND] hello
C: f1 APPEND "Sent" (\Seen) {5}
S: + go
CB 5
C:  (\Seen) {3}
S: + go
CB 3
C:
S: f1 OK [APPENDUID 38505 77:78] done
C: f2 APPEND "Sent" (\Seen) {1}
S: + go
CB 1
C:  (\Seen) {1}
S: f2 NO [OVERQUOTA] full
> open
< ok
> appends Sent hello bye
< appended 77 (..78)
< ok
> appends Sent a b
< limit: the server says no: full (the mailbox is full: delete or move away messages and empty the trash, or ask for more room)

== several messages with LITERAL+ go in one flight
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 MULTIAPPEND LITERAL+] hello
C: f1 APPEND "Sent" (\Seen) {5+}
C: hello (\Seen) {3+}
C: bye
S: f1 OK done
> open
< ok
> appends Sent hello bye
< ok

== a draft that is replaced
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS REPLACE LITERAL+] hello
C: f1 UID REPLACE 2000 "Drafts" (\Seen) {5+}
C: hello
S: * OK [APPENDUID 1 2001] Replacement Message ready
S: * 5 EXISTS
S: * 4 EXPUNGE
S: f1 OK done
C: f2 UID REPLACE 9 "Drafts" (\Seen) {1+}
C: x
S: f2 NO there is no such message
> open
< ok
> replace 2000 Drafts hello
< exists 5
< unclear
< appended 2001
< ok
> replace 9 Drafts x
< proto: the server says no: there is no such message

== NUL bytes need BINARY
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
> open
< ok
> append Sent a\0b
< input: the message holds NUL bytes, which this server does not take

== and go as a literal8
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 BINARY LITERAL+] hello
C: f1 APPEND "Sent" (\Seen) ~{3+}
CB 3
C:
S: f1 OK
> open
< ok
> append Sent a\0b
< ok

== UTF8=ACCEPT: names and headers as they are
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT LITERAL+] hello
C: f1 ENABLE UTF8=ACCEPT
S: * ENABLED UTF8=ACCEPT
S: f1 OK
C: f2 LIST "" "*"
S: * LIST () "/" "Entwürfe"
S: * LIST () "/" "R&D &AOQ-"
S: f2 OK
C: f3 STATUS "Entwürfe" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
S: * STATUS "Entwürfe" (MESSAGES 1 UNSEEN 0)
S: f3 OK
C: f4 CREATE "R&D &AOQ-"
S: f4 OK
C: f5 APPEND "Entwürfe" (\Seen) UTF8 (~{7+}
C: ü: 1
C: )
S: f5 OK
C: f6 APPEND "Entwürfe" (\Seen) {6+}
C: u: 1
C:
S: f6 OK
C: f7 UID SEARCH SUBJECT "für"
S: * SEARCH 3
S: f7 OK
> open
< ok
> enable
< ok
> list
< list Entwürfe delim=/ attr=0
< list R&D &AOQ- delim=/ attr=0
< ok
> status Entwürfe
< status Entwürfe messages=1 unseen=0
< ok
> create R&D &AOQ-
< ok
> append Entwürfe ü: 1\r\n
< ok
> append Entwürfe u: 1\r\n
< ok
> find SUBJECT für
< found 3
< ok

== a name that is not ASCII waits for the answer to ENABLE, others do not
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT] hello
C: f1 ENABLE UTF8=ACCEPT
C: f2 STATUS "Sent" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
S: * ENABLED
S: f1 OK
C: f3 STATUS "Entw&APw-rfe" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
S: * STATUS "Sent" (MESSAGES 1 UNSEEN 0)
S: f2 OK
S: * STATUS "Entw&APw-rfe" (MESSAGES 2 UNSEEN 0)
S: f3 OK
> open
< ok
> ahead Sent Entwürfe
< status Sent messages=1 unseen=0
< status Entwürfe messages=2 unseen=0
< ok

== ENABLE refused: no QRESYNC is taken for granted
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE QRESYNC] hello
C: f1 ENABLE QRESYNC
S: f1 BAD what?
C: f2 SELECT INBOX (CONDSTORE)
S: * 1 EXISTS
S: f2 OK [READ-WRITE]
> open
< ok
> enable
< proto: the server says that it does not understand: what?
> select INBOX 7 99
< exists 1
< selected exists=1 uidvalidity=0 uidnext=0 modseq=0
< ok

== IMAP4rev2 is turned on where it is offered
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+] hello
C: f1 ENABLE IMAP4rev2
S: * ENABLED IMAP4rev2
S: f1 OK
C: f2 APPEND "Entwürfe" (\Seen) {7+}
C: ü: 1
C:
S: f2 OK [APPENDUID 1 5]
> open
< ok
> enable
< ok
> append Entwürfe ü: 1\r\n
< appended 5
< ok

== a response code that belongs to another command is ignored
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
C: f1 NOOP
S: f1 OK [APPENDUID 1 2] surprise
C: f2 UID COPY 1 "Other"
S: f2 OK [APPENDUID 1 2] surprise
C: f3 APPEND "Other" (\Seen) {1}
S: + go
CB 1
C:
S: f3 OK [COPYUID 1 2 3] surprise
C: f4 UID COPY 1 "Other"
S: f4 OK [COPYUID 1 2:3 3] counts differ
> open
< ok
> noop
< ok
> copy 1 Other
< ok
> append Other x
< ok
> copy 1 Other
< ok

== literals: LITERAL+, names that need one, a refused one
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
C: f1 CREATE "a\"b"
S: f1 OK
C: f2 CREATE "&AOQA9gD8-"
S: f2 OK
> open
< ok
> create a"b
< ok
> create äöü
< ok

== a name that is not as we would write it goes back as it came
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
C: f1 LIST "" "*"
S: * LIST () "/" "bad&name"
S: * LIST () "/" inbox
S: f1 OK
C: f2 SELECT "bad&name"
S: f2 OK
C: f3 SELECT INBOX
S: f3 OK
> open
< ok
> list
< list bad&name delim=/ attr=0
< list INBOX delim=/ attr=0
< ok
> select bad&name
< selected exists=0 uidvalidity=0 uidnext=0 modseq=0
< ok
> select INBOX
< selected exists=0 uidvalidity=0 uidnext=0 modseq=0
< ok

== search: plain and ESEARCH
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 ESEARCH] hello
C: f1 UID SEARCH RETURN (ALL) UNSEEN
S: * ESEARCH (TAG "f1") UID ALL 4:6,9
S: f1 OK
C: f2 UID SEARCH RETURN (ALL) ALL
S: * SEARCH 3 1 2 2
S: f2 OK
C: f3 UID SEARCH RETURN (ALL) ALL
S: * ESEARCH (TAG "f3") UID
S: f3 OK
> open
< ok
> search UNSEEN
< found 4 5 6 9
< ok
> search ALL
< found 1 2 3
< ok
> search ALL
< found
< ok

== compression
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hello
C: f1 COMPRESS DEFLATE
S: f1 OK now
DEFLATE
C: f2 NOOP
SREP 30 * 5 EXISTS\r\n
S: f2 OK
C: f3 UID FETCH 5 (UID BODY.PEEK[])
S: * 1 FETCH (UID 5 BODY[] {200000}
SREP 20000 0123456789
S: )
S: f3 OK
> open
< ok
> compress
< ok
> noop
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< exists 5
< ok
> body 5 -
< message 5 []0
< body 200000 0123456789012345678901234567890123456789
< ok

== a part without its base64, in pieces, and one that the server cannot decode
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 BINARY] hello
C: f1 UID FETCH 5 (UID BINARY.PEEK[2]<0.6>)
S: * 1 FETCH (UID 5 BINARY[2]<0> ~{6}
S- a\x00b\r\nc)\r\n
S: f1 OK
C: f2 UID FETCH 5 (UID BINARY.PEEK[2]<6.6>)
S: * 1 FETCH (BINARY[2]<6> "the" UID 5)
S: f2 OK
C: f3 UID FETCH 5 (UID BINARY.PEEK[3])
S: f3 NO [UNKNOWN-CTE] what is x-odd?
> open
< ok
> binary 5 2 0 6
< message 5 [2]0
< body 6 a
< ok
> binary 5 2 6 6
< message 5 [2]3
< body 3 the
< ok
> binary 5 3
< input: the server says no: what is x-odd?
