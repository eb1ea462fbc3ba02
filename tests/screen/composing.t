The compose menu as NeoMutt's options shape it: headers of one's own, the preview above the parts or left out.
== setup
size 80x22
my_hdr X-Team: hut
set compose_preview_above_attachments
== keys
<mail>anna@berg.example<enter>Hut for Saturday<enter>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc:
  Subject: Hut for Saturday
      Fcc: =Sent
   X-Team: hut
 Security: None
-- Preview ---------------------------------------------------------------------
Typed in the editor.








-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
--Compose: 1 part, 0.5K---------------------------------------------------------
== keys
:set compose_preview_min_rows=20 compose_show_user_headers=no
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc:
  Subject: Hut for Saturday
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]











--Compose: 1 part, 0.5K---------------------------------------------------------
