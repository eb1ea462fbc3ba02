noinst_LIBRARIES += src/net/libnet.a
src_net_libnet_a_SOURCES = \
	src/net/conn.h src/net/conn_priv.h src/net/dial.h src/net/filter.h \
	src/net/imap.h src/net/imap_fetch.h src/net/imap_parse.h src/net/imap_write.h \
	src/net/pop3.h src/net/sasl.h src/net/server.h src/net/smtp.h src/net/tls.h
