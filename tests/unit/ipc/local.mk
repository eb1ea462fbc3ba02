# unit tests of ipc/
