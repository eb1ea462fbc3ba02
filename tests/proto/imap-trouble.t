# What broken and hostile servers say (security-tests 4.4).
== nobody greets
imap user=joe pass=secret timeout=200
STALL
> open
< net: localhost:PORT has not answered for 0 seconds

== cut before the greeting
imap user=joe pass=secret
CUT
> open
< net: localhost:PORT closed the connection

== reset in the greeting
imap user=joe pass=secret
S- * OK
RST
> open
< ~net: 

== an HTTP server
imap user=joe pass=secret
S: HTTP/1.1 400 Bad Request
> open
< proto: localhost:PORT does not speak IMAP on this port

== noise
imap user=joe pass=secret
GARBAGE 5000
CUT
> open
< proto: localhost:PORT does not speak IMAP on this port

== an empty greeting
imap user=joe pass=secret
S:
> open
< proto: localhost:PORT does not speak IMAP on this port

== greeting NO
imap user=joe pass=secret
S: * NO go away
> open
< proto: localhost:PORT does not greet as an IMAP server

== greeting BYE
imap user=joe pass=secret
S: * BYE too many connections
> open
< net: localhost:PORT does not want us now: too many connections

== a tagged greeting
imap user=joe pass=secret
S: a1 OK hello
> open
< proto: localhost:PORT does not greet as an IMAP server

== line ends of LF only, and one byte at a time
imap user=joe pass=secret
DRIP 1
S- * PREAUTH [CAPABILITY IMAP4rev1] hi\n
C: f1 NOOP
S- * 3 EXISTS\nf1 OK done\n
> open
< ok
> noop
< exists 3
< ok

== a whole session one byte at a time, with literals
imap user=joe pass=secret
DRIP 1
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 UID FETCH 1:* (UID ENVELOPE)
S: * 1 FETCH (UID 5 ENVELOPE (NIL {7}
S: subject NIL NIL NIL NIL NIL NIL NIL {3}
S: <x>))
S: f1 OK
C: f2 UID FETCH 5 (UID BODY.PEEK[])
S: * 1 FETCH (UID 5 BODY[] {10}
S: 0123456789)
S: f2 OK
> open
< ok
> fetch 1:* UID ENVELOPE
< message 5 subject=subject
< ok
> body 5 -
< message 5 []0
< body 10 0123456789
< ok

== cut in the middle of a literal
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 UID FETCH 5 (UID BODY.PEEK[])
S: * 1 FETCH (UID 5 BODY[] {10}
S- 01234
CUT
> open
< ok
> body 5 -
< net: localhost:PORT closed the connection
> dead
< dead
> noop
< net: the session is over

== silence in the middle of a literal
imap user=joe pass=secret timeout=200
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 UID FETCH 5 (UID BODY.PEEK[])
S: * 1 FETCH (UID 5 BODY[] {10}
S- 01234
STALL
> open
< ok
> body 5 -
< net: localhost:PORT has not answered for 0 seconds

== literal sizes that cannot be
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * LIST () "/" {-1}
> open
< ok
> noop
< proto: the server announced a text of an impossible size

== a literal of 2^64 bytes
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * LIST () "/" {18446744073709551616}
> open
< ok
> noop
< proto: the server announced a text of an impossible size

== a literal of 4 GB that is no body
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * LIST () "/" {4294967296}
> open
< ok
> noop
< limit: localhost:PORT sent an answer of more than 16 MB

== text that looks like a literal is text
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * OK see section {5}
S: f1 OK really {3}
> open
< ok
> noop
< ok

== zero literal
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 UID FETCH 5 (UID BODY.PEEK[])
S: * 1 FETCH (UID 5 BODY[] {0}
S: )
S: f1 OK
> open
< ok
> body 5 -
< message 5 []0
< body 0 
< ok

== a tag that was not given
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: f7 OK done
> open
< ok
> noop
< proto: the server answers a command that was not given

== a tag from the past
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: f1 OK
C: f2 NOOP
S: f1 OK again
> open
< ok
> noop
< ok
> noop
< proto: the server answers a command that was not given

== a go-ahead that nobody waits for is ignored
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: + go
S: f1 OK
> open
< ok
> noop
< ok

== NO and BAD leave the session alive
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: f1 NO not now
C: f2 NOOP
S: f2 BAD what?
C: f3 NOOP
S: f3 NO
> open
< ok
> noop
< proto: the server says no: not now
> noop
< proto: the server says that it does not understand: what?
> noop
< proto: the server says no: 
> dead
< alive

== over quota
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 APPEND "Sent" (\Seen) {1}
S: f1 NO [OVERQUOTA] full
> open
< ok
> append Sent x
< limit: the server says no: full (the mailbox is full: delete or move away messages and empty the trash, or ask for more room)

== lines that make no sense are stepped over, and noticed
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * LIST (((
S: * 0 EXPUNGE
S: * 5 FETCH (UID
S: * STATUS x (MESSAGES -1)
S: * VANISHED 1,:2
S: * 99999999999 EXISTS
S: * X-NEW (thing [of (the)] "future") {3}
S: abc
S: f1 OK
> open
< ok
> noop
< unclear
< unclear
< unclear
< unclear
< unclear
< unclear
< ok

== more messages than anybody has
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * 4294967295 EXISTS
> open
< ok
> noop
< limit: the mailbox has 4294967295 messages, more than this program can hold

== EXPUNGE beyond the end, EXISTS that shrinks
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * 5 EXISTS
S: * 6 EXPUNGE
S: * 4 EXISTS
S: f1 OK
> open
< ok
> noop
< exists 5
< unclear
< unclear
< exists 4
< ok

== BYE in the middle, with words and a referral that is not followed
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * BYE [REFERRAL imap://;AUTH=*@evil.example/] maintenance
CUT
> open
< ok
> noop
< alert maintenance
< net: localhost:PORT ended the session: maintenance

== alerts
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * OK [ALERT] %s%n quota at 90%%
S: * NO [ALERT]
S: f1 OK [ALERT] soon
> open
< ok
> noop
< alert %s%n quota at 90%%
< alert 
< alert soon
< ok

== IDLE without a go-ahead, refused
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi
C: f1 IDLE
S: f1 NO not here
> open
< ok
> idle 500
< proto: the server says no: not here

== IDLE: quiet, then DONE
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi
C: f1 IDLE
S: + idling
C: DONE
S: f1 OK
> open
< ok
> idle 50
< ok

== no IDLE: NOOP instead
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: * 2 EXISTS
S: f1 OK
> open
< ok
> idle 50
< exists 2
< ok

== ten thousand capabilities
imap user=joe pass=secret
S- * PREAUTH [CAPABILITY IMAP4rev1
SREP 100000  X-CAP
S: ] hi
C: f1 NOOP
S: f1 OK
> open
< ok
> noop
< ok

== a line without end
imap user=joe pass=secret
S- * OK 
SREP 11000 01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789
> open
< limit: localhost:PORT sent a line of more than 8388608 bytes

== a compressed stream that is none
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hi
C: f1 COMPRESS DEFLATE
S: f1 OK
GARBAGE 100
> open
< ok
> compress
< ok
> noop
< proto: the server's compressed data is broken
