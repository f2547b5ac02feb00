-- Let a sign-in be tried, and count it as failed until it succeeds.
--
-- KEYS  1 attempts from the address   sorted set, attempt -> when, ms
--       2 attempts of everybody       sorted set, attempt -> when, ms
--       3 who has tried               sorted set, key of an address -> when, ms
-- ARGV  1 now, ms   2 the attempt   3 ms an attempt is remembered
--       4 most from an address      5 most remembered of everybody
--       6 most addresses remembered
-- Returns {ms until the address may try again, 0 when it may now,
--          attempts from the address, attempts of everybody}

local FROM, ALL, SOURCES = unpack(KEYS)
local now, attempt, window = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local most, remembered, sources = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local function forget_old(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
end

local function note(key, member)
  redis.call('ZADD', key, now, member)
  redis.call('PEXPIRE', key, window)
end

local function ms_to_wait()
  if redis.call('ZCARD', FROM) < most then return 0 end
  local oldest = redis.call('ZRANGE', FROM, 0, 0, 'WITHSCORES')[2]
  return tonumber(oldest) + window - now
end

-- Whoever has so many addresses gains nothing where the first are forgotten.
local function forget_sources()
  local excess = redis.call('ZCARD', SOURCES) - sources
  if excess <= 0 then return end
  local oldest = redis.call('ZPOPMIN', SOURCES, excess)
  for n = 1, #oldest, 2 do redis.call('UNLINK', oldest[n]) end
end

forget_old(FROM)
forget_old(ALL)
forget_old(SOURCES)
local wait = ms_to_wait()
if wait == 0 then
  note(FROM, attempt)
  note(ALL, attempt)
  note(SOURCES, FROM)
  redis.call('ZREMRANGEBYRANK', ALL, 0, -remembered - 1)
  forget_sources()
end
return {wait, redis.call('ZCARD', FROM), redis.call('ZCARD', ALL)}
