-- Run one command, given by its words, in the place it was queued among scripts
-- (gswarm/store/connection.py).
--
-- KEYS  none
-- ARGV  the command's words
-- Returns its reply.

return redis.pcall(unpack(ARGV))
