# unit tests of mime/
