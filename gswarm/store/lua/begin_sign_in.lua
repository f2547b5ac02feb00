-- Let a sign-in be tried, and count it as failed until it succeeds.
--
-- KEYS  1 attempts from the address   sorted set, attempt -> when, ms
--       2 attempts on the name        sorted set, attempt -> when, ms
-- ARGV  1 now, ms   2 the attempt   3 ms an attempt is remembered
--       4 most from an address      5 most remembered of a name
-- Returns {ms until the address may try again, 0 when it may now,
--          attempts from the address, attempts on the name}

local FROM, ON = unpack(KEYS)
local now, attempt, window = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local most, remembered = tonumber(ARGV[4]), tonumber(ARGV[5])

local function forget_old(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
end

local function note(key)
  redis.call('ZADD', key, now, attempt)
  redis.call('PEXPIRE', key, window)
end

local function ms_to_wait()
  if redis.call('ZCARD', FROM) < most then return 0 end
  local oldest = redis.call('ZRANGE', FROM, 0, 0, 'WITHSCORES')[2]
  return tonumber(oldest) + window - now
end

forget_old(FROM)
forget_old(ON)
local wait = ms_to_wait()
if wait == 0 then
  note(FROM)
  note(ON)
  redis.call('ZREMRANGEBYRANK', ON, 0, -remembered - 1)
end
return {wait, redis.call('ZCARD', FROM), redis.call('ZCARD', ON)}
