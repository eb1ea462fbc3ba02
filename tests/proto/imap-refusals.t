# What a NO means: the codes of RFC 5530 and others, and the texts of servers that send none (imap_code.c).

== alreadyexists
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [ALREADYEXISTS] words of the server
> open
< ok
> create Box
< input: the server says no: words of the server (choose another name)
> dead
< alive

== badcharset
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [BADCHARSET (UTF-8)] words of the server
> open
< ok
> create Box
< input: the server says no: words of the server
> dead
< alive

== cannot
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [CANNOT] words of the server
> open
< ok
> create Box
< input: the server says no: words of the server (the server can never do this; another name may do)
> dead
< alive

== clientbug
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [CLIENTBUG] words of the server
> open
< ok
> create Box
< proto: the server says no: words of the server (please report it, with a --wire-log)
> dead
< alive

== contactadmin
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [CONTACTADMIN] words of the server
> open
< ok
> create Box
< auth: the server says no: words of the server (only the server's administrator can help)
> dead
< alive

== corruption
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [CORRUPTION] words of the server
> open
< ok
> create Box
< proto: the server says no: words of the server (the server's data are damaged: tell its administrator)
> dead
< alive

== expired
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [EXPIRED] words of the server
> open
< ok
> create Box
< auth: the server says no: words of the server (the password has expired: set a new one at the provider)
> dead
< alive

== expungeissued
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [EXPUNGEISSUED] words of the server
> open
< ok
> create Box
< gone: the server says no: words of the server
> dead
< alive

== haschildren
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 DELETE "Box"
S: f1 NO [HASCHILDREN] words of the server
> open
< ok
> delete Box
< input: the server says no: words of the server (remove the mailboxes below it first)
> dead
< alive

== inuse
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 DELETE "Box"
S: f1 NO [INUSE] words of the server
> open
< ok
> delete Box
< proto: the server says no: words of the server (another program holds it: it is tried again)
> dead
< alive

== limit
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [LIMIT] words of the server
> open
< ok
> create Box
< limit: the server says no: words of the server (a limit of the server is reached)
> dead
< alive

== nonexistent
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 DELETE "Box"
S: f1 NO [NONEXISTENT] words of the server
> open
< ok
> delete Box
< gone: the server says no: words of the server
> dead
< alive

== noperm
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [NOPERM] words of the server
> open
< ok
> create Box
< proto: the server says no: words of the server (you have no right to do this there: ask its owner)
> dead
< alive

== overquota
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [OVERQUOTA] words of the server
> open
< ok
> create Box
< limit: the server says no: words of the server (the mailbox is full: delete or move away messages and empty the trash, or ask for more room)
> dead
< alive

== privacyrequired
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [PRIVACYREQUIRED] words of the server
> open
< ok
> create Box
< tls: the server says no: words of the server (the server wants TLS: use imaps:, or set $ssl_force_tls)
> dead
< alive

== serverbug
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [SERVERBUG] words of the server
> open
< ok
> create Box
< proto: the server says no: words of the server (a fault of the server: it is tried again)
> dead
< alive

== toobig
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [TOOBIG] words of the server
> open
< ok
> create Box
< limit: the server says no: words of the server (the message is larger than the server takes)
> dead
< alive

== trycreate
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 STATUS "Box" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
S: f1 NO [TRYCREATE] words of the server
> open
< ok
> status Box
< gone: the server says no: words of the server
> dead
< alive

== unavailable
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 STATUS "Box" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
S: f1 NO [UNAVAILABLE] words of the server
> open
< ok
> status Box
< proto: the server says no: words of the server (a part of the server is down: it is tried again)
> dead
< alive

== unknown-cte
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [UNKNOWN-CTE] words of the server
> open
< ok
> create Box
< input: the server says no: words of the server
> dead
< alive

== useattr
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [USEATTR] words of the server
> open
< ok
> create Box
< input: the server says no: words of the server
> dead
< alive

== xsomething
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [XSOMETHING "of its own"] words of the server
> open
< ok
> create Box
< proto: the server says no: words of the server
> dead
< alive

== alert
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO [ALERT] words of the server
> open
< ok
> create Box
< alert words of the server
< proto: the server says no: words of the server
> dead
< alive

== a text without code: Mailbox doesn't exist: Box (0.001 + 0.00
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 DELETE "Box"
S: f1 NO Mailbox doesn't exist: Box (0.001 + 0.000 secs).
> open
< ok
> delete Box
< gone: the server says no: Mailbox doesn't exist: Box (0.001 + 0.000 secs).
> dead
< alive

== a text without code: Mailbox does not exist, or must be subsc
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 DELETE "Box"
S: f1 NO Mailbox does not exist, or must be subscribed to.
> open
< ok
> delete Box
< gone: the server says no: Mailbox does not exist, or must be subscribed to.
> dead
< alive

== a text without code: SELECT failed: Can't open mailbox Box: n
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 DELETE "Box"
S: f1 NO SELECT failed: Can't open mailbox Box: no such mailbox
> open
< ok
> delete Box
< gone: the server says no: SELECT failed: Can't open mailbox Box: no such mailbox
> dead
< alive

== a text without code: Unknown Mailbox: Box (Failure)
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 DELETE "Box"
S: f1 NO Unknown Mailbox: Box (Failure)
> open
< ok
> delete Box
< gone: the server says no: Unknown Mailbox: Box (Failure)
> dead
< alive

== a text without code: Folder not found
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 STATUS "Box" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
S: f1 NO Folder not found
> open
< ok
> status Box
< gone: the server says no: Folder not found
> dead
< alive

== a text without code: Mailbox already exists
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO Mailbox already exists
> open
< ok
> create Box
< input: the server says no: Mailbox already exists (choose another name)
> dead
< alive

== a text without code: Permission denied
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO Permission denied
> open
< ok
> create Box
< proto: the server says no: Permission denied (you have no right to do this there: ask its owner)
> dead
< alive

== a text without code: Mailbox is over quota
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO Mailbox is over quota
> open
< ok
> create Box
< limit: the server says no: Mailbox is over quota (the mailbox is full: delete or move away messages and empty the trash, or ask for more room)
> dead
< alive

== a text without code: You exceeded your mail storage quota
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO You exceeded your mail storage quota
> open
< ok
> create Box
< limit: the server says no: You exceeded your mail storage quota (the mailbox is full: delete or move away messages and empty the trash, or ask for more room)
> dead
< alive

== a text without code: User is authenticated but not connected.
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 STATUS "Box" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)
S: f1 NO User is authenticated but not connected.
> open
< ok
> status Box
< proto: the server says no: User is authenticated but not connected. (a part of the server is down: it is tried again)
> dead
< alive

== a text without code: it exists, but not for you
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 CREATE "Box"
S: f1 NO it exists, but not for you
> open
< ok
> create Box
< proto: the server says no: it exists, but not for you
> dead
< alive

== such words count only in an answer about a mailbox
imap user=joe pass=secret
S: * PREAUTH [CAPABILITY IMAP4rev1] hi
C: f1 NOOP
S: f1 NO a column does not exist in our data base
> open
< ok
> noop
< proto: the server says no: a column does not exist in our data base

== login refused: unavailable
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1] hi
C: f1 LOGIN "joe" "secret"
S: f1 NO [UNAVAILABLE] not now
> open
< net: the server refused the login: not now (a part of the server is down: it is tried again)

