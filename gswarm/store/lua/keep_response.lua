-- Keep a response, and forget those used longest ago where a tenant has too many.
--
-- KEYS  1 the tenant's responses   sorted set, "bytes:key" -> when it ends, ms
--       2 bytes of them all        counter
--       3 the response             string
-- ARGV  1 now, ms   2 seconds to keep   3 most responses   4 most bytes   5 value
-- Returns how many were forgotten.

local ALL, BYTES, KEY = KEYS[1], KEYS[2], KEYS[3]
local now, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local most, most_bytes, value = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

local function size_of(member)
  return tonumber(string.match(member, '^(%d+):'))
end

local function leave_out(members, step)
  local bytes = 0
  for n = 1, #members, step do bytes = bytes + size_of(members[n]) end
  return redis.call('DECRBY', BYTES, bytes)
end

local ended = redis.call('ZRANGEBYSCORE', ALL, '-inf', now, 'LIMIT', 0, 1000)
if #ended > 0 then
  redis.call('ZREM', ALL, unpack(ended))
  leave_out(ended, 1)
end

redis.call('SET', KEY, value, 'EX', seconds)
redis.call('ZADD', ALL, now + seconds * 1000, #value .. ':' .. KEY)
local bytes = redis.call('INCRBY', BYTES, #value)

local forgotten = 0
while bytes > most_bytes or redis.call('ZCARD', ALL) > most do
  local oldest = redis.call('ZPOPMIN', ALL)
  if #oldest == 0 then break end
  redis.call('UNLINK', string.match(oldest[1], '^%d+:(.*)$'))
  bytes = leave_out(oldest, 2)
  forgotten = forgotten + 1
end

redis.call('EXPIRE', ALL, seconds)
redis.call('EXPIRE', BYTES, seconds)
return forgotten
