"""Items that are there at once: calls, searches, pictures; and what is said of them."""

from __future__ import annotations

from typing import Any

from .events import Events, head_of
from .written_calls import Item, opened

STAGES = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
}
SPELLED = {
    "function_call": ("response.function_call_arguments", "arguments"),
    "custom_tool_call": ("response.custom_tool_call_input", "input"),
}
"""Items whose one text comes in a delta as well: the events, and the member."""


def write_item(events: Events, index: int, item: Item) -> bytes:
    """All events of one item, one after the other."""
    return b"".join(
        [
            events.write(
                "response.output_item.added", output_index=index, item=_begun(item)
            ),
            _between(events, item, {"item_id": item["id"], "output_index": index}),
            events.write("response.output_item.done", output_index=index, item=item),
        ]
    )


def _begun(item: Item) -> Item:
    if item["type"] == "image_generation_call":
        return {**item, "status": "in_progress", "result": None}
    return opened(item)


def _between(events: Events, item: Item, at: dict[str, Any]) -> bytes:
    kind = item["type"]
    if kind in STAGES:
        stages = STAGES[kind]
        return b"".join(
            [events.write(f"response.{kind}.{stage}", **at) for stage in stages]
        )
    if kind in SPELLED:
        told, member = SPELLED[kind]
        text = item[member]
        delta = events.delta(head_of(f"{told}.delta", **at), text)
        return delta + events.write(f"{told}.done", **at, **{member: text})
    return b""
