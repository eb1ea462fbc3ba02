$sort=relevance: what fits a limit best comes first.
== setup
size 80x16
set sort=relevance sort_aux=reverse-date
== keys
:wait-idle
lhike<Enter>
:wait-idle
<first-entry>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1 N   05 Nov Keiko Sato         Snow shoes? (was: Winter hike)           0.5K
   2 N ! 04 Nov Ole Lund           Re: Winter hike                          0.6K
   3 r   04 Nov Anna Berg          Re: Winter hike                          0.6K
   4     04 Nov Zoë Marchand       Re: Winter hike                          0.4K
   5     03 Nov Ole Lund           Re: Winter hike                          0.5K
   6     03 Nov Anna Berg          Winter hike                              0.4K







--=inbox--13 new--6 of 24 msgs--limit: hike------------------------------(all)--
== keys
l~B hut<Enter>
:wait-idle
<first-entry>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1 N + 11 Nov Zoe Marchand       Invitation: hut planning                 0.9K
   2 N + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
   3   + 11 Nov Ole Lund           Fwd: Lost glove                      @2  0.8K
   4 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
   5     03 Nov Ole Lund           Re: Winter hike                          0.5K
   6     03 Nov Anna Berg          Winter hike                              0.4K







--=inbox--13 new--6 of 24 msgs--limit: ~B hut----------------------------(all)--
== keys
:set sort=date
:wait-idle
<first-entry>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1     03 Nov Anna Berg          Winter hike                              0.4K
   2     03 Nov Ole Lund           Re: Winter hike                          0.5K
   3 N + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
   4 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
   5 N + 11 Nov Zoe Marchand       Invitation: hut planning                 0.9K
   6   + 11 Nov Ole Lund           Fwd: Lost glove                      @2  0.8K







--=inbox--13 new--6 of 24 msgs--limit: ~B hut----------------------------(all)--
== keys
ovlall<Enter>
:wait-idle
<first-entry>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1 N +  17:00 Keiko Sato         See you on Saturday                      0.3K
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
--=inbox--13 new--24 msgs------------------------------------------------(top)--
