-- requires: placing, telling, quota, rate
-- End by hand whatever rest a project is in, for every live model: its own rests and
-- its account's timed ones. The account's other projects come back with the latter. What
-- was counted and learnt of its limits is forgotten, too.
--
-- KEYS  none: the records and indexes of lua/lib/placing.lua
-- ARGV  1 now (ms)  2 project id
-- Returns whether anything rested.

local now, id = tonumber(ARGV[1]), ARGV[2]
local project = KEY.PROJECT_STATUS .. id
local account = KEY.ACCOUNT .. (redis.call('HGET', project, 'account') or '')

local function wake(key, suffix)
  local ends = number(redis.call('HGET', key, 'cooldownUntil' .. suffix))
  redis.call('HDEL', key, 'cooldownUntil' .. suffix, 'cooldownReason' .. suffix)
  return ends > now
end

-- Once every rest is over: one of several is not told of while another goes on.
local function tell_all(email)
  for _, model in ipairs(live_models()) do
    tell_recovery(id, '', model, now)
    tell_recovery('', email, model, now)
  end
  tell_recovery(id, '', '', now)
  tell_recovery('', email, '', now)
end

local function forget_limits(model)
  local email = string.sub(account, #KEY.ACCOUNT + 1)
  local minute_ended = forget_minute(id, model, now)
  forget_rate(email, model)
  redis.call('DEL', sent_key(id, model))
  return forget_day(email, model, now) or minute_ended
end

local function wake_all()
  local rested = wake(project, '')
  rested = wake(account, '') or rested
  for _, model in ipairs(live_models()) do
    rested = wake(pair_key(id, model), '') or rested
    rested = wake(account, ':' .. model) or rested
    rested = forget_limits(model) or rested
    redis.call('HDEL', account, 'quotaReport:' .. model)
    redis.call('HSET', pair_key(id, model), 'consecutiveErrors', 0)
    redis.call('HDEL', pair_key(id, model), 'consecutiveLimits', 'quotaResetTime',
      'quotaResetReason')
    redis.call('PEXPIRE', pair_key(id, model), PAIR_KEPT)
  end
  return rested
end

local rested = wake_all()
if redis.call('EXISTS', account) == 1 then
  local email = string.sub(account, #KEY.ACCOUNT + 1)
  place_account(email, now)
  tell_all(email)
end
return rested and 1 or 0
