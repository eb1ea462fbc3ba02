#!/bin/sh
# What hooks do in the program itself: folder-hook, message-hook, what they push, $move on leaving.
build=${FEIST_BUILDDIR:-.}
feist=$build/feist
[ -x "$feist" ] && [ -x "$build/feist-worker" ] && [ -x "$build/feist-render" ] || { echo "no $feist"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
HOME=$tmp XDG_CACHE_HOME=$tmp/cache XDG_STATE_HOME=$tmp/state XDG_DATA_HOME=$tmp/data LC_ALL=C.UTF-8 TERM=xterm-256color
export HOME XDG_CACHE_HOME XDG_STATE_HOME XDG_DATA_HOME LC_ALL TERM
bad=0
for box in in read other; do
	mkdir -p "$tmp/$box/cur" "$tmp/$box/new" "$tmp/$box/tmp"
done
for i in 1 2 3; do
	flag=S
	[ $i = 3 ] && flag=
	printf 'From: Ana <ana@example.org>\nTo: kai@example.org\nSubject: Hello %s\nDate: Mon, %s Nov 2025 10:00:00 +0000\nMessage-ID: <m%s@x>\n\nbody\n' \
		$i $i $i > "$tmp/in/cur/$i.x:2,$flag"
done

# run RC KEYS: the program over a null terminal
run() {
	printf '%s\n' "$1" > "$tmp/rc"
	printf '%s\n' "$2" > "$tmp/keys"
	timeout -k 1 60 "$feist" -n -F "$tmp/rc" --screen-test "$tmp/keys" || { echo "exit $? of: $2"; bad=1; }
}
# has FILE TEXT: the screen that was dumped holds it
has() {
	grep -qF -- "$2" "$tmp/$1" || { echo "$1 has no '$2':"; cat "$tmp/$1"; bad=1; }
}
wait='<enter-command>wait-idle<enter>'
boxes="set folder=$tmp spoolfile=$tmp/in mbox=$tmp/read mark_old=no confirmappend=no delete=yes mbox_type=Maildir"

run "$boxes
folder-hook =in 'set sort=reverse-date status_format=\"HOOKED %f\"'
folder-hook =in 'color status red blue'
message-hook \"~s 'Hello 1'\" 'set pager_format=\"SHOWN %s\"'
startup-hook 'set my_x=1'" \
	"$wait<enter-command>dump-screen $tmp/a<enter><last-entry><display-message>$wait<enter-command>dump-screen $tmp/b<enter>"
has a 'HOOKED'
[ "$(grep -n 'Hello 3' "$tmp/a" | cut -d: -f1)" -lt "$(grep -n 'Hello 1' "$tmp/a" | cut -d: -f1)" ] ||
	{ echo 'the folder-hook did not sort'; bad=1; }
has b 'SHOWN Hello 1'

# the mailbox is in the cache now: what the hook pushes finds its messages
run "$boxes
folder-hook =in 'push <first-entry><flag-message>'" "$wait<enter-command>dump-screen $tmp/c<enter>"
grep 'Hello 1' "$tmp/c" | grep -q '!' || { echo 'nothing was pushed'; cat "$tmp/c"; bad=1; }

# what was read goes to $mbox when the spool file is left, but not what is flagged
run "$boxes
set move=yes keep_flagged" "$wait<change-folder>=other<enter>$wait"
[ "$(ls "$tmp/read/cur" "$tmp/read/new" | grep -c :2,)" = 1 ] || { echo '$move moved:'; ls -R "$tmp/read"; bad=1; }
[ "$(ls "$tmp/in/cur" | wc -l)" = 2 ] || { echo '$move left:'; ls "$tmp/in/cur"; bad=1; }

# what is unread is old only by $mark_old
for old in yes:O no:N; do
	run "$boxes mark_old=${old%:*} index_format='%Z %s'" "$wait<enter-command>dump-screen $tmp/d<enter>"
	grep -E "^ *${old#*:} +Hello 3" "$tmp/d" > /dev/null || { echo "mark_old=${old%:*}:"; cat "$tmp/d"; bad=1; }
done

# keys behind a new order or a limit are meant for the list as it will be, which a large mailbox makes in slices
mkdir -p "$tmp/many/cur" "$tmp/many/new" "$tmp/many/tmp"
n=0
while [ $n -lt 6000 ]; do
	printf 'From: a@x\nSubject: s%s\nMessage-ID: <%s@many>\n\n' $(((n * 7919) % 6000 + 10000)) $n > "$tmp/many/cur/$n.x:2,S"
	n=$((n + 1))
done
run "$boxes spoolfile=$tmp/many sort=date index_format='%s' status_format='%t tagged'" "$wait
<enter-command>set sort=subject<enter><first-entry><enter-command>dump-screen $tmp/e<enter>
<limit>~s s1599<enter><tag-pattern>~A<enter><limit>all<enter>$wait<enter-command>dump-screen $tmp/f<enter>"
[ "$(sed -n 2p "$tmp/e")" = s10000 ] || { echo 'first-entry behind a new order:'; cat "$tmp/e"; bad=1; }
has f '10 tagged'

# keys behind a quit are nobody's: no renderer is started that nobody would end
run "$boxes" "$wait<change-folder>=other<enter>$wait<change-folder>=in<enter><quit><display-message><view-attachments>"
exit $bad
