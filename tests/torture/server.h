/*
 * A small POP3 and SMTP server for one stage: the mailbox is the files of WORLD/pop in the order of
 * their names (DELE removes them at QUIT), what is sent becomes a file in WORLD/sent. No TLS, any
 * password, one process for each connection.
 */
#ifndef TESTS_TORTURE_SERVER_H
#define TESTS_TORTURE_SERVER_H

#include <sys/types.h>

/* Starts it as a child; the ports are set. Kill it when done. */
pid_t server_start(const char *world, int *pop_port, int *smtp_port);

#endif
