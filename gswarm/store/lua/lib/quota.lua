-- requires: placing, telling
-- Library: what was sent, and pauses before what would be refused.
--
--   gswarm:sent:<project>:<model>   hash  calls of the last minute, by second
--   gswarm:quota:<account>:<model>  hash  calls of the last day, by quarter of an hour
--   gswarm:quotas                   zset  "<account>\n<model>" -> last call, ms
--
-- Each hash is a window: a ring of slots, `sum` of them all, `gone`: those that have left
-- it, and `head`, the newest. A
-- slot leaves the window once the last call in it has, and a minute counts for a second
-- more than it is, for calls that took longer on their way than those behind them.
--
-- The pair keeps `minuteLimit` (learnt, until `minuteLimitUntil`), `minuteHint` and
-- `pacedUntil`; the account, each followed by ":<model>", `dayLimit` (learnt, until
-- `dayLimitUntil`), `dayHint`, `toldLimit` (Google's figure), `liesUntil` (until when
-- that is not believed), `dayResetsAt`, `pacedUntil` and `pacedBy`. Pauses end by
-- themselves, like rests. A hint is what one refusal would mean, if a window had caused
-- it: "<calls> <when it ends, ms>"; another one that agrees makes it a limit.
--
-- A `quota` is what the operator says: {minute and day: limits or absent, threshold}.

local MINUTE = {width = 1000, slots = 62, kept = 120000}
local DAY = {width = 900000, slots = 97, kept = 90000000}
local MINUTE_KEPT, DAY_KEPT, HINT_KEPT = 600000, 7 * 86400000, 86400000
local ONE_MINUTE, ONE_DAY = 60000, 86400000

local function sent_key(id, model) return KEY.SENT .. id .. ':' .. model end

local function quota_key(email, model) return KEY.QUOTA .. email .. ':' .. model end

-- The limit that was warned of: once a day, however often the use goes up and down.
local function warned_key(email, model) return quota_key(email, model) .. ':warned' end

-- --------------------------------------------------------------------- windows

