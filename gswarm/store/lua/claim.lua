-- requires: catalogue
-- Give projects to their account, or change what is known of those it has. A project
-- goes to whoever claims it first, and to nobody without an account.
--
-- KEYS  none: lua/lib/catalogue.lua and the records and indexes of lua/lib/placing.lua
-- ARGV  1 now (ms)  2 JSON [{id, enabled: whether a new one is in rotation,
--       entry: {account, name, api_enabled, created_at, stays}}]
-- Returns id, owner, id, owner... of those not given; the owner is '' where the claiming
-- account is not there.

local now = tonumber(ARGV[1])

local function in_the_way(id, account)
  if not exists(account) then return '' end
  local owner = project_of(id).account
  return owner and owner ~= account and exists(owner) and owner
end

local function merge(entry, known)
  entry.created_at = known.created_at or entry.created_at
  entry.stays = known.stays or entry.stays
  return entry
end

local function give(id, entry, enabled)
  local status, known = KEY.PROJECT_STATUS .. id, entry_of(id)
  if known.account and known.account ~= entry.account then
    leave(id, known.account)
    redis.call('SREM', KEY.ACCOUNT_PROJECTS .. known.account, id)
  end
  redis.call('SADD', KEY.ACCOUNT_PROJECTS .. entry.account, id)
  redis.call('HSET', KEY.PROJECTS, id, cjson.encode(merge(entry, known)))
  redis.call('HSET', status, 'account', entry.account)
  redis.call('HSETNX', status, 'enabled', enabled and 1 or 0)
  local is_denied = redis.call('HEXISTS', status, 'denied_reason') == 1
  if known.api_enabled == false and entry.api_enabled == true and not is_denied then
    redis.call('HSET', status, 'enabled', 1)
  end
  place_everywhere(id, now)
end

local refused = {}
for _, each in ipairs(cjson.decode(ARGV[2])) do
  local owner = in_the_way(each.id, each.entry.account)
  if owner then
    refused[#refused + 1] = each.id
    refused[#refused + 1] = owner
  else
    give(each.id, each.entry, each.enabled)
  end
end
tell('pool_changed')
return refused
