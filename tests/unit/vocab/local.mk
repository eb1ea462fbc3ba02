# unit tests of vocab/
