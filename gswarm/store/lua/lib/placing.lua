-- requires: health
-- Library: where a project stands for a model.
--
-- The truth is in the records: the hashes of the pair (project and model), the project
-- and the account, each with cooldownUntil, cooldownReason and cooldownTurn; the account
-- has them per model too ("cooldownUntil:<model>"). Pauses before a limit, which
-- lua/lib/quota.lua foresees, stand beside them as pacedUntil. The indexes only mirror it,
-- and `place` alone writes them. For each live model:
--
--   ready                zset  no recent errors       score: see `rank`
--   ready:<account>      zset  those of one account   score: see `rank`
--   accounts             zset  those that have some   score: see `rank`, of the account
--   gated                zset  those whose turn it is not: lua/lib/rate.lua
--                              score: when it is again, ms
--   tainted              zset  some recent errors     score: see `rank`
--   fading               zset  the tainted            score: when errors are forgotten, ms
--   resting:<reason>     zset  cools down             score: when it ends, ms
--   probes               zset  account -> when one of its long rests may be probed, ms
--   upstreams            string  those that serve it, parted by blanks; absent: any may
--   built                string  they were built anew a moment ago
--
-- Only projects whose account's upstream serves the model stand in its indexes.

local REASONS = {'rate_limit', 'quota_exhausted', 'auth', 'server', 'not_found'}
local LONG_REST, PROBE_EVERY = 300000, 60000
local MAX_LIVE_MODELS, BUILD_EVERY = 32, 10000
local MOST_AT_ONCE = 1000
local PAIR_KEPT = 14 * 86400000

local function index(model, name) return KEY.POOL .. model .. ':' .. name end

local function resting(model, reason) return index(model, 'resting:' .. reason) end

local function pair_key(id, model) return KEY.PROJECT_STATUS .. id .. ':' .. model end

local function number(value) return tonumber(value or 0) or 0 end

local function live_models() return redis.call('ZRANGE', KEY.LIVE_MODELS, 0, -1) end

-- Fewest in flight first, then least recently used: one number holds both, because an
-- instant in ms stays below 2^42 until the year 2109.
local BUSY = 2 ^ 42

local function rank(in_flight, last_used) return in_flight * BUSY + last_used end

local function unrank(score) return math.floor(score / BUSY), score % BUSY end

local function of_account(model, email) return index(model, 'ready:' .. email) end

-- An account's use is told by turns: those of one millisecond have an order, too.
local function rank_of_account(email)
  local kept = redis.call('HMGET', KEY.ACCOUNT .. email, 'inFlight', 'usedTurn')
  return rank(number(kept[1]), number(kept[2]))
end

-- Where each model is served, as far as this script has looked; false: anywhere.
local served_on = {[''] = false}

local function note_upstreams(model, upstreams)
  served_on[model] = false
  if not upstreams then return end
  served_on[model] = {}
  for each in string.gmatch(upstreams, '%S+') do served_on[model][each] = true end
end

local function is_served_on(model, upstream)
  if served_on[model] == nil then
    note_upstreams(model, redis.call('GET', index(model, 'upstreams')))
  end
  return not served_on[model] or served_on[model][upstream]
end

local function project_of(id)
  local kept = redis.call('HMGET', KEY.PROJECT_STATUS .. id, 'account', 'enabled',
    'inFlight', 'lastUsedAt', 'cooldownUntil', 'cooldownReason')
  return {
    account = kept[1], enabled = kept[1] and kept[2] == '1',
    in_flight = number(kept[3]), last_used = number(kept[4]),
    rest = {ends = number(kept[5]), reason = kept[6]},
  }
end

-- Usable for that model, or for any where it is ''.
local function account_of(email, model)
  local kept = redis.call('HMGET', KEY.ACCOUNT .. email, 'enabled', 'is_invalid',
    'cooldownUntil', 'cooldownReason', 'cooldownUntil:' .. model, 'cooldownReason:' .. model,
    'pacedUntil:' .. model, 'pacedBy:' .. model, 'upstream')
  return {
    upstream = kept[9] or '',
    enabled = kept[1] == '1',
    usable = kept[1] == '1' and kept[2] ~= '1' and is_served_on(model, kept[9]),
    rest = {ends = number(kept[3]), reason = kept[4]},
    model_rest = {ends = number(kept[5]), reason = kept[6]},
    pause = {ends = number(kept[7]), reason = 'quota_exhausted', whose = kept[8]},
  }
