With a muttrc everything is as in mutt: formats, order, marks, no colours of ours.
== setup
profile mutt
color index red default ~N
color body green default lamp
color header cyan default ^From:
== keys
<first-entry>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1   + Nov 02 The feist autho (  23) Welcome to feist
   2     Nov 03 Anna Berg       (   7) Winter hike
   3     Nov 03 Ole Lund        (   9) Re: Winter hike
   4     Nov 04 Zoë Marchand    (   6) Re: Winter hike
   5 r   Nov 04 Anna Berg       (   9) Re: Winter hike
   6 O ! Nov 04 Ole Lund        (   7) Re: Winter hike
   7 N   Nov 05 Keiko Sato      (   6) Snow shoes? (was: Winter hike)
   8 N + Nov 06 The Mountain Le (  47) The Mountain Letter: huts, snow ❄ and a c
   9 O ! Nov 07 Anna Berg       (  45) Photos and the map
  10 N + Nov 08 山田太郎        (   6) お元気ですか
  11   + Nov 08 Ольга Петрова   (   5) Поездка в горы
  12 N + Nov 09 李明            (   2) 关于下周的安排
  13   + Nov 09 김민수          (   5) 안녕하세요
  14 N + Nov 09 Νίκος           (   6) Καλημέρα
  15   + Nov 09 José Núñez      (   6) ¿Qué tal la excursión?
  16 N + Nov 10 🐧 Linus        (  11) Widths: 🏔 👨 🇩🇪 é عربي עברית
  17   + Nov 10 Fiona Flow      (  12) Text that flows
  18 N + Nov 11 Zoe Marchand    (  27) Invitation: hut planning
  19   + Nov 11 Ole Lund        (  27) Fwd: Lost glove
  20 N + Nov 12 Mallory [31m    (  12) Your terminal is �]0;mine� mine
  21 N + Nov 12 Broken Mailer   (   5) Your order 4711 / Ihre Bestellung
---feist: ! [Msgs:24 New:11 Old:2 Flag:2 Inc:2 16K]---(date/aux/date)---(top)---
== styles
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa





bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

a: reverse
b: fg=1 bg=default
== keys
<last-entry><previous-entry><display-message>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
From: Dev Eloper <dev@code.example>
To: you@feist.example
Subject: [PATCH] lamp: do not go out in the cold
Date: Fri, 13 Nov 2026 09:00:00 +0100
Message-ID: <20261113080000.1-dev@code.example>
X-Mailer: git-send-email 2.39.2
MIME-Version: 1.0
Content-Transfer-Encoding: 8bit
Content-Type: text/plain; charset=UTF-8

Below -10 degrees the battery gives less than the lamp asks for.

Signed-off-by: Dev Eloper <dev@code.example>
---
 lamp.c | 4 ++--
 1 file changed, 2 insertions(+), 2 deletions(-)

diff --git a/lamp.c b/lamp.c
index 1a2b3c4..5d6e7f8 100644
--- a/lamp.c
+++ b/lamp.c
-  +- 23/24: Dev Eloper             [PATCH] lamp: do not go out in the  -- (top)
== styles
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb









..................................................cccc



.cccc






aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

a: reverse
b: fg=6 bg=default
c: fg=2 bg=default
== keys
<exit><tag-entry><tag-entry>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
  22   + Nov 12 Anna Berg       (  18) Re: Re: Aw: packing list
  23   * Nov 13 Dev Eloper      (  22) [PATCH] lamp: do not go out in the cold
  24 N * Nov 13 Keiko Sato      (   5) See you on Saturday


















---feist: ! [Msgs:24 New:10 Old:2 Flag:2 Tag:2 Inc:2 16K]---(date/aux/date)-(end
== keys
;d
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
  22   + Nov 12 Anna Berg       (  18) Re: Re: Aw: packing list
  23  D+ Nov 13 Dev Eloper      (  22) [PATCH] lamp: do not go out in the cold
  24 ND+ Nov 13 Keiko Sato      (   5) See you on Saturday


















-*-feist: ! [Msgs:24 New:10 Old:2 Del:2 Flag:2 Inc:2 16K]---(date/aux/date)-(end
== keys
$y
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
  22   + Nov 12 Anna Berg       (  18) Re: Re: Aw: packing list




















---feist: ! [Msgs:22 New:9 Old:2 Flag:2 Inc:3 15K]---(date/aux/date)----(end)---
2 messages moved to =Trash.
== keys
<first-entry><change-folder>=inbox<enter>
:wait-idle
<search>~X 3<enter><view-attachments>
:wait-idle
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                      [text/plain, 8bit, utf-8, 0.1K]
  A     2 hut.png                                     [image/png, base64, 0.1K]
  A     3 Karte Kreuzjoch – Weg über die Alm.pdf    [applica/pdf, base64, 0.6K]
  A     4 places.csv                           [text/csv, 7bit, us-ascii, 0.1K]

















--Parts of: Photos and the map-------------------------------------------(all)--
