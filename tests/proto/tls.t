== implicit TLS, good certificate
imap security=tls user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: f1 OK
> open
< ok
> noop
< ok

== by address
imap security=tls user=joe pass=secret host=127.0.0.1
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
> open
< ok

== unknown authority
imap security=tls user=joe pass=secret trust=no
> open
< tls: TLS with localhost:PORT: the certificate is not signed by a known authority

== another authority
pop security=tls user=joe pass=secret cert=unknown
> open
< tls: TLS with localhost:PORT: the certificate is not signed by a known authority

== signed by itself
smtp security=tls user=joe pass=secret cert=self
> open
< tls: TLS with localhost:PORT: the certificate is signed by itself, not by a known authority

== for another host
imap security=tls user=joe pass=secret cert=name
> open
< tls: TLS with localhost:PORT: the certificate is for other.example, *.example.net, not for localhost

== the common name is not looked at
imap security=tls user=joe pass=secret cert=cn
> open
< tls: TLS with localhost:PORT: the certificate is for no host, not for localhost

== expired
imap security=tls user=joe pass=secret cert=expired
> open
< ~tls: TLS with localhost:PORT: the certificate expired 20

== not yet valid
imap security=tls user=joe pass=secret cert=early
> open
< ~tls: TLS with localhost:PORT: the certificate is not valid before 20

== for clients, not servers
imap security=tls user=joe pass=secret cert=client
> open
< tls: TLS with localhost:PORT: the certificate, or one above it, is for another purpose

== a TLS alert on a clear port
imap security=clear user=joe pass=secret
S- \x15\x03\x01\x00\x02\x02\x46
CUT
> open
< net: localhost:PORT closed the connection

== cut in the session is no clean end
imap security=tls user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
CUT
> open
< ok
> noop
< net: localhost:PORT closed the connection

== clear text on a TLS port
imap security=tls user=joe pass=secret clear-peer
S: * OK [CAPABILITY IMAP4rev1] hi
> open
< ~tls: TLS with localhost:PORT: 
