-- Keep a fresh access token, unless the account is gone or has signed in anew since.
--
-- KEYS  1 credential   hash
-- ARGV  1 refresh token it came from, sealed as stored  2 access token, sealed
--       3 its end, ms  4 a refresh token that came with it, sealed, or ""
-- Returns 1 if it was kept.

if redis.call('HGET', KEYS[1], 'refresh_token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'access_token', ARGV[2], 'expiry_date', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'refresh_token', ARGV[4]) end
return 1
