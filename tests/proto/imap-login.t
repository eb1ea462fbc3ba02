== LOGIN command when nothing else is offered
imap user=joe pass=se"cret
S: * OK [CAPABILITY IMAP4rev1] hello
C: f1 LOGIN "joe" "se\"cret"
S: f1 OK in
C: f2 CAPABILITY
S: * CAPABILITY IMAP4rev1
S: f2 OK
> open
< ok

== a password with 8-bit characters is a literal
imap user=joe pass=geheimnisgrün
S: * OK [CAPABILITY IMAP4rev1] hello
C: f1 LOGIN "joe" {14}
S: + go
C: geheimnisgrün
S: f1 OK [CAPABILITY IMAP4rev1] in
> open
< ok

== PLAIN without SASL-IR waits for the go-ahead
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello
C: f1 AUTHENTICATE PLAIN
S: +
C: AGpvZQBzZWNyZXQ=
S: f1 OK [CAPABILITY IMAP4rev1] in
> open
< ok

== AUTHENTICATE LOGIN only when the command is disabled
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=LOGIN LOGINDISABLED] hello
C: f1 AUTHENTICATE LOGIN
S: + VXNlcm5hbWU6
C: am9l
S: + UGFzc3dvcmQ6
C: c2VjcmV0
S: f1 OK [CAPABILITY IMAP4rev1] in
> open
< ok

== the list of authenticators decides
imap user=joe pass=secret auth=login
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello
C: f1 LOGIN "joe" "secret"
S: f1 OK [CAPABILITY IMAP4rev1] in
> open
< ok

== XOAUTH2 only when named
imap user=joe token=abc auth=xoauth2
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2] hello
C: f1 AUTHENTICATE XOAUTH2 dXNlcj1qb2UBYXV0aD1CZWFyZXIgYWJjAQE=
S: f1 OK [CAPABILITY IMAP4rev1] in
> open
< ok

== XOAUTH2 refused: the reason is told
imap user=joe token=abc auth=xoauth2
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hello
C~ f1 AUTHENTICATE XOAUTH2
S: + eyJzdGF0dXMiOiI0MDEifQ==
C:
S: f1 NO [AUTHENTICATIONFAILED] Invalid credentials
> open
< auth: the server refused the login: Invalid credentials {"status":"401"} (check the user name and the password or token)

== OAUTHBEARER
imap user=joe,x@example.org token=abc auth=oauthbearer host=127.0.0.1
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=OAUTHBEARER] hello
C~ f1 AUTHENTICATE OAUTHBEARER bixhPWpvZT0yQ3hAZXhhbXBsZS5vcmcsAWhvc3Q9MTI3LjAuMC4xAXBvcnQ9
S: f1 OK [CAPABILITY IMAP4rev1] in
> open
< ok

== wrong password
imap user=joe pass=wrong
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello
C~ f1 AUTHENTICATE PLAIN
S: f1 NO [AUTHENTICATIONFAILED] Authentication failed.
> open
< auth: the server refused the login: Authentication failed. (check the user name and the password or token)

== SCRAM refused for this user, PLAIN works
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 AUTH=PLAIN SASL-IR] hello
C~ f1 AUTHENTICATE SCRAM-SHA-256
S: f1 NO [AUTHENTICATIONFAILED] no such hash
C: f2 AUTHENTICATE PLAIN AGpvZQBzZWNyZXQ=
S: f2 OK [CAPABILITY IMAP4rev1] in
> open
< ok

== SCRAM: a server that says yes without proof is not believed
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 SASL-IR] hello
C~ f1 AUTHENTICATE SCRAM-SHA-256
S: f1 OK welcome
> open
< proto: SCRAM-SHA-256: the server let us in without proving who it is

== SCRAM: the server's nonce does not extend ours
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 SASL-IR] hello
C~ f1 AUTHENTICATE SCRAM-SHA-256
# r=abcdef,s=c2FsdA==,i=4096
S: + cj1hYmNkZWYscz1jMkZzZEE9PSxpPTQwOTY=
C: *
> open
< proto: SCRAM: the server does not use our nonce

