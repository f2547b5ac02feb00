"""OpenAI's legacy completions: a prompt in, the text that follows it out."""
