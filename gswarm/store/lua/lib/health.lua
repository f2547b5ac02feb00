-- Library: the health of a project for a model, as gswarm/rotation/health.py has it.
-- Instants and lengths are in milliseconds here.

local HALF_LIFE, RECENCY, FORGOTTEN, RECENCY_STEPS = 3600000, 300000, 0.01, 5

local function faded(count, counted_at, now)
  return (tonumber(count) or 0) * 0.5 ^ (math.max(0, now - (tonumber(counted_at) or 0)) / HALF_LIFE)
end

-- The successes and errors of a pair as they weigh now.
local function recent(pair, now)
  local kept = redis.call('HMGET', pair, 'recentSuccesses', 'recentErrors', 'recentAt')
  return faded(kept[1], kept[3], now), faded(kept[2], kept[3], now)
end

local function count_recent(pair, successes, errors, now)
  local had_successes, had_errors = recent(pair, now)
  redis.call('HSET', pair, 'recentAt', now,
    'recentSuccesses', had_successes + successes, 'recentErrors', had_errors + errors)
end

-- When errors that weigh this much now will count as none.
local function forgotten_at(errors, now)
  return now + math.ceil(HALF_LIFE * math.log(errors / FORGOTTEN) / math.log(2)) + 1
end

local function success_rate(successes, errors)
  if errors <= FORGOTTEN then return 1 end
  return (successes + 1) / (successes + errors + 1)
end

local function recency(in_flight, last_used, now)
  if in_flight > 0 then return 0 end
  return math.min(1, math.max(0, now - last_used) / RECENCY)
end

-- Clean projects that have rested for about as long are as healthy as each other.
local function step_of(health) return math.floor(health.recency * RECENCY_STEPS) end

local function score_of(health)
  return 0.5 * health.success + 0.3 * health.recency + 0.2 * (1 - health.cooldown)
end
