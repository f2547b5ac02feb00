"""OpenAI Chat Completions: requests in, replies, streams and errors out."""
