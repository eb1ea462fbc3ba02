#!/bin/sh
# feist --list --limit: what patterns on texts find, the first time (read) and again (by the index, if it is there).
feist=$FEIST_BUILDDIR/feist
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
HOME=$work
export HOME
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME XDG_DATA_HOME
FEIST_LIBEXEC=${FEIST_LIBEXEC:-$FEIST_BUILDDIR}
export FEIST_LIBEXEC
faults=0
mkdir -p "$work/box/cur" "$work/box/new" "$work/box/tmp"
message() {
	printf 'From: %s@example.org\nSubject: number %s\nMessage-ID: <%s@x>\nContent-Type: %s; charset=utf-8\n\n%s\n' "$2" "$1" "$1" "$3" "$4" \
		> "$work/box/cur/$1.host:2,S"
}
message 1 ana text/plain 'a pointer to this'
message 2 bo text/plain 'pointers, and Café 漢字字典'
message 3 kai text/html '<p>poin<b>ter</b> in &lt;HTML&gt;</p>'
message 4 ana text/plain 'nothing of the kind'

# finds PATTERN NUMBERS
finds() {
	got=$("$feist" -n -F /dev/null --list=json -f "$work/box" --limit "$1" | sed 's/.*"subject":"number \([0-9]\)".*/\1/' | sort | tr -d '\n')
	[ "$got" = "$2" ] || { echo "$1 finds '$got', not '$2'"; faults=$((faults + 1)); }
}
for round in 1 2; do
	finds '~b pointer' 123
	finds '=b pointer' 123
	finds '~b ointe' 123
	finds '~b "pointer to"' 1
	finds '~b café' 2
	finds '~b Café' 2
	finds '~b 字典' 2
	finds '~b <html>' 3
	finds '~b pointers?,' 2
	finds '~b ^nothing' 4
	finds '!~b pointer' 4
	finds '~f ana ~b pointer' 1
	finds '~h "Subject: number [12]"' 12
	finds '~B ana | ~b html' 134
done
[ $faults = 0 ] || { echo "$faults faults"; exit 1; }
