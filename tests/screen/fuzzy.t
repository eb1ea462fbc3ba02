Mailboxes found by letters of their names: in the prompt of change-folder, and in the sidebar.
== setup
size 60x10
set sidebar_visible sidebar_width=20
mailboxes =lists/kernel-mailinglist =work/cheese =archive/2026
== keys
c=krnl<Tab>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group ?:Help
inbox         13/24 │N + 17:00  Keiko Sato   See you on Satu
Drafts            1 │N + 13 Nov Dev Eloper   [PATCH] lamp: d
Sent              1 │  + 12 Nov Anna Berg    Re: Re: Aw: pac
Archive             │N + 12 Nov Broken Maile Your order 4711
lists           3/7 │N + 12 Nov Mallory [31m Your terminal i
inbox.mbox    13/24 │  + 11 Nov Ole Lund     Fwd: Lost glove
Trash               │N + 11 Nov Zoe Marchand Invitation: hut
--=inbox--13 new--24 msgs----------------------------(top)--
Open mailbox ('?' for list): =lists/kernel-mailinglist
== keys
<Esc><Esc><sidebar-start-search>chs<Enter>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group ?:Help
Sent              1 │N + 17:00  Keiko Sato   See you on Satu
Archive             │N + 13 Nov Dev Eloper   [PATCH] lamp: d
lists           3/7 │  + 12 Nov Anna Berg    Re: Re: Aw: pac
inbox.mbox    13/24 │N + 12 Nov Broken Maile Your order 4711
Trash               │N + 12 Nov Mallory [31m Your terminal i
  kernel-mailingli  │  + 11 Nov Ole Lund     Fwd: Lost glove
  cheese            │N + 11 Nov Zoe Marchand Invitation: hut
--=inbox--13 new--24 msgs----------------------------(top)--
== keys
<sidebar-start-search>hive<Enter>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group ?:Help
Archive             │N + 17:00  Keiko Sato   See you on Satu
lists           3/7 │N + 13 Nov Dev Eloper   [PATCH] lamp: d
inbox.mbox    13/24 │  + 12 Nov Anna Berg    Re: Re: Aw: pac
Trash               │N + 12 Nov Broken Maile Your order 4711
  kernel-mailingli  │N + 12 Nov Mallory [31m Your terminal i
  cheese            │  + 11 Nov Ole Lund     Fwd: Lost glove
  2026              │N + 11 Nov Zoe Marchand Invitation: hut
--=inbox--13 new--24 msgs----------------------------(top)--
