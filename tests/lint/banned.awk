# Calls and words that this code does not use. One line a fault, exit status 1 if there is one.
# usage: awk -f tests/lint/banned.awk FILE.[ch]...
# Comments and strings are taken out first. Some calls have one home: the only file that makes them.
BEGIN {
	n = split("strcpy strcat sprintf vsprintf strncpy strncat strtok gets gmtime localtime ctime asctime atoi atol " \
		"atoll atof alloca sleep usleep nanosleep tmpnam tempnam mktemp rand srand random setlogin getpass " \
		"", word, " ")
	for (i = 1; i <= n; i++) why[word[i]] = "banned"
	home["fork"] = home["vfork"] = home["execv"] = home["execve"] = home["execvp"] = home["execl"] = "src/base/proc.c"
	home["execlp"] = home["execle"] = home["posix_spawn"] = home["posix_spawnp"] = home["system"] = "src/base/proc.c"
	home["popen"] = home["daemon"] = "src/base/proc.c"
	home["initscr"] = home["newterm"] = home["endwin"] = "src/ui/term.c"
	home["doupdate"] = "src/ui/term_show.c"
	home["pthread_create"] = "(nowhere: processes, no threads)"
}
FNR == 1 { in_comment = 0; sub(/^\.\//, "", FILENAME) }
{
	line = $0
	if (line ~ /(^|[^A-Za-z_])(TODO|FIXME|XXX|HACK)([^A-Za-z_]|$)/)
		fault("a note for later; write it down as an issue")
	gsub(/\\./, "", line)
	gsub(/"[^"]*"/, "\"\"", line)
	gsub(/'[^']*'/, "0", line)
	line = without_comments(line)
	if (line !~ /\\$/ && line ~ /^[ \t]*typedef[ \t]+(struct|enum|union)[^(]*$/) fault("no typedef for a struct, enum or union")
	while (match(line, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
		name = substr(line, RSTART, RLENGTH); sub(/[ \t]*\($/, "", name)
		before = substr(line, 1, RSTART - 1)
		line = substr(line, RSTART + RLENGTH)
		if (before ~ /(\.|->)$/) continue
		if (name in why) fault(name "() is banned")
		if (name in home && FILENAME !~ (home[name] "$"))
			fault(name "() only in " home[name])
	}
}
function fault(text) { print FILENAME ":" FNR ": " text; bad = 1 }
function without_comments(s,   out, i)
{
	out = ""
	while (s != "") {
		if (in_comment) {
			i = index(s, "*/")
			if (!i) return out
			s = substr(s, i + 2); in_comment = 0
		}
		i = index(s, "/*")
		if (!i) return out s
		out = out substr(s, 1, i - 1) " "
		s = substr(s, i + 2); in_comment = 1
	}
	return out
}
END { exit bad }
