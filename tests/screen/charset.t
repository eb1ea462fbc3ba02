Texts read in another character set than they say.
== keys
<search>~s "Поездка"<enter><display-message>
:wait-idle
<edit-charset>windows-1251<enter>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  12   + 09 Nov 김민수             안녕하세요                               0.3K
  13 N + 09 Nov 李明               关于下周的安排                           0.4K
  14   + 08 Nov Ольга Петрова      Поездка в горы                           0.4K
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
--=inbox--13 new--24 msgs------------------------------------------------(62%)--
Date: Sun, 08 Nov 2026 12:30:00 +0300
From: Ольга Петрова <olga@reka.example>
To: you@feist.example
Subject: Поездка в горы

ъДТБЧУФЧХКФЕ!

нЩ РТЙЕДЕН Ч РСФОЙГХ ЧЕЮЕТПН. ъБИЧБФЙФЕ, РПЦБМХКУФБ, ЛБТФХ Й ЖПОБТЙЛ.

пМШЗБ






--Ольга Петрова: Поездка в горы------------------------------text/plain--(all)--
The message is read in windows-1251 now.
== keys
<edit-charset>no-such-set<enter>
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  12   + 09 Nov 김민수             안녕하세요                               0.3K
  13 N + 09 Nov 李明               关于下周的安排                           0.4K
  14   + 08 Nov Ольга Петрова      Поездка в горы                           0.4K
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
--=inbox--13 new--24 msgs------------------------------------------------(62%)--
Date: Sun, 08 Nov 2026 12:30:00 +0300
From: Ольга Петрова <olga@reka.example>
To: you@feist.example
Subject: Поездка в горы

ъДТБЧУФЧХКФЕ!

нЩ РТЙЕДЕН Ч РСФОЙГХ ЧЕЮЕТПН. ъБИЧБФЙФЕ, РПЦБМХКУФБ, ЛБТФХ Й ЖПОБТЙЛ.

пМШЗБ






--Ольга Петрова: Поездка в горы------------------------------text/plain--(all)--
The character set no-such-set is not known.
== keys
<edit-charset><enter>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg r:Reply g:Group v:Parts d:Del j:Next f:Fwd ?:Help
  12   + 09 Nov 김민수             안녕하세요                               0.3K
  13 N + 09 Nov 李明               关于下周的安排                           0.4K
  14   + 08 Nov Ольга Петрова      Поездка в горы                           0.4K
  15 N + 08 Nov 山田太郎           お元気ですか                             0.4K
--=inbox--13 new--24 msgs------------------------------------------------(62%)--
Date: Sun, 08 Nov 2026 12:30:00 +0300
From: Ольга Петрова <olga@reka.example>
To: you@feist.example
Subject: Поездка в горы

Здравствуйте!

Мы приедем в пятницу вечером. Захватите, пожалуйста, карту и фонарик.

Ольга






--Ольга Петрова: Поездка в горы------------------------------text/plain--(all)--
The message is read as it says.
