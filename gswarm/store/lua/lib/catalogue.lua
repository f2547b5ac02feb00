-- requires: placing, telling
-- Library: whose a project is. Its status names the account; KEY.PROJECTS (hash) holds
-- what else the catalogue knows, and a set per account its projects.

local function exists(account) return redis.call('SISMEMBER', KEY.ACCOUNTS, account) == 1 end

local function entry_of(id)
  local kept = redis.call('HGET', KEY.PROJECTS, id)
  return kept and cjson.decode(kept) or {}
end

-- Forget a project of an account; one that is another's by now stays.
local function drop(id, account)
  redis.call('SREM', KEY.ACCOUNT_PROJECTS .. account, id)
  if project_of(id).account ~= account then return end
  leave(id, account)
  redis.call('HDEL', KEY.PROJECTS, id)
  redis.call('SREM', KEY.DENIED, id)
  redis.call('DEL', KEY.PROJECT_STATUS .. id)
end
