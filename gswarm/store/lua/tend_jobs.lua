-- requires: jobs
-- Renew a worker's lease on its jobs, and see to those whose worker has died.
--
-- KEYS  none: see lua/lib/jobs.lua
-- ARGV  1 now (ms)  2 end of the new lease (ms)  3 worker  4 how often a job may be
--       taken over  5 why a job is lost  6... the worker's jobs
-- Returns {jobs taken over, jobs found lost, jobs of the worker's that are not its any
--   more}. The first are the worker's now.

local MOST_AT_ONCE = 20

local now, lease_ends, worker = ARGV[1], ARGV[2], ARGV[3]
local taken, lost, gone = {}, {}, {}

local function take_over(id)
  local tries, resumes = unpack(redis.call('HMGET', job_key(id), 'tries', 'resumes'))
  if not resumes then
    redis.call('ZREM', KEY.RUNNING_JOBS, id)
  elseif resumes == '1' and tonumber(tries) < tonumber(ARGV[4]) then
    redis.call('HSET', job_key(id), 'worker', worker)
    redis.call('HINCRBY', job_key(id), 'tries', 1)
    redis.call('ZADD', KEY.RUNNING_JOBS, lease_ends, id)
    table.insert(taken, id)
  else
    finish(id, 'lost', ARGV[5], now)
    table.insert(lost, id)
  end
end

for n = 6, #ARGV do
  if is_run_by(ARGV[n], worker) then
    redis.call('ZADD', KEY.RUNNING_JOBS, lease_ends, ARGV[n])
  else
    table.insert(gone, ARGV[n])
  end
end
local orphans = redis.call('ZRANGEBYSCORE', KEY.RUNNING_JOBS, '-inf', now,
  'LIMIT', 0, MOST_AT_ONCE)
for _, id in ipairs(orphans) do take_over(id) end
return {taken, lost, gone}
