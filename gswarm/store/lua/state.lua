-- requires: placing, telling
-- How the pool stands, without changing anything.
--
-- KEYS  none: the indexes of lua/lib/placing.lua
-- ARGV  1 now (ms)  2... models; none: the live ones
-- Returns JSON {usable, projects, cooling: projects that rest for one of the models,
--   refused: usable ones that rest because Google refuses them, shut_out: enabled ones of
--   an account that it has turned away for good, accounts, usable_accounts,
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

local function asleep_for(model, reason)
  return redis.call('ZRANGEBYSCORE', resting(model, reason), '(' .. ARGV[1], '+inf')
end

-- Each project once, however many models it rests for. One that lacks a model does not
-- rest: it has nothing to come back to. What Google refuses counts as that alone.
local function count_resting(models)
  local seen, counts = {}, {auth = 0, other = 0}
  local function count(model, reason, kind)
    for _, id in ipairs(asleep_for(model, reason)) do
      if not seen[id] then seen[id], counts[kind] = true, counts[kind] + 1 end
    end
  end
  for model in pairs(models) do count(model, 'auth', 'auth') end
  for model in pairs(models) do
    for _, reason in ipairs(REASONS) do
      if reason ~= 'not_found' then count(model, reason, 'other') end
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
local cooling, refused = count_resting(models)
return cjson.encode({
  usable = redis.call('SCARD', KEY.USABLE), projects = redis.call('HLEN', KEY.PROJECTS),
  cooling = cooling, refused = refused, shut_out = found.shut_out, accounts = #accounts,
  usable_accounts = found.usable, failing_accounts = found.failing,
  usable_on = count_usable(found.upstreams), models = models,
})
