== BDAT: every byte as it is, LF alone becomes CRLF, the end is a command of its own
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250-CHUNKING
S: 250 BINARYMIME
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: BDAT 6
C= X: 1\r\n
S: 250 6 bytes
C: BDAT 12
C= ..\r\n.\r\n\r.\r\nx
S: 250 12 bytes
C: BDAT 0 LAST
S: 250 ok
> open
< ok
> send a@x.example b@y.example | X: 1\n..\n.\n\r.\r\nx
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== BDAT: a bare CR goes as BINARYMIME
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250-CHUNKING
S: 250-BINARYMIME
S: 250 8BITMIME
C: MAIL FROM:<a@x.example> BODY=BINARYMIME
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: BDAT 6
C= X: 1\r\n
S: 250 ok
C: BDAT 3
C= a\rb
S: 250 ok
C: BDAT 0 LAST
S: 250 ok
> open
< ok
> send a@x.example b@y.example binary 8bit | X: 1\na\rb
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== BDAT: chunks of a big message, pipelined
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250-CHUNKING
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
S: 250 ok
S: 250 ok
C: BDAT 10
C= X:345678\r\n
S: 250 ok
C: BDAT 262144
CB 262144
C: BDAT 262144
CB 262144
C: BDAT 75702
CB 75702
S: 250 1
S: 250 2
S: 250 3
C: BDAT 0 LAST
S: 250 ok
> open
< ok
> send a@x.example b@y.example repeat=60000 | X:345678\r\n
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== BDAT: a chunk is refused: the session goes on
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250-CHUNKING
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
S: 250 ok
S: 250 ok
C: BDAT 6
C= X: 1\r\n
S: 250 ok
C: BDAT 7
C= hello\r\n
S: 554 5.7.1 spam
C: RSET
S: 250 ok
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
S: 250 ok
S: 250 ok
C: BDAT 10
C= X: 2\r\nhi\r\n
S: 250 ok
C: BDAT 0 LAST
S: 250 ok
> open
< ok
> send a@x.example b@y.example | X: 1\nhello\n
< result never
< rcpt b@y.example sent 250 ok
< proto: the server does not take the message: 554 5.7.1 spam
> send a@x.example b@y.example | X: 2\nhi\n
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== BDAT: offered, and not known: DATA, from the first byte
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 CHUNKING
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: BDAT 6
C= X: 1\r\n
S: 502 5.5.2 what?
S: 502 5.5.2 what is X:?
C: RSET
S: 250 ok
C: RSET
S: 250 ok
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example | X: 1\nhello
< rewind
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== BDAT: offered, and refused: DATA, from the first byte
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 CHUNKING
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: BDAT 6
C= X: 1\r\n
S: 551 5.7.1 not today
C: RSET
S: 250 ok
C: RSET
S: 250 ok
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example | X: 1\nhello
< rewind
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== BDAT: what begins with no field might be a command to a proxy: DATA
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 CHUNKING
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: RSET
S: 250 ok
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example | RSET: x\nhello
< rewind
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== BDAT: the last one is refused
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 CHUNKING
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: BDAT 6
C= X: 1\r\n
S: 250 ok
C: BDAT 5
CB 5
S: 250 ok
C: BDAT 0 LAST
S: 452 4.3.1 full
C: RSET
S: 250 ok
> open
< ok
> send a@x.example b@y.example | X: 1\nhello
< commit
< result later 452 4.3.1 full
< rcpt b@y.example sent 250 ok
< net: the server refused the message: 452 4.3.1 full

== BDAT: cut after the last one: unknown
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 CHUNKING
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: BDAT 6
C= X: 1\r\n
S: 250 ok
C: BDAT 5
CB 5
S: 250 ok
C: BDAT 0 LAST
CUT
> open
< ok
> send a@x.example b@y.example | X: 1\nhello
< commit
< result unknown
< rcpt b@y.example sent 250 ok
< net: the message was handed over, but its receipt was not confirmed: localhost:PORT closed the connection

