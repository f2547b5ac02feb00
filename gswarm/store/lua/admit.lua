-- Let one request of an API key in, or say which limit stands in its way.
-- All or nothing: a refused request takes no place and counts nowhere.
--
-- KEYS  1 requests this minute   counter
--       2 requests this second   counter
--       3 tokens today           counter, read only: answers add to it
--       4 requests at once       zset "worker/request" -> instant it ends at the latest
--       5 uses of all keys       hash "id:requests", "id:last_used_at"
--       6 workers                zset worker -> end of its lease
-- ARGV  1 now, epoch ms          2 key id
--       3 per minute  4 per second  5 tokens per day  6 at once    (0: no limit)
--       7 this request "worker/request", or "" when it takes no place
--       8 its latest end, epoch ms
--       9... requests of this process that have left, in case saying so failed then
-- Returns {refused by: 0 nobody, 3..6 the argument of the limit,
--          requests this minute, tokens today}

local MINUTE, SECOND, TOKENS, PLACES, USES, WORKERS = unpack(KEYS)
local now, id, place = tonumber(ARGV[1]), ARGV[2], ARGV[7]

local function limit(n) return tonumber(ARGV[n]) end

local function count(key) return tonumber(redis.call('GET', key) or 0) end

local function is_over(key, n) return limit(n) > 0 and count(key) >= limit(n) end

local function is_dead(member)
  local worker = string.match(member, '^(.*)/')
  if worker == string.match(place, '^(.*)/') then return false end
  local lease_end = redis.call('ZSCORE', WORKERS, worker)
  return not lease_end or tonumber(lease_end) < now
end

local function bury_the_dead()
  redis.call('ZREMRANGEBYSCORE', PLACES, '-inf', now)
  for _, member in ipairs(redis.call('ZRANGE', PLACES, 0, -1)) do
    if is_dead(member) then redis.call('ZREM', PLACES, member) end
  end
end

local function is_full()
  if limit(6) == 0 or redis.call('ZCARD', PLACES) < limit(6) then return false end
  bury_the_dead()
  return redis.call('ZCARD', PLACES) >= limit(6)
end

local function refused_by()
  if is_over(MINUTE, 3) then return 3 end
  if is_over(SECOND, 4) then return 4 end
  if place == '' then return 0 end
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
  if place ~= '' and limit(6) > 0 then
    redis.call('ZADD', PLACES, ARGV[8], place)
    redis.call('PEXPIREAT', PLACES, ARGV[8])
  end
end

if #ARGV > 8 then redis.call('ZREM', PLACES, unpack(ARGV, 9)) end
local refusal = refused_by()
if refusal == 0 then let_in() end
return {refusal, count(MINUTE), count(TOKENS)}
