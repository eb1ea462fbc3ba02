noinst_LIBRARIES += src/net/libnet.a
src_net_libnet_a_SOURCES = \
	src/net/conn.c src/net/conn.h src/net/conn_priv.h \
	src/net/deflate.c \
	src/net/dial.c src/net/dial.h \
	src/net/filter.c src/net/filter.h \
	src/net/imap.c src/net/imap.h src/net/imap_priv.h \
	src/net/imap_append.c \
	src/net/imap_caps.c src/net/imap_caps.def \
	src/net/imap_change.c \
	src/net/imap_code.c \
	src/net/imap_event.c \
	src/net/imap_fetch.c src/net/imap_fetch.h \
	src/net/imap_io.c \
	src/net/imap_list.c \
	src/net/imap_login.c \
	src/net/imap_parse.c src/net/imap_parse.h src/net/imap_scan.c src/net/imap_scan.h \
	src/net/imap_wait.c \
	src/net/imap_write.c src/net/imap_write.h \
	src/net/pop3.c src/net/pop3.h src/net/pop3_priv.h src/net/pop3_list.c src/net/pop3_login.c src/net/pop3_parse.c \
	src/net/proxy.c src/net/proxy.h \
	src/net/quirk.c src/net/quirk.h src/net/quirks.def \
	src/net/base64.c src/net/base64.h src/net/scram.c src/net/scram.h \
	src/net/sasl.c src/net/sasl.h src/net/sasl_priv.h src/net/sasl_mechs.c src/net/sasl_gss.c \
	src/net/server.c src/net/server.h \
	src/net/smtp.c src/net/smtp.h src/net/smtp_priv.h \
	src/net/smtp_data.c src/net/smtp_parse.c src/net/smtp_send.c \
	src/net/tls.c src/net/tls.h src/net/tls_priv.h src/net/tls_cert.c src/net/dane.c src/net/dane.h \
	src/net/wire.c src/net/wire.h
