The second form of a text: looked at rendered and as it is, and what becomes of filters that do not do their work.
== setup
set send_multipart_alternative=ask-yes
set send_multipart_alternative_filter="printf 'text/html; charset=utf-8\\n\\n<h1>Hütte</h1><ul>'; sed 's/.*/<li>&/'"
== keys
<mail>anna@berg.example<enter>Hut for Saturday<enter>
:wait-idle
<view-alt>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg /:Find ?:Help
Hütte

  * Typed in the editor.


















--text/html--(all)--------------------------------------------------------------
== keys
<exit><view-alt-text>
:wait-idle
== screen
q:Exit -:PrevPg <Space>:NextPg /:Find ?:Help
<h1>Hütte</h1><ul><li>Typed in the editor.




















--text/html--(all)--------------------------------------------------------------
== keys
<exit>
:set send_multipart_alternative_filter="echo it is broken >&2; exit 3"
<view-alt>
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
"echo it is broken >&2; exit 3" ended with status 3. it is broken
== keys
:set send_multipart_alternative_filter="echo text/html"
<send-message>
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
Add a second form of the text? ([yes]/no):
== keys
y
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
"echo text/html" did not write a type, an empty line and a text.
== keys
:set send_multipart_alternative_filter="printf 'multipart/mixed\\n\\nx'"
:set send_multipart_alternative=yes
<send-message>
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
The second form cannot be a multipart.
