"""Responses-shaped bodies on the chat path: some editors send them here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...gemini.request import Body
from . import fields


def as_chat(body: Body) -> tuple[Body, str]:
    """The request in chat words, and the field its messages came from.

    A chat request stays what it is. Of the other kind, what has no chat words is
    refused; each item becomes one message, so that ``input[i]`` in an error is the
    client's own.
    """
    given = body.get("input")
    if given is None or body.get("messages") is not None:
        return {**body, "instructions": None}, "messages"
    for key in ("previous_response_id", "conversation", "prompt"):
        if body.get(key) is not None:
            raise fields.unsupported(key, _not_here(f"'{key}'"))
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    if not isinstance(given, list):
        raise fields.wrong_type("input", "a string or an array", given)
    messages = [_message(item, f"input[{at}]") for at, item in enumerate(given)]
    return {**body, **_limit(body), **_form(body), "messages": messages}, "input"


def _limit(body: Body) -> Body:
    wanted = body.get("max_output_tokens")
    return {} if wanted is None else {"max_completion_tokens": wanted}


def _form(body: Body) -> Body:
    form = (fields.group(body, "text", "text") or {}).get("format")
    if not isinstance(form, dict):
        return {}
    return {"response_format": {**form, "json_schema": form}}


def _message(item: Any, path: str) -> Body:
    if not isinstance(item, dict):
        raise fields.wrong_type(path, "an object", item)
    kind = item.get("type") or ("message" if "role" in item else None)
    translate = ITEMS.get(kind) if isinstance(kind, str) else None
    if translate is None:
        if not isinstance(kind, str):
            raise fields.missing(f"{path}.type")
        what = f"An input item of type '{kind[:50]}'"
        raise fields.unsupported(f"{path}.type", _not_here(what))
    return translate(item)


def _same(item: Body) -> Body:
    return item


def _call(item: Body) -> Body:
    function = {"name": item.get("name"), "arguments": item.get("arguments")}
    return _calling({"id": item.get("call_id"), "function": function})


def _custom_call(item: Body) -> Body:
    custom = {"name": item.get("name"), "input": item.get("input")}
    return _calling({"id": item.get("call_id"), "custom": custom})


def _calling(call: Body) -> Body:
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _output(item: Body) -> Body:
    content = item.get("output")
    return {"role": "tool", "tool_call_id": item.get("call_id"), "content": content}


def _reasoning(_item: Body) -> Body:
    """Thoughts are never sent back; an empty assistant message leaves no trace."""
    return {"role": "assistant", "content": None}


def _not_here(what: str) -> str:
    return (
        f"{what} belongs to the Responses API; this is /v1/chat/completions, which"
        " takes 'messages'."
    )


ITEMS: dict[str, Callable[[Body], Body]] = {
    "message": _same,
    "function_call": _call,
    "custom_tool_call": _custom_call,
    "function_call_output": _output,
    "custom_tool_call_output": _output,
    "reasoning": _reasoning,
}
