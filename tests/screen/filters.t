Messages through programs: $display_filter with its colours, and a $pager of the user's.
== setup
size 80x24
set display_filter="printf 'Subject: filtered\\n\\n\\033[31mred\\033[0m '; echo \$COLUMNS columns; grep snow; echo '> quoted'"
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
Subject: filtered

red 80 columns
07:12, main station, platform 4. I bring the snow shoes.
> quoted











--Keiko Sato: See you on Saturday----------------------------------------(all)--
== styles
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
bbbbbcccbddddddbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbddddd
.....eee.ffffff............................................................fffff
bbbbbcccbddddddbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbddddd
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
ggggggggggggggggg

hhh

iiiiiiii











aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

a: reverse
b: bold
c: bold fg=167
d: bold fg=102
e: fg=167
f: fg=102
g: fg=67
h: fg=#e16666
i: fg=72
== keys
:set display_filter=false
<exit><display-message>
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
:unset display_filter
:set pager='cat >/PROFILE/shown'
:unset prompt_after
<exit><jump>3<enter><display-message>
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
== file shown
Date: Thu, 12 Nov 2026 21:05:00 +0100
From: Anna Berg <anna@berge.example>
To: You <you@feist.example>
Subject: Re: Re: Aw: packing list

You wrote:
> Anna wrote:
>> > Theo wrote:
>>>> Who brings the stove?
>>> I do.
>> And the gas?
> That, too.

Good. Then this is the list:

* stove and gas (you)
* tea, bread, cheese (me)
* playing cards (Zoë)
* _nothing_ else that weighs more than 1 kg: *really*

https://berge.example/packing-list/with/a/very/long/path/that/does/not/fit/into/eighty/columns/at/all/index.html

Anna