== a challenge that is not base64
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 SASL-IR] hello
C~ f1 AUTHENTICATE SCRAM-SHA-256
S: + this is !!!
C: *
> open
< proto: the server's login challenge is not base64

== -PLUS was offered before and is not any more
imap security=tls user=joe pass=secret plus=SCRAM-SHA-256-PLUS
S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 AUTH=PLAIN SASL-IR] hello
> open
< cancel: localhost used to take SCRAM-SHA-256-PLUS and does not any more: somebody may be listening

== SCRAM was taken before, and only LOGIN is now
imap security=tls user=joe pass=secret plus=SCRAM-SHA-256
S: * OK [CAPABILITY IMAP4rev1 SASL-IR] hello
> open
< cancel: localhost used to take SCRAM-SHA-256 and does not any more: somebody may be listening

== SCRAM was taken before and is refused at once now: no PLAIN behind the user's back
imap security=tls user=joe pass=secret plus=SCRAM-SHA-256
S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 AUTH=PLAIN SASL-IR] hello
C~ f1 AUTHENTICATE SCRAM-SHA-256
S: f1 NO [AUTHENTICATIONFAILED] no such hash
> open
< cancel: localhost used to take SCRAM-SHA-256 and does not any more: somebody may be listening

== SCRAM was taken before, but the user names PLAIN
imap security=tls user=joe pass=secret plus=SCRAM-SHA-256 auth=plain
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello
C: f1 AUTHENTICATE PLAIN AGpvZQBzZWNyZXQ=
S: f1 OK [CAPABILITY IMAP4rev1] in
> open
< ok

== pop: SCRAM was taken before: no USER behind the user's back
pop security=tls user=joe pass=secret plus=SCRAM-SHA-256
S: +OK hi
C: CAPA
S: +OK
S: USER
S: SASL PLAIN
S: .
> open
< cancel: localhost used to take SCRAM-SHA-256 and does not any more: somebody may be listening

== pop: SCRAM was taken before: USER alone is no way either
pop security=tls user=joe pass=secret plus=SCRAM-SHA-256
S: +OK hi
C: CAPA
S: +OK
S: USER
S: .
> open
< cancel: localhost used to take SCRAM-SHA-256 and does not any more: somebody may be listening

== smtp: SCRAM was taken before
smtp security=tls user=joe pass=secret plus=SCRAM-SHA-256
S: 220 hi
C~ EHLO
S: 250-hi
S: 250 AUTH PLAIN LOGIN
> open
< cancel: localhost: localhost used to take SCRAM-SHA-256 and does not any more: somebody may be listening

== no login fits
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=GSSAPI LOGINDISABLED] hello
> open
< auth: none of the logins that localhost offers (GSSAPI ) is known or allowed here

== the user refuses to give the password
imap user=joe
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello
> open
< cancel: no secret

== no user name
imap pass=x
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello
> open
< auth: no user name for localhost

== a go-ahead too many
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello
C~ f1 AUTHENTICATE PLAIN
S: + bW9yZQ==
C: *
> open
< proto: the server asks for more than PLAIN has

== SCRAM refused after the proof: the password is wrong, and PLAIN is not tried
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 AUTH=PLAIN] hello
C: f1 AUTHENTICATE SCRAM-SHA-256
S: +
C~ biwsbj1qb2Uscj
# a challenge that does not extend our nonce: we give up ourselves
S: + cj1hYmNkZWYscz1jMkZzZEE9PSxpPTQwOTY=
C: *
> open
< proto: SCRAM: the server does not use our nonce

== a server that wants to know who we are (quirk WANTS_ID)
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1 ID] Coremail System IMap Server Ready(163com[1])
C: f1 LOGIN "joe" "secret"
S: f1 OK [CAPABILITY IMAP4rev1 ID] in
C: f2 ID ("name" "feist" "version" "1")
S: * ID ("name" "Coremail Imap" "vendor" "Mailtech")
S: f2 OK
> open
< ok
> quirks
< quirks WANTS_ID
> id
< ok

== a server without quirks
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hello
> open
< ok
> quirks
< quirks
> id
< ok
