-- How the pool stands, without changing anything.
--
-- KEYS  none: the indexes of lua/placing.lua
-- ARGV  1 now (ms)  2... models; none: the live ones
-- Returns JSON {usable, models: {<model>: {ready, resting: {reason: count},
--   next_free_at (ms) or absent, rest_ends (ms)}}}. A model that was not asked for
--   lately has no indexes; it is left out.

local now = tonumber(ARGV[1])
local asked = #ARGV > 1 and {unpack(ARGV, 2)} or live_models()

local function soonest_of(model, reason)
  return redis.call('ZRANGEBYSCORE', resting(model, reason), '(' .. ARGV[1], '+inf',
    'WITHSCORES', 'LIMIT', 0, 1)[2]
end

local function state_of(model)
  local state = {resting = {}, rest_ends = number(redis.call('HGET', index(model, 'rest'), 'cooldownUntil'))}
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

local models = {}
for _, model in ipairs(asked) do
  if redis.call('ZSCORE', KEY.LIVE_MODELS, model) then models[model] = state_of(model) end
end
return cjson.encode({usable = redis.call('SCARD', KEY.USABLE), models = models})
