Keys that cancel; parts of mailbox names that the sidebar leaves out; a letter without To.
== setup
set edit_headers=no abort_key="<Esc>" sidebar_component_depth=1 sidebar_short_path=no confirm_empty_to
set sidebar_visible sidebar_width=16 sidebar_folder_indent=no
named-mailboxes "a/b/c" =lists
mailboxes =none/of/these
== keys
<limit>no such thing<Esc>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
inbox     13/24 │   1 N +  17:00 Keiko Sato         See you on Saturday     0.3K
Drafts        1 │   2 N + 13 Nov Dev Eloper         [PATCH] lamp: do no     0.8K
Sent          1 │   3   + 12 Nov Anna Berg          Re: Re: Aw: packing     0.7K
Archive         │   4 N + 12 Nov Broken Mailer      Your order 4711 / I     0.4K
a/b/c       3/7 │   5 N + 12 Nov Mallory [31m       Your terminal is �] @1  0.6K
inbox.mbo 13/24 │   6   + 11 Nov Ole Lund           Fwd: Lost glove     @2  0.8K
Trash           │   7 N + 11 Nov Zoe Marchand       Invitation: hut pla     0.9K
of/these        │   8   + 10 Nov Fiona Flow         Text that flows         0.7K
                │   9 N + 10 Nov 🐧 Linus           Widths: 🏔 👨 🇩🇪 é ع     0.9K
                │  10   + 09 Nov José Núñez         ¿Qué tal la excursi     0.4K
                │  11 N + 09 Nov Νίκος              Καλημέρα                0.4K
                │  12   + 09 Nov 김민수             안녕하세요              0.3K
                │  13 N + 09 Nov 李明               关于下周的安排          0.4K
                │  14   + 08 Nov Ольга Петрова      Поездка в горы          0.4K
                │  15 N + 08 Nov 山田太郎           お元気ですか            0.4K
                │  16 N ! 07 Nov Anna Berg          Photos and the map  @3  2.0K
                │  17 N + 06 Nov The Mountain Lette The Mountain Letter     2.2K
                │  18     03 Nov Anna Berg          Winter hike             0.4K
                │  19     03 Nov Ole Lund           ├─>                     0.5K
                │  20 N   05 Nov Keiko Sato         │ └─>Snow shoes? (w     0.5K
                │  21     04 Nov Zoë Marchand       └─>                     0.4K
--=inbox--13 new--24 msgs------------------------------------------------(top)--
== keys
<mail>anna@berg.example<enter>hello<enter>
:wait-idle
<edit-to>\Cu<enter><edit-cc>ole@lund.example<enter>
<send-message>
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To:
       Cc: ole@lund.example
      Bcc:
  Subject: hello
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------
Typed in the editor.









--Compose: 1 part, 0.5K---------------------------------------------------------
To is empty, send anyhow? (yes/[no]):
== keys
<Esc>
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To:
       Cc: ole@lund.example
      Bcc:
  Subject: hello
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------
Typed in the editor.









--Compose: 1 part, 0.5K---------------------------------------------------------
