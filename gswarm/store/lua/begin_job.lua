-- requires: jobs
-- Keep a new job, unless another holds its place.
--
-- KEYS  none: see lua/lib/jobs.lua
-- ARGV  1 now (ms)  2 end of the worker's lease (ms)  3 job  4 place  5... fields, values
-- Returns the job that holds the place; '' where this one does now.

local MOST_LISTED = 200

local now, lease_ends, id, place = ARGV[1], ARGV[2], ARGV[3], KEY.JOB_PLACE .. ARGV[4]
local holder = redis.call('GET', place)
if holder and is_running(holder) then return holder end

redis.call('SET', place, id, 'PX', UNFINISHED_KEPT)
redis.call('HSET', job_key(id), 'place', ARGV[4], unpack(ARGV, 5))
redis.call('ZADD', KEY.RUNNING_JOBS, lease_ends, id)
local last = redis.call('ZREVRANGE', KEY.JOBS, 0, 0, 'WITHSCORES')[2]
-- One that is started in the same instant is listed as the newer one.
redis.call('ZADD', KEY.JOBS, last and math.max(now, last + 1) or now, id)
redis.call('ZREMRANGEBYRANK', KEY.JOBS, 0, -MOST_LISTED - 1)
keep(id, UNFINISHED_KEPT)
return ''
