"""A request finds a project that answers, and what is learnt on the way."""
