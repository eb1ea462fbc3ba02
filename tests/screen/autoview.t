HTML is shown by feist itself, whatever mailcap has for it, until auto_view says otherwise.
== setup
size 80x24
== keys
<shell-escape>echo "text/html; echo from a filter; copiousoutput" > /PROFILE/mailcap<enter>
:wait-idle
<enter-command>set mailcap_path=/PROFILE/mailcap<enter><jump>17<enter><display-message>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  16 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
  17   + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
--=inbox--12 new--24 msgs------------------------------------------------(75%)--
Date: Fri, 06 Nov 2026 06:00:00 +0000
From: The Mountain Letter <letter@letters.example>
To: you@feist.example
Subject: The Mountain Letter: huts, snow ❄ and a calendar
List-Id: The Mountain Letter <mountain.letters.example>

The Mountain Letter

Dear reader, this is the November letter: snow, huts and a calendar for the
winter [1].

Huts that stay open

Hut              Height   Beds
---------------  -------  ----
Kreuzjoch        1,910 m    24
--The Mountain Letter: The Mountain Le--text/html (2 images not loaded)--(top)--
2 remote images not loaded.  I:as links  U:links  v:parts
== keys
<exit><enter-command>auto_view text/html<enter><display-message>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  16 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
  17   + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
--=inbox--12 new--24 msgs------------------------------------------------(75%)--
Date: Fri, 06 Nov 2026 06:00:00 +0000
From: The Mountain Letter <letter@letters.example>
To: you@feist.example
Subject: The Mountain Letter: huts, snow ❄ and a calendar
List-Id: The Mountain Letter <mountain.letters.example>

from a filter









--The Mountain Letter: The Mountain Letter: huts, snow ❄ and--text/html--(all)--
