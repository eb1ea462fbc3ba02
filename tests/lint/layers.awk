# Checks every #include against src/LAYERS; prints one line a fault, exit status 1 if there is one.
# usage: awk -f tests/lint/layers.awk src/LAYERS $(find src -name '*.[ch]')
function fault(text) { print text; bad = 1 }
FILENAME ~ /LAYERS$/ {
	sub(/#.*/, ""); if (!NF) next
	split($0, half, "|"); split(half[1], left, ":"); layer = left[1]; gsub(/ /, "", layer)
	known[layer] = 1
	n = split(left[2], below, " ")
	for (i = 1; i <= n; i++) {
		may[layer, below[i]] = 1
		if (!(below[i] in known)) fault("LAYERS: " layer " may include " below[i] ", which is not below it")
	}
	n = split(half[2], headers, " ")
	for (i = 1; i <= n; i++) owner[headers[i]] = owner[headers[i]] " " layer " "
	next
}
FNR == 1 {
	n = split(FILENAME, path, "/"); me = path[n - 1]
	if (!(me in known)) fault(FILENAME ": folder " me " is not in LAYERS")
}
match($0, /^[ \t]*#[ \t]*include[ \t]*"[^"]+"/) {
	inc = $0; sub(/^[^"]*"/, "", inc); sub(/".*/, "", inc)
	if (inc ~ /\.\./) fault(FILENAME ":" FNR ": no relative include: " inc)
	if (split(inc, part, "/") < 2) next
	if (part[1] != me && !((me, part[1]) in may)) fault(FILENAME ":" FNR ": " me " must not include " part[1] " (" inc ")")
	if (inc ~ /_priv\.h$/ && part[1] != me) fault(FILENAME ":" FNR ": private header of " part[1])
}
match($0, /^[ \t]*#[ \t]*include[ \t]*<[^>]+>/) {
	inc = $0; sub(/^[^<]*</, "", inc); sub(/>.*/, "", inc)
	if (inc in owner && !index(owner[inc], " " me " ")) fault(FILENAME ":" FNR ": only" owner[inc] "may include <" inc ">")
}
END { exit bad }
