"""Everything GSwarm remembers, in Redis: one module per noun."""
