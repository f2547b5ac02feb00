-- requires: placing, telling
-- Tell of the rests that have ended by the clock alone. Whoever comes first tells.
--
-- KEYS  none: see lua/lib/telling.lua
-- ARGV  1 now (ms)
-- Returns when the next one ends (ms), 0 where nothing rests.

local MOST = 64

local now = tonumber(ARGV[1])
for _, rest in ipairs(redis.call('ZRANGEBYSCORE', KEY.RESTS, '-inf', now, 'LIMIT', 0, MOST)) do
  local id, email, model = unpack(cjson.decode(rest))
  tell_recovery(id, email, model, now)
end
return number(redis.call('ZRANGE', KEY.RESTS, 0, 0, 'WITHSCORES')[2])
