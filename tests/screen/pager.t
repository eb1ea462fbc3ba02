The pager: paging, quoted text, search, headers, jumping, moving between messages, parts.
== setup
size 80x24
== keys
<jump>1<enter><display-message>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
   1   +  17:00 Keiko Sato         See you on Saturday                      0.3K
   2 N + 13 Nov Dev Eloper         [PATCH] lamp: do not go out in the c     0.8K
   3   + 12 Nov Anna Berg          Re: Re: Aw: packing list                 0.7K
   4 N + 12 Nov Broken Mailer      Your order 4711 / Ihre Bestellung        0.4K
--=inbox--12 new--24 msgs------------------------------------------------(top)--
Date: Fri, 13 Nov 2026 18:00:00 +0100
From: Keiko Sato <keiko@yama.example>
To: You <you@feist.example>
Subject: See you on Saturday

07:12, main station, platform 4. I bring the snow shoes.

Can you answer this so that I know you have read it? Press r.

Keiko






--Keiko Sato: See you on Saturday----------------------------text/plain--(all)--
== keys
17<enter>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  16 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
  17   + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
--=inbox--11 new--24 msgs------------------------------------------------(75%)--
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
<next-page>
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  16 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
  17   + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
--=inbox--11 new--24 msgs------------------------------------------------(75%)--
Sonnalm          1,480 m    12
Großer Weißbach  2,204 m    60

Before you go

  * Read the avalanche report [2].
  * Tell somebody where you go:
    1. the path,
    2. the hour of return,
    3. whom to call.
  * Take a lamp—it is dark at five.

> “The mountain does not know that you are an expert.”

   /\
  /  \  /\
--The Mountain Letter: The Mountain Le--text/html (2 images not loaded)--(74%)--
== keys
<bottom><next-page>
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  16 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
  17   + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
--=inbox--11 new--24 msgs------------------------------------------------(75%)--

> “The mountain does not know that you are an expert.”

   /\
  /  \  /\
 /    \/  \

--------------------------------------------------------------------------------

[The Mountain Letter, since 1987]

You get this because you asked for it. Unsubscribe [3]

[1] https://letters.example/november?utm_source=mail&id=7
[2] https://avalanche.example/
[3] https://letters.example/unsubscribe?u=4711
--The Mountain Letter: The Mountain Le--text/html (2 images not loaded)--(end)--
Bottom of message is shown.
== keys
<top><search>hut<enter><search-next>
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  16 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
  17   + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
--=inbox--11 new--24 msgs------------------------------------------------(75%)--
Dear reader, this is the November letter: snow, huts and a calendar for the
winter [1].

Huts that stay open

Hut              Height   Beds
---------------  -------  ----
Kreuzjoch        1,910 m    24
Sonnalm          1,480 m    12
Großer Weißbach  2,204 m    60

Before you go

  * Read the avalanche report [2].
  * Tell somebody where you go:
    1. the path,
--The Mountain Letter: The Mountain Le--text/html (2 images not loaded)--(55%)--
== styles
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
bbbbbcccbddddddbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbddddd
bbbbbcccbddddddbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbddddd
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
.....eee.ffffff............................................................fffff
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
.........................bbbbbbbb.........gggg..hhhi.......jjjjjjjjjjjjjjjj
jjjjjjjjjj

kkkbbbbbbbbbbbbbbbb

kkk..............bbbbbb...bbbb





bbbbbbbbbbbbb

.............jjjjjjjjjjjjjjjjjjjj


aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

a: reverse
b: bold
c: bold fg=167
d: bold fg=102
e: fg=167
f: fg=102
g: italic
h: underline reverse
i: underline
j: underline fg=68 link
k: bold reverse
== keys
<display-toggle-weed>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
  16 N ! 07 Nov Anna Berg          Photos and the map                   @3  2.0K
  17   + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
--=inbox--11 new--24 msgs------------------------------------------------(75%)--
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

The Mountain Letter

Dear reader, this is the November letter: snow, huts and a calendar for the
winter [1].

Huts that stay open