end

local function is_in_rotation(project)
  return project.enabled and account_of(project.account, '').usable
end

-- Of several rests the later end counts. "server" is the reason only where there is no
-- other, because such a project may be tried before its rest is over; only the pair,
-- which comes first, can rest for it.
local function longest(rests, now)
  local ends, reason = 0, nil
  for _, rest in ipairs(rests) do
    if rest.ends > now then
      if reason == 'server' or rest.ends > ends then reason = rest.reason end
      ends = math.max(ends, rest.ends)
    end
  end
  return ends, reason
end

local function pair_of(id, model)
  local kept = redis.call('HMGET', pair_key(id, model), 'cooldownUntil', 'cooldownReason',
    'pacedUntil', 'recentErrors', 'recentAt')
  return {
    rest = {ends = number(kept[1]), reason = kept[2]},
    pause = {ends = number(kept[3]), reason = 'rate_limit'},
    errors = kept[4], counted_at = kept[5],
  }
end

local function rest_of_pair(pair, project, account, now)
  return longest({pair.rest, pair.pause, project.rest, account.rest, account.model_rest,
    account.pause}, now)
end

-- When the rest of a project for a model ends (0: it does not rest), and why it rests.
local function rest_of(id, model, project, account, now)
  return rest_of_pair(pair_of(id, model), project, account, now)
end

local function remove_ready(id, model, email)
  if redis.call('ZREM', index(model, 'ready'), id) == 0 then return end
  local set = of_account(model, email)
  redis.call('ZREM', set, id)
  if redis.call('EXISTS', set) == 0 then redis.call('ZREM', index(model, 'accounts'), email) end
end

local function remove(id, model, email)
  remove_ready(id, model, email)
  redis.call('ZREM', index(model, 'tainted'), id)
  redis.call('ZREM', index(model, 'fading'), id)
  for _, reason in ipairs(REASONS) do redis.call('ZREM', resting(model, reason), id) end
end

local function insert_asleep(id, model, email, ends, reason, now)
  redis.call('ZADD', resting(model, reason), ends, id)
  if ends - now > LONG_REST then
    redis.call('ZADD', index(model, 'probes'), 'NX', now + PROBE_EVERY, email)
  end
end

local function insert_ready(id, model, email, score)
  redis.call('ZADD', index(model, 'ready'), score, id)
  if redis.call('ZADD', of_account(model, email), score, id) == 0 then return end
  if redis.call('ZSCORE', index(model, 'gated'), email) then return end
  redis.call('ZADD', index(model, 'accounts'), rank_of_account(email), email)
end

local function insert_tainted(id, model, score, errors, now)
  redis.call('ZADD', index(model, 'tainted'), score, id)
  redis.call('ZADD', index(model, 'fading'), forgotten_at(errors, now), id)
end

local function insert(id, model, project, account, now, put_ready)
  local pair = pair_of(id, model)
  local ends, reason = rest_of_pair(pair, project, account, now)
  if ends > now then return insert_asleep(id, model, project.account, ends, reason, now) end
  local score = rank(project.in_flight, project.last_used)
  local errors = faded(pair.errors, pair.counted_at, now)
  if errors > FORGOTTEN then return insert_tainted(id, model, score, errors, now) end
  put_ready(id, model, project.account, score)
end

local function place(id, model, now)
  local project = project_of(id)
  if not project.account then return end
  remove(id, model, project.account)
  if not project.enabled then return end
  local account = account_of(project.account, model)
  if account.usable then insert(id, model, project, account, now, insert_ready) end
end

-- A project stands nowhere any more, before its account is another or none.
local function leave(id, email)
  redis.call('SREM', KEY.USABLE, id)
  for _, model in ipairs(live_models()) do remove(id, model, email) end
end

