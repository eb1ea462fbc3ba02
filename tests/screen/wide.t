200x50: sidebar at the left, preview at the right; both follow.
== setup
size 200x50
== keys
5<enter>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd /:Find F:Flag t:Tag A:Archive v:Parts |:Pipe y:List o:Sort ::Commands ?:Help
inbox               13/24 │   1 N +  17:00 Keiko Sato         See you on Saturday                       0.3K│Date: Thu, 12 Nov 2026 03:33:33 +0000
Drafts                  1 │   2 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go out in the co     0.8K│From: "Mallory [31m" <mallory@evil.example>
Sent                    1 │   3   + 12 Nov Anna Berg          Re: Re: Aw: packing list                  0.7K│To: you@feist.example
Archive                   │   4 N + 12 Nov Broken Mailer      Your order 4711 / Ihre Bestellung         0.4K│Subject: Your terminal is �]0;mine� mine
lists                 3/7 │   5 N + 12 Nov Mallory [31m       Your terminal is �]0;mine� mine       @1  0.6K│
inbox.mbox          13/24 │   6   + 11 Nov Ole Lund           Fwd: Lost glove                       @2  0.8K│A terminal that obeys mail would be red now: red, have another
Trash                     │   7 N + 11 Nov Zoe Marchand       Invitation: hut planning                  0.9K│title: , or read backwards: esrever. Here you see the
                          │   8   + 10 Nov Fiona Flow         Text that flows                           0.7K│characters instead, as ^[ or as a mark.
                          │   9 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é عربي עברית              0.9K│
                          │  10   + 09 Nov José Núñez         ¿Qué tal la excursión?                    0.4K│[-- Attachment #2: ../../.bashrc (application/octet-stream, 0.1K) --]
                          │  11 N + 09 Nov Νίκος              Καλημέρα                                  0.4K│
                          │  12   + 09 Nov 김민수             안녕하세요                                0.3K│
                          │  13 N + 09 Nov 李明               关于下周的安排                            0.4K│
                          │  14   + 08 Nov Ольга Петрова      Поездка в горы                            0.4K│
                          │  15 N + 08 Nov 山田太郎           お元気ですか                              0.4K│
                          │  16 N ! 07 Nov Anna Berg          Photos and the map                    @3  2.0K│
                          │  17 N + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ and     2.2K│
                          │  18     03 Nov Anna Berg          Winter hike                               0.4K│
                          │  19     03 Nov Ole Lund           ├─>                                       0.5K│
                          │  20 N   05 Nov Keiko Sato         │ └─>Snow shoes? (was: Winter hike)       0.5K│
                          │  21     04 Nov Zoë Marchand       └─>                                       0.4K│
                          │  22 r   04 Nov Anna Berg            └─>                                     0.6K│
                          │  23 N ! 04 Nov Ole Lund               └─>                                   0.6K│
                          │  24   + 02 Nov The feist authors  Welcome to feist                          1.2K│
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
--=inbox--13 new--24 msgs----------------------------------------------------------------------------(all)--|--message 5: text/plain--(all)-------------------------------------------------------------
== keys
<sidebar-next><sidebar-next>
== styles
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
bbbbbbbbbbbbbbbbbbbbbbbbbbcdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffcggggghhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh
..........................cdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffcggggghhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh
iiiiiiiiiiiiiiiiiiiiiiiiiic.....jjj.cccccc.............................................................ccccccggghhhhhhhhhhhhhhhhhh
..........................cdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffcgggggggghhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh
ddddddddddddddddddddddddddcbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbc
ddddddddddddddddddddddddddc.....jjj.cccccc.............................................................cccccc.............................................kkk
..........................cdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffc
..........................c.....jjj.cccccc.............................................................cccccc
..........................cdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffc
..........................c.....jjj.cccccc.............................................................cccccclllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll
..........................cdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffc
..........................c.....jjj.cccccc.............................................................cccccc
..........................cdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffc
..........................c.....jjj.cccccc.............................................................cccccc
..........................cdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffc
..........................cdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffc
..........................cdddddeeedffffffdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddfffffc
..........................c.....jjj.cccccc.............................................................cccccc
..........................c.....jjj.cccccc....................hhh......................................cccccc
..........................cdddddeeedffffffddddddddddddddddddddgggggddddddddddddddddddddddddddddddddddddfffffc
..........................c.....jjj.cccccc....................hhh......................................cccccc
..........................c.....jjj.cccccc....................hhhhh....................................cccccc
..........................cdddddeeedffffffddddddddddddddddddddgggggggddddddddddddddddddddddddddddddddddfffffc
..........................c.....jjj.cccccc.............................................................cccccc
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
..........................c.................................................................................c
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

a: reverse
b: bold reverse
c: fg=102
d: bold
e: bold fg=167
f: bold fg=102
g: bold fg=67
h: fg=67
i: underline
j: fg=167
k: fg=#e16666
l: fg=133
== keys
<display-message>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd s:Save U:Links h:Headers T:Quoted |:Pipe /:Find ?:Help
inbox               12/24 │   1 N +  17:00 Keiko Sato         See you on Saturday                       0.3K│Date: Thu, 12 Nov 2026 03:33:33 +0000
Drafts                  1 │   2 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go out in the co     0.8K│From: "Mallory [31m" <mallory@evil.example>
Sent                    1 │   3   + 12 Nov Anna Berg          Re: Re: Aw: packing list                  0.7K│To: you@feist.example
Archive                   │   4 N + 12 Nov Broken Mailer      Your order 4711 / Ihre Bestellung         0.4K│Subject: Your terminal is �]0;mine� mine
lists                 3/7 │   5   + 12 Nov Mallory [31m       Your terminal is �]0;mine� mine       @1  0.6K│
inbox.mbox          13/24 │   6   + 11 Nov Ole Lund           Fwd: Lost glove                       @2  0.8K│A terminal that obeys mail would be red now: red, have another
Trash                     │   7 N + 11 Nov Zoe Marchand       Invitation: hut planning                  0.9K│title: , or read backwards: esrever. Here you see the
                          │   8   + 10 Nov Fiona Flow         Text that flows                           0.7K│characters instead, as ^[ or as a mark.
                          │   9 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é عربي עברית              0.9K│
                          │  10   + 09 Nov José Núñez         ¿Qué tal la excursión?                    0.4K│[-- Attachment #2: ../../.bashrc (application/octet-stream, 0.1K) --]
                          │  11 N + 09 Nov Νίκος              Καλημέρα                                  0.4K│
                          │  12   + 09 Nov 김민수             안녕하세요                                0.3K│
                          │  13 N + 09 Nov 李明               关于下周的安排                            0.4K│
                          │  14   + 08 Nov Ольга Петрова      Поездка в горы                            0.4K│
                          │  15 N + 08 Nov 山田太郎           お元気ですか                              0.4K│
                          │  16 N ! 07 Nov Anna Berg          Photos and the map                    @3  2.0K│
                          │  17 N + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ and     2.2K│
                          │  18     03 Nov Anna Berg          Winter hike                               0.4K│
                          │  19     03 Nov Ole Lund           ├─>                                       0.5K│
                          │  20 N   05 Nov Keiko Sato         │ └─>Snow shoes? (was: Winter hike)       0.5K│
                          │  21     04 Nov Zoë Marchand       └─>                                       0.4K│
                          │  22 r   04 Nov Anna Berg            └─>                                     0.6K│
                          │  23 N ! 04 Nov Ole Lund               └─>                                   0.6K│
                          │  24   + 02 Nov The feist authors  Welcome to feist                          1.2K│
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
                          │                                                                                 │
--=inbox--12 new--24 msgs----------------------------------------------------------------------------(all)--|--Mallory [31m: Your terminal is �]0;mine� mine-------------------------text/plain--(all)--
== keys
q<sidebar-toggle-visible><toggle-preview>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd /:Find F:Flag t:Tag A:Archive v:Parts |:Pipe y:List o:Sort ::Commands ?:Help
   1 N +  17:00 Keiko Sato            See you on Saturday                                                                                                                                           0.3K
   2 N + 13 Nov Dev Eloper            [PATCH] lamp: do not go out in the cold                                                                                                                       0.8K
   3   + 12 Nov Anna Berg             Re: Re: Aw: packing list                                                                                                                                      0.7K
   4 N + 12 Nov Broken Mailer         Your order 4711 / Ihre Bestellung                                                                                                                             0.4K
   5   + 12 Nov Mallory [31m          Your terminal is �]0;mine� mine                                                                                                                           @1  0.6K
   6   + 11 Nov Ole Lund              Fwd: Lost glove                                                                                                                                           @2  0.8K
   7 N + 11 Nov Zoe Marchand          Invitation: hut planning                                                                                                                                      0.9K
   8   + 10 Nov Fiona Flow            Text that flows                                                                                                                                               0.7K
   9 N + 10 Nov 🐧 Linus              Widths: 🏔 👨 🇩🇪 é عربي עברית                                                                                                                                  0.9K
  10   + 09 Nov José Núñez            ¿Qué tal la excursión?                                                                                                                                        0.4K
  11 N + 09 Nov Νίκος                 Καλημέρα                                                                                                                                                      0.4K
  12   + 09 Nov 김민수                안녕하세요                                                                                                                                                    0.3K
  13 N + 09 Nov 李明                  关于下周的安排                                                                                                                                                0.4K
  14   + 08 Nov Ольга Петрова         Поездка в горы                                                                                                                                                0.4K
  15 N + 08 Nov 山田太郎              お元気ですか                                                                                                                                                  0.4K
  16 N ! 07 Nov Anna Berg             Photos and the map                                                                                                                                        @3  2.0K
  17 N + 06 Nov The Mountain Letter   The Mountain Letter: huts, snow ❄ and a calendar                                                                                                              2.2K
  18     03 Nov Anna Berg             Winter hike                                                                                                                                                   0.4K
  19     03 Nov Ole Lund              ├─>                                                                                                                                                           0.5K
  20 N   05 Nov Keiko Sato            │ └─>Snow shoes? (was: Winter hike)                                                                                                                           0.5K
  21     04 Nov Zoë Marchand          └─>                                                                                                                                                           0.4K
  22 r   04 Nov Anna Berg               └─>                                                                                                                                                         0.6K
  23 N ! 04 Nov Ole Lund                  └─>                                                                                                                                                       0.6K
  24   + 02 Nov The feist authors     Welcome to feist                                                                                                                                              1.2K























--=inbox--12 new--24 msgs------------------------------------------------------------------------------------------------------------------------------------------------------------------------(all)--
