-- requires: quota
-- Library: the rate an account is let through at, for a model, as its refusals tell it.
--
-- A token bucket refuses with the wait until its next token, seconds at most. Two such
-- refusals, k calls apart, name two tokens that lie k apart: between them lies the rate.
-- It is an account's where another of its projects is told of the same token, or of one
-- that fits. Until the token is there, and from call to call as long as the rate takes,
-- the account is gated: its projects stay ready, but it is nobody's turn.
--
--   <index>:rate:<account>  hash  `ends` of the refusal heard last (ms), when it was heard
--     (`at`, `turn`), `project`, `sent`: calls there had been then, `wait`: the longest
--     named, `longest`: from a call to the next token; `agreed` where it is the
--     account's, `spacing` (ms) where the rate is known, `next` (ms) turn, `tries`: calls
--     since it agreed. Forgotten a minute after the last refusal, or as soon as a call
--     gets through that should not have.

local SHORT, RATE_KEPT, SAME_TOKEN = 10000, 60000, 150
local DOUBT_EVERY, DOUBT_FIRST, DOUBT_LONGEST = 250, 1000, 30000

local function rate_key(email, model) return index(model, 'rate:' .. email) end

local function sent_in_all(email, model)
  local kept = redis.call('HMGET', quota_key(email, model), 'sum', 'gone')
  return number(kept[1]) + number(kept[2])
end

local function gate(email, model, ends)
  redis.call('ZREM', index(model, 'accounts'), email)
  redis.call('ZADD', index(model, 'gated'), 'GT', ends, email)
end

local function ungate(email, model)
  if redis.call('ZREM', index(model, 'gated'), email) == 0 then return end
  if redis.call('EXISTS', of_account(model, email)) == 0 then return end
  redis.call('ZADD', index(model, 'accounts'), rank_of_account(email), email)
end

local function forget_rate(email, model)
  redis.call('DEL', rate_key(email, model))
  ungate(email, model)
end

local function rate_of(email, model)
  local kept = redis.call('HMGET', rate_key(email, model), 'ends', 'at', 'project', 'sent',
    'agreed', 'spacing', 'next', 'turn', 'longest', 'idle', 'doubt',
    'before', 'wait')
  return {
    ends = number(kept[1]), at = number(kept[2]), project = kept[3], sent = number(kept[4]),
    agreed = kept[5] == '1', spacing = tonumber(kept[6] or nil), next = number(kept[7]),
    turn = number(kept[8]), longest = number(kept[9]),
    idle = kept[10] == '1', doubt = number(kept[11]), before = number(kept[12]),
    wait = number(kept[13]),
  }
end

local function keep_rate(email, model, rate)
  local key = rate_key(email, model)
  redis.call('HSET', key, 'ends', rate.ends, 'at', rate.at, 'project', rate.project,
    'sent', rate.sent, 'agreed', rate.agreed and 1 or 0, 'next', rate.next,
    'wait', rate.wait, 'longest', rate.longest, 'turn', rate.turn or redis.call('GET', KEY.TURN))
  if rate.spacing then redis.call('HSET', key, 'spacing', rate.spacing) end
  redis.call('HDEL', key, 'tries', 'idle', 'last', 'before')
  redis.call('PEXPIRE', key, RATE_KEPT)
end

-- Tokens lie as far apart as the longest wait that was named, or farther, and hardly
-- farther than from a call to the token after it; a bucket that filled up in between
-- seems slower than it is. A little early: what is too slow no refusal would tell.
local function spacing_of(measured, rate)
  return 0.96 * math.max(math.min(measured, 1.25 * rate.longest), rate.wait)
end

-- Compare a refusal with the one before. Returns what is known by now; nil where the two
-- are not of one bucket.
local function compare(rate, id, is_alone, ends, turn, sent, now)
  local is_other = is_alone or rate.project ~= id
  local step, calls = ends - rate.ends, sent - rate.sent
  rate.wait = math.max(rate.wait, ends - now)
  rate.longest = math.max(rate.longest, rate.wait, rate.before > 0 and ends - rate.before or 0)
  if turn <= rate.turn then
    -- It was under way already.
    rate.sent, rate.ends = rate.sent - 1, math.max(rate.ends, ends)
    rate.agreed = rate.agreed or is_other and math.abs(step) <= SAME_TOKEN
    return rate
  end
  if calls < 1 then
    rate.agreed = rate.agreed or is_other and math.abs(step) <= SAME_TOKEN
  elseif step / calls < 0.8 * (ends - now) then
    return
  elseif not rate.idle and step / calls <= 2 * rate.wait and (rate.agreed or is_other) then
    rate.agreed, rate.spacing = true, spacing_of(step / calls, rate)
  end
  rate.ends, rate.at, rate.project, rate.sent, rate.turn = ends, now, id, sent, nil
  return rate
end

-- Each time that doubt was of no use the next is later.
local function doubt_less(email, model, rate, now)
  local pause = math.min(math.max(DOUBT_FIRST, 2 * rate.doubt), DOUBT_LONGEST)
  redis.call('HSET', rate_key(email, model), 'doubt', pause, 'doubtAt', now + pause)
end

-- A call was refused until then, perhaps one that went out in doubt. Says whether that
-- is the account's rate.
local function hear_rate(id, email, model, ends, turn, is_in_doubt, now)
  local rate, sent = rate_of(email, model), sent_in_all(email, model)
  if rate.at > 0 then
    local is_alone = redis.call('SCARD', KEY.ACCOUNT_PROJECTS .. email) == 1
    rate = compare(rate, id, is_alone, ends, turn, sent, now)
    if not rate then forget_rate(email, model) end
  else
    rate = nil
  end
  rate = rate or {ends = ends, at = now, project = id, sent = sent, next = 0, wait = ends - now,
    longest = ends - now, doubt = 0}
  if rate.agreed then
    rate.next = math.max(rate.next, rate.ends)
    gate(email, model, rate.next)
  end
  keep_rate(email, model, rate)
  if is_in_doubt then doubt_less(email, model, rate, now) end
  return rate.agreed
end

-- The bucket may have filled up since the call before.
local function note_idleness(email, model, rate, spacing, now)
  local key = rate_key(email, model)
  local last = number(redis.call('HGET', key, 'last'))
  if now - math.max(last, rate.ends) > 2 * spacing then redis.call('HSET', key, 'idle', 1) end
  redis.call('HSET', key, 'last', now, 'before', last)
end

-- A call goes out. Says whether it should be refused, were the rate what it is taken for:
-- as long as one refusal alone tells of it, the second call goes out early.
local function keep_to_rate(email, model, now)
  if redis.call('EXISTS', rate_key(email, model)) == 0 then return false end
  local rate = rate_of(email, model)
  if rate.at == 0 then return false end
  local spacing = rate.spacing or rate.longest / 2
  note_idleness(email, model, rate, rate.spacing or rate.longest, now)
  if not rate.agreed then return false end
  local turn = math.max(rate.next, now - 1 * spacing) + spacing
  redis.call('HSET', rate_key(email, model), 'next', turn)
  if turn > now then gate(email, model, turn) end
  return not rate.spacing and redis.call('HINCRBY', rate_key(email, model), 'tries', 1) > 1
end

-- Whether somebody may see whether it is true, one at a time.
local function may_doubt(email, model, now)
  local key = rate_key(email, model)
  if number(redis.call('HGET', key, 'doubtAt')) > now then return false end
  redis.call('HSET', key, 'doubtAt', now + DOUBT_EVERY)
  return true
end
