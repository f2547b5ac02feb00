-- Let one request of an API key in, or say which limit stands in its way.
-- All or nothing: a refused request takes no place and counts nowhere.
--
-- KEYS  1 requests this minute   counter
--       2 requests this second   counter
--       3 tokens today           counter, read only: answers add to it
--       4 requests at once       sorted set, request -> end of its lease in ms
--       5 uses of all keys       hash, "id:requests", "id:last_used_at"
-- ARGV  1 now, epoch ms          2 key id
--       3 per minute  4 per second  5 tokens per day  6 at once    (0: no limit)
--       7 the request, or "" when it takes no place (and makes no tokens)
--       8 end of its lease, epoch ms
-- Returns {refused by: 0 nobody, 3..6 the argument of the limit,
--          requests this minute, tokens today}

local MINUTE, SECOND, TOKENS, PLACES, USES = unpack(KEYS)
local now, id, request, lease_end = ARGV[1], ARGV[2], ARGV[7], ARGV[8]

local function limit(n) return tonumber(ARGV[n]) end

local function count(key) return tonumber(redis.call('GET', key) or 0) end

local function is_over(key, n) return limit(n) > 0 and count(key) >= limit(n) end

local function is_full()
  if limit(6) == 0 then return false end
  redis.call('ZREMRANGEBYSCORE', PLACES, '-inf', now)
  return redis.call('ZCARD', PLACES) >= limit(6)
end

local function refused_by()
  if is_over(MINUTE, 3) then return 3 end
  if is_over(SECOND, 4) then return 4 end
  if request == '' then return 0 end
  if is_over(TOKENS, 5) then return 5 end
  if is_full() then return 6 end
  return 0
end

local function tick(key, seconds)
  if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, seconds) end
end

local function let_in()
  tick(MINUTE, 120)
  if limit(4) > 0 then tick(SECOND, 2) end
  redis.call('HINCRBY', USES, id .. ':requests', 1)
  redis.call('HSET', USES, id .. ':last_used_at', now)
  if request ~= '' and limit(6) > 0 then
    redis.call('ZADD', PLACES, lease_end, request)
    redis.call('EXPIRE', PLACES, 3600)
  end
end

local refusal = refused_by()
if refusal == 0 then let_in() end
return {refusal, count(MINUTE), count(TOKENS)}
