Mailboxes: the list, opening one, the question for a mailbox, files.
== keys
<browse-mailboxes>
== screen
q:Exit <Enter>:Open c:Chdir m:Mask <Tab>:Files/Mailboxes C:Create o:Sort ?:Help
   1     =Archive                                                Nov 14 12:00
   2     =Drafts                                              1  Nov 14 12:00
   3   N !                                            13     24  Nov 14 12:00
   4   N =inbox.mbox                                  13     24  Nov 14 12:00
   5   N =lists                                        3      7  Nov 14 12:00
   6     =Sent                                                1  Nov 14 12:00
   7     =Trash                                                  Nov 14 12:00














--Mailboxes [3 with new mail]--------------------------------------------(all)--
== keys
/lists<enter><enter>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1 N   07 Nov Marta Kovacs       [huts] Mice                              0.3K
   2 N   08 Nov Old Mailer         ├*>                                      0.4K
   3 N   08 Nov Per Dahl           └─>                                      0.4K
   4     01 Nov Hut Keeper         [huts] Wood or gas?                      0.4K
   5     01 Nov Marta Kovacs       └─>                                      0.6K
   6     01 Nov Per Dahl             └─>                                    0.5K
   7     02 Nov Hut Keeper             └─>                                  0.5K














--=lists--3 new--7 msgs--------------------------------------------------(all)--
== keys
c?
== screen
q:Exit <Enter>:Open c:Chdir m:Mask <Tab>:Files/Mailboxes C:Create o:Sort ?:Help
   1     =Archive                                                Nov 14 12:00
   2     =Drafts                                              1  Nov 14 12:00
   3   N !                                            13     24  Nov 14 12:00
   4   N =inbox.mbox                                  13     24  Nov 14 12:00
   5   N =lists                                        3      7  Nov 14 12:00
   6     =Sent                                                1  Nov 14 12:00
   7     =Trash                                                  Nov 14 12:00














--Mailboxes [3 with new mail]--------------------------------------------(all)--
== keys
q<change-folder>=Se<tab>
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1 N   07 Nov Marta Kovacs       [huts] Mice                              0.3K
   2 N   08 Nov Old Mailer         ├*>                                      0.4K
   3 N   08 Nov Per Dahl           └─>                                      0.4K
   4     01 Nov Hut Keeper         [huts] Wood or gas?                      0.4K
   5     01 Nov Marta Kovacs       └─>                                      0.6K
   6     01 Nov Per Dahl             └─>                                    0.5K
   7     02 Nov Hut Keeper             └─>                                  0.5K














--=lists--3 new--7 msgs--------------------------------------------------(all)--
Open mailbox ('?' for list): =Sent
== keys
<enter>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1   F 12 Nov To Anna Berg       Re: Aw: packing list                     0.3K




















--=Sent--1 msg-----------------------------------------------------------(all)--
== keys
<change-folder>=nothing-like-this<enter>
:wait-idle
== screen
q:Quit d:Del u:Undel s:Save m:Mail r:Reply g:Group c:Folder l:Limit f:Fwd ?:Help
   1   F 12 Nov To Anna Berg       Re: Aw: packing list                     0.3K




















--=Sent--1 msg-----------------------------------------------------------(all)--
/PROFILE/mail/nothing-like-this: No such file or directory