local function place_everywhere(id, now)
  local command = is_in_rotation(project_of(id)) and 'SADD' or 'SREM'
  redis.call(command, KEY.USABLE, id)
  for _, model in ipairs(live_models()) do place(id, model, now) end
end

local function place_account(email, now)
  for _, id in ipairs(redis.call('SMEMBERS', KEY.ACCOUNT_PROJECTS .. email)) do
    place_everywhere(id, now)
  end
end

local function place_account_for(email, model, now)
  for _, id in ipairs(redis.call('SMEMBERS', KEY.ACCOUNT_PROJECTS .. email)) do
    place(id, model, now)
  end
end

-- Tell every index that the use of a project, and so its account's, has changed.
local function rerank(id, email, in_flight, last_used)
  local score, of_all = rank(in_flight, last_used), rank_of_account(email)
  for _, model in ipairs(live_models()) do
    if redis.call('ZADD', index(model, 'ready'), 'XX', 'CH', score, id) == 1 then
      redis.call('ZADD', of_account(model, email), 'XX', score, id)
    else
      redis.call('ZADD', index(model, 'tainted'), 'XX', score, id)
    end
    redis.call('ZADD', index(model, 'accounts'), 'XX', of_all, email)
  end
end

local function clear(model)
  for _, name in ipairs({'accounts', 'gated'}) do
    for _, email in ipairs(redis.call('ZRANGE', index(model, name), 0, -1)) do
      redis.call('DEL', of_account(model, email))
    end
  end
  for _, name in ipairs({'ready', 'accounts', 'gated', 'tainted', 'fading', 'probes', 'upstreams'}) do
    redis.call('DEL', index(model, name))
  end
  for _, reason in ipairs(REASONS) do redis.call('DEL', resting(model, reason)) end
end

local function forget_oldest_model()
  local oldest = redis.call('ZRANGE', KEY.LIVE_MODELS, 0, 0)[1]
  clear(oldest)
  redis.call('ZREM', KEY.LIVE_MODELS, oldest)
end

-- Scores and members, account by account, to be put in together.
local function insert_all_ready(model, by_account)
  for email, entries in pairs(by_account) do
    for n = 1, #entries, MOST_AT_ONCE do
      local last = math.min(n + MOST_AT_ONCE - 1, #entries)
      redis.call('ZADD', index(model, 'ready'), unpack(entries, n, last))
      redis.call('ZADD', of_account(model, email), unpack(entries, n, last))
    end
    redis.call('ZADD', index(model, 'accounts'), rank_of_account(email), email)
  end
end

local function build(model, upstreams, now)
  clear(model)
  if upstreams then redis.call('SET', index(model, 'upstreams'), upstreams) end
  note_upstreams(model, upstreams)
  local accounts, ready = {}, {}
  local function put_ready(id, _, email, score)
    local entries = ready[email] or {}
    entries[#entries + 1], entries[#entries + 2] = score, id
    ready[email] = entries
  end
  for _, id in ipairs(redis.call('SMEMBERS', KEY.USABLE)) do
    local project = project_of(id)
    local email = project.account
    accounts[email] = accounts[email] or account_of(email, model)
    if accounts[email].usable then
      insert(id, model, project, accounts[email], now, put_ready)
    end
  end
  insert_all_ready(model, ready)
end

-- Two versions of the gateway may disagree on who serves a model while one takes the
-- other's place: they must not build its indexes in turns.
local function is_outdated(model, upstreams)
  if redis.call('GET', index(model, 'upstreams')) == upstreams then return false end
  return redis.call('SET', index(model, 'built'), 1, 'NX', 'PX', BUILD_EVERY)
end

-- Have indexes for this model, if need be in the place of the model longest unused.
-- `upstreams` are those that serve it, parted by blanks; false: any may.
local function make_live(model, upstreams, now)
  local is_live = redis.call('ZADD', KEY.LIVE_MODELS, now, model) == 0
  if is_live and not is_outdated(model, upstreams) then return end
  if redis.call('ZCARD', KEY.LIVE_MODELS) > MAX_LIVE_MODELS then forget_oldest_model() end
  build(model, upstreams, now)
end
