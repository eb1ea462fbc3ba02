Saved searches: how many messages they find stands in the sidebar before anybody opens them.
== setup
size 90x14
set sidebar_visible sidebar_width=26 sidebar_format="%D%*  %n/%S" sort=date
virtual-mailboxes Hikes "~s hike" Nothing "~s zzz" Big "~z 2K-"
== keys
:wait-idle
<first-entry>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd /:Find ?:Help
Big                   N/3 │   1   + 02 Nov The feist authors  Welcome to feist        1.2K
Hikes                N/12 │   2     03 Nov Anna Berg          Winter hike             0.4K
Nothing                /0 │   3     03 Nov Ole Lund           Re: Winter hike         0.5K
local                     │   4     04 Nov Zoë Marchand       Re: Winter hike         0.4K
inbox                N/24 │   5 r   04 Nov Anna Berg          Re: Winter hike         0.6K
Drafts                 /1 │   6 N ! 04 Nov Ole Lund           Re: Winter hike         0.6K
Sent                   /1 │   7 N   05 Nov Keiko Sato         Snow shoes? (was: W     0.5K
Archive                /0 │   8 N + 06 Nov The Mountain Lette The Mountain Letter     2.2K
lists                 N/7 │   9 N ! 07 Nov Anna Berg          Photos and the map  @3  2.0K
inbox.mbox           N/24 │  10 N + 08 Nov 山田太郎           お元気ですか            0.4K
Trash                  /0 │  11   + 08 Nov Ольга Петрова      Поездка в горы          0.4K
--=inbox--13 new--24 msgs----------------------------------------------------------(top)--
== keys
l~s hike<Enter>
:wait-idle
<tag-pattern>~A<Enter><tag-prefix><clear-flag>N<untag-pattern>~A<Enter>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd /:Find ?:Help
Big                   N/3 │   1     03 Nov Anna Berg          Winter hike             0.4K
Hikes                N/12 │   2     03 Nov Ole Lund           Re: Winter hike         0.5K
Nothing                /0 │   3     04 Nov Zoë Marchand       Re: Winter hike         0.4K
local                     │   4 r   04 Nov Anna Berg          Re: Winter hike         0.6K
inbox                N/24 │   5   ! 04 Nov Ole Lund           Re: Winter hike         0.6K
Drafts                 /1 │   6     05 Nov Keiko Sato         Snow shoes? (was: W     0.5K
Sent                   /1 │
Archive                /0 │
lists                 N/7 │
inbox.mbox           N/24 │
Trash                  /0 │
--=inbox--11 new--6 of 24 msgs--limit: ~s hike-------------------------------------(all)--
6 messages changed.
== keys
c
virtual:Hikes<Enter>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd /:Find ?:Help
Big                   N/3 │   2     03 Nov Anna Berg          Winter hike             0.4K
Hikes                N/12 │   3     03 Nov Ole Lund           Re: Winter hike         0.5K
Nothing                /0 │   4     03 Nov Ole Lund           Re: Winter hike         0.5K
local                     │   5     04 Nov Zoë Marchand       Re: Winter hike         0.4K
inbox                N/24 │   6     04 Nov Zoë Marchand       Re: Winter hike         0.5K
Drafts                 /1 │   7 r   04 Nov Anna Berg          Re: Winter hike         0.6K
Sent                   /1 │   8 r   04 Nov Anna Berg          Re: Winter hike         0.6K
Archive                /0 │   9   ! 04 Nov Ole Lund           Re: Winter hike         0.6K
lists                 N/7 │  10 N ! 04 Nov Ole Lund           Re: Winter hike         0.6K
inbox.mbox           N/24 │  11     05 Nov Keiko Sato         Snow shoes? (was: W     0.5K
Trash                  /0 │  12 N   05 Nov Keiko Sato         Snow shoes? (was: W     0.5K
--Hikes--2 new--12 msgs-------------------------------------------------1 account--(end)--
