"""Gemini's own language as clients speak it, brought to one spelling."""
