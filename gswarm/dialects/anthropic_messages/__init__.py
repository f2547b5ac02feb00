"""The dialect of Claude Code and Anthropic's SDKs: ``POST /v1/messages``."""
