"""GSwarm: one OpenAI-compatible address in front of many Gemini projects."""

__version__ = "0.1.0"
