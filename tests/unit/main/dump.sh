#!/bin/sh
# feist --dump, --extract, --save-attachments and --filter html from a shell, as scripts use them.
feist=$FEIST_BUILDDIR/feist
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
HOME=$work
export HOME
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME XDG_DATA_HOME
faults=0

# is NAME GOT WANT
is() {
	[ "$2" = "$3" ] && return
	printf '%s: got:\n%s\nwant:\n%s\n' "$1" "$2" "$3"
	faults=$((faults + 1))
}
run() {
	"$feist" -n -F /dev/null "$@" 2> "$work/err"
}

printf 'From a@b Mon Nov 23 18:02:00 2026\nSubject: one\n\n1\n\nFrom a@b Mon Nov 23 18:03:00 2026\nSubject: two\n\n2\n' > "$work/mbox"
mkdir -p "$work/dir/cur" "$work/dir/new" "$work/dir/tmp"
printf 'Subject: in a Maildir\n\n3\n' > "$work/dir/cur/1700000000.a.b:2,S"
cat > "$work/mixed" <<-END
	From: Ana <ana@example.org>
	Subject: files
	MIME-Version: 1.0
	Content-Type: multipart/mixed; boundary=b

	--b

	text
	--b
	Content-Type: application/octet-stream; name="../../evil"
	Content-Transfer-Encoding: base64

	aGVsbG8=
	--b
	Content-Type: application/octet-stream; name="../../evil"

	again
	--b
	Content-Type: application/octet-stream; name=".bashrc"

	dots
	--b--
END

is "first of an mbox" "$(run --dump=text --weed "$work/mbox")" "Subject: one

1"
is "second of an mbox" "$(run --dump=text --weed "$work/mbox#2")" "Subject: two

2"
run --dump=text "$work/mbox#3" > /dev/null
is "no such message" "$?" 66
is "of a Maildir" "$(run --dump=text --weed "$work/dir#1")" "Subject: in a Maildir

3"
is "standard input" "$(printf 'Subject: x\n\ny\n' | run --dump=text -)" "Subject: x

y"
is "as JSON" "$(run --dump=json "$work/mixed" | grep -c '"tree":"multipart/mixed(text/plain,application/octet-stream,application/octet-stream,application/octet-stream)"')" 1
is "narrow" "$(printf 'Subject: x\n\naaaa bbbb cccc dddd\n' | run --dump=text --width 10 -)" "Subject: x

aaaa bbbb
cccc dddd"
is "one part" "$(run --dump=text --part 1 "$work/mixed")" "text"
is "bytes of a part" "$(run --extract 2 "$work/mixed")" "hello"
run --extract 2 -o "$work/out" "$work/mixed"
is "bytes into a file" "$(cat "$work/out")" "hello"
run --extract 9 "$work/mixed" > /dev/null
is "no such part" "$?" 66
run --dump "$work/nothing" > /dev/null
is "no such file" "$?" 66
mkdir "$work/save"
run --save-attachments "$work/save/here" "$work/mixed" > /dev/null
run --save-attachments "$work/save/here" "$work/mixed" > /dev/null
is "nothing outside of the folder" "$(ls -A "$work/save")" "here"
is "nothing hidden, nothing overwritten" "$(ls -A "$work/save/here" | grep -c '^[^.]')" 6
is "what was saved" "$(for f in "$work/save/here"/*; do cat "$f"; echo; done | sort -u | tr '\n' ' ')" "again dots hello "
is "HTML as a filter" "$(echo '{"input":{"text":"<p>a b c</p>","width":10}}' | run --filter html)" '{"output":"a b c\n"}'
# a message cut in three, among others: in an mbox and in a Maildir
piece() {
	printf 'From: a@x\nSubject: piece %s\nContent-Type: message/partial; id="cut@x"; number=%s; total=3\n\n%s' "$1" "$1" "$2"
}
first='Subject: whole\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n'
mkdir -p "$work/cut/cur" "$work/cut/new"
n=0
for text in "$(printf "$first")" 'second
' '--b
Content-Type: application/pdf; name=a.pdf

pdf
--b--
'; do
	n=$((n + 1))
	piece $n "$text
" > "$work/cut/cur/$n"
	{ echo 'From a@x Mon Nov 24 10:00:00 2025'; cat "$work/cut/cur/$n"; echo; } >> "$work/cut.mbox"
	printf 'From a@x Mon Nov 24 10:00:00 2025\nSubject: between\n\nno piece\n\n' >> "$work/cut.mbox"
done
for box in "$work/cut#2" "$work/cut.mbox#3"; do
	is "put together: $box" "$(run --dump=text --weed "$box" | grep -e first -e second -e whole -e a.pdf)" "Subject: whole
first
second
[-- Attachment #2: a.pdf (application/pdf, 0.1K) --]"
	is "its parts: $box" "$(run --extract 2 "$box")" "pdf"
done
is "alone" "$(run --dump=text "$work/cut/cur/2" | grep -c 'are not here')" 1
is "as it is" "$(run --dump --raw "$work/cut#2" | sed -n 2p)" "Subject: piece 2"

[ $faults -eq 0 ] && echo "all as it should be"
exit $((faults > 0))
