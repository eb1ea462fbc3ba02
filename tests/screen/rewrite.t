Messages made anew: an attachment deleted, a message edited, decoded, its thread broken and linked.
== setup
set editor="sed -i -e s/hut/HUT/ -e s/glove/GLOVE/"
set delete=yes
set confirmappend=no
set confirmcreate=no
set abort_unmodified=no
== keys
<search>~s "Photos and"<enter><view-attachments>
:wait-idle
<jump>3<enter><delete-entry><delete-entry>
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                          [multipa/mixed, 7bit, 1.7K]
  I     2 ├─><no description>                   [text/plain, 8bit, utf-8, 0.1K]
 DA     3 ├─>hut.png                                  [image/png, base64, 0.1K]
 DA     4 ├─>Karte Kreuzjoch – Weg über die Alm.pdf [applica/pdf, base64, 0.6K]
  A     5 └─>places.csv                        [text/csv, 7bit, us-ascii, 0.1K]
















--Parts of: Photos and the map-------------------------------------------(all)--
== keys
<exit>
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                          [multipa/mixed, 7bit, 1.7K]
  I     2 ├─><no description>                   [text/plain, 8bit, utf-8, 0.1K]
 DA     3 ├─>hut.png                                  [image/png, base64, 0.1K]
 DA     4 ├─>Karte Kreuzjoch – Weg über die Alm.pdf [applica/pdf, base64, 0.6K]
  A     5 └─>places.csv                        [text/csv, 7bit, us-ascii, 0.1K]
















--Parts of: Photos and the map-------------------------------------------(all)--
Delete 2 attachments from the message? ([yes]/no):
== keys
y
:wait-idle
<sync-mailbox>
:wait-idle
<search>~s "Photos and"<enter><display-message>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
   1   ! 07 Nov Anna Berg          Photos and the map                   @1  1.3K
   2 N +  17:00 Keiko Sato         See you on Saturday                      0.3K
   3 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go out in the c     0.8K
   4   + 12 Nov Anna Berg          Re: Re: Aw: packing list                 0.7K
--=inbox--12 new--24 msgs------------------------------------------------(top)--
Date: Sat, 07 Nov 2026 16:20:00 +0100
From: Anna Berg <anna@berge.example>
To: hikers@berge.example
Cc: You <you@feist.example>
Subject: Photos and the map

Here is the hut from below, and the map as PDF. Please do not print it in
colour: the office complained about the last one …

Anna

