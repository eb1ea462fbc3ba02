#!/bin/sh
# feist -Q, -D, --check-config, --print, -A: what they print and their exit statuses.
feist=${FEIST_BUILDDIR:-.}/feist
[ -x "$feist" ] || { echo "no $feist"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
HOME=$tmp LC_ALL=C.UTF-8 LANGUAGE=en
export HOME LC_ALL LANGUAGE
unset EMAIL REPLYTO EDITOR VISUAL MAIL MAILDIR FEIST_CONFIG XDG_CONFIG_HOME
bad=0

# want STATUS TEXT ARGS...: the exit status, and standard output as a whole
want() {
	status=$1 text=$2
	shift 2
	got=$("$feist" "$@" 2> "$tmp/err")
	is=$?
	if [ "$is" != "$status" ] || [ "$got" != "$text" ]; then
		echo "feist $*: exit $is (want $status)"
		echo "$got"
		bad=1
	fi
}
# has TEXT ARGS...: standard output has this line
has() {
	text=$1
	shift
	"$feist" "$@" 2>/dev/null | grep -qxF -- "$text" || { echo "feist $*: no line '$text'"; bad=1; }
}

cat > "$tmp/rc" << 'END'
set folder=~/Mail record=+sent from="Kai <kai@example.org>"
set indexformat=x
bind index x nosuch
set imap_home_namespace=y sort=reverse-threads
alias ana Ana <ana@example.org>
set my_word="a \"b\""
END

want 0 'folder="~/Mail"
record="=sent"
beep is set
quit=yes
sort=reverse-threads
my_word="a \"b\""' -n -F "$tmp/rc" -Q folder record beep quit sort my_word
want 0 'edit_hdrs is unset' -n -F /dev/null -Q edit_hdrs
want 1 '' -n -F /dev/null -Q nosuch
grep -q nosuch "$tmp/err" || { echo 'the unknown option is not named'; bad=1; }
want 78 "$tmp/rc:2:5: error: indexformat: unknown option; did you mean 'index_format'?
$tmp/rc:3:14: error: nosuch: no such function in menu index
$tmp/rc:4:5: warning: imap_home_namespace: an option of older versions: mutt dropped it" \
	-n -F "$tmp/rc" --check-config
echo 'set imap_home_namespace=y' > "$tmp/warn"
want 0 "$tmp/warn:1:5: warning: imap_home_namespace: an option of older versions: mutt dropped it" \
	-n -F "$tmp/warn" --check-config
want 0 '' -n -F /dev/null --check-config
want 78 "command line:1:5: error: zzzzzz: unknown option" -n -F /dev/null -e 'set zzzzzz' --check-config
printf 'set my_a=`touch %s/ran`\nsource "touch %s/ran|"\n' "$tmp" "$tmp" > "$tmp/exec"
want 0 '' -n -F "$tmp/exec" --check-config --no-exec
[ ! -e "$tmp/ran" ] || { echo '--no-exec ran a command'; bad=1; }

want 0 'Ana <ana@example.org>' -n -F "$tmp/rc" -A ana
want 1 'bob' -n -F "$tmp/rc" -A bob
has 'from="Kai <kai@example.org>"' -n -F "$tmp/rc" -D
has 'pager_context=0' -n -F /dev/null -D
has 'beep is unset' -n -F /dev/null -e 'set nobeep' -D
has '{"name":"sort","type":"sort order","value":"reverse-threads","default":"date","origin":"'"$tmp/rc:4"'"}' \
	-n -F "$tmp/rc" -D --json
has '{"name":"my_word","type":"my","value":"a \"b\"","default":null,"origin":null}' -n -F "$tmp/rc" -D --json
# -D can be read again
"$feist" -n -F /dev/null -D | sed -n 's/^\([a-z_0-9]*=.*\)/set \1/p; s/^\([a-z_0-9]*\) is set$/set \1/p' > "$tmp/again"
want 0 '' -n -F "$tmp/again" --check-config
for kind in options functions commands patterns expandos colors keys; do
	for format in text json mdoc muttrc; do
		"$feist" -n -F /dev/null --print "$kind" "--format=$format" > "$tmp/out" 2>&1 && [ -s "$tmp/out" ] ||
			{ echo "--print $kind --format=$format"; bad=1; }
	done
done
want 64 '' -n -F /dev/null --print nosuch

# which file, and whose defaults
mkdir -p "$tmp/.config/mutt" "$tmp/.config/feist"
want 0 'defaults=modern' -n -Q defaults
echo 'set realname=mutt' > "$tmp/.config/mutt/muttrc"
want 0 'defaults=mutt
realname="mutt"' -n -Q defaults realname
echo 'set realname=feist' > "$tmp/.config/feist/muttrc"
want 0 'defaults=modern
realname="feist"' -n -Q defaults realname
exit $bad
