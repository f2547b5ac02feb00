-- requires: placing, telling
-- How the pool stands, without changing anything.
--
-- KEYS  none: the indexes of lua/lib/placing.lua
-- ARGV  1 now (ms)  2... models; none: the live ones
-- Returns JSON {usable, projects, cooling: projects that rest for each of the models,
--   refused: those that rest so because Google refuses them, shut_out: those it denies
--   access, and enabled ones of an account that it has turned away for good, accounts,
--   usable_accounts,
--   failing_accounts, usable_on: {<upstream>: usable projects of its accounts},
--   models: {<model>: {ready, resting: {reason: count}, next_free_at (ms) or absent,
--   rest_ends (ms), routed_at (ms): when a request last was limited by one project and
--   answered by another}}}. A model that was not asked for lately has no indexes; it is
--   left out.

local now = tonumber(ARGV[1])
local asked = #ARGV > 1 and {unpack(ARGV, 2)} or live_models()

local function soonest_of(model, reason)
  return redis.call('ZRANGEBYSCORE', resting(model, reason), '(' .. ARGV[1], '+inf',
    'WITHSCORES', 'LIMIT', 0, 1)[2]
end

local function state_of(model)
  local state = {resting = {}, rest_ends = number(redis.call('HGET', index(model, 'rest'), 'cooldownUntil'))}
  state.routed_at = number(redis.call('ZSCORE', KEY.ROUTED, model))
  state.ready = redis.call('ZCARD', index(model, 'ready')) + redis.call('ZCARD', index(model, 'tainted'))
  for _, reason in ipairs(REASONS) do
    local set = resting(model, reason)
    local asleep = redis.call('ZCOUNT', set, '(' .. ARGV[1], '+inf')
    state.ready = state.ready + redis.call('ZCARD', set) - asleep
    if asleep > 0 then
      state.resting[reason] = asleep
      local soonest = tonumber(soonest_of(model, reason))
      state.next_free_at = math.min(state.next_free_at or soonest, soonest)
    end
  end
  return state
end

local MOST_LOOKED_AT = 2000

local function asleep_for(model, reason)
  return redis.call('ZRANGEBYSCORE', resting(model, reason), '(' .. ARGV[1], '+inf')
end

-- For how many models each project rests, for how many it is missing, and whether Google
-- refuses it. Names that only clients have thought of do not count.
local function look_at_resting(models)
  local found = {}
  local function note(model, reason, what)
    for _, id in ipairs(asleep_for(model, reason)) do
      local one = found[id] or {rests = 0, lacks = 0}
      found[id], one[what] = one, one[what] + 1
      one.refused = one.refused or reason == 'auth'
    end
  end
  for model in pairs(models) do
    for _, reason in ipairs(model ~= KEY.OTHER_MODEL and REASONS or {}) do
      note(model, reason, reason == 'not_found' and 'lacks' or 'rests')
    end
  end
  return found
end

-- How many of these models each upstream serves, and how many any of them does where
-- they are all alike.
local function count_served(models, upstreams)
  local served, of_all = {}, nil
  for upstream in pairs(upstreams) do
    served[upstream] = 0
    for model in pairs(models) do
      local is_one = model ~= KEY.OTHER_MODEL and is_served_on(model, upstream)
      if is_one then served[upstream] = served[upstream] + 1 end
    end
    if of_all and of_all ~= served[upstream] then of_all = -1 end
    of_all = of_all or served[upstream]
  end
  return served, of_all
end

-- Longer rests may hide that it is refused, and that it lacks models, that it rests. The
-- store has no time to look at each of thousands.
local looked_at = 0

local function kind_of(id, one)
  if one.refused then return 'auth' end
  looked_at = looked_at + 1
  if looked_at > MOST_LOOKED_AT then return one.rests > 0 and 'other' end
  local project = project_of(id)
  local _, reason = longest({project.rest, account_of(project.account, '').rest}, now)
  if reason == 'auth' then return 'auth' end
  return (reason or one.rests > 0) and 'other'
end

-- Each project that rests for every model it serves. One that lacks a model does not
-- rest: it has nothing to come back to. What Google refuses counts as that alone.
local function count_resting(models, upstreams)
  local served, of_all = count_served(models, upstreams)
  local counts = {auth = 0, other = 0}
  local upstream_of = {}
  for upstream, emails in pairs(upstreams) do
    for _, email in ipairs(emails) do upstream_of[email] = upstream end
  end
  for id, one in pairs(look_at_resting(models)) do
    local number = of_all
    if of_all == -1 then number = served[upstream_of[project_of(id).account]] end
    if one.rests + one.lacks >= (number or 0) then
      local kind = kind_of(id, one)
      if kind then counts[kind] = counts[kind] + 1 end
    end
  end
  return counts.other, counts.auth
end

local function count_enabled(email)
  local count = 0
  for _, id in ipairs(redis.call('SMEMBERS', KEY.ACCOUNT_PROJECTS .. email)) do
    if project_of(id).enabled then count = count + 1 end
  end
  return count
end

local function is_refused(rest) return rest.ends > now and rest.reason == 'auth' end

-- Whoever somebody has switched off does not fail.
local function look_at(emails)
  local found = {upstreams = {}, usable = 0, failing = 0, shut_out = 0}
  for _, email in ipairs(emails) do
    local account = account_of(email, '')
    if account.usable then
      local upstream = account.upstream
      found.upstreams[upstream] = found.upstreams[upstream] or {}
      table.insert(found.upstreams[upstream], email)
      found.usable = found.usable + 1
      if is_refused(account.rest) then found.failing = found.failing + 1 end
    elseif account.enabled then
      found.failing, found.shut_out = found.failing + 1, found.shut_out + count_enabled(email)
    end
  end
  return found
end

-- Those that are not of the others are of the upstream with most accounts: a large pool
-- mostly has one, and nothing to look up.
local function count_usable(upstreams)
  local most
  for upstream, emails in pairs(upstreams) do
    if not most or #emails > #upstreams[most] then most = upstream end
  end
  if not most then return {} end
  local counts = {[most] = redis.call('SCARD', KEY.USABLE)}
  for upstream, emails in pairs(upstreams) do
    for _, email in ipairs(upstream ~= most and emails or {}) do
      local count = #redis.call('SINTER', KEY.ACCOUNT_PROJECTS .. email, KEY.USABLE)
      counts[upstream] = (counts[upstream] or 0) + count
      counts[most] = counts[most] - count
    end
  end
  return counts
end

local models = {}
for _, model in ipairs(asked) do
  if redis.call('ZSCORE', KEY.LIVE_MODELS, model) then models[model] = state_of(model) end
end
local accounts = redis.call('SMEMBERS', KEY.ACCOUNTS)
local found = look_at(accounts)
local cooling, refused = count_resting(models, found.upstreams)
return cjson.encode({
  usable = redis.call('SCARD', KEY.USABLE), projects = redis.call('HLEN', KEY.PROJECTS),
  cooling = cooling, refused = refused, accounts = #accounts,
  shut_out = found.shut_out + redis.call('SCARD', KEY.DENIED),
  usable_accounts = found.usable, failing_accounts = found.failing,
  usable_on = count_usable(found.upstreams), models = models,
})
