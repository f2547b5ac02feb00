-- requires: quota
-- Count a call that goes out beside the pool, or take it back: it was refused.
--
-- KEYS  none: see lua/lib/quota.lua
-- ARGV  1 JSON {now (ms), project, account, model, sent_at (ms), is_refused, quota}

local call = cjson.decode(ARGV[1])
local id, email, model, quota = call.project, call.account, call.model, call.quota

if not call.is_refused then return send(id, email, model, quota, call.sent_at) end
unsend(id, email, model, call.sent_at)
pace(id, email, model, quota, call.now)
