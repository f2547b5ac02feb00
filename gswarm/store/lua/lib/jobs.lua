-- Library: jobs, the workers that run them, and the places they hold.
--
--   KEY.JOB <id>           hash   kind, place, state (queued, running, done, failed or
--                                 lost), worker, tries, resumes, done, total and more
--   KEY.JOB_RESULTS <id>   list   JSON
--   KEY.JOB_PLACE <place>  string the job that excludes others from starting
--   KEY.RUNNING_JOBS       zset   job that is not over -> end of its worker's lease, ms

local UNFINISHED_KEPT, KEPT = 7 * 86400000, 86400000

local function job_key(id) return KEY.JOB .. id end

local function results_key(id) return KEY.JOB_RESULTS .. id end

local function is_running(id) return redis.call('ZSCORE', KEY.RUNNING_JOBS, id) end

local function is_run_by(id, worker)
  return is_running(id) and redis.call('HGET', job_key(id), 'worker') == worker
end

local function keep(id, ms)
  redis.call('PEXPIRE', job_key(id), ms)
  redis.call('PEXPIRE', results_key(id), ms)
end

local function leave_place(id)
  local place = KEY.JOB_PLACE .. (redis.call('HGET', job_key(id), 'place') or '')
  if redis.call('GET', place) == id then redis.call('DEL', place) end
end

local function finish(id, state, why, now)
  redis.call('HSET', job_key(id), 'state', state, 'finished_at', now)
  if why ~= '' then redis.call('HSET', job_key(id), 'error', why) end
  redis.call('ZREM', KEY.RUNNING_JOBS, id)
  leave_place(id)
  keep(id, KEPT)
end
