Help, the log, links, the version; what is said when a key means nothing.
== keys
?
== screen
q:Exit <Enter>:Run it /:Find n:Next z:NextPg Z:PrevPg ?:Help
Keys of index
 B            background-compose-menu   Show the editors that are open
 b            bounce-message            Send the message on, unchanged, to someo
 #            break-thread              Cut the thread at this message
 y            browse-mailboxes          Choose a mailbox from the list
 .            buffy-list                List mailboxes with new mail
 c            change-folder             Open another mailbox
 <Esc>c       change-folder-readonly    Open another mailbox read only
 <Esc>P       check-traditional-pgp     Look for old-style PGP in the message
 W            clear-flag                Clear a flag
 <Esc>V       collapse-all              Collapse or open all threads
 <Esc>v       collapse-thread           Collapse or open the thread
 C            copy-message              Copy the message to a mailbox
 a            create-alias              Make an alias from the sender
 <Esc>C       decode-copy               Copy the message, decoded, to a mailbox
 <Esc>s       decode-save               Save the message, decoded, to a mailbox
 d            delete-message            Mark the message for deletion
 D            delete-pattern            Mark messages that match a pattern for d
 <Esc>d       delete-subthread          Mark the message and its answers for del
 ^D           delete-thread             Mark the thread for deletion
 @            display-address           Show the full address of the sender
--Help for index---------------------------------------------------------(top)--
== keys
/archive<enter>
== screen
q:Exit <Enter>:Run it /:Find n:Next z:NextPg Z:PrevPg ?:Help
 V            show-version              Show the version
 o            sort-mailbox              Sort the messages
 O            sort-reverse              Sort in reverse order
 $            sync-mailbox              Carry out the changes to this mailbox
 T            tag-pattern               Tag messages that match a pattern
 <Esc>t       tag-thread                Tag the thread
 N            toggle-new                Mark the message as new, or as read
 %            toggle-write              Make the mailbox read only, or writable
 u            undelete-message          Take back the mark for deletion; with no
 U            undelete-pattern          Undelete messages that match a pattern
 <Esc>u       undelete-subthread        Undelete the message and its answers
 ^U           undelete-thread           Undelete the thread
 ^T           untag-pattern             Untag messages that match a pattern
 v            view-attachments          Show the parts of the message
 x            exit                      Leave this screen
 J            next-entry                Go to the next entry
 K            previous-entry            Go to the previous entry
 A            archive-message           Move the message to $archive_folder
 E            error-history             Show the log of messages and errors
 X            redo                      Do again what was undone
 ,s           sidebar-toggle-visible    Show or hide the sidebar
--Help for index---------------------------------------------------------(43%)--
== keys
q\Cy
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
--=inbox--13 new--24 msgs------------------------------------------------(top)--
Key is not bound.  Press '?' for help.
== keys
E<search>bound<enter>
q17<enter><display-message>
:wait-idle
U
== screen
q:Exit <Enter>:Open y:Copy /:Find ?:Help
   1  calendar for the winter  (utm_source) https://letters.example/november?utm
   2  avalanche report         https://avalanche.example/
   3  Unsubscribe              https://letters.example/unsubscribe?u=4711











-- details ---------------------------------------------------------------------
https://letters.example/november?utm_source=mail&id=7
Tells who follows it: utm_source. Without that:
https://letters.example/november?id=7



--Links: 3---------------------------------------------------------------(all)--
== keys
qqV
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
--=inbox--12 new--24 msgs------------------------------------------------(end)--
feist 0.1.0
