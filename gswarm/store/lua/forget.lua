-- requires: placing, telling, catalogue
-- Forget an account, its credential and its projects.
--
-- KEYS  none: lua/lib/catalogue.lua and the records and indexes of lua/lib/placing.lua
-- ARGV  1 now (ms)  2 account

local account = ARGV[2]
redis.call('SREM', KEY.ACCOUNTS, account)
redis.call('DEL', KEY.ACCOUNT .. account, KEY.CREDENTIAL .. account)
for _, id in ipairs(redis.call('SMEMBERS', KEY.ACCOUNT_PROJECTS .. account)) do
  drop(id, account)
end
tell('pool_changed')
