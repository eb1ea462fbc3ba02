# unit tests of ipc/
if HAVE_CMOCKA
IPC_TESTS = tests/unit/ipc/test_wire tests/unit/ipc/test_chan
check_PROGRAMS += $(IPC_TESTS)
TESTS += $(IPC_TESTS)
IPC_TEST_LIBS = $(LIB_IPC) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_ipc_test_wire_LDADD = $(IPC_TEST_LIBS)
tests_unit_ipc_test_chan_LDADD = $(IPC_TEST_LIBS)
endif
