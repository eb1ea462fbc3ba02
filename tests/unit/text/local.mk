# unit tests of text/
