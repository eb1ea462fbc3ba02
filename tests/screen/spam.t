`spam` and `score`: tags in the list, in patterns and in the order; rules that change later.
== setup
size 78x14
set sort=spam index_format="%3C %Z %4N %-10.10H %s"
spam '^Subject: .*(hike)' '2/%1'
spam '^From: "?(Dev|Zoe)' '10/%1'
spam '^List-Id:' 'list'
nospam 'Dev Eloper'
score '~f anna' 7
score '~s hike' 10
== keys
:wait-idle
<first-entry>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit ?:Help
  1   +    0            Welcome to feist
  2 N !    7            Photos and the map
  3 N +    0            お元気ですか
  4   +    0            Поездка в горы
  5 N +    0            关于下周的安排
  6   +    0            안녕하세요
  7 N +    0            Καλημέρα
  8   +    0            ¿Qué tal la excursión?
  9 N +    0            Widths: 🏔 👨 🇩🇪 é عربي עברית
 10   +    0            Text that flows
 11   +    0            Fwd: Lost glove
--=inbox--13 new--24 msgs----------------------------------------------(top)--
== keys
:set sort=reverse-spam
:wait-idle
<first-entry>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit ?:Help
  1 N +    0 10/Zoe     Invitation: hut planning
  2 N     10 2/hike     Snow shoes? (was: Winter hike)
  3 N !   10 2/hike     Re: Winter hike
  4 r     17 2/hike     Re: Winter hike
  5       10 2/hike     Re: Winter hike
  6       10 2/hike     Re: Winter hike
  7       17 2/hike     Winter hike
  8 N +    0 list       The Mountain Letter: huts, snow ❄ and a calendar
  9 N +    0            See you on Saturday
 10 N +    0            [PATCH] lamp: do not go out in the cold
 11   +    7            Re: Re: Aw: packing list
--=inbox--13 new--24 msgs----------------------------------------------(top)--
== keys
l~H hike<Enter>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit ?:Help
  1 N     10 2/hike     Snow shoes? (was: Winter hike)
  2 N !   10 2/hike     Re: Winter hike
  3 r     17 2/hike     Re: Winter hike
  4       10 2/hike     Re: Winter hike
  5       10 2/hike     Re: Winter hike
  6       17 2/hike     Winter hike





--=inbox--13 new--6 of 24 msgs--limit: ~H hike-------------------------(all)--
To view all messages, limit to "all".
== keys
lall<Enter>
:set sort=score
:wait-idle
<last-entry>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit ?:Help
 14 N +    0            Your order 4711 / Ihre Bestellung
 15 N +    0            [PATCH] lamp: do not go out in the cold
 16 N +    0            See you on Saturday
 17 N !    7            Photos and the map
 18   +    7            Re: Re: Aw: packing list
 19       10 2/hike     Re: Winter hike
 20       10 2/hike     Re: Winter hike
 21 N !   10 2/hike     Re: Winter hike
 22 N     10 2/hike     Snow shoes? (was: Winter hike)
 23       17 2/hike     Winter hike
 24 r     17 2/hike     Re: Winter hike
--=inbox--13 new--24 msgs----------------------------------------------(end)--
