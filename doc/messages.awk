# The protocol page from the message table: awk -f doc/messages.awk src/ipc/messages.def
# A message without a comment above it is a fault.
BEGIN {
	print "# Messages between the roles\n"
	print "Generated from `src/ipc/messages.def` (`make update-docs`); the codec, the log lines and the fuzz target"
	print "come from the same table. A message travels over a socket pair as a frame, all numbers little-endian:"
	print "32 bits length of the rest, 8 bits type (the number in brackets), then the fields in order: u64 and i64"
	print "in 8 bytes, text as 32 bits length and bytes. A descriptor goes along with the first byte of its frame."
	print "Whoever gets a message that is malformed, of the wrong direction or out of turn ends the conversation"
	print "(`wire_expect`): HELLO comes first and once; before READY a worker says only LOG, STATE, NEED and"
	print "FAILED; a renderer needs no greeting."
}
/^\/\* ---- .* ---- \*\/$/ {
	title = $0
	sub(/^\/\* ---- /, "", title); sub(/ ---- \*\/$/, "", title)
	note = ""
	if (match(title, /[;:(]/)) { note = substr(title, RSTART + 1); title = substr(title, 1, RSTART - 1) }
	sub(/ *$/, "", title); sub(/^ */, "", note); sub(/\)$/, "", note)
	printf "\n## %s\n", toupper(substr(title, 1, 1)) substr(title, 2)
	if (note != "")
		printf "\n%s.\n", toupper(substr(note, 1, 1)) substr(note, 2)
	comment = ""
	next
}
/^\/\* .* \*\/$/ {
	comment = $0
	sub(/^\/\* /, "", comment); sub(/ \*\/$/, "", comment)
	next
}
/^MESSAGE\(/ {
	line = $0
	sub(/^MESSAGE\(/, "", line); sub(/\)$/, "", line)
	name = line; sub(/,.*/, "", name)
	sub(/^[^,]*, [^,]*, /, "", line)
	if (comment == "") { print "messages.def: " name " has no comment" > "/dev/stderr"; bad = 1 }
	printf "\n**%s** [%d]: %s\n\n", name, number++, comment
	comment = ""
	while (line != "") {
		sub(/^ */, "", line)
		if (match(line, /^(U64|I64)\([a-z0-9_]*\)/)) {
			f = substr(line, 5, RLENGTH - 5)
			printf "- `%s` %s\n", f, substr(line, 1, 1) == "U" ? "u64" : "i64"
		} else if (match(line, /^TEXT\([a-z0-9_]*, *[0-9]*\)/)) {
			f = substr(line, 6, RLENGTH - 6)
			split(f, part, /, */)
			printf "- `%s` text, at most %s bytes\n", part[1], part[2]
		} else if (match(line, /^FD/)) {
			print "- a descriptor"
		} else {
			print "messages.def: cannot read " name ": " line > "/dev/stderr"; bad = 1
			break
		}
		line = substr(line, RLENGTH + 1)
	}
}
END { exit bad }
