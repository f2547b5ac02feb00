-- requires: placing
-- Library: telling people, by the events of gswarm/store/events.py.
--
--   project_cooldown   {projectId, account, model or null: all, reason, until (ms)}
--   project_recovered  {projectId, account, model or null: all}
--   account_invalid    {account, reason, message, actionUrl}
--   pool_changed       {}: something else about the pool; for our own processes
--   config_changed     {}: likewise
--
-- KEY.RESTS (zset) holds every rest that was told of and whose end was not, scored with
-- that end (ms), as a JSON array: project id, e-mail, model. A rest is a project's or
-- an account's: the other of the two is ''; the model is '' where all of them rest.

local MOST_EVENTS = 1000
-- Projects of one account that are named one by one.
local MOST_NAMED = 64

local function tell(kind, payload)
  redis.call('XADD', KEY.EVENTS, 'MAXLEN', '~', MOST_EVENTS, '*',
    'kind', kind, 'payload', payload and cjson.encode(payload) or '{}')
end

local function named(id, email)
  if id ~= '' then return {id} end
  local ids = redis.call('SMEMBERS', KEY.ACCOUNT_PROJECTS .. email)
  return {unpack(ids, 1, math.min(#ids, MOST_NAMED))}
end

local function or_all(model) return model == '' and cjson.null or model end

local function tell_rest(id, email, model, reason, ends)
  redis.call('ZADD', KEY.RESTS, ends, cjson.encode({id, email, model}))
  for _, each in ipairs(named(id, email)) do
    tell('project_cooldown', {
      projectId = each, account = project_of(each).account, model = or_all(model),
      reason = reason, ['until'] = ends,
    })
  end
end

local function rests_still(id, project, model, now)
  local account = account_of(project.account, model)
  if model ~= '' then return rest_of(id, model, project, account, now) > 0 end
  return longest({project.rest, account.rest}, now) > 0
end

-- A rest is over; whatever rests for another cause as well is not told of.
local function tell_recovery(id, email, model, now)
  if redis.call('ZREM', KEY.RESTS, cjson.encode({id, email, model})) == 0 then return end
  for _, each in ipairs(named(id, email)) do
    local project = project_of(each)
    if is_in_rotation(project) and not rests_still(each, project, model, now) then
      tell('project_recovered',
        {projectId = each, account = project.account, model = or_all(model)})
    end
  end
end
