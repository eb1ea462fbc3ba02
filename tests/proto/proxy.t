# Through proxies and tunnels. The peer is the proxy first, then the server behind it; its port is 1143 (0x0477).
== socks5h: the proxy gets the name
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h
C= \x05\x01\x00
S- \x05\x00
C= \x05\x01\x00\x03\x0c\x6d\x61\x69\x6c\x2e\x65\x78\x61\x6d\x70\x6c\x65\x04\x77
S- \x05\x00\x00\x01\x7f\x00\x00\x01\x10\x20
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
> open
< ok

== socks5: the name is looked up here
imap security=clear user=joe pass=secret clear-login host=127.0.0.1 proxy=socks5
C= \x05\x01\x00
S- \x05\x00
C= \x05\x01\x00\x01\x7f\x00\x00\x01\x04\x77
S- \x05\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x10\x20
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
> open
< ok

== socks5h: greeting in the same segment, and a name as bound address
pop security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h
C= \x05\x01\x00
S- \x05\x00
C= \x05\x01\x00\x03\x0c\x6d\x61\x69\x6c\x2e\x65\x78\x61\x6d\x70\x6c\x65\x04\x77
S- \x05\x00\x00\x03\x04abcd\x10\x20+OK hi\r\n
C: CAPA
S: +OK
S: USER
S: .
C: USER joe
S: +OK
C: PASS secret
S: +OK in
C: CAPA
S: +OK
S: .
> open
< ok

== socks5h: sign-in, the password is right
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h,me,pw
C= \x05\x02\x00\x02
S- \x05\x02
C= \x01\x02\x6d\x65\x02\x70\x77
S- \x01\x00
C= \x05\x01\x00\x03\x0c\x6d\x61\x69\x6c\x2e\x65\x78\x61\x6d\x70\x6c\x65\x04\x77
S- \x05\x00\x00\x01\x7f\x00\x00\x01\x10\x20
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
> open
< ok

== socks5h: sign-in, the password is asked for
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h,me
C= \x05\x02\x00\x02
S- \x05\x02
C= \x01\x02\x6d\x65\x05\x61\x73\x6b\x65\x64
S- \x01\x01
> open
< net: localhost:PORT: the proxy refuses user me (see $proxy)

== socks5h: it wants a sign-in
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h
C= \x05\x01\x00
S- \x05\xff
> open
< net: localhost:PORT: the proxy wants a user name and password (see $proxy)

== socks5h: it may not
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h
C= \x05\x01\x00
S- \x05\x00
C= \x05\x01\x00\x03\x0c\x6d\x61\x69\x6c\x2e\x65\x78\x61\x6d\x70\x6c\x65\x04\x77
S- \x05\x02\x00\x01\x7f\x00\x00\x01\x10\x20
> open
< net: localhost:PORT: the proxy does not connect to mail.example: its rules do not allow it

== socks5h: refused behind it
smtp security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h
C= \x05\x01\x00
S- \x05\x00
C= \x05\x01\x00\x03\x0c\x6d\x61\x69\x6c\x2e\x65\x78\x61\x6d\x70\x6c\x65\x04\x77
S- \x05\x05\x00\x01\x7f\x00\x00\x01\x10\x20
> open
< net: localhost:PORT: the proxy does not connect to mail.example: the connection was refused

== socks5h: no SOCKS there
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h
S: HTTP/1.1 400 Bad request
> open
< net: localhost:PORT: the proxy does not speak SOCKS5 on this port

== socks5h: an answer of an unknown kind
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h
C= \x05\x01\x00
S- \x05\x00
C= \x05\x01\x00\x03\x0c\x6d\x61\x69\x6c\x2e\x65\x78\x61\x6d\x70\x6c\x65\x04\x77
S- \x05\x00\x00\x09\x7f
> open
< net: localhost:PORT: the proxy does not speak SOCKS5 on this port

== socks5h: cut in the answer
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=socks5h
C= \x05\x01\x00
S- \x05\x00
C= \x05\x01\x00\x03\x0c\x6d\x61\x69\x6c\x2e\x65\x78\x61\x6d\x70\x6c\x65\x04\x77
S- \x05\x00\x00
CUT
> open
< net: localhost:PORT: localhost:PORT closed the connection

