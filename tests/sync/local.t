# Local mailboxes. The notation is explained in run_sync.c.

case what is there is found
have md/ a: b:S c:SF d:o e:SRP
have mb f: g:S h:SRF i:o
want md/ a: b:S c:SF d:o e:SRP
want mb f: g:S h:SRF i:o

case flags in a Maildir
have md/ a: b:S c:SF d:o
do flag md/ a +S
do flag md/ b +F-S
do flag md/ c -F
do flag md/ d +R
want md/ a:S b:F c:S d:Ro

case flags in an mbox
have mb a: b:S c:SF d:o
do flag mb a +S
do flag mb b +Fo-S
do flag mb c -F
do flag mb d +R
want mb a:S b:Fo c:S d:Ro

case deleting
have md/ a: b:S c:
have mb d: e: f:S
do delete md/ b
do delete mb d
do delete mb f
want md/ a: c:
want mb e:

case all messages of an mbox are deleted
have mb a: b:S
do delete mb a
do delete mb b
want mb

case moving between Maildirs
have md/ a: b:S c:SF
have two/ x:
do move md/ b two/
do move md/ c two/
want md/ a:
want two/ x: b:S c:SF

case moving from a Maildir to an mbox and back
have md/ a: b:S c:SF
have mb x:o
do move md/ b mb
do move mb x md/
want md/ a: c:SF x:o
want mb b:S

case moving between mboxes
have one a: b:S c:SF
have two x:
do move one a two
do move one c two
want one b:S
want two x: a: c:SF

case copying
have md/ a: b:S
have mb x:S
do copy md/ b mb
do copy md/ a mb
do copy mb x md/
want md/ a: b:S x:S
want mb x:S b:S a:

case appending
have md/ a:
have mb b:
do append md/ sent:S
do append mb draft:SD
do append mb note:
want md/ a: sent:S
want mb b: draft:SD note:

case appending makes the mailbox
have md/ a:
do append sent sent:S
want md/ a:
want sent sent:S

case moving makes the mailbox
have mb a: b:
do move mb a archive
want mb b:
want archive a:

case flags come before the move that follows them
have mb a: b:
have two x:
do flag mb a +SF
do move mb a two
want mb b:
want two x: a:SF

case a delete that depends on an append
have md/ a: b:
have mb x:
do append mb a:S
do delete md/ a . after
want md/ b:
want mb x: a:S

case creating, renaming, removing
have mb a:
have old/ b:S
have gone c:
do create fresh
do rename old/ new
do remove gone
want mb a:
want fresh
want new b:S
want gone (none)

case a message that is not there any more is no trouble
have md/ a: b:
do delete md/ a
do flag md/ a +F
do move md/ a two/
do flag md/ b +S
want md/ b:S

case what cannot be done is refused and the rest goes on
have md/ a: b:
do rename md/ md
do flag md/ a +S
want md/ a:S b:
refused 1

case the cache is made anew before anything was done
anew
have md/ a: b:S c:SF
have mb d: e:S f:
have two/ x:
do flag md/ a +S
do move md/ b two/
do delete md/ c
do flag mb d +F
do move mb e two/
do delete mb f
want md/ a:S
want mb d:F
want two/ x: b:S e:S

case of two with one Message-ID none goes when only that is known
anew
have mb a: b: a:S
do delete mb a
do delete mb b
want mb a: a:S
refused 1

case an mbox in a folder that cannot be written
readonly
have mb a: b:S c:SF
do flag mb a +S
do delete mb b
do append mb d:
want mb a:S c:SF d:
