# unit tests of conf/
