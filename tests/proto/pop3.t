== APOP only where nothing better is offered (RFC 1939's example)
pop user=mrose pass=tanstaaf
S: +OK hello <1896.697170952@dbc.mtview.ca.us>
C: CAPA
S: +OK
S: TOP
S: .
C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
S: +OK
C: CAPA
S: -ERR
> open
< ok

== APOP's time stamp must look like one
pop user=mrose pass=tanstaaf auth=apop
S: +OK hello <no at sign>
C: CAPA
S: -ERR
> open
< auth: localhost:PORT offers no login that is allowed here

== USER and PASS, list, retrieve, delete, quit
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: TOP
S: UIDL
S: USER
S: .
C: USER joe
S: +OK
C: PASS secret
S: +OK 2 messages
C: CAPA
S: +OK
S: TOP
S: UIDL
S: .
C: LIST
S: +OK
S: 1 120
S: 3 99999999999
S: .
C: UIDL
S: +OK
S: 1 abc
S: 3 def
S: .
C: RETR 1
S: +OK
S: Subject: x
S:
S: ..dot
S: ...
S: .. 
S: a.b
S: .
C: TOP 3 0
S: +OK
S: Subject: y
S:
S: .
C: DELE 1
S: +OK
C: QUIT
S: +OK bye
> open
< ok
> list
< item 1 120 abc
< item 3 99999999999 def
< ok
> retr 1
< message Subject: x\r\n\r\n.dot\r\n..\r\n. \r\na.b\r\n
< ok
> top 3 0
< message Subject: y\r\n\r\n
< ok
> dele 1
< ok
> quit
< ok

== a message ends with CRLF dot CRLF and nothing else
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: RETR 1
DRIP 1
S- +OK\r\na\n.\nb\r.\r\nc\r\n.\rd\r\n.\r\n
> open
< ok
> retr 1
< message a\n.\nb\r.\r\nc\r\n\rd\r\n
< ok

== an empty message
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: RETR 1
S: +OK
S: .
C: RETR 2
S: -ERR no such message
> open
< ok
> retr 1
< message 
< ok
> retr 2
< gone: RETR 2: the server says no: no such message

== cut in a message
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: RETR 1
S: +OK
S: half a
CUT
> open
< ok
> retr 1
< net: localhost:PORT closed the connection
> dele 1
< net: the connection is over

== pipelined: CAPA, LIST and UIDL in one flight, then the messages
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
C: LIST
C: UIDL
S: +OK
S: PIPELINING
S: UIDL
S: .
S: +OK
S: 1 10
S: 2 10
S: 3 10
S: .
S: +OK
S: 1 a
S: 2 b
S: 3 c
S: .
C: RETR 1
C: RETR 2
C: RETR 3
S: +OK
S: one
S: .
S: +OK
S: two
S: .
S: +OK
S: three
S: .
> open
< ok
> list
< item 1 10 a
< item 2 10 b
< item 3 10 c
< ok
> many 1 2 3
< message 1 one\r\n
< message 2 two\r\n
< message 3 three\r\n
< ok

== pipelined: a refusal in the middle, verbs mixed
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: RETR 1
C: RETR 2
C: TOP 3 5
C: DELE 1
C: DELE 2
S: +OK
S: one
S: .
S: -ERR no such message
S: +OK
S: top
S: .
S: +OK
S: -ERR [SYS/TEMP] busy
> open
< ok
> many 1 2 top 3 dele 1 2
< message 1 one\r\n
< refused 2 gone: RETR 2: the server says no: no such message
< message 3 top\r\n
< message 1 
< refused 2 net: DELE 2: the server says no: busy (trouble of its own, for a while)
< ok

== pipelined: cut between two answers
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: RETR 1
C: RETR 2
S: +OK
S: one
S: .
S: +OK
S: tw
CUT
> open
< ok
> many 1 2
< message 1 one\r\n
< net: localhost:PORT closed the connection

== pipelined: an answer that is none
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: RETR 1
C: RETR 2
S: +OK
S: one
S: .
S: what was that?
> open
< ok
> many 1 2
< message 1 one\r\n
< proto: localhost:PORT: not a POP3 reply: what was that?

== no PIPELINING: one by one
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: RETR 1
S: +OK
S: one
S: .
C: DELE 1
S: +OK
C: RETR 2
S: +OK
S: two
S: .
> open
< ok
> many 1 dele 1
< message 1 one\r\n
< message 1 
< ok
> many 2
< message 2 two\r\n
< ok

== a server that got confused before: one by one, whatever it says
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: RETR 1
S: +OK
S: one
S: .
C: RETR 2
S: +OK
S: two
S: .
> open
< ok
> many onebyone 1 2
< message 1 one\r\n
< message 2 two\r\n
< ok

== bytes: a NUL, eight bits, a bare LF, no CRLF before the end but dots of all kinds
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: RETR 1
S: +OK
S- a\0b\xff\xfe\nc\r\n..\r\n...x\r\n.\ny\r\n.x\r\n.\r\n
> open
< ok
> retr 1
< message a\0b\xff\xfe\nc\r\n.\r\n..x\r\n\ny\r\nx\r\n
< ok

== a line of a megabyte
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: RETR 1
S: +OK
SREP 1000000 x
S: 
S: .
> open
< ok
> retr 1
< ~message xxxxxxxx
< ok

== lists that make no sense: what can be used is
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: LIST
S: +OK 7 messages, or so
S: 0 10
S: 3 huge
S: 2 10
S: 2 11
S: -1 5
S: 99999999999 5
S: 18446744073709551616 5
S: 4 18446744073709551616
S: five 5
S:
S: 1 10 and more
S: .
C: UIDL
S: +OK
S: 1 a
S: 2 b
S: .
> open
< ok
> list
< item 1 10 a
< item 2 10 b
< item 3 0 
< item 4 0 
< ok

== UIDLs that are no use: missing, twice, empty, for nobody
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: LIST
S: +OK
S: 1 10
S: 2 10
S: 3 10
S: 4 10
S: 5 10
S: .
C: UIDL
S: +OK
S: 1 same
S: 2 same
S: 3
S: 9 x
S: 4 ../../etc
S: 5 once
S: 5 more
S: .
> open
< ok
> list
< item 1 10 
< item 2 10 
< item 3 10 
< item 4 10 ../../etc
< item 5 10 once
< ok

== UIDLs that RFC 1939 forbids name their messages all the same
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: LIST
S: +OK
S: 1 10
S: 2 10
S: 3 10
S: .
C: UIDL
S: +OK
S: 1 two words
S: 2 a\0b
S- 3 
SREP 300 x
S- \r\n
S: .
> open
< ok
> list
< item 1 10 hash-a03f1d611645eb53ad16c1af546ca0792dc884505bab57ede80f4dad6b911d3a
< item 2 10 hash-59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138
< item 3 10 hash-0d4e2ca9e9cbced7a7a5380eb29e1a3783b9b6d0db72de36a1051038e1c1fbc7
< ok

== no UIDL at all
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: LIST
S: +OK
S: 1 10
S: .
C: UIDL
S: -ERR what
> open
< ok
> list
< item 1 10 
< ok

== no LIST: nothing to go by
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: LIST
S: -ERR [SYS/PERM] index broken
> open
< ok
> list
< proto: LIST: the server says no: index broken (trouble that its administrator must end)

== an empty mailbox
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
C: LIST
S: +OK
S: .
C: UIDL
S: +OK
S: .
> open
< ok
> list
< ok

== SASL PLAIN
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: SASL PLAIN LOGIN
S: .
C: AUTH PLAIN AGpvZQBzZWNyZXQ=
S: +OK in
C: CAPA
S: -ERR
> open
< ok

== wrong password
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: USER
S: .
C: USER joe
S: +OK
C: PASS secret
S: -ERR [AUTH] wrong
> open
< auth: login: the server says no: wrong

== the mailbox is in use: later
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: -ERR [IN-USE] locked
> open
< net: login: the server says no: locked (another program has the mailbox open)

== too soon
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: LOGIN-DELAY 900
S: USER
S: .
C: USER joe
S: +OK
C: PASS secret
S: -ERR [LOGIN-DELAY] 900 s between logins
> open
< net: login: the server says no: 900 s between logins (it wants longer pauses between logins)

== AUTH-RESP-CODE: only what is marked is the password's fault
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: AUTH-RESP-CODE
S: USER
S: .
C: USER joe
S: +OK
C: PASS secret
S: -ERR the mailbox is broken
> open
< proto: login: the server says no: the mailbox is broken

== AUTH-RESP-CODE: the password
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: AUTH-RESP-CODE
S: USER
S: .
C: USER joe
S: +OK
C: PASS secret
S: -ERR [AUTH] no
> open
< auth: login: the server says no: no

== refused at the door
pop user=joe pass=secret
S: -ERR [SYS/TEMP] too many connections
> open
< net: greeting: the server says no: too many connections (trouble of its own, for a while)

== refused at the door for good
pop user=joe pass=secret
S: -ERR [SYS/PERM] no POP3 for you
> open
< proto: greeting: the server says no: no POP3 for you (trouble that its administrator must end)

== UTF8 before the login
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: UTF8 USER
S: USER
S: .
C: UTF8
S: +OK
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
> open
< ok

== a second CAPA that is refused: what the first said holds
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: TOP
S: .
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
C: LIST
C: UIDL
S: -ERR not now
S: +OK
S: 1 10
S: .
S: +OK
S: 1 a
S: .
C: RETR 1
C: RETR 1
S: +OK
S: .
S: +OK
S: .
> open
< ok
> list
< item 1 10 a
< ok
> many 1 1
< message 1 
< message 1 
< ok

== no POP3 server
pop user=joe pass=secret
S: 220 smtp here
> open
< proto: localhost:PORT does not speak POP3 on this port

== a password that PLAIN brought is not tried by USER once more
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: SASL PLAIN
S: USER
S: .
C: AUTH PLAIN AGpvZQBzZWNyZXQ=
S: -ERR [AUTH] no
> open
< auth: login: the server says no: no

== SCRAM that the user's password cannot do: the next one
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: +OK
S: SASL SCRAM-SHA-256
S: USER
S: .
C~ AUTH SCRAM-SHA-256 
S: -ERR not for you
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: -ERR
> open
< ok

== and with pop_auth_try_all unset not
pop user=joe pass=secret one-login
S: +OK hello
C: CAPA
S: +OK
S: SASL SCRAM-SHA-256
S: USER
S: .
C~ AUTH SCRAM-SHA-256 
S: -ERR not for you
> open
< auth: login: the server says no: not for you
