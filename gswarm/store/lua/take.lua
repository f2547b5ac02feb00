-- requires: placing, telling, holding, quota, rate
-- Take the healthiest project that can serve a model, and reserve it.
--
-- KEYS  none: the records and indexes of lua/lib/placing.lua
-- ARGV  1 JSON {now (ms), worker, reservation, model, is_known: whether anybody but the
--         client has heard of it, tried: [project id…],
--         account: asked first or null, not_on: upstream that is asked last, or null,
--         past_model_rest: bool, max_wait (ms),
--         upstreams: [upstream that serves the model…], or null: any may,
--         quota: see lua/lib/quota.lua, or null: nothing is counted}
-- Returns JSON. Taken:
--   {project, account, upstream, credential: {…}, health: {success, recency, cooldown},
--    model: as what it stands in the records, turn, rested_for: reason of the rest it was woken from or "", is_probe,
--    candidates, passed_over: {reason: count}}
-- or nothing:
--   {nothing: reason, free_at (ms) or absent, candidates, passed_over}

local MOST_TAINTED, MOST_OF_AN_ACCOUNT, MOST_PROBED, MOST_FREED = 64, 64, 8, 16
local MOST_ACCOUNTS = 32  -- looked at, of those whose turn it is

local ask = cjson.decode(ARGV[1])
for name, value in pairs(ask) do
  if value == cjson.null then ask[name] = nil end
end
local now = ask.now

-- Names that only a client has thought of stand together: names cost room.
local function stands_as(name)
  if ask.is_known or redis.call('ZSCORE', KEY.SERVED_MODELS, name) then return name end
  return KEY.OTHER_MODEL
end

local model = stands_as(ask.model)

local function is_missing()
  return model == KEY.OTHER_MODEL
    and number(redis.call('ZSCORE', KEY.MISSING_MODELS, ask.model)) > now
end
local tried = {}
for _, id in ipairs(ask.tried) do tried[id] = true end

local function place_due(set)
  local due = redis.call('ZRANGEBYSCORE', set, '-inf', now, 'LIMIT', 0, MOST_FREED)
  for _, id in ipairs(due) do place(id, model, now) end
end

-- When the first of the gates opens; nil where there are none. Those that are due do.
local function first_gate()
  for _ = 1, MOST_FREED do
    local first = redis.call('ZRANGE', index(model, 'gated'), 0, 0, 'WITHSCORES')
    if not first[1] or tonumber(first[2]) > now then return tonumber(first[2]), first[1] end
    ungate(first[1], model)
  end
end