== BDAT: cut inside a chunk: later
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 CHUNKING
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: BDAT 6
C= X: 1\r\n
S: 250 ok
C: BDAT 5
CUT
> open
< ok
> send a@x.example b@y.example | X: 1\nhello
< result later
< rcpt b@y.example sent 250 ok
< ~net: 

== a reply that changes its code in the middle
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250-yes
S: 550 no
> open
< ok
> send a@x.example b@y.example | hello
< result later
< proto: the server's reply changes its code from 250 to 550
> dead
< dead

== a reply of many lines is one reply
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250-2.1.5 one
S: 250-2.1.5 two
S: 250 2.1.5 three
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 2.1.5 one two three
< ok

== 250 before the message has ended: the dot is not sent
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S- 354 go\r\n250 ok\r\n
> open
< ok
> send a@x.example b@y.example | hello
< result later
< rcpt b@y.example sent 250 ok
< proto: localhost:PORT answered before it was asked: the session is out of step
> dead
< dead

== 354 twice: the dot is not sent
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S- 354 go\r\n354 go on\r\n
> open
< ok
> send a@x.example b@y.example | hello
< result later
< rcpt b@y.example sent 250 ok
< proto: localhost:PORT answered before it was asked: the session is out of step

== 354 to the dot makes no sense: unknown
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
S: 354 more
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result unknown 354 more
< rcpt b@y.example sent 250 ok
< proto: the server's answer makes no sense: 354 more
> dead
< dead

== 221 to the dot makes no sense: unknown
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
S: 221 bye
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result unknown 221 bye
< rcpt b@y.example sent 250 ok
< proto: the server's answer makes no sense: 221 bye

== garbage to the dot: unknown
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
S: OK, thanks
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result unknown
< rcpt b@y.example sent 250 ok
< proto: the message was handed over, but its receipt was not confirmed: localhost:PORT does not speak SMTP: OK, thanks

== two answers to the dot: the second ends the session, not the message
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
S- 250 ok\r\n250 again\r\n
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok
> fresh
< not fresh

== 552 inside of the message, then the line is cut: what it said is told
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
CB 1000
S: 552 5.3.4 too big
CUT
> open
< ok
> send a@x.example b@y.example repeat=2000000 | 0123456789012345678\n
< result never
< rcpt b@y.example sent 250 ok
< proto: the server gave up: 552 5.3.4 too big

== 421 inside of the message
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S- 354 go\r\n421 4.3.2 shutting down\r\n
> open
< ok
> send a@x.example b@y.example | hello\n
< result later
< rcpt b@y.example sent 250 ok
< net: the server gave up: 421 4.3.2 shutting down

== 421 as the answer to the greeting
smtp
S: 421 4.3.2 not now
> open
< ~net: localhost: 

== 421 as the answer to EHLO
smtp
S: 220 hi
C: EHLO me.example
S: 421 4.3.2 not now
> open
< ~net: localhost: 

== 421 as the answer to MAIL
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 421 4.3.2 not now
> open
< ok
> send a@x.example b@y.example | hello
< result later
< net: the server refused the sender: 421 4.3.2 not now
> dead
< dead

== 421 as the answer to RCPT
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 421 4.3.2 not now
> open
< ok
> send a@x.example b@y.example | hello
< result later
< rcpt b@y.example later 421 4.3.2 not now
< ~net: 
> dead
< dead

== 421 as the answer to DATA
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 421 4.3.2 not now
> open
< ok
> send a@x.example b@y.example | hello
< result later
< rcpt b@y.example sent 250 ok
< net: the server does not take the message: 421 4.3.2 not now
> dead
< dead

== 421 as the answer to the dot is a no: later
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
S: 421 4.3.2 not now
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result later 421 4.3.2 not now
< rcpt b@y.example sent 250 ok
< net: the server refused the message: 421 4.3.2 not now
> dead
< dead

== 251 is a yes, 252 is a yes, 551 is a no with the address to try
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
C: RCPT TO:<c@y.example>
C: RCPT TO:<d@y.example>
S: 250 ok
S: 251 2.1.5 will forward to <b@z.example>
S: 252 cannot verify
S: 551 5.1.6 user not local; please try <d@z.example>
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example,c@y.example,d@y.example | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 251 2.1.5 will forward to <b@z.example>
< rcpt c@y.example sent 252 cannot verify
< rcpt d@y.example never 551 5.1.6 user not local; please try <d@z.example>
< ok

