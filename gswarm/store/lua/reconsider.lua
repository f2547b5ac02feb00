-- requires: quota
-- Have the pauses of projects for a model follow limits that were changed.
--
-- KEYS  none: see lua/lib/quota.lua
-- ARGV  1 JSON {now (ms), model, quota, or null: nothing is counted and every pause ends}
--       2... project ids

local asked = cjson.decode(ARGV[1])
local now, model = asked.now, asked.model

local function end_pauses(id, email)
  local ended = pause(pair_key(id, model), 'pacedUntil', 0, now)
  ended = pause(KEY.ACCOUNT .. email, 'pacedUntil:' .. model, 0, now) or ended
  if ended then place_account_for(email, model, now) end
end

local function reconsider(id)
  local email = project_of(id).account
  if not email then return end
  if asked.quota == cjson.null then return end_pauses(id, email) end
  pace(id, email, model, asked.quota, now)
end

for n = 2, #ARGV do reconsider(ARGV[n]) end
