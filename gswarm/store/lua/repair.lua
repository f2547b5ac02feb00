-- requires: placing, telling
-- Make an account usable again: its credential is new, or an admin says so.
--
-- KEYS  none: the records and indexes of lua/lib/placing.lua
-- ARGV  1 now (ms)  2... e-mails
-- Verdicts on calls made before this turn no longer make the account invalid.

local function wake_account(email)
  local account = KEY.ACCOUNT .. email
  for _, field in ipairs(redis.call('HKEYS', account)) do
    if string.match(field, '^cooldown') or string.match(field, '^quotaReport') then
      redis.call('HDEL', account, field)
    end
  end
  redis.call('HDEL', account, 'invalid_word', 'invalid_reason', 'action_url')
  redis.call('HSET', account, 'is_invalid', 0, 'repairTurn', number(redis.call('GET', KEY.TURN)))
end

local function tell_all(email, now)
  for _, model in ipairs(live_models()) do tell_recovery('', email, model, now) end
  tell_recovery('', email, '', now)
end

for n = 2, #ARGV do
  wake_account(ARGV[n])
  place_account(ARGV[n], tonumber(ARGV[1]))
  tell_all(ARGV[n], tonumber(ARGV[1]))
end
tell('pool_changed')