== socks5h: byte by byte, TLS behind it
imap security=starttls user=joe pass=secret host=localhost proxy=socks5h
DRIP 1
C= \x05\x01\x00
S- \x05\x00
C= \x05\x01\x00\x03\x09\x6c\x6f\x63\x61\x6c\x68\x6f\x73\x74\x04\x77
S- \x05\x00\x00\x01\x7f\x00\x00\x01\x10\x20
DRIP 0
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
C: f1 STARTTLS
S: f1 OK go
TLS
C: f2 CAPABILITY
S: * CAPABILITY IMAP4rev1
S: f2 OK
C: f3 LOGIN "joe" "secret"
S: f3 OK [CAPABILITY IMAP4rev1]
> open
< ok

== a proxy on this machine makes no server local: no password in clear
imap security=offered user=joe pass=secret host=mail.example proxy=socks5h
C= \x05\x01\x00
S- \x05\x00
C= \x05\x01\x00\x03\x0c\x6d\x61\x69\x6c\x2e\x65\x78\x61\x6d\x70\x6c\x65\x04\x77
S- \x05\x00\x00\x01\x7f\x00\x00\x01\x10\x20
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi
> open
< auth: mail.example offers only logins that would show the password on an unencrypted line

== http
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=http
C: CONNECT mail.example:1143 HTTP/1.1
C: Host: mail.example:1143
C:
S: HTTP/1.1 200 Connection established
S: X-Header: 1
S:
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
> open
< ok

== http: an address of version 6
imap security=clear user=joe pass=secret clear-login host=2001:db8::1 proxy=http
C: CONNECT [2001:db8::1]:1143 HTTP/1.1
C: Host: [2001:db8::1]:1143
C:
S- HTTP/1.0 200 OK\r\n\r\n* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n
> open
< ok

== http: sign-in
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=http,Aladdin,open%20sesame
C: CONNECT mail.example:1143 HTTP/1.1
C: Host: mail.example:1143
C: Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==
C:
S: HTTP/1.1 200 OK
S:
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
> open
< ok

== http: it wants a sign-in
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=http
C~ CONNECT
C~ Host
C:
S: HTTP/1.1 407 Proxy Authentication Required
S:
> open
< net: localhost:PORT: the proxy wants a user name and password (see $proxy)

== http: refused
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=http
C~ CONNECT
C~ Host
C:
S: HTTP/1.1 403 Forbidden port
S:
> open
< net: localhost:PORT: the proxy does not connect to mail.example: 403 Forbidden port

== http: no HTTP there
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=http
S: * OK IMAP ready
> open
< net: localhost:PORT: the proxy does not speak HTTP on this port

== http: an endless answer
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=http
C~ CONNECT
C~ Host
C:
S: HTTP/1.1 200 OK
SREP 200 X-Header: 1\r\n
> open
< net: localhost:PORT: the proxy's answer does not end

== http: an endless line
imap security=clear user=joe pass=secret clear-login host=mail.example proxy=http
SREP 20000 HTTP
> open
< net: localhost:PORT: localhost:PORT sent a line of more than 8192 bytes

== http: TLS from the first byte behind it
imap security=tls user=joe pass=secret host=localhost proxy=http clear-peer
C~ CONNECT
C~ Host
C:
S: HTTP/1.1 200 OK
S:
TLS
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
> open
< ok

== http: text before TLS
imap security=tls user=joe pass=secret host=localhost proxy=http clear-peer
C~ CONNECT
C~ Host
C:
S- HTTP/1.1 200 OK\r\n\r\n* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n
> open
< tls: localhost:1143 does not speak TLS on this port

== a proxy of an unknown kind
imap security=clear user=joe pass=secret proxy=ftp no-peer
> open
< input: $proxy: ftp:// is no kind of proxy that is known here (socks5, socks5h, http)

== a tunnel
imap security=tls user=joe pass=secret tunnel=secure before=yes clear-peer
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
> open
< preconnect
< ok

== a tunnel that is secure: no STARTTLS, and a password may go
imap security=starttls user=joe pass=secret tunnel=secure
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
C: f1 LOGIN "joe" "secret"
S: f1 OK [CAPABILITY IMAP4rev1]
> open
< ok

== a tunnel that is not: STARTTLS or nothing
imap security=starttls user=joe pass=secret tunnel=insecure
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi
> open
< tls: the tunnel does not offer STARTTLS, and without it nothing is sent

== a tunnel that is not: no password without TLS
imap security=offered user=joe pass=secret tunnel=insecure
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi
> open
< auth: localhost offers only logins that would show the password on an unencrypted line

== preconnect fails: no connection
imap security=clear user=joe pass=secret before=no no-peer
> open
< preconnect
< net: $preconnect failed
