"""Answers: deterministic, recognisable, and fitting to what was asked."""

from .script import Break, Chunk, Framing, Part, Script
from .writer import Manner, answer

__all__ = ["Break", "Chunk", "Framing", "Manner", "Part", "Script", "answer"]
