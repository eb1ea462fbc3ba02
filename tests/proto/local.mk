# Protocol tests: scripts of both sides (*.t), run against the net layer.
check_PROGRAMS += tests/proto/run
TESTS += tests/proto/run
tests_proto_run_SOURCES = tests/proto/run.c tests/proto/script.h tests/proto/call_imap.c tests/proto/call_mail.c \
	tests/proto/peer.c tests/proto/peer.h tests/proto/certs.c tests/proto/certs.h
tests_proto_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_proto_run_LDADD = $(LIB_NET) $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE) -lpthread
EXTRA_DIST += tests/proto/imap.t tests/proto/imap-login.t tests/proto/imap-trouble.t tests/proto/imap-refusals.t tests/proto/imap-sync.t \
	tests/proto/tls.t \
	tests/proto/starttls.t tests/proto/proxy.t tests/proto/pop3.t tests/proto/smtp.t tests/proto/smtp-matrix.t

# The certificate matrix: each case by TLS and STARTTLS for three protocols.
check_PROGRAMS += tests/proto/run_certs
TESTS += tests/proto/run_certs
tests_proto_run_certs_SOURCES = tests/proto/run_certs.c tests/proto/peer.c tests/proto/peer.h tests/proto/certs.c tests/proto/certs.h
tests_proto_run_certs_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_proto_run_certs_LDADD = $(LIB_NET) $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE) -lpthread

# Kerberos needs a realm: tests/e2e/kerberos.test makes one and runs this in it.
check_PROGRAMS += tests/proto/run_gssapi
tests_proto_run_gssapi_SOURCES = tests/proto/run_gssapi.c
tests_proto_run_gssapi_LDADD = $(LIB_NET) $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE) -ldl