[-- Attachment #2: hut.png (image/png) was deleted --]

[-- Attachment #3: Karte Kreuzjoch – Weg üb… (application/pdf) was deleted --]

[-- Attachment #4: places.csv (text/csv, 0.1K) --]
--Anna Berg: Photos and the map------------------------------text/plain--(all)--
== keys
<exit><search>~s "Photos and"<enter><edit>
:wait-idle
<sync-mailbox>
:wait-idle
<search>~s "Photos and"<enter><display-message>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
   1   ! 07 Nov Anna Berg          Photos and the map                   @1  1.3K
   2 N +  17:00 Keiko Sato         See you on Saturday                      0.3K
   3 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go out in the c     0.8K
   4   + 12 Nov Anna Berg          Re: Re: Aw: packing list                 0.7K
--=inbox--12 new--24 msgs------------------------------------------------(top)--
Date: Sat, 07 Nov 2026 16:20:00 +0100
From: Anna Berg <anna@berge.example>
To: hikers@berge.example
Cc: You <you@feist.example>
Subject: Photos and the map

Here is the HUT from below, and the map as PDF. Please do not print it in
colour: the office complained about the last one …

Anna

[-- Attachment #2: HUT.png (image/png) was deleted --]

[-- Attachment #3: Karte Kreuzjoch – Weg üb… (application/pdf) was deleted --]

[-- Attachment #4: places.csv (text/csv, 0.1K) --]
--Anna Berg: Photos and the map------------------------------text/plain--(all)--
== keys
<exit><search>~s "See you"<enter><decode-copy><kill-line>=decoded<enter>
:wait-idle
<change-folder>=decoded<enter>
:wait-idle
<display-message>
:wait-idle
<display-toggle-weed>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
   1   +  17:00 Keiko Sato         See you on Saturday                      0.4K



--=decoded--1 msg--------------------------------------------------------(all)--
From: Keiko Sato <keiko@yama.example>
To: You <you@feist.example>
Subject: See you on Saturday
Date: Fri, 13 Nov 2026 18:00:00 +0100
Message-ID: <saturday@yama.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
Status: RO

07:12, main station, platform 4. I bring the snow shoes.

Can you answer this so that I know you have read it? Press r.

Keiko

--Keiko Sato: See you on Saturday----------------------------text/plain--(all)--
All headers are shown.
== keys
<exit><change-folder>!<enter>
:wait-idle
<sort-mailbox>t<first-entry>
<search>~s "Snow shoes"<enter><break-thread>
:wait-idle
<sync-mailbox>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1 N   05 Nov Keiko Sato         Snow shoes? (was: Winter hike)           0.4K
   2   ! 07 Nov Anna Berg          Photos and the map                   @1  1.3K
   3 N +  17:00 Keiko Sato         See you on Saturday                      0.3K
   4 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go out in the c     0.8K
   5   + 12 Nov Anna Berg          Re: Re: Aw: packing list                 0.7K
   6 N + 12 Nov Broken Mailer      Your order 4711 / Ihre Bestellung        0.4K
   7 N + 12 Nov Mallory [31m       Your terminal is �]0;mine� mine      @1  0.6K
   8   + 11 Nov Ole Lund           Fwd: Lost glove                      @2  0.8K
   9 N + 11 Nov Zoe Marchand       Invitation: hut planning                 0.9K
  10   + 10 Nov Fiona Flow         Text that flows                          0.7K
  11 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é عربي עברית             0.9K
  12   + 09 Nov José Núñez         ¿Qué tal la excursión?                   0.4K
  13 N + 09 Nov Νίκος              Καλημέρα                                 0.4K
  14   + 09 Nov 김민수             안녕하세요                               0.3K
  15 N + 09 Nov 李明               关于下周的安排                           0.4K
  16   + 08 Nov Ольга Петрова      Поездка в горы                           0.4K
  17 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  18 N + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  19     03 Nov Anna Berg          Winter hike                              0.4K
  20     04 Nov Zoë Marchand       ├─>                                      0.4K
  21 r   04 Nov Anna Berg          │ └─>                                    0.6K
--=inbox--12 new--24 msgs------------------------------------------------(top)--
1 message deleted for good.
== keys
<search>~s "Snow shoes"<enter><tag-entry><search>~s "Welcome"<enter><link-threads>
:wait-idle
<sync-mailbox>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1   + 02 Nov The feist authors  Welcome to feist                         1.2K
   2 N   05 Nov Keiko Sato         └─>Snow shoes? (was: Winter hike)        0.5K
   3   ! 07 Nov Anna Berg          Photos and the map                   @1  1.3K
   4 N +  17:00 Keiko Sato         See you on Saturday                      0.3K
   5 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go out in the c     0.8K
   6   + 12 Nov Anna Berg          Re: Re: Aw: packing list                 0.7K
   7 N + 12 Nov Broken Mailer      Your order 4711 / Ihre Bestellung        0.4K
   8 N + 12 Nov Mallory [31m       Your terminal is �]0;mine� mine      @1  0.6K
   9   + 11 Nov Ole Lund           Fwd: Lost glove                      @2  0.8K
  10 N + 11 Nov Zoe Marchand       Invitation: hut planning                 0.9K
  11   + 10 Nov Fiona Flow         Text that flows                          0.7K
  12 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é عربي עברית             0.9K
  13   + 09 Nov José Núñez         ¿Qué tal la excursión?                   0.4K
  14 N + 09 Nov Νίκος              Καλημέρα                                 0.4K
  15   + 09 Nov 김민수             안녕하세요                               0.3K
  16 N + 09 Nov 李明               关于下周的安排                           0.4K
  17   + 08 Nov Ольга Петрова      Поездка в горы                           0.4K
  18 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  19 N + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  20     03 Nov Anna Berg          Winter hike                              0.4K
  21     04 Nov Zoë Marchand       ├─>                                      0.4K
--=inbox--12 new--24 msgs------------------------------------------------(top)--
1 message deleted for good.
== keys
<search>~s "Invitation"<enter><display-message>
:wait-idle
<edit-type><kill-line>text/plain<enter>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
   8 N + 12 Nov Mallory [31m       Your terminal is �]0;mine� mine      @1  0.6K
   9   + 11 Nov Ole Lund           Fwd: Lost glove                      @2  0.8K
  10   + 11 Nov Zoe Marchand       Invitation: hut planning                 0.9K
  11   + 10 Nov Fiona Flow         Text that flows                          0.7K
--=inbox--11 new--24 msgs------------------------------------------------(45%)--
From: Zoe Marchand <zoe@alpes.example>
To: you@feist.example
Subject: Invitation: hut planning
Date: Wed, 11 Nov 2026 09:30:00 +0100
Message-ID: <invite@alpes.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=invite

Hut planning, Friday 13 November 2026, 18:00-19:00, at Zoë's.

 Invitation: Hut planning
       When: Fri 13 Nov 2026 17:00 - 18:00 (UTC)
      Where: Zoë's
  Organizer: Zoe Marchand <zoe@alpes.example>
        Who: you@feist.example

--Zoe Marchand: Invitation: hut planning---------------------text/plain--(all)--
Part 1 is read as text/plain now.
== keys
<exit><search>~s "Lost glove"<enter><view-attachments>
:wait-idle
<jump>3<enter><reply>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: The hut <hut@kreuzjoch.example>
       Cc:
      Bcc:
  Subject: Re: Lost glove
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------
On Wed, Nov 11, 2026 at 12:00:00PM +0100, The HUT wrote:
> Somebody left a grey GLOVE here, left hand, size 9.
>
> grey, wool, left






--Compose: 1 part, 0.6K---------------------------------------------------------
