"""API keys: who asks, and how much of it is allowed."""
