"""A reader of streams that takes nothing for granted, as the strictest of clients."""

from __future__ import annotations

import json
from typing import Any

DELTAS = {
    "text": {"text_delta"},
    "thinking": {"thinking_delta", "signature_delta"},
    "tool_use": {"input_json_delta"},
    "server_tool_use": set(),
    "web_search_tool_result": set(),
}


def message_of_events(events: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The message a stream adds up to; fails where it breaks a rule."""
    assert all(name == data["type"] for name, data in events)
    events = [data for name, data in events if name != "ping"]
    assert [each["type"] for each in events[-2:]] == ["message_delta", "message_stop"]
    first, *middle, last, _ = events
    assert first["type"] == "message_start"
    message = first["message"]
    assert message["content"] == []
    assert message["stop_reason"] is None
    while middle:
        middle, block = _block(middle, len(message["content"]))
        message["content"].append(block)
    message.update(last["delta"])
    message["usage"] |= last["usage"]
    assert all(isinstance(message["usage"][key], int) for key in COUNTS)
    return message


COUNTS = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
)


def _block(
    events: list[dict[str, Any]], index: int
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The next block, and the events behind it."""
    start, *rest = events
    assert start["type"] == "content_block_start"
    assert start["index"] == index
    block, arguments = dict(start["content_block"]), ""
    for at, event in enumerate(rest):
        assert event["index"] == index
        if event["type"] == "content_block_stop":
            _check_whole(block, rest[:at])
            if block["type"] == "tool_use":
                block["input"] = json.loads(arguments)
            return rest[at + 1 :], block
        assert event["type"] == "content_block_delta"
        delta = event["delta"]
        assert delta["type"] in DELTAS[block["type"]]
        if delta["type"] == "signature_delta":
            block["signature"] = delta["signature"]
        elif delta["type"] == "input_json_delta":
            arguments += delta["partial_json"]
        else:
            kind = block["type"]
            assert delta[kind], "an empty delta"
            block[kind] += delta[kind]
    raise AssertionError("the block is never closed")


def _check_whole(block: dict[str, Any], deltas: list[dict[str, Any]]) -> None:
    kinds = [event["delta"]["type"] for event in deltas]
    if block["type"] == "thinking":
        assert kinds.count("signature_delta") == 1
        assert kinds[-1] == "signature_delta", "a signature comes last"
        assert block["signature"]
    if block["type"] == "text":
        assert block["text"], "an empty text block"
