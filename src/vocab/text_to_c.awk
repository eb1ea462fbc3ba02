# Makes a C string constant called `name` of a text file, one literal for each line.
BEGIN {
	print "/* Made by text_to_c.awk. */"
	print "#include \"vocab/vocab.h\"\n"
	print "const char " name "[] ="
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	print "\t\"" $0 "\\n\""
}
END { print "\t\"\";" }
