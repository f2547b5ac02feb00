-- How the pool stands, without changing anything.
--
-- KEYS  none: the indexes of lua/placing.lua
-- ARGV  1 now (ms)  2... models; none: the live ones
-- Returns JSON {usable, projects, cooling: projects that rest for one of the models,
--   accounts, usable_accounts, usable_on: {<upstream>: usable projects of its accounts},
--   models: {<model>: {ready, resting: {reason: count},
--   next_free_at (ms) or absent, rest_ends (ms), routed_at (ms): when a request last
--   was limited by one project and answered by another}}}. A model that was not asked
--   for lately has no indexes; it is left out.

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

-- Each project once, however many models it rests for. One that lacks a model does not
-- rest: it has nothing to come back to.
local function count_cooling(models)
  local seen, count = {}, 0
  for model in pairs(models) do
    for _, reason in ipairs(REASONS) do
      local asleep = reason ~= 'not_found'
        and redis.call('ZRANGEBYSCORE', resting(model, reason), '(' .. ARGV[1], '+inf') or {}
      for _, id in ipairs(asleep) do
        if not seen[id] then seen[id], count = true, count + 1 end
      end
    end
  end
  return count
end

local function usable_by_upstream(emails)
  local upstreams, usable = {}, 0
  for _, email in ipairs(emails) do
    local account = account_of(email, '')
    if account.usable then
      upstreams[account.upstream] = upstreams[account.upstream] or {}
      table.insert(upstreams[account.upstream], email)
      usable = usable + 1
    end
  end
  return upstreams, usable
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
local upstreams, usable_accounts = usable_by_upstream(accounts)
return cjson.encode({
  usable = redis.call('SCARD', KEY.USABLE), projects = redis.call('HLEN', KEY.PROJECTS),
  cooling = count_cooling(models), accounts = #accounts, usable_accounts = usable_accounts,
  usable_on = count_usable(upstreams), models = models,
})