== 552 to RCPT means later, with an enhanced code what that says
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
C: RCPT TO:<c@y.example>
C: RCPT TO:<d@y.example>
S: 250 ok
S: 250 ok
S: 552 too many recipients
S: 552 5.2.2 mailbox full
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example,c@y.example,d@y.example | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< rcpt c@y.example later 552 too many recipients
< rcpt d@y.example never 552 5.2.2 mailbox full
< ok

== pipelined, and the sender is refused: the answers to the recipients are read and forgotten
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
C: RCPT TO:<c@y.example>
S: 553 5.7.1 not yours
S: 503 5.5.1 MAIL first
S: 503 5.5.1 MAIL first
C: RSET
S: 250 ok
C: MAIL FROM:<o@x.example>
C: RCPT TO:<b@y.example>
S: 250 ok
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example,c@y.example | hello
< result never
< proto: the server refused the sender: 553 5.7.1 not yours
> send o@x.example b@y.example | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== pipelined, and all recipients are refused: no DATA
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
C: RCPT TO:<c@y.example>
S: 250 ok
S: 550 5.1.1 no b
S: 450 4.2.0 greylisted
C: RSET
S: 250 ok
> open
< ok
> send a@x.example b@y.example,c@y.example | hello
< result later
< rcpt b@y.example never 550 5.1.1 no b
< rcpt c@y.example later 450 4.2.0 greylisted
< net: c@y.example: 450 4.2.0 greylisted

== an answer too many to the pipeline: the next command is not sent
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
S- 250 ok\r\n250 ok\r\n250 ok\r\n
> open
< ok
> send a@x.example b@y.example | hello
< result later
< rcpt b@y.example sent 250 ok
< proto: localhost:PORT answered before it was asked: the session is out of step

== the answers to the pipeline come one byte at a time
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
DRIP 1
S: 250 ok
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== SIZE smaller than the message: nothing is sent
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 SIZE 4
> open
< ok
> send a@x.example b@y.example | hello
< result never
< limit: the message has 5 bytes, and localhost:PORT takes at most 4
> dead
< alive

== SIZE without a number, and 0: no limit
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 SIZE
C: MAIL FROM:<a@x.example> SIZE=5
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== SIZE refused in MAIL
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 SIZE 0
C: MAIL FROM:<a@x.example> SIZE=5
S: 552 5.3.4 too big
C: RSET
S: 250 ok
> open
< ok
> send a@x.example b@y.example | hello
< result never
< proto: the server refused the sender: 552 5.3.4 too big

== no extension is used that is not offered
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 HELP
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example 8bit binary dsn envid | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== DSN: RET, ENVID and ORCPT are xtext
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 DSN
C: MAIL FROM:<a@x.example> RET=HDRS ENVID=a+2Bb+3Dc@x
S: 250 ok
C: RCPT TO:<b+c@y.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bc@y.example
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b+c@y.example dsn envid | hello
< commit
< result sent 250 ok
< rcpt b+c@y.example sent 250 ok
< ok

== an international domain alone is written in its ASCII form
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 DSN
C: MAIL FROM:<a@xn--bcher-kva.example> RET=HDRS
S: 250 ok
C: RCPT TO:<b@xn--grn-ioa.example> NOTIFY=FAILURE,DELAY
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@bücher.example b@grün.example dsn | hello
< commit
< result sent 250 ok
< rcpt b@grün.example sent 250 ok
< ok

== SMTPUTF8: addresses as they are
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250-SMTPUTF8
S: 250-8BITMIME
S: 250 DSN
C: MAIL FROM:<ä@bücher.example> SMTPUTF8 RET=HDRS
S: 250 ok
C: RCPT TO:<bü@grün.example> NOTIFY=FAILURE,DELAY ORCPT=utf-8;bü@grün.example
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send ä@bücher.example bü@grün.example dsn utf8 | hello
< commit
< result sent 250 ok
< rcpt bü@grün.example sent 250 ok
< ok

