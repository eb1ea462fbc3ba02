#!/bin/sh
# What options do to a letter: feist --compose and --forward with --stdout, and a bounce.
feist=$FEIST_BUILDDIR/feist
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
HOME=$work TZ=America/New_York SOURCE_DATE_EPOCH=1764000000
export HOME TZ SOURCE_DATE_EPOCH
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME XDG_DATA_HOME
faults=0

# letter OPTIONS ARGUMENT...
letter() {
	options=$1
	shift
	"$feist" -n -F /dev/null -e "set from=kai@host.example.org realname=Kai hostname=host.example.org" -e "set $options" -e "ignore received" \
		"$@" --stdout > "$work/out" 2> "$work/err" || { echo "exit $? of: $options $*"; cat "$work/err"; faults=$((faults + 1)); }
}
# has WHAT TEXT...: the letter has these lines; hasnt: it has not
has() {
	what=$1
	shift
	for text; do
		grep -qF -- "$text" "$work/out" || { echo "$what: no '$text' in:"; cat "$work/out"; faults=$((faults + 1)); }
	done
}
hasnt() {
	! grep -qF -- "$2" "$work/out" || { echo "$1: '$2' in:"; cat "$work/out"; faults=$((faults + 1)); }
}

cat > "$work/original" <<'END'
Received: from a by b
From: Ana <ana@example.org>
To: kai@host.example.org
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Date: Mon, 24 Nov 2025 10:00:00 +0100
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Gr=C3=BC=C3=9Fe
END

echo hello | letter local_date_header=yes --compose ana@example.org
has '$local_date_header' 'Date: Mon, 24 Nov 2025 11:00:00 -0500'
echo hello | letter local_date_header=no --compose ana@example.org
has '$local_date_header unset' 'Date: Mon, 24 Nov 2025 16:00:00 +0000'

echo hello | letter 'message_id_format="<%Y%m%d%H%M%S.%c@%f>"' --compose ana@example.org
has '$message_id_format' 'Message-ID: <20251124160000.A@host.example.org>'
for unsound in '%Y' '<%Y>' '<%Y@%f> <%Y@%f>' '<%Y @%f>' '<ü@%f>'; do
	echo hello | letter "message_id_format=\"$unsound\"" --compose ana@example.org
	grep -Eq '^Message-ID: <[0-9a-z]+\.[0-9a-z]+@host.example.org>$' "$work/out" ||
		{ echo "$unsound:"; grep Message-ID "$work/out"; faults=$((faults + 1)); }
done

printf 'one\nFrom here\n' | letter encode_from=no --compose ana@example.org
has 'as $encode_from, always:' '=46rom here'

echo hello | letter 'from="" hidden_host=yes' --compose ana
has '$hidden_host' '@example.org>' 'To: ana@example.org'
echo hello | letter 'from="" hidden_host=no' --compose ana
has '$hidden_host unset' '@host.example.org>' 'To: ana@host.example.org'

letter forward_decode=yes --forward "$work/original"
has '$forward_decode' 'Subject: [ana@example.org: ' 'Forwarded message from Ana <ana@example.org>'
hasnt '$forward_decode' 'Received:'
letter forward_decode=no --forward "$work/original"
has '$forward_decode unset' 'Subject: [ana@example.org: ' 'Received: from a by b' 'Gr=C3=BC=C3=9Fe'
letter 'mime_forward=yes mime_forward_decode=no' --forward "$work/original"
has '$mime_forward' 'Subject: [ana@example.org: ' 'Content-Type: message/rfc822' 'Received: from a by b' 'Gr=C3=BC=C3=9Fe'
letter 'mime_forward=yes mime_forward_decode=yes' --forward "$work/original"
has '$mime_forward_decode' 'Content-Type: message/rfc822' 'Grüße'
hasnt '$mime_forward_decode' 'Received:'
hasnt '$mime_forward_decode' 'Gr=C3=BC=C3=9Fe'

