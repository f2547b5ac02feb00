-- requires: placing, telling, holding, quota, rate
-- Say what came of a project that was taken, and give its reservation back.
--
-- KEYS  none: the records and indexes of lua/lib/placing.lua
-- ARGV  1 JSON {now (ms), worker, reservation, turn, taken_at (ms), project, account,
--         model: as take.lua says, name: of the model if it is another, or null,
--         is_missing: nobody needs to be asked for that name for a while,
--         rested_for, quota: see lua/lib/quota.lua, or null,
--         outcome: "success" | "failure" | "release"}; a success may have {routed:
--         another project was limited before}; a failure also has
--         {word, rests: pair|project|account|client|model, for_ms: named length or null,
--          is_error, is_lasting, message, action_url or null, reset_at (ms) or null,
--          reset_reason or null, scope: auto|account|project, default_client: the
--          OAuth client of accounts that name none, lesson: what may be
--          learnt of it (gswarm/rotation/pacing.py), or null, counted: errors|limits in
--          a row lengthen the rest, or null,
--          cooldown: {initial, longest, multiplier, threshold (ms and counts)}}
-- Returns when the rest ends in ms, 0 where nothing rests, -1 where it does for good.
--
-- Turns order events whatever the clocks say: an answer to a question older than a rest
-- neither ends that rest nor counts as another strike.

local MODEL_FIRST, MODEL_LONGEST = 2000, 60000
local SAME_END = 1000
local MISSING_FOR, MOST_MISSING, MOST_SERVED = 600000, 1000, 64

local said = cjson.decode(ARGV[1])
for name, value in pairs(said) do
  if value == cjson.null then said[name] = nil end
end
local now, turn, model = said.now, said.turn, said.model
local pair, project = pair_key(said.project, model), KEY.PROJECT_STATUS .. said.project
local account = KEY.ACCOUNT .. said.account

local function get(key, field) return redis.call('HGET', key, field) end

local function is_newer_than(key, field) return turn > number(get(key, field)) end

local function this_turn() return redis.call('GET', KEY.TURN) end

-- ----------------------------------------------------------------------- rests

-- Rest what `key` records until then, or longer if it rests longer already. Says
-- whether that is news: many calls in flight may all say much the same.
local function rest(key, ends, reason, suffix)
  suffix = suffix or ''
  local known = number(get(key, 'cooldownUntil' .. suffix))
  local why = get(key, 'cooldownReason' .. suffix)
  if ends > known then
    redis.call('HSET', key, 'cooldownUntil' .. suffix, ends, 'cooldownReason' .. suffix, reason)
  end
  redis.call('HSET', key, 'cooldownTurn' .. suffix, this_turn())
  return known <= now or ends > known and (why ~= reason or ends - known > SAME_END)
end

-- End it, if it rests, for this reason (any if nil), and did so before we asked.
local function wake(key, reason, suffix)
  suffix = suffix or ''
  local kept = redis.call('HMGET', key, 'cooldownUntil' .. suffix, 'cooldownReason' .. suffix)
  if number(kept[1]) == 0 or (reason and kept[2] ~= reason) then return false end
  if not is_newer_than(key, 'cooldownTurn' .. suffix) then return false end
  redis.call('HDEL', key, 'cooldownUntil' .. suffix, 'cooldownReason' .. suffix,
    'cooldownTurn' .. suffix)
  return true
end

-- Errors, or bare refusals, in a row; many calls in flight on a dying project are one
-- strike.
local function strike(key, field)
  field = field or 'consecutiveErrors'
  if not is_newer_than(key, 'strikeTurn') then return number(get(key, field)) end
  redis.call('HSET', key, 'strikeTurn', this_turn())
  return redis.call('HINCRBY', key, field, 1)
end

-- --------------------------------------------------------------------- success

local function wake_wider()
  local reason = said.rested_for
  if reason == 'pace' then forget_rate(said.account, model) end
  if reason == '' or reason == 'pace' then return false end
  if reason == 'quota_exhausted' then redis.call('HDEL', account, 'quotaReport:' .. model) end
  local woke_project = wake(project, reason)
  local woke_account = wake(account, reason)
  local woke_model = wake(account, reason, ':' .. model)
  if reason == 'quota_exhausted' and forget_day(said.account, model, now) then woke_model = true end
  if reason == 'rate_limit' and forget_minute(said.project, model, now) then woke_project = true end
  if woke_project then tell_recovery(said.project, '', '', now) end
  if woke_account then tell_recovery('', said.account, '', now) end
  if woke_model then tell_recovery('', said.account, model, now) end
  return woke_project or woke_account or woke_model
