-- requires: placing, holding
-- Show that a worker lives, and give back what it and the dead need not hold any more.
--
-- KEYS  none
-- ARGV  1 now (ms)  2 worker  3... reservations of its own that are over, in case
--         saying so failed then
-- Returns how many dead workers were found.

local MOST_BURIED = 16

local now, worker = tonumber(ARGV[1]), ARGV[2]
renew(worker, now)
for n = 3, #ARGV do let_go(worker, ARGV[n]) end
local buried = 0
while buried < MOST_BURIED and bury_a_worker(now) do buried = buried + 1 end
return buried