-- Whether nothing rests, fades or is gated, as nearly always: one look instead of many.
local function is_all_well()
  local sets = {index(model, 'fading'), index(model, 'gated')}
  for _, reason in ipairs(REASONS) do sets[#sets + 1] = resting(model, reason) end
  return redis.call('EXISTS', unpack(sets)) == 0
end

-- Rests end and errors are forgotten by the clock alone.
local function let_time_work()
  place_due(index(model, 'fading'))
  for _, reason in ipairs(REASONS) do place_due(resting(model, reason)) end
end

local all_is_well = false
local gate_opens, gated_first = nil, nil

local function is_gated(email)
  return gate_opens and redis.call('ZSCORE', index(model, 'gated'), email)
end

local function is_ones_gated(id)
  return gate_opens and is_gated(redis.call('HGET', KEY.PROJECT_STATUS .. id, 'account'))
end

local function model_rest_ends()
  return number(redis.call('HGET', index(model, 'rest'), 'cooldownUntil'))
end

-- ------------------------------------------------------------------ candidates

local function candidate(id, score, success)
  local in_flight, last_used = unrank(tonumber(score))
  local health = {success = success, recency = recency(in_flight, last_used, now), cooldown = 0}
  return {
    id = id, health = health, score = score_of(health),
    in_flight = in_flight, last_used = last_used, rested_for = '', is_probe = false,
  }
end

local function is_better(a, b)
  if not b or not a then return b == nil and a ~= nil end
  if a.score ~= b.score then return a.score > b.score end
  if a.in_flight ~= b.in_flight then return a.in_flight < b.in_flight end
  if a.last_used ~= b.last_used then return a.last_used < b.last_used end
  return a.id < b.id
end

local function tainted_candidate(id, score)
  local successes, errors = recent(pair_key(id, model), now)
  return candidate(id, score, success_rate(successes, errors))
end

-- The first of a set of clean ones: their order is the order of health.
local function first_of(set)
  local first = redis.call('ZRANGE', set, 0, #ask.tried, 'WITHSCORES')
  for n = 1, #first, 2 do
    if not tried[first[n]] then return candidate(first[n], first[n + 1], 1) end
  end
end

local function is_busier(a, b) return b and a.in_flight > b.in_flight end

local function is_as_good(a, b)
  return a.in_flight == b.in_flight and step_of(a.health) >= step_of(b.health)
end

local function accounts_in_turn()
  return redis.call('ZRANGE', index(model, 'accounts'), 0, MOST_ACCOUNTS - 1)
end

-- With some accounts gated, the first of all may be one of theirs.
local function best_ungated()
  local best
  for _, email in ipairs(accounts_in_turn()) do
    local found = first_of(of_account(model, email))
    if found and not (best and is_as_good(best, found)) and not is_busier(found, best) then
      best = found
    end
  end
  return best
end

-- Among equals that of the account with fewest in flight that was used least recently.
local function best_clean()
  if gate_opens then return best_ungated() end
  local first = first_of(index(model, 'ready'))
  if not first then return end
  for _, email in ipairs(accounts_in_turn()) do
    local found = first_of(of_account(model, email))
    if found and is_as_good(found, first) then return found end
  end
  return first
end

local function best_tainted()
  local best
  local first = redis.call('ZRANGE', index(model, 'tainted'), 0, MOST_TAINTED + #ask.tried,
    'WITHSCORES')
  for n = 1, #first, 2 do
    if not tried[first[n]] and not is_ones_gated(first[n]) then
      local found = tainted_candidate(first[n], first[n + 1])
      if is_better(found, best) then best = found end
    end
  end
  return best
end

-- An upstream that lacks a model says nothing of the others.
local function best_elsewhere()
  for _, email in ipairs(ask.not_on and accounts_in_turn() or {}) do
    if redis.call('HGET', KEY.ACCOUNT .. email, 'upstream') ~= ask.not_on then
      local found = first_of(of_account(model, email))
      if found then return found end
    end
  end
end

local function best()
  local clean = best_clean()
  if clean and clean.health.recency == 1 then return clean end
  local tainted = best_tainted()
  return is_better(tainted, clean) and tainted or clean
end

local function candidate_if_ready(id)
  local score = redis.call('ZSCORE', index(model, 'ready'), id)
  if score then return candidate(id, score, 1) end
  score = redis.call('ZSCORE', index(model, 'tainted'), id)
  return score and tainted_candidate(id, score) or nil
end

local function best_of_account(email)
  local best
  if is_gated(email) then return end
  local ids = redis.call('SRANDMEMBER', KEY.ACCOUNT_PROJECTS .. email, MOST_OF_AN_ACCOUNT)
  for _, id in ipairs(ids) do
    local found = not tried[id] and candidate_if_ready(id) or nil
    if is_better(found, best) then best = found end
  end
  return best
end

-- ---------------------------------------------------------------- waking a rest

local function woken(id, reason, is_probe)
  local project = project_of(id)
  local found = candidate(id, rank(project.in_flight, project.last_used),
    success_rate(recent(pair_key(id, model), now)))
  found.health.cooldown, found.rested_for, found.is_probe = 1, reason, is_probe
  return found
end

-- The project not yet tried whose rest after a failure ends first.
local function last_resort()
  for _, id in ipairs(redis.call('ZRANGE', resting(model, 'server'), 0, #ask.tried)) do
    if not tried[id] and not is_ones_gated(id) then return woken(id, 'server', false) end
  end
end

local function is_sooner(a, b)
  if not b or a.ends ~= b.ends then return not b or a.ends < b.ends end
  return a.id < b.id
end

-- A limit the operator has set is not tried out.
local function is_forbidden(account)
  return account.pause.whose == 'config' and account.pause.ends > now
end

local function long_rest(id, account)
  local project = project_of(id)
  if tried[id] or not project.enabled or not account.usable then return end
  if is_forbidden(account) then return end
  local ends, reason = rest_of(id, model, project, account, now)
  if ends - now > LONG_REST then return {id = id, ends = ends, reason = reason} end
end

local function first_long_rest(email)
  local account, soonest = account_of(email, model), nil
  local ids = redis.call('SRANDMEMBER', KEY.ACCOUNT_PROJECTS .. email, MOST_OF_AN_ACCOUNT)
  for _, id in ipairs(ids) do
    local found = long_rest(id, account)
    if found and is_sooner(found, soonest) then soonest = found end
  end
  return soonest
end

-- A long rest may be a false one: once a minute per account, see.
local function probe()
  local probes = index(model, 'probes')
  local due = redis.call('ZRANGEBYSCORE', probes, '-inf', now, 'LIMIT', 0, MOST_PROBED)
  for _, email in ipairs(due) do
    local found = first_long_rest(email)
    if found then
      redis.call('ZADD', probes, now + PROBE_EVERY, email)
      return woken(found.id, found.reason, true)
    end
    if #ask.tried == 0 then redis.call('ZREM', probes, email) end
  end
end

-- Nobody is refused for a belief alone.
local function past_gate()
  local found = gated_first and first_of(of_account(model, gated_first))
  if not found or not may_doubt(gated_first, model, now) then return end
  found.rested_for = 'pace'
  return found
end

-- ------------------------------------------------------------------- answering

local function count_tried()
  local count = 0
  for _, id in ipairs(ask.tried) do
    local awake = redis.call('ZSCORE', index(model, 'ready'), id)
      or redis.call('ZSCORE', index(model, 'tainted'), id)
    if awake then count = count + 1 end
  end
  return count > 0 and count or nil
end

local function count_gated()
  local count = 0
  if not gate_opens then return count end
  local emails = redis.call('ZRANGE', index(model, 'gated'), 0, MOST_ACCOUNTS - 1)
  for _, email in ipairs(emails) do
    count = count + redis.call('ZCARD', of_account(model, email))
  end
  return count
end

-- How many are passed over and why, how many there are, how many of them rest.
local function count_all()
  local passed, all = {tried = count_tried()}, 0
  for _, reason in ipairs(all_is_well and {} or REASONS) do
    local count = redis.call('ZCARD', resting(model, reason))
    if count > 0 then passed[reason] = count end
    all = all + count
  end
  local awake = redis.call('ZCARD', index(model, 'ready'))
    + redis.call('ZCARD', index(model, 'tainted'))
  local gated = count_gated()
  if gated > 0 then passed.rate_limit = (passed.rate_limit or 0) + gated end
  return passed, all + awake, all + gated
end

local function next_free()
  local soonest = gate_opens
  for _, reason in ipairs(REASONS) do
    local first = redis.call('ZRANGE', resting(model, reason), 0, 0, 'WITHSCORES')
    local ends = tonumber(first[2])
    if ends and (not soonest or ends < soonest) then soonest = ends end
  end
  return soonest
end

local function reserve(found, account)
  local turn = redis.call('INCR', KEY.TURN)
  local pair = pair_key(found.id, model)
  redis.call('HSET', pair, 'lastUsedAt', now)
  redis.call('PEXPIRE', pair, PAIR_KEPT)
  hold(ask.worker, ask.reservation, found.id, account, turn, now)
  return turn
end

local function hash(key)
  local flat, found = redis.call('HGETALL', key), {}
  for n = 1, #flat, 2 do found[flat[n]] = flat[n + 1] end
  return found
end

local function taken(found)
  local passed, candidates = count_all()
  local account = redis.call('HGET', KEY.PROJECT_STATUS .. found.id, 'account')
  local turn = reserve(found, account)
  if ask.quota then
    send(found.id, account, model, ask.quota, now)
    if keep_to_rate(account, model, now) then found.rested_for = 'pace' end
  end
  return cjson.encode({
    project = found.id, account = account, model = model, turn = turn,
    upstream = redis.call('HGET', KEY.ACCOUNT .. account, 'upstream') or '',
    credential = hash(KEY.CREDENTIAL .. account),
    health = found.health, rested_for = found.rested_for, is_probe = found.is_probe,
    candidates = candidates, passed_over = passed,
  })
end

local function why_nothing(passed, candidates, asleep)
  if candidates == 0 then
    return redis.call('SCARD', KEY.USABLE) > 0 and 'not_served' or 'no_account'
  end
  if asleep < candidates then return 'tried' end
  local serving = candidates - (passed.not_found or 0)
  return passed.quota_exhausted == serving and 'quota_exhausted' or 'resting'
end

local function nothing(reason, free_at)
  local passed, candidates, asleep = count_all()
  return cjson.encode({
    nothing = reason or why_nothing(passed, candidates, asleep),
    free_at = free_at, candidates = candidates, passed_over = passed,
  })
end

local function answer()
  if is_missing() then return nothing('not_served') end
  local rest_ends = ask.past_model_rest and 0 or model_rest_ends()
  if rest_ends > now and redis.call('SCARD', KEY.USABLE) > 0 then
    return nothing('model_resting', rest_ends)
  end
  local found = ask.account and best_of_account(ask.account) or best_elsewhere() or best()
    or last_resort()
  if found then return taken(found) end
  local free_at = next_free()
  if not free_at or free_at > now + ask.max_wait then
    found = past_gate() or probe()
    if found then return taken(found) end
  end
  return nothing(nil, free_at)
end

renew(ask.worker, now)
bury_a_worker(now)
make_live(model, ask.upstreams and table.concat(ask.upstreams, ' ') or false, now)
all_is_well = is_all_well()
if not all_is_well then
  let_time_work()
  gate_opens, gated_first = first_gate()
end
return answer()
