== one message: pipelining, size, dots
smtp user=joe pass=secret
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-DSN
S: 250-ENHANCEDSTATUSCODES
S: 250 AUTH PLAIN LOGIN
C: AUTH PLAIN AGpvZQBzZWNyZXQ=
S: 235 2.7.0 in
C: MAIL FROM:<a@x.example> SIZE=25 BODY=8BITMIME RET=HDRS
C: RCPT TO:<b@y.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@y.example
C: RCPT TO:<c@z.example>
S: 250 2.1.0 ok
S: 250 2.1.5 ok
S: 250 2.1.5 ok
C: DATA
S: 354 go
C: Subject: x
C:
C: ..dot
C: ..
C: ...x
C: .
S: 250 2.0.0 queued as 1
C: QUIT
> open
< ok
> send a@x.example b@y.example,c@z.example 8bit dsn | Subject: x\r\n\r\n.dot\r\n.\n..x
< commit
< result sent 250 2.0.0 queued as 1
< rcpt b@y.example sent 250 2.1.5 ok
< rcpt c@z.example sent 250 2.1.5 ok
< ok

== every line end becomes CRLF, in pieces of one byte (no smuggling)
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
C= a\r\n..\r\nb\r\n..\r\nc\r\n..\r\nMAIL FROM:<evil>\r\n..\r\n\r\n\r\nx\r\n.\r\n
S: 250 ok
> open
< ok
> send a@x.example b@y.example piece=1 | a\n.\nb\r.\rc\r\n.\r\nMAIL FROM:<evil>\r\n.\n\r\rx
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== some recipients are refused: the others get it
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<>
C: RCPT TO:<b@y.example>
C: RCPT TO:<c@z.example>
C: RCPT TO:<d@z.example>
S: 250 ok
S: 550 5.1.1 no such user
S: 250 ok
S: 450 4.2.0 greylisted
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send <> b@y.example,c@z.example,d@z.example | hello
< commit
< result sent 250 ok
< rcpt b@y.example never 550 5.1.1 no such user
< rcpt c@z.example sent 250 ok
< rcpt d@z.example later 450 4.2.0 greylisted
< ok

== all or none
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
C: RCPT TO:<c@z.example>
S: 250 ok
S: 550 5.1.1 no such user
S: 250 ok
C: RSET
S: 250 ok
> open
< ok
> send a@x.example b@y.example,c@z.example all | hello
< result never
< rcpt b@y.example never 550 5.1.1 no such user
< rcpt c@z.example sent 250 ok
< proto: b@y.example: 550 5.1.1 no such user

== the sender is refused
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 553 5.7.1 not yours
C: RSET
S: 250 ok
> open
< ok
> send a@x.example b@y.example | hello
< result never
< proto: the server refused the sender: 553 5.7.1 not yours

== refused after the dot
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 554-5.7.1 spam
S: 554 5.7.1 says the filter
C: QUIT
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result never 554 5.7.1 spam says the filter
< rcpt b@y.example sent 250 ok
< proto: the server refused the message: 554 5.7.1 spam says the filter

== cut after the dot: unknown
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
CUT
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result unknown
< rcpt b@y.example sent 250 ok
< net: the message was handed over, but its receipt was not confirmed: localhost:PORT closed the connection
> dead
< dead

== nonsense after the dot: unknown
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: what
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result unknown
< rcpt b@y.example sent 250 ok
< proto: the message was handed over, but its receipt was not confirmed: localhost:PORT does not speak SMTP: what

== cut before the dot: later
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
CUT
> open
< ok
> send a@x.example b@y.example | hello
< result later
< net: localhost:PORT closed the connection

== the caller says no: nothing is sent
smtp no-commit
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
C: hello
STALL
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result later
< rcpt b@y.example sent 250 ok
< cancel: not allowed
> dead
< dead

== DATA answered with 250, 451, 554
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 451 4.3.0 try later
C: RSET
S: 250 ok
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example | hello
< result later
< rcpt b@y.example sent 250 ok
< net: the server does not take the message: 451 4.3.0 try later
> send a@x.example b@y.example | hello
< result later
< rcpt b@y.example sent 250 ok
< proto: the server does not take the message: 250 ok
> dead
< dead

== 421 at any point
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 421 4.3.2 going down
CUT
> open
< ok
> send a@x.example b@y.example | hello
< result later
< net: the server refused the sender: 421 4.3.2 going down
> dead
< dead

== too big for the server
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 SIZE 3
C: QUIT
> open
< ok
> send a@x.example b@y.example | hello
< result never
< limit: the message has 5 bytes, and localhost:PORT takes at most 3

== addresses that would break out of the command
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: QUIT
> open
< ok
> send a@x.example b>@y.example | hello
< result never
< input: the address "b>@y.example" cannot be used
> send a@x.example bü@y.example | hello
< result never
< input: the address bü@y.example has letters beyond ASCII before the @, and localhost:PORT cannot carry them (no SMTPUTF8)

== SMTPUTF8
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 SMTPUTF8
C: MAIL FROM:<a@x.example> SMTPUTF8
S: 250 ok
C: RCPT TO:<bü@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example bü@y.example | hello
< commit
< result sent 250 ok
< rcpt bü@y.example sent 250 ok
< ok

== HELO where EHLO is not known
smtp
S: 220 hi
C: EHLO me.example
S: 502 what
C: HELO me.example
S: 250 ok
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 251 will forward
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 251 will forward
< ok

== the first line of EHLO is no keyword
smtp user=joe pass=secret
S: 220 hi
C: EHLO me.example
S: 250 AUTH PLAIN
C: QUIT
> open
< auth: localhost: localhost:PORT offers no login

== login refused
smtp user=joe pass=secret
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 AUTH PLAIN
C: AUTH PLAIN AGpvZQBzZWNyZXQ=
S: 535 5.7.8 wrong
C: QUIT
> open
< auth: localhost: the server refused the login: 535 5.7.8 wrong

== AUTH LOGIN
smtp user=joe pass=secret
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 AUTH LOGIN
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: am9l
S: 334 UGFzc3dvcmQ6
C: c2VjcmV0
S: 235 in
> open
< ok

== greetings: 554, garbage, a reply that changes its code, an endless one
smtp
S: 554 no mail here
C: QUIT
> open
< proto: localhost: the server does not want us: 554 no mail here

== a reply that changes its code
smtp
S: 220-hi
S: 250 there
> open
< proto: localhost: the server's reply changes its code from 220 to 250

== an endless reply
smtp
SREP 9000 220-hello there\r\n
> open
< limit: localhost: the server's reply is too long

== not SMTP
smtp
S: +OK pop
> open
< proto: localhost: localhost:PORT does not speak SMTP: +OK pop
