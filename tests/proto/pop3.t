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

== pipelined retrieval
pop user=joe pass=secret
S: +OK hello
C: CAPA
S: -ERR
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: +OK
S: PIPELINING
S: UIDL
S: .
C: LIST
C: UIDL
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

== lists that make no sense
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
S: 0 10
> open
< ok
> list
< proto: the server's list of messages makes no sense

== UIDLs that are no use are left out
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
S: .
C: UIDL
S: +OK
S: 1 same
S: 2 same
S: 3
S: 9 x
S: 4 ../../etc
S: .
> open
< ok
> list
< item 1 10 same
< item 2 10 
< item 3 10 
< item 4 10 ../../etc
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
< net: login: the server says no: locked

== no POP3 server
pop user=joe pass=secret
S: 220 smtp here
> open
< proto: localhost:PORT does not speak POP3 on this port
