# unit tests of net/
if HAVE_CMOCKA
NET_TESTS = tests/unit/net/test_conn tests/unit/net/test_imap_fetch tests/unit/net/test_imap_parse \
	tests/unit/net/test_mail tests/unit/net/test_sasl tests/unit/net/test_sasl_table tests/unit/net/test_tls \
	tests/unit/net/test_wire
check_PROGRAMS += $(NET_TESTS)
TESTS += $(NET_TESTS)
NET_TEST_LIBS = $(LIB_NET) $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE) $(CMOCKA_LIBS) -lpthread
NET_TEST_PEER = tests/proto/peer.c tests/proto/peer.h tests/proto/certs.c tests/proto/certs.h
tests_unit_net_test_conn_LDADD = $(NET_TEST_LIBS)
tests_unit_net_test_imap_fetch_LDADD = $(NET_TEST_LIBS)
tests_unit_net_test_imap_parse_LDADD = $(NET_TEST_LIBS)
tests_unit_net_test_mail_LDADD = $(NET_TEST_LIBS)
tests_unit_net_test_sasl_table_SOURCES = tests/unit/net/test_sasl_table.c $(NET_TEST_PEER)
tests_unit_net_test_sasl_table_LDADD = $(NET_TEST_LIBS)
tests_unit_net_test_sasl_SOURCES = tests/unit/net/test_sasl.c $(NET_TEST_PEER)
tests_unit_net_test_sasl_LDADD = $(NET_TEST_LIBS)
tests_unit_net_test_wire_LDADD = $(NET_TEST_LIBS)
tests_unit_net_test_tls_SOURCES = tests/unit/net/test_tls.c $(NET_TEST_PEER)
tests_unit_net_test_tls_LDADD = $(NET_TEST_LIBS)
endif
