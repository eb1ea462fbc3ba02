# One STARTTLS for three protocols: nothing learnt or said in clear survives, nothing goes without it.
== imap: all is asked again
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN IDLE] hi
C: f1 STARTTLS
S: f1 OK go
TLS
C: f2 CAPABILITY
S: * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR
S: f2 OK
C: f3 AUTHENTICATE PLAIN AGpvZQBzZWNyZXQ=
S: f3 OK in
C: f4 CAPABILITY
S: * CAPABILITY IMAP4rev1
S: f4 OK
> open
< ok

== imap: text behind the OK (CVE-2011-0411 family)
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
C: f1 STARTTLS
S- f1 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nf2 OK done\r\n
STALL
> open
< tls: localhost:PORT sent text in clear after it agreed to STARTTLS: somebody may be changing what it says

== imap: half a line behind the OK
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
C: f1 STARTTLS
S- f1 OK go\r\n* CAP
STALL
> open
< tls: localhost:PORT sent text in clear after it agreed to STARTTLS: somebody may be changing what it says

== imap: a NUL behind the OK
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
C: f1 STARTTLS
S- f1 OK go\r\n\0
STALL
> open
< tls: localhost:PORT sent text in clear after it agreed to STARTTLS: somebody may be changing what it says

== imap: untagged data before STARTTLS is never told
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
C: f1 STARTTLS
S: * OK [ALERT] call this number
S: * LIST () "/" "Click me"
S: * 5 EXISTS
S: * 1 FETCH (UID 4 FLAGS ())
S: f1 OK go
TLS
C: f2 CAPABILITY
S: * CAPABILITY IMAP4rev1
S: f2 OK
C: f3 LOGIN "joe" "secret"
S: f3 OK [CAPABILITY IMAP4rev1]
> open
< ok

== imap: PREAUTH in clear (CVE-2020-14093 family)
imap security=starttls user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome
> open
< tls: localhost:PORT claims that we are logged in already, which rules out STARTTLS

== imap: STARTTLS is not offered
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi
> open
< tls: localhost:PORT does not offer STARTTLS, and without it nothing is sent

== imap: NO
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi
C: f1 STARTTLS
S: f1 NO not today
> open
< tls: STARTTLS: the server says no: not today

== imap: BAD
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi
C: f1 STARTTLS
S: f1 BAD what
> open
< tls: STARTTLS: the server says that it does not understand: what

== imap: a wrong tag
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi
C: f1 STARTTLS
S: a9 OK go
> open
< tls: STARTTLS: the server answers a command that was not given

== imap: cut after OK
imap security=starttls user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi
C: f1 STARTTLS
S: f1 OK go
CUT
> open
< ~net: TLS with localhost:PORT:

== imap: silence after OK
imap security=starttls user=joe pass=secret timeout=200
S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi
C: f1 STARTTLS
S: f1 OK go
STALL
> open
< net: TLS with localhost:PORT: localhost:PORT has not answered for 0 seconds

== imap: offered only, and not offered: the password stays here
imap security=offered user=joe pass=secret host=127.0.0.1 clear-login
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi
C~ f1 AUTHENTICATE PLAIN
S: f1 OK [CAPABILITY IMAP4rev1]
> open
< ok

== imap: the certificate is checked there, too
imap security=starttls user=joe pass=secret cert=name
S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi
C: f1 STARTTLS
S: f1 OK go
TLS
> open
< tls: TLS with localhost:PORT: the certificate is for other.example, *.example.net, not for localhost

== smtp: all is asked again
smtp security=starttls user=joe pass=secret
S: 220 hi
C: EHLO me.example
S: 250-me
S: 250-STARTTLS
S: 250 AUTH PLAIN
C: STARTTLS
S: 220 go
TLS
C: EHLO me.example
S: 250-me
S: 250 AUTH PLAIN
C: AUTH PLAIN AGpvZQBzZWNyZXQ=
S: 235 in
> open
< ok

== smtp: replies behind the 220 (CVE-2021-22947 family)
smtp security=starttls user=joe pass=secret
S: 220 hi
C: EHLO me.example
S: 250-me
S: 250 STARTTLS
C: STARTTLS
S- 220 go\r\n250-me\r\n250 AUTH PLAIN\r\n235 in\r\n
STALL
> open
< tls: localhost: localhost:PORT sent text in clear after it agreed to STARTTLS: somebody may be changing what it says

== smtp: not offered
smtp security=starttls user=joe pass=secret
S: 220 hi
C: EHLO me.example
S: 250-me
S: 250 AUTH PLAIN
C: QUIT
> open
< tls: localhost: localhost:PORT does not offer STARTTLS, and without it nothing is sent

== smtp: refused with 454, 501, 502
smtp security=starttls user=joe pass=secret
S: 220 hi
C: EHLO me.example
S: 250-me
S: 250 STARTTLS
C: STARTTLS
S: 454 4.7.0 TLS not available
C: QUIT
> open
< tls: localhost: STARTTLS: 454 4.7.0 TLS not available

== pop: all is asked again
pop security=starttls user=joe pass=secret
S: +OK hi
C: CAPA
S: +OK
S: STLS
S: USER
S: .
C: STLS
S: +OK go
TLS
C: CAPA
S: +OK
S: USER
S: .
C: USER joe
S: +OK
C: PASS secret
S: +OK
C: CAPA
S: +OK
S: TOP
S: UIDL
S: .
> open
< ok

== pop: replies behind the +OK
pop security=starttls user=joe pass=secret
S: +OK hi
C: CAPA
S: +OK
S: STLS
S: .
C: STLS
S- +OK go\r\n+OK\r\nSASL PLAIN\r\n.\r\n
STALL
> open
< tls: localhost:PORT sent text in clear after it agreed to STARTTLS: somebody may be changing what it says

== pop: not offered; CAPA unknown
pop security=starttls user=joe pass=secret
S: +OK hi
C: CAPA
S: -ERR what
> open
< tls: localhost:PORT does not offer STARTTLS, and without it nothing is sent

== pop: refused
pop security=starttls user=joe pass=secret
S: +OK hi
C: CAPA
S: +OK
S: STLS
S: .
C: STLS
S: -ERR [SYS/PERM] never
> open
< tls: STARTTLS: the server says no: never (trouble that its administrator must end)
