-- Keep the record of one request, count it where it belongs, and tell of it.
--
-- KEYS  1 counters of the day  2 of the hour  3 of all time    hash, "cell:counter" -> sum
--       4 cells      hash, name of a cell -> its number, the same wherever it counts
--       5 records    stream, capped
--       6 places     hash, request id -> its record's id in the stream
--       7 events     stream, capped
-- ARGV  1 request id  2 record, JSON  3 most records
--       4 seconds to keep the day  5 seconds to keep the hour
--       6 what to tell, JSON  7 most events
--       8... for each cell: its name, how many counters, then counter, by, counter, by, ...

local DAY, HOUR, ALL, CELLS, RECORDS, PLACES, EVENTS = unpack(KEYS)
local most = tonumber(ARGV[3])

local function number_of(cell)
  local known = redis.call('HGET', CELLS, cell)
  if known then return known end
  local new = redis.call('HLEN', CELLS)
  redis.call('HSET', CELLS, cell, new)
  return new
end

local function count(field, by)
  redis.call('HINCRBY', DAY, field, by)
  redis.call('HINCRBY', HOUR, field, by)
  redis.call('HINCRBY', ALL, field, by)
end

local function count_all()
  local n = 8
  while n <= #ARGV do
    local number, last = number_of(ARGV[n]), n + 2 * tonumber(ARGV[n + 1])
    for m = n + 2, last, 2 do count(number .. ':' .. ARGV[m], ARGV[m + 1]) end
    n = last + 2
  end
end

-- The stream is trimmed by as many as come, so one place at most has to go with them.
local function make_room()
  if redis.call('XLEN', RECORDS) < most then return end
  local oldest = redis.call('XRANGE', RECORDS, '-', '+', 'COUNT', 1)[1]
  redis.call('HDEL', PLACES, oldest[2][2])
end

local function keep_record()
  make_room()
  local place = redis.call('XADD', RECORDS, 'MAXLEN', most, '*', 'id', ARGV[1], 'record', ARGV[2])
  redis.call('HSET', PLACES, ARGV[1], place)
end

count_all()
keep_record()
redis.call('XADD', EVENTS, 'MAXLEN', '~', ARGV[7], '*', 'kind', 'request', 'payload', ARGV[6])
for _, key in ipairs({DAY, RECORDS, PLACES}) do redis.call('EXPIRE', key, ARGV[4]) end
redis.call('EXPIRE', HOUR, ARGV[5])
return 1