Hut              Height   Beds
---------------  -------  ----
Kreuzjoch        1,910 m    24
Sonnalm          1,480 m    12
Großer Weißbach  2,204 m    60
--The Mountain Letter: The Mountain Le--text/html (2 images not loaded)--(50%)--
2 remote images not loaded.  I:as links  U:links  v:parts
== keys
<display-toggle-weed>8<enter>
:wait-idle
<toggle-quoted>
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
   7 N + 11 Nov Zoe Marchand       Invitation: hut planning                 0.9K
   8   + 10 Nov Fiona Flow         Text that flows                          0.7K
   9 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é عربي עברית             0.9K
  10   + 09 Nov José Núñez         ¿Qué tal la excursión?                   0.4K
--=inbox--11 new--24 msgs------------------------------------------------(41%)--
Date: Tue, 10 Nov 2026 15:00:00 +0100
From: Fiona Flow <fiona@river.example>
To: you@feist.example
Subject: Text that flows

This message is format=flowed (RFC 3676): its lines end with a blank where
they may be joined, so that a paragraph fills the window that you have,
however wide or narrow it is.


From here on a line was stuffed with a blank, because it starts with From.

--
Fiona


--Fiona Flow: Text that flows--------------------------------text/plain--(all)--
Quoted text is hidden.
== keys
<exit>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
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
  17   + 06 Nov The Mountain Lette The Mountain Letter: huts, snow ❄ an     2.2K
  18     03 Nov Anna Berg          Winter hike                              0.4K
  19     03 Nov Ole Lund           ├─>                                      0.5K
  20 N   05 Nov Keiko Sato         │ └─>Snow shoes? (was: Winter hike)      0.5K
  21     04 Nov Zoë Marchand       └─>                                      0.4K
  22 r   04 Nov Anna Berg            └─>                                    0.6K
  23 N ! 04 Nov Ole Lund               └─>                                  0.6K
  24   + 02 Nov The feist authors  Welcome to feist                         1.2K
--=inbox--11 new--24 msgs------------------------------------------------(end)--
== keys
<enter-command>set toggle_quoted_show_levels = 1<enter>22<enter><display-message>
:wait-idle
<toggle-quoted>
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  20 N   05 Nov Keiko Sato         │ └─>Snow shoes? (was: Winter hike)      0.5K
  21     04 Nov Zoë Marchand       └─>                                      0.4K
  22 r   04 Nov Anna Berg            └─>                                    0.6K
  23 N ! 04 Nov Ole Lund               └─>                                  0.6K
--=inbox--11 new--24 msgs------------------------------------------------(95%)--
Date: Wed, 04 Nov 2026 12:44:09 +0100
From: Anna Berg <anna@berge.example>
To: hikers@berge.example
Subject: Re: Winter hike

On Wed, Nov 04, 2026 at 07:30:00AM +0100, Zoë Marchand wrote:
> * Anna Berg [2026-11-03 18:12 +0100]:
>
> Count me in, with Théo. That makes four so far, doesn't it?

Four, yes. Ole drives, so we need only one more car.

Anna



--Anna Berg: Re: Winter hike---------------------------------text/plain--(all)--
Quoted text is hidden.
== keys
<toggle-quoted>
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  20 N   05 Nov Keiko Sato         │ └─>Snow shoes? (was: Winter hike)      0.5K
  21     04 Nov Zoë Marchand       └─>                                      0.4K
  22 r   04 Nov Anna Berg            └─>                                    0.6K
  23 N ! 04 Nov Ole Lund               └─>                                  0.6K
--=inbox--11 new--24 msgs------------------------------------------------(95%)--
Date: Wed, 04 Nov 2026 12:44:09 +0100
From: Anna Berg <anna@berge.example>
To: hikers@berge.example
Subject: Re: Winter hike

On Wed, Nov 04, 2026 at 07:30:00AM +0100, Zoë Marchand wrote:
> * Anna Berg [2026-11-03 18:12 +0100]:
>> Six places are kept for us until Sunday.
>
> Count me in, with Théo. That makes four so far, doesn't it?

Four, yes. Ole drives, so we need only one more car.

Anna


--Anna Berg: Re: Winter hike---------------------------------text/plain--(all)--
Quoted text is shown.
