Writing: a new message, an answer, fields, attaching, postponing, recalling, sending.
== setup
set edit_headers=no
== keys
<mail>anna@berg.example<enter>Hut for Saturday<enter>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc:
      Bcc:
  Subject: Hut for Saturday
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------
Typed in the editor.









--Compose: 1 part, 0.5K---------------------------------------------------------
== keys
<edit-cc>ole@lund.example, zoe@marchand.example<enter><edit-subject>\Ca\CkHut for Sunday<enter>
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc: ole@lund.example, zoe@marchand.example
      Bcc:
  Subject: Hut for Sunday
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------
Typed in the editor.









--Compose: 1 part, 0.5K---------------------------------------------------------
== keys
<attach-file>~/notes.txt<enter>
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc: ole@lund.example, zoe@marchand.example
      Bcc:
  Subject: Hut for Sunday
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
  A     2 ~/notes.txt                           [text/plain, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------
Typed in the editor.








--Compose: 2 parts, 0.7K--------------------------------------------------------
== keys
<detach-file><postpone-message>
:wait-idle
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
--=inbox--13 new--24 msgs--1 draft---------------------------------------(top)--
Message postponed.
== keys
<recall-message>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc: ole@lund.example, zoe@marchand.example
      Bcc:
  Subject: Hut for Sunday
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------
Typed in the editor.
Typed in the editor.








--Compose: 1 part, 0.5K---------------------------------------------------------
== keys
<send-message>
:wait-idle
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
--=inbox--13 new--24 msgs--------------outbox: sending in 10s (u: undo)--(top)--
Sending in 10 s.  u: take it back
== keys
u
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc: ole@lund.example, zoe@marchand.example
      Bcc:
  Subject: Hut for Sunday
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------
Typed in the editor.
Typed in the editor.








--Compose: 1 part, 0.5K---------------------------------------------------------
The message is back: y sends it, P keeps it.
== keys
<exit>n
<jump>18<enter><reply>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: Anna Berg <anna@berge.example>
       Cc:
      Bcc:
  Subject: Re: Winter hike
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.3K]
-- Preview ---------------------------------------------------------------------
On Tue, Nov 03, 2026 at 06:12:04PM +0100, Anna Berg wrote:
> Hello everybody,
>
> the hut on the Kreuzjoch is open until the end of November, and there is
> already a little snow up there. Shall we go on the 21st? Six places are
> kept for us until Sunday.
>
> Anna
Typed in the editor.

--Compose: 1 part, 0.8K---------------------------------------------------------
== keys
<exit>n<jump>19<enter><group-reply>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: Ole Lund <ole@fjell.example>
       Cc: hikers@berge.example
      Bcc:
  Subject: Re: Winter hike
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.3K]
-- Preview ---------------------------------------------------------------------
On Tue, Nov 03, 2026 at 07:01:40PM +0100, Ole Lund wrote:
> On Tue, Nov 03, 2026 at 06:12:04PM +0100, Anna Berg wrote:
> > the hut on the Kreuzjoch is open until the end of November, and there is
> > already a little snow up there. Shall we go on the 21st?
>
> I am in. I can take three people in the car.
>
> --
> Ole Lund
> Tromsø
--Compose: 1 part, 0.8K---------------------------------------------------------
== keys
<exit>n<forward-message>kai@example.org<enter>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: kai@example.org
       Cc:
      Bcc:
  Subject: [ole@fjell.example: Re: Winter hike]
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.5K]
-- Preview ---------------------------------------------------------------------
----- Forwarded message from Ole Lund <ole@fjell.example> -----

From: Ole Lund <ole@fjell.example>
To: hikers@berge.example
Subject: Re: Winter hike
Date: Tue, 03 Nov 2026 19:01:40 +0100

On Tue, Nov 03, 2026 at 06:12:04PM +0100, Anna Berg wrote:
> the hut on the Kreuzjoch is open until the end of November, and there is
> already a little snow up there. Shall we go on the 21st?
--Compose: 1 part, 1.0K---------------------------------------------------------
== keys
<exit>
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: kai@example.org
       Cc:
      Bcc:
  Subject: [ole@fjell.example: Re: Winter hike]
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.5K]
-- Preview ---------------------------------------------------------------------
----- Forwarded message from Ole Lund <ole@fjell.example> -----

From: Ole Lund <ole@fjell.example>
To: hikers@berge.example
Subject: Re: Winter hike
Date: Tue, 03 Nov 2026 19:01:40 +0100

On Tue, Nov 03, 2026 at 06:12:04PM +0100, Anna Berg wrote:
> the hut on the Kreuzjoch is open until the end of November, and there is
> already a little snow up there. Shall we go on the 21st?
--Compose: 1 part, 1.0K---------------------------------------------------------
Postpone this message? ([yes]/no):
