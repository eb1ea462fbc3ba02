# The page of quirks from their table: awk -f doc/quirks.awk src/net/quirks.def
# One QUIRK( ... ) may go over several lines; "when" may hold a text in parentheses.
BEGIN {
	print "# Servers that need special care\n"
	print "Generated from `src/net/quirks.def` (`make update-docs`). Each line is a deviation from the standards"
	print "that feist handles, the server that forced it, and how such a server is known: *always* means that"
	print "what we do harms no other server, so nothing is asked.\n"
}
function texts(s,    n, t, c, i, quoted) {
	# the double-quoted strings of s into text[1..n]
	n = 0; quoted = 0; t = ""
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (quoted && c == "\\") { i++; t = t substr(s, i, 1); continue }
		if (c == "\"") {
			if (quoted) text[++n] = t
			t = ""; quoted = !quoted
			continue
		}
		if (quoted) t = t c
	}
	return n
}
function finish(    head, id, protocol, when, n, first, known) {
	head = entry
	sub(/^QUIRK\(/, "", head)
	split(head, part, /, */)
	id = part[1]; protocol = part[2]; when = part[3]
	n = texts(entry)
	first = when == "ALWAYS" ? 1 : 2
	if (n != first + 2) { print "quirks.def: cannot read " id > "/dev/stderr"; bad = 1; return }
	known = "always"
	if (when ~ /^GREETING/) known = "greeting with \"" text[1] "\""
	if (when ~ /^CAPABILITY/) known = "capability `" text[1] "`"
	if (when ~ /^IDENTITY/) known = "ID with \"" text[1] "\""
	gsub(/\\/, "\\\\", text[first + 1])
	printf "**%s** (%s; %s)\n", id, text[first], known
	printf ": %s\n  *Here:* %s\n\n", text[first + 1], text[first + 2]
}
/^\/\* ---- .* ---- \*\/$/ {
	title = $0
	sub(/^\/\* ---- /, "", title); sub(/ ---- \*\/$/, "", title)
	printf "## %s\n\n", title
	next
}
/^QUIRK\(/ { entry = ""; inside = 1 }
inside {
	line = $0; sub(/^[ \t]*/, "", line)
	entry = entry (entry == "" ? "" : " ") line
	if (line ~ /\)$/) { inside = 0; finish() }
}
END { exit bad }
