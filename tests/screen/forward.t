Parts sent on from the attachment menu: texts into the text, the rest as files or not at all, or all as files.
== setup
set edit_headers=no editor=true abort_unmodified=no
== keys
<jump>16<enter><view-attachments>
:wait-idle
<jump>2<enter><tag-entry><jump>4<enter><tag-entry><jump>5<enter><tag-entry><tag-prefix><forward-message>
:wait-idle
anna@berg.example<enter>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc:
      Bcc:
  Subject: [anna@berge.example: Photos and the map]
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.3K]
  A     2 Karte Kreuzjoch – Weg über die Alm.pdf      [applica/pdf, auto, 0.6K]
-- Preview ---------------------------------------------------------------------
----- Forwarded message from Anna Berg <anna@berge.example> -----

Here is the hut from below, and the map as PDF. Please do not print it in
colour: the office complained about the last one …

Anna
place,height
station,612
bus stop,980
--Compose: 2 parts, 1.7K--------------------------------------------------------
== keys
<exit>n
:set mime_forward_rest=ask-no
<jump>16<enter><view-attachments>
:wait-idle
<jump>4<enter><tag-entry><jump>5<enter><tag-entry><tag-prefix><forward-message>
:wait-idle
== screen
q:Exit <Enter>:View m:Mailcap T:Text s:Save |:Pipe p:Print r:Reply ?:Help
  I     1 <no description>                          [multipa/mixed, 7bit, 1.7K]
  I     2 ├─><no description>                   [text/plain, 8bit, utf-8, 0.1K]
  A     3 ├─>hut.png                                  [image/png, base64, 0.1K]
  A *   4 ├─>Karte Kreuzjoch – Weg über die Alm.pdf [applica/pdf, base64, 0.6K]
  A *   5 └─>places.csv                        [text/csv, 7bit, us-ascii, 0.1K]
















--Parts of: Photos and the map-------------------------------------------(all)--
Some of them are no text. Forward those as attachments? (yes/[no]):
== keys
n
:wait-idle
anna@berg.example<enter>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc:
      Bcc:
  Subject: [anna@berge.example: Photos and the map]
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                          [text/plain, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------
----- Forwarded message from Anna Berg <anna@berge.example> -----

place,height
station,612
bus stop,980
hut,1910

----- End forwarded message -----


--Compose: 1 part, 0.6K---------------------------------------------------------
== keys
<exit>n
:set mime_forward=yes
<jump>16<enter><view-attachments>
:wait-idle
<jump>5<enter><forward-message>
:wait-idle
anna@berg.example<enter>
:wait-idle
== screen
y:Send Y:Later q:Abort e:Edit t:To c:CC b:BCC s:Subj a:Attach P:Postpone ?:Help
     From: You <you@feist.example>
       To: anna@berg.example
       Cc:
      Bcc:
  Subject: [anna@berge.example: Photos and the map]
 Reply-To:
      Fcc: =Sent
 Security: None
-- Attachments -----------------------------------------------------------------
- I     1 message text                            [text/plain, auto, utf-8, 0K]
  A     2 places.csv                              [text/csv, auto, utf-8, 0.1K]
-- Preview ---------------------------------------------------------------------









--Compose: 2 parts, 0.7K--------------------------------------------------------