end

local function clear_strikes()
  local kept = redis.call('HMGET', pair, 'strikeTurn', 'lastErrorType')
  if not kept[2] or turn <= number(kept[1]) then return end
  redis.call('HSET', pair, 'consecutiveErrors', 0)
  redis.call('HDEL', pair, 'consecutiveLimits', 'lastErrorType', 'quotaResetTime',
    'quotaResetReason')
end

local function clear_model()
  local key = index(model, 'rest')
  if redis.call('EXISTS', key) == 0 then return end
  if wake(key) then tell('pool_changed') end
  if is_newer_than(key, 'strikeTurn') then redis.call('HDEL', key, 'consecutiveErrors') end
end

-- ----------------------------------------------------------------- other names

local function keep_name(set, score, most)
  redis.call('ZADD', set, score, said.name)
  redis.call('ZREMRANGEBYRANK', set, 0, -most - 1)
end

-- A name that the catalogue lacks is a model's once Google has served it.
local function note_served()
  if said.name then keep_name(KEY.SERVED_MODELS, now, MOST_SERVED) end
end

-- That a project lacks one such model says nothing of the others.
local function miss_name()
  if said.is_missing then keep_name(KEY.MISSING_MODELS, now + MISSING_FOR, MOST_MISSING) end
  return 0
end

local function succeed()
  note_served()
  count_recent(pair, 1, 0, now)
  for _, key in ipairs({pair, project}) do
    redis.call('HINCRBY', key, 'successCount', 1)
    redis.call('HSET', key, 'lastSuccessAt', now)
  end
  clear_strikes()
  clear_model()
  local woke = wake(pair)
  if woke then tell_recovery(said.project, '', model, now) end
  if said.routed then redis.call('ZADD', KEY.ROUTED, now, model) end
  if wake_wider() then
    place_account(said.account, now)
  elseif woke then
    place(said.project, model, now)
  end
  return 0
end

-- --------------------------------------------------------------------- failure

local function note_failure()
  for _, key in ipairs({pair, project}) do
    redis.call('HSET', key, 'lastErrorAt', now, 'lastErrorType', said.word)
    redis.call('HINCRBY', key, said.is_error and 'errorCount' or 'limitedCount', 1)
  end
  if said.is_error then count_recent(pair, 0, 1, now) end
  if said.reset_at then redis.call('HSET', pair, 'quotaResetTime', said.reset_at) end
  if said.reset_reason then redis.call('HSET', pair, 'quotaResetReason', said.reset_reason) end
end

local function strike_length()
  local figures = said.cooldown
  local field = said.counted == 'limits' and 'consecutiveLimits' or 'consecutiveErrors'
  local extra = math.max(0, strike(pair, field) - figures.threshold)
  return math.min(figures.initial * figures.multiplier ^ extra, figures.longest)
end

local function length()
  local named = said.for_ms or 0
  if not said.is_error and not said.counted then return named end
  local by_strikes = strike_length()
  return said.counted and math.max(named, by_strikes) or named
end

-- A second project of an account without quota for a model, before the first one's
-- comes back: the quota is the account's.
local function is_quota_of_account(ends)
  if said.scope ~= 'auto' then return said.scope == 'account' end
  local field = 'quotaReport:' .. model
  local first_ends, first = string.match(get(account, field) or '', '^(%d+) (.*)$')
  if first and tonumber(first_ends) > now then return first ~= said.project end
  redis.call('HSET', account, field, string.format('%d %s', ends, said.project))
  return false
end

local function put_off_probe(name, email)
  redis.call('ZADD', index(name, 'probes'), 'XX', now + PROBE_EVERY, email or said.account)
end

local function learn(is_of_account)
  local lesson = {ends = said.reset_at, window = said.lesson.window, limit = said.lesson.limit}
  for name, value in pairs(lesson) do if value == cjson.null then lesson[name] = nil end end
  if said.word == 'rate_limit' then
    local is_rate = not lesson.window and lesson.ends and lesson.ends <= now + SHORT
      and hear_rate(said.project, said.account, model, lesson.ends, turn,
        said.rested_for == 'pace', now)
    if not is_rate then learn_minute(said.project, model, lesson, now) end
  elseif said.word == 'quota_exhausted' then
    lesson.agrees = is_of_account or number(get(account, 'dayLimitUntil:' .. model)) > now
    learn_day(said.account, model, lesson, now)
  end