# a second form of the text, around which the attachments stand
cat > "$work/filter" <<'END'
#!/bin/sh
printf 'text/html\n\n<p>'
cat
echo '</p>'
END
chmod +x "$work/filter"
echo there > "$work/note.txt"
for quad in yes ask-yes; do
	echo hütte | letter "send_multipart_alternative=$quad send_multipart_alternative_filter=\"$work/filter\"" \
		--compose ana@example.org -a "$work/note.txt"
	has '$send_multipart_alternative' 'Content-Type: multipart/mixed' 'Content-Type: multipart/alternative' \
		'Content-Type: text/html; charset=' 'Content-Disposition: attachment; filename=note.txt'
	[ "$("$feist" --dump=json "$work/out" | grep -o '"tree":"[^"]*"')" = \
		'"tree":"multipart/mixed(multipart/alternative(text/plain,text/html),text/plain)"' ] ||
		{ echo 'not this tree:'; "$feist" --dump=json "$work/out"; faults=$((faults + 1)); }
done
for quad in no ask-no; do
	echo hello | letter "send_multipart_alternative=$quad send_multipart_alternative_filter=\"$work/filter\"" --compose ana@example.org
	hasnt '$send_multipart_alternative unset' 'multipart'
done
for filter in 'echo text/html' 'printf "multipart/x\n\n"' false 'printf "text html\n\n"'; do
	echo hello | "$feist" -n -F /dev/null -e 'set from=kai@example.org send_multipart_alternative' \
		-e "set send_multipart_alternative_filter='$filter'" --compose ana@example.org --stdout > "$work/out" 2> /dev/null &&
		{ echo "went out in spite of the filter $filter"; faults=$((faults + 1)); }
done

# a bounce: as it is, but for Delivered-To when asked
box=$work/in
mkdir -p "$box/cur" "$box/new" "$box/tmp"
printf 'Delivered-To: kai@x\n\tfolded\nFrom: Ana <ana@example.org>\nSubject: Hi\nDelivered-To: two@x\nMessage-ID: <1@x>\n\nDelivered-To: body\n' \
	> "$box/cur/1.x:2,S"
printf '#!/bin/sh\ncat > "%s/out"\n' "$work" > "$work/sendmail"
chmod +x "$work/sendmail"
idle='<enter-command>wait-idle<enter>'
echo "$idle<bounce-message>bob@example.org<enter>$idle" > "$work/keys"
unset SOURCE_DATE_EPOCH
for delivered in yes no; do
	echo "set spoolfile=$box from=kai@example.org sendmail=\"$work/sendmail\" send_delay=0 bounce=yes bounce_delivered=$delivered" > "$work/rc"
	TERM=xterm-256color timeout -k 1 60 "$feist" -n -F "$work/rc" --screen-test "$work/keys" || faults=$((faults + 1))
	has bounce 'Resent-To: bob@example.org' 'Subject: Hi' 'Delivered-To: body'
	[ $delivered = yes ] && has '$bounce_delivered' 'Delivered-To: kai@x' 'folded' 'Delivered-To: two@x'
	[ $delivered = no ] && hasnt '$bounce_delivered unset' 'folded' && hasnt '$bounce_delivered unset' 'two@x'
done

# from the compose screen: asked, and made then
cat > "$work/keys" <<END
<mail>bob@example.org<enter>Hi<enter>
:wait-idle
<view-alt>
:wait-idle
<exit><send-message>y
:wait-idle
END
echo "set from=kai@example.org sendmail=\"$work/sendmail\" send_delay=0 editor=true abort_unmodified=no fcc_attach=no" > "$work/rc"
echo "set send_multipart_alternative=ask-no send_multipart_alternative_filter=\"$work/filter\" record=\"$work/sent\"" >> "$work/rc"
TERM=xterm-256color timeout -k 1 60 "$feist" -n -F "$work/rc" --screen-test "$work/keys" || faults=$((faults + 1))
has 'second form' 'Content-Type: multipart/alternative' 'Content-Type: text/html'

[ $faults = 0 ] || echo "$faults faults"
exit $((faults > 0))
