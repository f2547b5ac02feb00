-- Read responses; to be read begins their time anew.
--
-- KEYS  1 the tenant's responses   sorted set, "bytes:key" -> when it ends, ms
--       2 bytes of them all        counter
--       3... the responses         strings
-- ARGV  1 now, ms   2 seconds to keep   3 most bytes of them together
-- Returns the values in the order of the keys, false where there is none; -1 where they
-- come to more.

local ALL, BYTES = KEYS[1], KEYS[2]
local now, seconds, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local bytes = 0
for n = 3, #KEYS do bytes = bytes + redis.call('STRLEN', KEYS[n]) end
if bytes > most then return -1 end

local found = {}
for n = 3, #KEYS do
  local value = redis.call('GETEX', KEYS[n], 'EX', seconds)
  found[#found + 1] = value
  if value then
    redis.call('ZADD', ALL, 'XX', now + seconds * 1000, #value .. ':' .. KEYS[n])
  end
end

redis.call('EXPIRE', ALL, seconds)
redis.call('EXPIRE', BYTES, seconds)
return found
