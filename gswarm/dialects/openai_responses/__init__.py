"""OpenAI Responses: typed items in, typed items and named events out, with a memory."""
