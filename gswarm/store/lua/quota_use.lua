-- requires: quota
-- How much of each account's day is used, by model: what was called within a day, newest
-- first.
--
-- KEYS  none: see lua/lib/quota.lua
-- ARGV  1 JSON {now (ms), quotas: {<model>: quota}, quota: that of the other models, most}
-- Returns JSON [{account, model, used, limit or absent, whose: config|learnt|google or
--   absent, resets_at (ms) or absent: when all of it or the next call comes back, lately:
--   calls of the last hour or so, since (ms): when that began}]

local asked = cjson.decode(ARGV[1])
local now = asked.now
local HOUR_SLOTS = 4

-- The slots of an hour, from the first in which there was a call.
local function lately(key, head)
  local first = head - HOUR_SLOTS
  local _, values = slots_of(DAY, key, first, head)
  local sum, since = 0, nil
  for n, value in ipairs(values) do
    if number(value) > 0 and not since then since = (first + n - 1) * DAY.width end
    sum = sum + number(value)
  end
  return sum, since or now
end

local function use_of(email, model)
  local day = day_of(email, model, asked.quotas[model] or asked.quota, now)
  local key = quota_key(email, model)
  local sum, head = slide(DAY, key, now)
  local calls, since = lately(key, head)
  local resets_at = day.resets_at > 0 and day.resets_at or nil
  if not resets_at and day.limit and sum >= day.limit then
    resets_at = frees_at(DAY, key, sum, day.limit)
  end
  return {account = email, model = model, used = sum, limit = day.limit, whose = day.whose,
    resets_at = resets_at, lately = calls, since = since}
end

redis.call('ZREMRANGEBYSCORE', KEY.QUOTAS, '-inf', now - 86400000)
local found = {}
for _, each in ipairs(redis.call('ZREVRANGE', KEY.QUOTAS, 0, asked.most - 1)) do
  local email, model = string.match(each, '^(.-)\n(.*)$')
  if redis.call('EXISTS', KEY.ACCOUNT .. email) == 1 then found[#found + 1] = use_of(email, model) end
end
return #found > 0 and cjson.encode(found) or '[]'
