"""The one table of the clients that are tried, in the versions they are tried in."""

from __future__ import annotations

NPM: dict[str, dict[str, str]] = {
    "claude": {"@anthropic-ai/claude-code": "2.1.332"},
    "codex": {"@openai/codex": "0.171.0"},
    "gemini": {"@google/gemini-cli": "0.61.0"},
    "node": {
        "openai": "7.59.0",
        "@anthropic-ai/sdk": "1.14.0",
        "@google/genai": "3.3.0",
        "ai": "7.0.173",
        "@ai-sdk/openai": "4.0.118",
        "@ai-sdk/anthropic": "4.0.105",
        "@ai-sdk/google": "4.0.121",
    },
}
"""From the npm registry: what is installed together, under a name of its own."""

PYPI: dict[str, dict[str, str]] = {
    "python": {
        "openai": "3.57.0",
        "anthropic": "2.14.0",
        "google-genai": "3.6.1",
        "langchain-openai": "1.7.4",
        "langchain-anthropic": "1.7.10",
        "langchain-google-genai": "4.4.3",
        "pydantic-ai-slim[openai]": "2.68.0",
        "openai-agents": "0.24.0",
    },
    "llama": {"llama-index-llms-openai": "0.8.3"},
}
"""From PyPI: what is installed together, under a name of its own. LlamaIndex stays with
an openai of its own."""
