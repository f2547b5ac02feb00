-- Have every pause follow limits that were changed.
--
-- KEYS  none: see lua/quota.lua
-- ARGV  1 JSON {now (ms), quotas: {<model>: quota}, quota: that of the other models}; without
--         the latter nothing is counted and every pause ends
-- A lower limit shows with the next call; a project without a pause need not be looked at.

local asked = cjson.decode(ARGV[1])
local now = asked.now

local function end_pauses(id, email, model)
  local ended = pause(pair_key(id, model), 'pacedUntil', 0, now)
  ended = pause(KEY.ACCOUNT .. email, 'pacedUntil:' .. model, 0, now) or ended
  if ended then place_account_for(email, model, now) end
end

local function reconsider(id, model)
  local email = project_of(id).account
  if not email then return end
  if not asked.quota then return end_pauses(id, email, model) end
  pace(id, email, model, asked.quotas[model] or asked.quota, now)
end

for _, model in ipairs(live_models()) do
  for _, reason in ipairs({'rate_limit', 'quota_exhausted'}) do
    for _, id in ipairs(redis.call('ZRANGE', resting(model, reason), 0, -1)) do
      reconsider(id, model)
    end
  end
end
tell('pool_changed')
