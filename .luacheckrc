-- The scripts as the store runs them: their libraries before them (see store/scripts.py).
std = "lua51"
read_globals = { "redis", "cjson", "KEYS", "ARGV" }
max_line_length = false
-- A script need not use all of a library, nor know the names within it.
ignore = { "211", "212", "213", "431" }
