Parts of a message: the tree, looking at one, saving it, folding, piping.
== keys
<jump>16<enter><view-attachments>
:wait-idle
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                          [multipa/mixed, 7bit, 1.7K]
  I     2 ├─><no description>                   [text/plain, 8bit, utf-8, 0.1K]
  A     3 ├─>hut.png                                  [image/png, base64, 0.1K]
  A     4 ├─>Karte Kreuzjoch – Weg über die Alm.pdf [applica/pdf, base64, 0.6K]
  A     5 └─>places.csv                        [text/csv, 7bit, us-ascii, 0.1K]
















--Parts of: Photos and the map-------------------------------------------(all)--
== keys
<view-attach>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg j:Next s:Save |:Pipe p:Print d:Del r:Reply ?:Help
Here is the hut from below, and the map as PDF. Please do not print it in
colour: the office complained about the last one …

Anna

















--Part 2 (text/plain)--(all)----------------------------------------------------
== keys
<exit><next-entry><view-attach>
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                          [multipa/mixed, 7bit, 1.7K]
  I     2 ├─><no description>                   [text/plain, 8bit, utf-8, 0.1K]
  A     3 ├─>hut.png                                  [image/png, base64, 0.1K]
  A     4 ├─>Karte Kreuzjoch – Weg über die Alm.pdf [applica/pdf, base64, 0.6K]
  A     5 └─>places.csv                        [text/csv, 7bit, us-ascii, 0.1K]
















--Parts of: Photos and the map-------------------------------------------(all)--
No viewer in mailcap for image/png. s saves it, T shows it as text.
== keys
<last-entry><save-entry><enter>
:wait-idle
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                          [multipa/mixed, 7bit, 1.7K]
  I     2 ├─><no description>                   [text/plain, 8bit, utf-8, 0.1K]
  A     3 ├─>hut.png                                  [image/png, base64, 0.1K]
  A     4 ├─>Karte Kreuzjoch – Weg über die Alm.pdf [applica/pdf, base64, 0.6K]
  A     5 └─>places.csv                        [text/csv, 7bit, us-ascii, 0.1K]
















--Parts of: Photos and the map-------------------------------------------(all)--
Attachment saved to /PROFILE/places.csv.
== keys
<save-entry><enter>
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                          [multipa/mixed, 7bit, 1.7K]
  I     2 ├─><no description>                   [text/plain, 8bit, utf-8, 0.1K]
  A     3 ├─>hut.png                                  [image/png, base64, 0.1K]
  A     4 ├─>Karte Kreuzjoch – Weg über die Alm.pdf [applica/pdf, base64, 0.6K]
  A     5 └─>places.csv                        [text/csv, 7bit, us-ascii, 0.1K]
















--Parts of: Photos and the map-------------------------------------------(all)--
File exists, (o)verwrite, (a)ppend, or (c)ancel?
== keys
c<first-entry><collapse-parts>
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                          [multipa/mixed, 7bit, 1.7K]




















--Parts of: Photos and the map-------------------------------------------(all)--
== keys
<collapse-parts><last-entry><pipe-entry>cat >/PROFILE/piped<enter>
:wait-idle
<exit>
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
  14   + 08 Nov Ольга Петрова      Поездка в горы                           0.4K
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  16 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
  17 N + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
  19     03 Nov Ole Lund           ├─>                                      0.5K
  20 N   05 Nov Keiko Sato         │ └─>Snow shoes? (was: Winter hike)      0.5K
  21     04 Nov Zoë Marchand       └─>                                      0.4K
--=inbox--13 new--24 msgs------------------------------------------------(top)--
== file places.csv
place,height
station,612
bus stop,980
hut,1910
== file piped
place,height
station,612
bus stop,980
hut,1910
== keys
<jump>16<enter><view-attachments>
:wait-idle
<jump>2<enter><view-attach>
:wait-idle
<next-undeleted>
:wait-idle
<save-message><kill-line>/PROFILE/part<enter>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg j:Next s:Save |:Pipe p:Print d:Del r:Reply ?:Help
place,height
station,612
bus stop,980
hut,1910

















--Part 5: places.csv (text/csv)--(all)------------------------------------------
Attachment saved to /PROFILE/part.
== keys
<next-undeleted>
== screen
q:Exit -:PrevPg <Space>:NextPg j:Next s:Save |:Pipe p:Print d:Del r:Reply ?:Help
place,height
station,612
bus stop,980
hut,1910

















--Part 5: places.csv (text/csv)--(all)------------------------------------------
There is no text behind this one.
== keys
<delete-message>
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                          [multipa/mixed, 7bit, 1.7K]
  I     2 ├─><no description>                   [text/plain, 8bit, utf-8, 0.1K]
  A     3 ├─>hut.png                                  [image/png, base64, 0.1K]
  A     4 ├─>Karte Kreuzjoch – Weg über die Alm.pdf [applica/pdf, base64, 0.6K]
 DA     5 └─>places.csv                        [text/csv, 7bit, us-ascii, 0.1K]
















--Parts of: Photos and the map-------------------------------------------(all)--