local function slots_of(window, key, first, last)
  local fields = {}
  for slot = first, last do fields[#fields + 1] = slot % window.slots end
  return fields, #fields > 0 and redis.call('HMGET', key, unpack(fields)) or {}
end

local function total(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + number(value) end
  return sum
end

-- Let go what has left the window; returns what is in it, and its head.
local function slide(window, key, now)
  local kept = redis.call('HMGET', key, 'sum', 'head')
  local sum, head, slot = number(kept[1]), number(kept[2]), math.floor(now / window.width)
  if slot <= head then return sum, head end
  if sum > 0 then
    local gone, values = slots_of(window, key, head + 1, math.min(slot, head + window.slots))
    local calls = total(values)
    sum = sum - calls
    redis.call('HDEL', key, unpack(gone))
    if calls > 0 then redis.call('HINCRBY', key, 'gone', calls) end
  end
  redis.call('HSET', key, 'sum', sum, 'head', slot)
  redis.call('PEXPIRE', key, window.kept)
  return sum, slot
end

local function count(window, key, calls, now)
  local _, head = slide(window, key, now)
  redis.call('HINCRBY', key, head % window.slots, calls)
  return redis.call('HINCRBY', key, 'sum', calls)
end

-- A call of that instant was refused: it does not count.
local function uncount(window, key, at)
  local head = number(redis.call('HGET', key, 'head'))
  local slot = math.min(head, math.floor(at / window.width))
  if slot <= head - window.slots then return end
  if number(redis.call('HGET', key, slot % window.slots)) < 1 then return end
  redis.call('HINCRBY', key, slot % window.slots, -1)
  redis.call('HINCRBY', key, 'sum', -1)
end

-- When there are fewer calls in the window than the limit.
local function frees_at(window, key, sum, limit)
  local head = number(redis.call('HGET', key, 'head'))
  local oldest = head - window.slots + 1
  local _, values = slots_of(window, key, oldest, head)
  for n, value in ipairs(values) do
    sum = sum - number(value)
    if sum < limit then return (oldest + n - 1 + window.slots) * window.width end
  end
  return (head + window.slots) * window.width
end

local function sent_since(window, key, since)
  local head = number(redis.call('HGET', key, 'head'))
  local first = math.max(head - window.slots, math.floor(since / window.width)) + 1
  local _, values = slots_of(window, key, first, head)
  return total(values)
end

-- ---------------------------------------------------------------------- limits

local function least(limits)
  local found, whose
  for name, limit in pairs(limits) do
    if limit and limit > 0 and (not found or limit < found) then found, whose = limit, name end
  end
  return found, whose
end

local function unless_over(value, ends, now)
  return number(ends) > now and tonumber(value) or nil
end

local function minute_limit(pair, quota, now)
  local kept = redis.call('HMGET', pair, 'minuteLimit', 'minuteLimitUntil')
  return least({config = quota.minute, learnt = unless_over(kept[1], kept[2], now)})
end

-- What is known of an account's day for a model; a quota that has come back begins anew.
local function day_of(email, model, quota, now)
  local account = KEY.ACCOUNT .. email
  local kept = redis.call('HMGET', account, 'dayLimit:' .. model, 'dayLimitUntil:' .. model,
    'toldLimit:' .. model, 'dayResetsAt:' .. model)
  local resets_at = number(kept[4])
  if resets_at > 0 and resets_at <= now then
    redis.call('DEL', quota_key(email, model), warned_key(email, model))
    redis.call('HDEL', account, 'dayResetsAt:' .. model)
    resets_at = 0
  end
  local limit, whose = least({
    config = quota.day, learnt = unless_over(kept[1], kept[2], now), google = tonumber(kept[3]),
  })
  return {limit = limit, whose = whose, resets_at = resets_at}
end

-- ---------------------------------------------------------------------- pauses

-- Says whether that is news.
local function pause(key, field, ends, now)
  local known = number(redis.call('HGET', key, field))
  if ends == known then return false end
  if ends > 0 then redis.call('HSET', key, field, ends) else redis.call('HDEL', key, field) end
  return ends > now or known > now
end

local function pace_minute(id, model, quota, sum, now)
  local pair = pair_key(id, model)
  local limit, ends = minute_limit(pair, quota, now), 0
  if limit and sum >= limit then ends = frees_at(MINUTE, sent_key(id, model), sum, limit) end
  if not pause(pair, 'pacedUntil', ends, now) then return end
  place(id, model, now)
  if redis.call('SET', index(model, 'told'), 1, 'NX', 'PX', 1000) then tell('pool_changed') end
end

local function pace_day(email, model, day, sum, now)
  local account, ends = KEY.ACCOUNT .. email, 0
  if day.limit and sum >= day.limit then
    ends = frees_at(DAY, quota_key(email, model), sum, day.limit)
    if day.resets_at > 0 then ends = math.min(ends, day.resets_at) end
    redis.call('HSET', account, 'pacedBy:' .. model, day.whose)
  end
  if not pause(account, 'pacedUntil:' .. model, ends, now) then return end
  place_account_for(email, model, now)
  if ends > 0 then
    redis.call('ZADD', index(model, 'probes'), 'XX', now + PROBE_EVERY, email)
    tell_rest('', email, model, 'quota_exhausted', ends)
  else
    tell_recovery('', email, model, now)
  end
end

-- Google's figure is worked out of a fraction: a little more or less is the same limit.
local function is_warned_of(email, model, limit)
  local known = number(redis.call('GET', warned_key(email, model)))
  return math.abs(limit - known) <= limit / 20
end

local function warn(email, model, day, sum, quota)
  local mark = day.limit and day.limit * quota.threshold
  if not mark or sum < mark or is_warned_of(email, model, day.limit) then return end
  redis.call('SET', warned_key(email, model), day.limit, 'PX', DAY.kept)
  tell('quota_warning', {account = email, model = model, used = sum, limit = day.limit,
    resetsAt = day.resets_at > 0 and day.resets_at or cjson.null})
end

-- ------------------------------------------------------------- sending, learning

-- A call goes out: what it leaves nothing of rests from now on.
local function send(id, email, model, quota, now)
  local day = day_of(email, model, quota, now)
  local this_minute = count(MINUTE, sent_key(id, model), 1, now)
  local today = count(DAY, quota_key(email, model), 1, now)
  redis.call('ZADD', KEY.QUOTAS, now, email .. '\n' .. model)
  pace_minute(id, model, quota, this_minute, now)
  pace_day(email, model, day, today, now)
  warn(email, model, day, today, quota)
end

-- What was refused was not used: a call that went out at that instant does not count.
local function unsend(id, email, model, at)
  uncount(MINUTE, sent_key(id, model), at)
  uncount(DAY, quota_key(email, model), at)
end

local function pace(id, email, model, quota, now)
  pace_minute(id, model, quota, slide(MINUTE, sent_key(id, model), now), now)
  local day = day_of(email, model, quota, now)
  pace_day(email, model, day, slide(DAY, quota_key(email, model), now), now)
end

-- Whether a call that went out as long ago as a window is makes room when the refusal
-- ends, or a window begins anew just then.
local function is_windows_end(window, key, length, ends)
  local off = ends % length
  if math.min(off, length - off) < window.width then return true end
  local head = number(redis.call('HGET', key, 'head'))
  local slot = math.floor((ends - length) / window.width)
  local first, last = math.max(slot - 1, head - window.slots + 1), math.min(slot + 1, head)
  local _, values = slots_of(window, key, first, last)
  return total(values) > 0
end

local function is_about(a, b) return math.abs(a - b) <= math.max(1, b / 10) end

-- What a refusal would mean if a window had caused it. Says whether one before, of
-- another time, had meant the same. The calls in flight say nothing new.
local function confirms(key, field, limit, ends, now)
  local before, ended = string.match(redis.call('HGET', key, field) or '', '^(%d+) (%d+)$')
  local is_fresh = before and now - tonumber(ended) <= HINT_KEPT
  if is_fresh and now < tonumber(ended) - 1000 then return false end
  redis.call('HSET', key, field, string.format('%d %d', limit, ends))
  return is_fresh and is_about(tonumber(before), limit)
end

-- Google has refused one call more than these. Where it names no window, it takes two
-- refusals that agree with one and with no other rate. No call goes out that would prove
-- it wrong, so it is not believed for long; one refusal more confirms it.
local function learn_minute(id, model, lesson, now)
  local pair, sent = pair_key(id, model), sent_key(id, model)
  local since = (lesson.ends or now) - ONE_MINUTE
  if lesson.window ~= 'minute' then
    if lesson.window or not lesson.ends or lesson.ends > now + ONE_MINUTE then return end
    if not is_windows_end(MINUTE, sent, ONE_MINUTE, lesson.ends) then return end
    since = since - 2 * MINUTE.width
  end
  local limit = lesson.limit or sent_since(MINUTE, sent, since)
  if limit < 1 then return end
  local is_sure = confirms(pair, 'minuteHint', limit, lesson.ends or now, now)
  if not is_sure and lesson.window ~= 'minute' then return end
  redis.call('HSET', pair, 'minuteLimit', limit, 'minuteLimitUntil', now + MINUTE_KEPT)
end

-- What Google told of the quota is not believed for a day if it refuses well below it.
-- Refused much sooner than before, we may not have counted since the day began.
local function learn_day(email, model, lesson, now)
  local account = KEY.ACCOUNT .. email
  if not lesson.window and (lesson.ends or 0) > now + ONE_DAY + DAY.width then return end
  local limit = lesson.limit or slide(DAY, quota_key(email, model), now)
  if limit < 1 then return end
  local is_sure = confirms(account, 'dayHint:' .. model, limit, lesson.ends or now, now)
  if not (is_sure or lesson.agrees or lesson.window == 'day') then return end
  if lesson.ends then redis.call('HSET', account, 'dayResetsAt:' .. model, lesson.ends) end
  local told = tonumber(redis.call('HGET', account, 'toldLimit:' .. model) or nil)
  if told and limit < 0.95 * told then
    redis.call('HDEL', account, 'toldLimit:' .. model)
    redis.call('HSET', account, 'liesUntil:' .. model, now + ONE_DAY)
  end
  local before = number(redis.call('HGET', account, 'dayLimit:' .. model))
  if limit < before / 2 then return end
  redis.call('HSET', account, 'dayLimit:' .. model, limit, 'dayLimitUntil:' .. model, now + DAY_KEPT)
end

-- A call was let through that should have been refused: what we knew is wrong.
local function forget_minute(id, model, now)
  local pair = pair_key(id, model)
  redis.call('HDEL', pair, 'minuteLimit', 'minuteLimitUntil', 'minuteHint')
  return pause(pair, 'pacedUntil', 0, now)
end

local function forget_day(email, model, now)
  redis.call('DEL', quota_key(email, model), warned_key(email, model))
  redis.call('HDEL', KEY.ACCOUNT .. email, 'dayLimit:' .. model, 'dayLimitUntil:' .. model,
    'toldLimit:' .. model, 'dayResetsAt:' .. model, 'pacedBy:' .. model, 'dayHint:' .. model)
  return pause(KEY.ACCOUNT .. email, 'pacedUntil:' .. model, 0, now)
end
