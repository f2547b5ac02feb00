"""The language of the house: Gemini requests, replies and the facts about models."""
