# unit tests of sync/
