-- requires: placing, holding
-- End a worker's lease at once and give back all it holds.
--
-- KEYS  none
-- ARGV  1 now (ms)  2 worker

local now, worker = tonumber(ARGV[1]), ARGV[2]
redis.call('ZADD', KEY.WORKERS, 0, worker)
bury_a_worker(now)
