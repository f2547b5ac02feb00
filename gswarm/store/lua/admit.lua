-- Let one request of an API key in, or say which limit stands in its way.
-- All or nothing: a refused request takes no place and counts nowhere.
--
-- KEYS  1 requests this minute   counter
--       2 requests this second   counter
--       3 tokens today           counter, read only: answers add to it
--       4 requests at once       sorted set, request -> end of its lease in ms
--       5 uses of all keys       hash, "id:requests", "id:last_used_at"
--       6 tokens under way       hash, request -> tokens it may come to
-- ARGV  1 now, epoch ms          2 key id
--       3 per minute  4 per second  5 tokens per day  6 at once    (0: no limit)
--       7 the request, or "" when it takes no place (and makes no tokens)
--       8 end of its lease, epoch ms
--       9 tokens it may come to: until it ends they count as used
-- Returns {refused by: 0 nobody, 3..6 the argument of the limit, 9 tokens under way,
--          requests this minute, tokens today}

local MINUTE, SECOND, TOKENS, PLACES, USES, UNDER_WAY = unpack(KEYS)
local now, id, request, lease_end = ARGV[1], ARGV[2], ARGV[7], ARGV[8]

local function limit(n) return tonumber(ARGV[n]) end

local function count(key) return tonumber(redis.call('GET', key) or 0) end

local function is_over(key, n) return limit(n) > 0 and count(key) >= limit(n) end

-- Requests whose process has died.
local function forget_dead()
  for _, dead in ipairs(redis.call('ZRANGEBYSCORE', PLACES, '-inf', now)) do
    redis.call('ZREM', PLACES, dead)
    redis.call('HDEL', UNDER_WAY, dead)
  end
end

local function is_full()
  return limit(6) > 0 and redis.call('ZCARD', PLACES) >= limit(6)
end

local function tokens_under_way()
  local sum = 0
  for _, tokens in ipairs(redis.call('HVALS', UNDER_WAY)) do
    sum = sum + tonumber(tokens)
  end
  return sum
end

-- Were only what is used counted, any number at once would find the limit unreached.
local function may_be_over()
  return limit(5) > 0 and count(TOKENS) + tokens_under_way() >= limit(5)
end

local function refused_by()
  if is_over(MINUTE, 3) then return 3 end
  if is_over(SECOND, 4) then return 4 end
  if request == '' then return 0 end
  if is_over(TOKENS, 5) then return 5 end
  if limit(5) > 0 or limit(6) > 0 then forget_dead() end
  if is_full() then return 6 end
  if may_be_over() then return 9 end
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
  if request == '' then return end
  if limit(5) > 0 or limit(6) > 0 then
    redis.call('ZADD', PLACES, lease_end, request)
    redis.call('EXPIRE', PLACES, 3600)
  end
  if limit(5) > 0 then
    redis.call('HSET', UNDER_WAY, request, ARGV[9])
    redis.call('EXPIRE', UNDER_WAY, 3600)
  end
end

local refusal = refused_by()
if refusal == 0 then let_in() end
return {refusal, count(MINUTE), count(TOKENS)}
