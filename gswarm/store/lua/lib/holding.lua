-- requires: placing
-- Library: reservations, and giving them back also when their worker has died.

local LEASE = 10000

-- A worker that shows itself lives on for ten seconds.
local function renew(worker, now) redis.call('ZADD', KEY.WORKERS, now + LEASE, worker) end

local function hold(worker, reservation, id, email, turn, now)
  redis.call('HSET', KEY.HELD .. worker, reservation, id .. '\n' .. email)
  redis.call('HSET', KEY.ACCOUNT .. email, 'usedTurn', turn)
  redis.call('HINCRBY', KEY.ACCOUNT .. email, 'inFlight', 1)
  redis.call('HSET', KEY.PROJECT_STATUS .. id, 'lastUsedAt', now)
  rerank(id, email, redis.call('HINCRBY', KEY.PROJECT_STATUS .. id, 'inFlight', 1), now)
end

local function one_less(key)
  if number(redis.call('HGET', key, 'inFlight')) > 0 then
    redis.call('HINCRBY', key, 'inFlight', -1)
  end
end

-- `held` is a project and its account, as `hold` has noted them.
local function free(held)
  local id, email = string.match(held, '^(.-)\n(.*)$')
  -- Another version of the gateway may have noted the project alone.
  id = id or held
  email = email or project_of(id).account or ''
  local key = KEY.PROJECT_STATUS .. id
  one_less(key)
  one_less(KEY.ACCOUNT .. email)
  local kept = redis.call('HMGET', key, 'inFlight', 'lastUsedAt', 'account')
  rerank(id, kept[3] or email, number(kept[1]), number(kept[2]))
end

-- Giving the same reservation back twice does no harm.
local function let_go(worker, reservation)
  local held = KEY.HELD .. worker
  local what = redis.call('HGET', held, reservation)
  if not what then return end
  redis.call('HDEL', held, reservation)
  free(what)
end

-- Give back what one dead worker held, if there is one; the next caller does the next.
local function bury_a_worker(now)
  local dead = redis.call('ZRANGEBYSCORE', KEY.WORKERS, '-inf', now, 'LIMIT', 0, 1)[1]
  if not dead then return false end
  for _, what in ipairs(redis.call('HVALS', KEY.HELD .. dead)) do free(what) end
  redis.call('DEL', KEY.HELD .. dead)
  redis.call('ZREM', KEY.WORKERS, dead)
  return true
end
