-- requires: jobs
-- Write down how a job gets on, if it is still this worker's.
--
-- KEYS  none: see lua/lib/jobs.lua
-- ARGV  1 job  2 worker  3 steps done since  4 "1": the results replace those before
--       5 how many results to keep at most  6 number of results that follow as JSON
--       7... results, then fields and values of the job
-- Returns 1, or 0 where it is another's, or over.

local id, results = ARGV[1], results_key(ARGV[1])
if not is_run_by(id, ARGV[2]) then return 0 end

local room = tonumber(ARGV[5])
local first_field = 7 + tonumber(ARGV[6])
redis.call('HINCRBY', job_key(id), 'done', ARGV[3])
if ARGV[4] == '1' then redis.call('DEL', results) end
for n = 7, first_field - 1 do
  if redis.call('LLEN', results) < room then redis.call('RPUSH', results, ARGV[n]) end
end
if ARGV[first_field] then redis.call('HSET', job_key(id), unpack(ARGV, first_field)) end
keep(id, UNFINISHED_KEPT)
return 1
