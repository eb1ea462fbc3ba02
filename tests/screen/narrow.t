Limiting while somebody types: the list follows, the prompt counts; cancelling brings the old list back.
== setup
size 70x12
set sort=threads
== keys
<first-entry>
l~s h
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder ?:Help
   1 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go ou     0.8K
   2 N + 12 Nov Broken Mailer      Your order 4711 / Ihre Bes     0.4K
   3 N + 11 Nov Zoe Marchand       Invitation: hut planning       0.9K
   4   + 10 Nov Fiona Flow         Text that flows                0.7K
   5 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é عربي עבר     0.9K
   6 N ! 07 Nov Anna Berg          Photos and the map         @3  2.0K
   7 N + 06 Nov The Mountain Lette The Mountain Letter: huts,     2.2K
   8     03 Nov Anna Berg          Winter hike                    0.4K
   9     03 Nov Ole Lund           ├─>                            0.5K
--=inbox--13 new--13 of 24 msgs--limit: ~s h-------------------(top)--
Limit to messages matching: ~s h                             13 of 24
== keys
ik
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder ?:Help
   1     03 Nov Anna Berg          Winter hike                    0.4K
   2     03 Nov Ole Lund           ├─>                            0.5K
   3 N   05 Nov Keiko Sato         │ └─>Snow shoes? (was: Win     0.5K
   4     04 Nov Zoë Marchand       └─>                            0.4K
   5 r   04 Nov Anna Berg            └─>                          0.6K
   6 N ! 04 Nov Ole Lund               └─>                        0.6K



--=inbox--13 new--6 of 24 msgs--limit: ~s hik------------------(all)--
Limit to messages matching: ~s hik                            6 of 24
== keys
<cancel>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder ?:Help
   1 N +  17:00 Keiko Sato         See you on Saturday            0.3K
   2 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go ou     0.8K
   3   + 12 Nov Anna Berg          Re: Re: Aw: packing list       0.7K
   4 N + 12 Nov Broken Mailer      Your order 4711 / Ihre Bes     0.4K
   5 N + 12 Nov Mallory [31m       Your terminal is �]0;mine� @1  0.6K
   6   + 11 Nov Ole Lund           Fwd: Lost glove            @2  0.8K
   7 N + 11 Nov Zoe Marchand       Invitation: hut planning       0.9K
   8   + 10 Nov Fiona Flow         Text that flows                0.7K
   9 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é عربي עבר     0.9K
--=inbox--13 new--24 msgs--------------------------------------(top)--
== keys
l~b snow<Enter>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder ?:Help
   1 N +  17:00 Keiko Sato         See you on Saturday            0.3K
   2 N + 06 Nov The Mountain Lette The Mountain Letter: huts,     2.2K
   3     03 Nov Anna Berg          Winter hike                    0.4K
   4     03 Nov Ole Lund           └─>                            0.5K
   5 N   05 Nov Keiko Sato           └─>Snow shoes? (was: Win     0.5K




--=inbox--13 new--5 of 24 msgs--limit: ~b snow-----------------(all)--
To view all messages, limit to "all".
== keys
l~s (
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder ?:Help
   1 N +  17:00 Keiko Sato         See you on Saturday            0.3K
   2 N + 06 Nov The Mountain Lette The Mountain Letter: huts,     2.2K
   3     03 Nov Anna Berg          Winter hike                    0.4K
   4     03 Nov Ole Lund           └─>                            0.5K
   5 N   05 Nov Keiko Sato           └─>Snow shoes? (was: Win     0.5K




--=inbox--13 new--5 of 24 msgs--limit: ~b snow-----------------(all)--
Limit to messages matching: ~s (
== keys
<cancel>
T~f anna
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder ?:Help
   1 N +  17:00 Keiko Sato         See you on Saturday            0.3K
   2 N + 06 Nov The Mountain Lette The Mountain Letter: huts,     2.2K
   3     03 Nov Anna Berg          Winter hike                    0.4K
   4     03 Nov Ole Lund           └─>                            0.5K
   5 N   05 Nov Keiko Sato           └─>Snow shoes? (was: Win     0.5K




--=inbox--13 new--5 of 24 msgs--limit: ~b snow-----------------(all)--
Tag messages matching: ~f anna                             4 messages
== keys
<cancel>
lall<Enter>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder ?:Help
   1 N +  17:00 Keiko Sato         See you on Saturday            0.3K
   2 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go ou     0.8K
   3   + 12 Nov Anna Berg          Re: Re: Aw: packing list       0.7K
   4 N + 12 Nov Broken Mailer      Your order 4711 / Ihre Bes     0.4K
   5 N + 12 Nov Mallory [31m       Your terminal is �]0;mine� @1  0.6K
   6   + 11 Nov Ole Lund           Fwd: Lost glove            @2  0.8K
   7 N + 11 Nov Zoe Marchand       Invitation: hut planning       0.9K
   8   + 10 Nov Fiona Flow         Text that flows                0.7K
   9 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é عربي עבר     0.9K
--=inbox--13 new--24 msgs--------------------------------------(top)--
