-- requires: placing
-- Library: reservations, and giving them back also when their worker has died.

local LEASE = 10000

-- A worker that shows itself lives on for ten seconds.
local function renew(worker, now) redis.call('ZADD', KEY.WORKERS, now + LEASE, worker) end

local function hold(worker, reservation, id, now)
  redis.call('HSET', KEY.HELD .. worker, reservation, id)
  redis.call('HSET', KEY.PROJECT_STATUS .. id, 'lastUsedAt', now)
  rerank(id, redis.call('HINCRBY', KEY.PROJECT_STATUS .. id, 'inFlight', 1), now)
end

local function free(id)
  local key = KEY.PROJECT_STATUS .. id
  local kept = redis.call('HMGET', key, 'inFlight', 'lastUsedAt')
  if number(kept[1]) <= 0 then return end
  rerank(id, redis.call('HINCRBY', key, 'inFlight', -1), number(kept[2]))
end

-- Giving the same reservation back twice does no harm.
local function let_go(worker, reservation)
  local held = KEY.HELD .. worker
  local id = redis.call('HGET', held, reservation)
  if not id then return end
  redis.call('HDEL', held, reservation)
  free(id)
end

-- Give back what one dead worker held, if there is one; the next caller does the next.
local function bury_a_worker(now)
  local dead = redis.call('ZRANGEBYSCORE', KEY.WORKERS, '-inf', now, 'LIMIT', 0, 1)[1]
  if not dead then return false end
  for _, id in ipairs(redis.call('HVALS', KEY.HELD .. dead)) do free(id) end
  redis.call('DEL', KEY.HELD .. dead)
  redis.call('ZREM', KEY.WORKERS, dead)
  return true
end
