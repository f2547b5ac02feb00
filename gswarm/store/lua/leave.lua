-- Count what an admitted request of an API key has used, and give its place back.
--
-- KEYS  1 tokens today           counter
--       2 requests at once       sorted set, request -> end of its lease in ms
--       3 uses of all keys       hash, "id:tokens"
--       4 tokens under way       hash, request -> tokens it may come to
-- ARGV  1 key id
--       2 tokens it has used
--       3 the request, or "" where it has no place
--       4 how long to keep today's tokens, seconds

local TOKENS, PLACES, USES, UNDER_WAY = unpack(KEYS)
local id, tokens, request = ARGV[1], tonumber(ARGV[2]), ARGV[3]

if tokens > 0 then
  redis.call('HINCRBY', USES, id .. ':tokens', tokens)
  redis.call('INCRBY', TOKENS, tokens)
  redis.call('EXPIRE', TOKENS, ARGV[4])
end
if request ~= '' then
  redis.call('ZREM', PLACES, request)
  redis.call('HDEL', UNDER_WAY, request)
end
