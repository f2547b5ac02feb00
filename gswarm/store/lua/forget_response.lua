-- Forget one response.
--
-- KEYS  1 the tenant's responses   sorted set, "bytes:key" -> when it ends, ms
--       2 bytes of them all        counter
--       3 the response             string
-- Returns 1, or 0 where there was none.

local size = redis.call('STRLEN', KEYS[3])
if size == 0 then return 0 end

redis.call('UNLINK', KEYS[3])
if redis.call('ZREM', KEYS[1], size .. ':' .. KEYS[3]) == 1 then
  redis.call('DECRBY', KEYS[2], size)
end
return 1
