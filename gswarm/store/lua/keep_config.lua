-- requires: telling
-- Keep a changed config, unless somebody else has changed it since it was read, and
-- tell that it has changed.
--
-- KEYS  1 config   hash {version, json}
-- ARGV  1 the version it was read at   2 the new JSON
-- Returns 1 when kept, else 0.

local version = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
if version ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', version + 1, 'json', ARGV[2])
tell('config_changed')
return 1
