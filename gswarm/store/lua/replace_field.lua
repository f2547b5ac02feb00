-- Replace one field of a hash, unless somebody else has changed it meanwhile.
--
-- KEYS  1 hash
-- ARGV  1 field   2 the value it was read with   3 the new value
-- Returns 1 when replaced, else 0.

if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
