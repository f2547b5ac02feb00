-- requires: catalogue
-- Take projects of an account out of the catalogue and the pool.
--
-- KEYS  none: lua/lib/catalogue.lua and the records and indexes of lua/lib/placing.lua
-- ARGV  1 now (ms)  2 account  3... project ids
-- Those that are another account's by now stay.

for n = 3, #ARGV do drop(ARGV[n], ARGV[2]) end
tell('pool_changed')
