# unit tests of render/
