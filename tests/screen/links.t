The links of a message: what they are called, where they lead, and which parameters tell who follows them.
== setup
size 100x24
== keys
<jump>17<enter><display-message>
:wait-idle
<view-links>
:wait-idle
== screen
q:Exit <Enter>:Open y:Copy /:Find ?:Help
   1  calendar for the winter  (utm_source) https://letters.example/november?utm_source=mail&id=7
   2  avalanche report         https://avalanche.example/
   3  Unsubscribe              https://letters.example/unsubscribe?u=4711











-- details -----------------------------------------------------------------------------------------
https://letters.example/november?utm_source=mail&id=7
Tells who follows it: utm_source. Without that:
https://letters.example/november?id=7



--Links: 3-----------------------------------------------------------------------------------(all)--
== keys
<exit><exit><display-message><view-links>
:wait-idle
<last-entry>
== screen
q:Exit <Enter>:Open y:Copy /:Find ?:Help
   1  calendar for the winter  (utm_source) https://letters.example/november?utm_source=mail&id=7
   2  avalanche report         https://avalanche.example/
   3  Unsubscribe              https://letters.example/unsubscribe?u=4711











-- details -----------------------------------------------------------------------------------------
https://letters.example/unsubscribe?u=4711





--Links: 3-----------------------------------------------------------------------------------(all)--
