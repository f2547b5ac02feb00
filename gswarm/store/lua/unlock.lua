-- Let go of a lock, unless it is somebody else's by now.
--
-- KEYS  1 the lock
-- ARGV  1 the mark its holder set
-- Returns 1 when it was still held

if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
