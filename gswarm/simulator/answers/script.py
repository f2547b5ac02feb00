"""A whole answer, and everything that will go wrong while it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..errors import GoogleError

Chunk: TypeAlias = dict[str, Any]
"""A GenerateContentResponse without Code Assist's wrapper."""
Part: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Break:
    """Ends the stream after so many chunks: the connection is closed (``eof``) or
    reset (``rst``), or an error comes, as an ``event`` or as ``raw`` JSON."""

    after: int
    how: Literal["eof", "rst", "event", "raw"]
    error: GoogleError | None = None


@dataclass(frozen=True, slots=True)
class Framing:
    """How events are written: each in several TCP writes (``split_writes``), JSON
    over several data lines (``multiline``), with comment lines between, the last one
    without its blank line (``unterminated``)."""

    split_writes: bool = False
    multiline: bool = False
    comments: bool = False
    unterminated: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """Chunks in order; ``pauses`` are seconds of silence before the n-th of them.

    ``odd`` names the shapes of `odd` that they are written in.
    """

    chunks: tuple[Chunk, ...]
    trace_id: str = ""
    pauses: Mapping[int, float] = field(default_factory=dict)
    broken: Break | None = None
    framing: Framing = Framing()
    odd: tuple[str, ...] = ()
