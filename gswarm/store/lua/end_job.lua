-- requires: jobs
-- Say that a job is over, if it is still this worker's.
--
-- KEYS  none: see lua/lib/jobs.lua
-- ARGV  1 job  2 worker  3 now (ms)  4 state  5 why it failed, or ''
-- Returns 1, or 0 where it is another's, or over.

if not is_run_by(ARGV[1], ARGV[2]) then return 0 end
finish(ARGV[1], ARGV[4], ARGV[5], ARGV[3])
return 1
