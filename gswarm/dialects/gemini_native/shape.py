"""What reading a native request yields: the question, and how the answer must look."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ...errors import UpstreamError
from ...gemini.reply import Fold
from ...gemini.request import GenerateRequest
from ..served import Served
from .stream import ArrayWriter, EventWriter, StreamWriter
from .write import Wording

Form: TypeAlias = Literal["whole", "events", "array"]
"""One object, server-sent events (``alt=sse``), or an array that grows."""

STREAM_TYPES: Mapping[Form, str] = {
    "whole": "application/json; charset=UTF-8",
    "events": "text/event-stream",
    "array": "application/json; charset=UTF-8",
}


@dataclass(frozen=True, slots=True)
class Address:
    """What the address of a request says: the model, and how to answer.

    ``has_numbers`` is for clients that want enums by number; ``seconds`` is how long
    one waits for the answer.
    """

    model: str
    form: Form = "whole"
    has_numbers: bool = False
    seconds: float = math.inf


@dataclass(frozen=True, slots=True)
class NativeRequest:
    """A native request, read; ``remote`` is as `ClientRequest` has it."""

    request: GenerateRequest
    address: Address
    remote: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """As the client named it."""
        return self.address.model

    @property
    def is_stream(self) -> bool:
        return self.address.form != "whole"

    @property
    def stream_type(self) -> str:
        return STREAM_TYPES[self.address.form]

    def writer(self, fold: Fold, served: Callable[[], Served]) -> StreamWriter:
        kind = ArrayWriter if self.address.form == "array" else EventWriter
        return kind(fold, self._wording(served()))

    def whole(self, fold: Fold, served: Served) -> dict[str, Any]:
        if not (fold.finish_reason or fold.block_reason):
            raise UpstreamError("The upstream service sent an unusable reply.")
        return self._wording(served).reply(fold.chunk())

    def _wording(self, served: Served) -> Wording:
        return Wording(served.id, self.address.has_numbers)
