"""Google's long-running operations: started by one call, finished in their own time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..errors import UpstreamSilent
from .json_client import Json
from .verdict import read_event_error

PATIENT = (5.0,) * 60
"""Seconds between two looks."""
EAGER = (0.5, 1.0, 2.0, *PATIENT)
"""The same, for somebody who watches."""

HTTP_STATUS = {
    3: 400,
    5: 404,
    6: 409,
    7: 403,
    8: 429,
    9: 400,
    13: 500,
    14: 503,
    16: 401,
}
"""google.rpc codes, which operations fail with, as the statuses verdicts know."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it stands; ``response`` is there once it is done."""

    name: str
    is_done: bool
    response: Json


def read_operation(payload: Json) -> Operation:
    """The operation in a reply; one that failed raises its `Verdict`."""
    error = payload.get("error")
    if error:
        error = error if isinstance(error, dict) else {"message": str(error)}
        status = HTTP_STATUS.get(_number(error.get("code")), 500)
        raise read_event_error({"error": {**error, "code": status}}, time.time())
    response = payload.get("response")
    return Operation(
        str(payload.get("name", "")),
        bool(payload.get("done")),
        response if isinstance(response, dict) else {},
    )


def _number(code: Any) -> int:
    return code if isinstance(code, int) else 0


def finish(
    operation: Operation,
    poll: Callable[[str], Operation],
    *,
    wait: Callable[[float], object] = time.sleep,
    pauses: Iterable[float] = PATIENT,
) -> Json:
    """Poll until it is done; its response."""
    for seconds in pauses:
        if operation.is_done:
            return operation.response
        wait(seconds)
        operation = poll(operation.name)
    raise UpstreamSilent("Google did not finish what it had begun.")
