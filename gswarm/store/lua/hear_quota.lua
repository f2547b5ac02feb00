-- requires: quota
-- Hear what Google says is left of an account's day for a model, as far as it is true.
--
-- KEYS  none: see lua/lib/quota.lua
-- ARGV  1 JSON {now (ms), account, model, remaining: 0..1, amount: calls or absent,
--         resets_at (ms) or absent, quota}
-- A full quota says nothing: that is what it says, too, when it does not know.

local told = cjson.decode(ARGV[1])
local now, email, model = told.now, told.account, told.model
local account, window = KEY.ACCOUNT .. email, quota_key(email, model)

local function is_believed()
  local lies_until = number(redis.call('HGET', account, 'liesUntil:' .. model))
  return told.remaining < 1 and lies_until <= now
end

-- The limit, and how much of it was used, by us or by others; nil where nobody knows.
local function figures(sum)
  if told.remaining <= 0 then return sum, sum end
  if not told.amount then return end
  local limit = math.floor(told.amount / told.remaining + 0.5)
  return limit, limit - told.amount
end

-- What is under way is not in Google's count yet: a little less is no news.
local function correct(sum, used, limit)
  if used < sum - math.max(10, limit / 20) then
    redis.call('DEL', window)
    sum = 0
  end
  if used > sum then count(DAY, window, used - sum, now) end
end

if not is_believed() then return end
day_of(email, model, told.quota, now)
local sum = slide(DAY, window, now)
local limit, used = figures(sum)
if not limit or limit < 1 then return end
redis.call('HSET', account, 'toldLimit:' .. model, limit)
if told.resets_at and told.resets_at > now then
  redis.call('HSET', account, 'dayResetsAt:' .. model, told.resets_at)
end
correct(sum, used, limit)
pace_day(email, model, day_of(email, model, told.quota, now), slide(DAY, window, now), now)
