-- requires: placing, telling
-- Place projects anew after their records, or their accounts', have changed.
--
-- KEYS  none: the records and indexes of lua/lib/placing.lua
-- ARGV  1 now (ms)  2 "projects" or "accounts"  3... project ids or e-mails
-- Returns how many were named.

local places = {projects = place_everywhere, accounts = place_account}
for n = 3, #ARGV do places[ARGV[2]](ARGV[n], tonumber(ARGV[1])) end
tell('pool_changed')
return #ARGV - 2
