"""The events of a finished response once more, for who lost the stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .events import Events
from .open_items import OpenCode, OpenMessage, OpenReasoning
from .whole_items import write_item
from .written_calls import Item


def replay(response: Mapping[str, Any], after: int = -1) -> Iterator[bytes]:
    """All events of a stored response whose ``sequence_number`` is above ``after``.

    Each text comes in one delta, so the numbers need not be those of the first time.
    """
    events = Events()
    for at, event in enumerate(_all(events, response)):
        if at > after:
            yield event


def _all(events: Events, response: Mapping[str, Any]) -> Iterator[bytes]:
    begun = {
        **response,
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    for stage in ("created", "in_progress"):
        yield events.write(f"response.{stage}", response=begun)
    for index, item in enumerate(response["output"]):
        write = WRITERS.get(item["type"], write_item)
        yield from _split(write(events, index, item))
    yield events.write(f"response.{response['status']}", response=response)


def _split(written: bytes) -> Iterator[bytes]:
    for event in written.split(b"\n\n")[:-1]:
        yield event + b"\n\n"


def _message(events: Events, index: int, item: Item) -> bytes:
    message = OpenMessage(events, item["id"], index)
    text = item["content"][0]["text"]
    return message.open() + (message.add(text) if text else b"") + message.close(item)


def _reasoning(events: Events, index: int, item: Item) -> bytes:
    thoughts = OpenReasoning(events, item["id"], index)
    begun = thoughts.open()
    told = [thoughts.add_part(part["text"]) for part in item["summary"]]
    return begun + b"".join(told) + thoughts.close(item)


def _code(events: Events, index: int, item: Item) -> bytes:
    code = OpenCode(events, item["id"], index, item["code"])
    return code.open() + code.close(item)


WRITERS: dict[str, Callable[[Events, int, Item], bytes]] = {
    "message": _message,
    "reasoning": _reasoning,
    "code_interpreter_call": _code,
}
