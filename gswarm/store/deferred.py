"""A reply that a pipeline has yet to bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from .connection import Pipeline

Value = TypeVar("Value")
Other = TypeVar("Other")


class Later(Generic[Value]):
    """What a queued command will mean, once its pipeline has run.

    Several rooms queue on one pipeline and share its round trip; each keeps a `Later`
    and finds its own reply among all of them.
    """

    def __init__(self, read: Callable[[Sequence[Any]], Value]) -> None:
        self._read = read

    @classmethod
    def of_last(cls, pipe: Pipeline, read: Callable[[Any], Value]) -> Later[Value]:
        """What the command queued last will mean."""
        place = len(pipe) - 1
        return cls(lambda replies: read(replies[place]))

    @classmethod
    def known(cls, value: Value) -> Later[Value]:
        """A value that needs no command."""
        return cls(lambda _: value)

    def then(self, make: Callable[[Value], Other]) -> Later[Other]:
        """What is to be made of the value."""
        return Later(lambda replies: make(self.among(replies)))

    def among(self, replies: Sequence[Any]) -> Value:
        """The value, out of what ``pipe.execute()`` returned; ask once."""
        return self._read(replies)
