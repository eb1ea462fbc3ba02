# Documents. What the vocabulary tables generate is listed here, too.