== SMTPUTF8: a header in UTF-8 is refused without it
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
> open
< ok
> send a@x.example b@y.example utf8 | hello
< result never
< input: localhost:PORT cannot carry international addresses (no SMTPUTF8)

== REQUIRETLS without TLS: refused here
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 REQUIRETLS
> open
< ok
> send a@x.example b@y.example require-tls | hello
< result never
< tls: localhost:PORT does not promise TLS on all of the way (no REQUIRETLS), and you ask for it

== REQUIRETLS
smtp security=tls
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 REQUIRETLS
C: MAIL FROM:<a@x.example> REQUIRETLS
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> send a@x.example b@y.example require-tls | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== FUTURERELEASE: held until a time, as far as the server says
smtp
S: 220 hi
C: EHLO me.example
S: 250-server
S: 250 FUTURERELEASE 86400 2030-01-01T00:00:00Z
C: MAIL FROM:<a@x.example> HOLDUNTIL=2025-06-01T06:00:00Z
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 ok
> open
< ok
> hold 2000
< holds
> hold 90000
< does not hold
> hold 500
< does not hold
> send a@x.example b@y.example hold=1748757600 | hello
< commit
< result sent 250 ok
< rcpt b@y.example sent 250 ok
< ok

== FUTURERELEASE is not offered
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
> open
< ok
> hold 2000
< does not hold

== a long answer is cut, not the session
smtp
S: 220 hi
C: EHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S- 550 5.1.1 
SREP 1500 x
S- \r\n
C: RSET
S: 250 ok
> open
< ok
> send a@x.example b@y.example | hello
< result never
< ~rcpt b@y.example never 550 5.1.1 xxx
< ~proto: b@y.example: 550 5.1.1 xxx
> dead
< alive

== a server that knows us by a login learns no name
smtp user=joe pass=secret
S: 220 hi
C: EHLO [127.0.0.1]
S: 250-server
S: 250 AUTH PLAIN
C: AUTH PLAIN AGpvZQBzZWNyZXQ=
S: 235 in
> open nameless
< ok

== LMTP: an answer for each recipient after the dot
smtp lmtp
S: 220 hi
C: LHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
C: RCPT TO:<c@y.example>
C: RCPT TO:<d@y.example>
S: 250 ok
S: 250 ok
S: 550 no c
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 2.0.0 b has it
S: 552 5.2.2 d is full
> open
< ok
> send a@x.example b@y.example,c@y.example,d@y.example | hello
< commit
< result sent 250 2.0.0 b has it
< rcpt b@y.example sent 250 2.0.0 b has it
< rcpt c@y.example never 550 no c
< rcpt d@y.example never 552 5.2.2 d is full
< ok

== LMTP: all refuse after the dot
smtp lmtp
S: 220 hi
C: LHLO me.example
S: 250 server
C: MAIL FROM:<a@x.example>
S: 250 ok
C: RCPT TO:<b@y.example>
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 452 4.2.2 full
> open
< ok
> send a@x.example b@y.example | hello
< commit
< result later 452 4.2.2 full
< rcpt b@y.example later 452 4.2.2 full
< net: the server refused the message: 452 4.2.2 full

== LMTP: cut between two answers: one is sure, one is unknown
smtp lmtp
S: 220 hi
C: LHLO me.example
S: 250-server
S: 250 PIPELINING
C: MAIL FROM:<a@x.example>
C: RCPT TO:<b@y.example>
C: RCPT TO:<c@y.example>
S: 250 ok
S: 250 ok
S: 250 ok
C: DATA
S: 354 go
CDATA
S: 250 b has it
CUT
> open
< ok
> send a@x.example b@y.example,c@y.example | hello
< commit
< result unknown 250 b has it
< rcpt b@y.example sent 250 b has it
< ~net: 

== LMTP: no LHLO is no LMTP
smtp lmtp
S: 220 hi
C: LHLO me.example
S: 500 what?
> open
< proto: localhost: LHLO: 500 what?
