40x10: columns go, then bars; nothing overlaps, nothing breaks; then growing again.
== setup
size 40x10
== keys
<first-entry>
== screen
q:Quit d:Del u:Undel s:Save f:Fwd ?:Help
N + 17:00  Keiko Sato   See you on Satur
N + 13 Nov Dev Eloper   [PATCH] lamp: do
  + 12 Nov Anna Berg    Re: Re: Aw: pack
N + 12 Nov Broken Maile Your order 4711
N + 12 Nov Mallory [31m Your terminal is
  + 11 Nov Ole Lund     Fwd: Lost glove
N + 11 Nov Zoe Marchand Invitation: hut
--=inbox--13 new--24 msgs--------(top)--
== keys
<display-message>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg ?:Help
Date: Fri, 13 Nov 2026 18:00:00 +0100
From: Keiko Sato <keiko@yama.example>
To: You <you@feist.example>
Subject: See you on Saturday

07:12, main station, platform 4. I bring
the snow shoes.
--Keiko Sato: See y--text/plain--(top)--
== keys
v
:wait-idle
== screen
q:Exit <Enter>:View m:Mailcap ?:Help
  I     1 <no description>[text/plain, 7






--Parts of: See you on Saturday--(all)--
== keys
qq?
== screen
q:Exit <Enter>:Run it /:Find ?:Help
Keys of index
 B            Show the editors that are
 b            Send the message on, uncha
 #            Cut the thread at this mes
 y            Choose a mailbox from the
 .            List mailboxes with new ma
 c            Open another mailbox
--Help for index-----------------(top)--
== keys
q
:resize 24x80
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1   +  17:00 Keiko Sato         See you on Saturday                      0.3K
   2 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go out in the c     0.8K
   3   + 12 Nov Anna Berg          Re: Re: Aw: packing list                 0.7K
   4 N + 12 Nov Broken Mailer      Your order 4711 / Ihre Bestellung        0.4K
   5 N + 12 Nov Mallory [31m       Your terminal is �]0;mine� mine      @1  0.6K
   6   + 11 Nov Ole Lund           Fwd: Lost glove                      @2  0.8K
   7 N + 11 Nov Zoe Marchand       Invitation: hut planning                 0.9K
   8   + 10 Nov Fiona Flow         Text that flows                          0.7K
   9 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é عربي עברית             0.9K
  10   + 09 Nov José Núñez         ¿Qué tal la excursión?                   0.4K
  11 N + 09 Nov Νίκος              Καλημέρα                                 0.4K
  12   + 09 Nov 김민수             안녕하세요                               0.3K
  13 N + 09 Nov 李明               关于下周的安排                           0.4K
  14   + 08 Nov Ольга Петрова      Поездка в горы                           0.4K
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  16 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
  17 N + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
  19     03 Nov Ole Lund           ├─>                                      0.5K
  20 N   05 Nov Keiko Sato         │ └─>Snow shoes? (was: Winter hike)      0.5K
  21     04 Nov Zoë Marchand       └─>                                      0.4K
--=inbox--12 new--24 msgs------------------------------------------------(top)--
== keys
:resize 1x1
:resize 3x20
:resize 10x30
:wait-idle
== screen
q:Quit d:Del u:Undel ?:Help
  + 17:00  Keiko Sato   See yo
N + 13 Nov Dev Eloper   [PATCH
  + 12 Nov Anna Berg    Re: Re
N + 12 Nov Broken Maile Your o
N + 12 Nov Mallory [31m Your t
  + 11 Nov Ole Lund     Fwd: L
N + 11 Nov Zoe Marchand Invita
--=inbox--12 new--24 ms(top)--
