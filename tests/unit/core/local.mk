# unit tests of core/