== login refused: inuse
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1] hi
C: f1 LOGIN "joe" "secret"
S: f1 NO [INUSE] not now
> open
< net: the server refused the login: not now (another program holds it: it is tried again)

== login refused: limit
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1] hi
C: f1 LOGIN "joe" "secret"
S: f1 NO [LIMIT] not now
> open
< net: the server refused the login: not now (a limit of the server is reached)

== login refused: expired
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1] hi
C: f1 LOGIN "joe" "secret"
S: f1 NO [EXPIRED] not now
> open
< auth: the server refused the login: not now (the password has expired: set a new one at the provider)

== login refused: privacyrequired
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1] hi
C: f1 LOGIN "joe" "secret"
S: f1 NO [PRIVACYREQUIRED] not now
> open
< tls: the server refused the login: not now (the server wants TLS: use imaps:, or set $ssl_force_tls)

== login refused: contactadmin
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1] hi
C: f1 LOGIN "joe" "secret"
S: f1 NO [CONTACTADMIN] not now
> open
< auth: the server refused the login: not now (only the server's administrator can help)

== login refused: authorizationfailed
imap user=joe pass=secret
S: * OK [CAPABILITY IMAP4rev1] hi
C: f1 LOGIN "joe" "secret"
S: f1 NO [AUTHORIZATIONFAILED] not now
> open
< auth: the server refused the login: not now (this login may not use that account: check the user name)
