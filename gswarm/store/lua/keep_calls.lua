-- Remember function calls, and forget the oldest where a tenant has too many.
--
-- KEYS  1 the tenant's calls   sorted set, call key -> when it was kept, ms
-- ARGV  1 now, ms   2 seconds to keep   3 most calls   4... call key, value, ...
-- Returns how many were forgotten.

local CALLS = KEYS[1]
local now, seconds, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

for n = 4, #ARGV, 2 do
  redis.call('SET', ARGV[n], ARGV[n + 1], 'EX', seconds)
  redis.call('ZADD', CALLS, now, ARGV[n])
end
redis.call('ZREMRANGEBYSCORE', CALLS, '-inf', now - seconds * 1000)
redis.call('EXPIRE', CALLS, seconds)

local excess = redis.call('ZCARD', CALLS) - most
if excess <= 0 then return 0 end
local oldest = redis.call('ZPOPMIN', CALLS, excess)
for n = 1, #oldest, 2 do redis.call('UNLINK', oldest[n]) end
return excess