end

local function rest_pair(ends)
  if rest(pair, ends, said.word) then tell_rest(said.project, '', model, said.word, ends) end
  local is_of_account = said.word == 'quota_exhausted' and is_quota_of_account(ends)
  if said.quota and said.lesson then learn(is_of_account) end
  if is_of_account then
    if rest(account, ends, said.word, ':' .. model) then
      tell_rest('', said.account, model, said.word, ends)
    end
    place_account_for(said.account, model, now)
  else
    place(said.project, model, now)
  end
end

local function rest_project(ends)
  if rest(project, ends, said.word) then tell_rest(said.project, '', '', said.word, ends) end
  place_everywhere(said.project, now)
end

local function rest_account(email, ends)
  local key = KEY.ACCOUNT .. email
  if rest(key, ends, said.word) then tell_rest('', email, '', said.word, ends) end
  redis.call('HSET', key, 'action_url', said.action_url or '', 'cooldownMessage', said.message)
  place_account(email, now)
  for _, name in ipairs(live_models()) do put_off_probe(name, email) end
end

local function client_of(email)
  return redis.call('HGET', KEY.CREDENTIAL .. email, 'client_id') or said.default_client
end

-- Every account that signed in with the same OAuth client.
local function rest_client(ends)
  local client = client_of(said.account)
  for _, email in ipairs(redis.call('SMEMBERS', KEY.ACCOUNTS)) do
    local upstream = redis.call('HGET', KEY.ACCOUNT .. email, 'upstream')
    if upstream == get(account, 'upstream') and client_of(email) == client then
      rest_account(email, ends)
    end
  end
end

-- For good: until somebody puts it in rotation again.
local function retire_project()
  redis.call('HSET', project, 'enabled', 0, 'denied_reason', said.message)
  redis.call('SADD', KEY.DENIED, said.project)
  place_everywhere(said.project, now)
  tell('project_cooldown', {projectId = said.project, account = said.account,
    model = cjson.null, reason = said.word, ['until'] = cjson.null})
  tell('pool_changed')
  return -1
end

-- For good: until somebody signs in again, changes the key or enables the account.
local function retire_account()
  if not is_newer_than(account, 'repairTurn') then return 0 end
  if get(account, 'is_invalid') ~= '1' then
    tell('account_invalid', {account = said.account, reason = said.word,
      message = said.message, actionUrl = said.action_url or cjson.null})
  end
  redis.call('HSET', account, 'is_invalid', 1, 'invalid_word', said.word,
    'invalid_reason', said.message, 'action_url', said.action_url or '')
  place_account(said.account, now)
  return -1
end

local function rest_model()
  local key = index(model, 'rest')
  local doubled = MODEL_FIRST * 2 ^ (math.max(1, strike(key)) - 1)
  local ends = now + math.min(MODEL_LONGEST, math.max(doubled, said.for_ms or 0))
  if rest(key, ends, said.word) then tell('pool_changed') end
  redis.call('PEXPIRE', key, PAIR_KEPT)
  return ends
end

local function fail_unpaced()
  if said.name and said.word == 'not_found' then return miss_name() end
  if said.rests == 'model' then return rest_model() end
  note_failure()
  local ends = now + length()
  if said.is_lasting and said.rests == 'project' then return retire_project() end
  if said.is_lasting then return retire_account() end
  if said.rests == 'account' then rest_account(said.account, ends) end
  if said.rests == 'client' then rest_client(ends) end
  if said.rests == 'project' then rest_project(ends) end
  if said.rests == 'pair' then rest_pair(ends) end
  put_off_probe(model)
  return ends
end

local function fail()
  if not said.quota then return fail_unpaced() end
  -- Where nobody knows whether it was refused, it was not.
  if said.word ~= 'server' then unsend(said.project, said.account, model, said.taken_at) end
  local ends = fail_unpaced()
  pace(said.project, said.account, model, said.quota, now)
  return ends
end

local OUTCOMES = {success = succeed, failure = fail, release = function() return 0 end}

let_go(said.worker, said.reservation)
if redis.call('HEXISTS', project, 'account') == 0 then return 0 end
local ends = OUTCOMES[said.outcome]()
redis.call('PEXPIRE', pair, PAIR_KEPT)
return ends
