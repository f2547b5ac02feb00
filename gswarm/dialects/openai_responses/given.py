"""What a request gives: its items, those it refers to, and settings among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...errors import InvalidRequest
from ...gemini.request import Body
from ..openai_chat import fields
from .items import Placed
from .memory import (
    Memory,
    Record,
    chain_of,
    check_size,
    context_of,
    item_not_found,
    referred,
)

NEEDS_MORE = ("background", "prompt", "conversation")
"""Fields that ask for what is not kept here."""

TEXTS = (
    "instructions",
    "previous_response_id",
    "prompt_cache_key",
    "safety_identifier",
    "service_tier",
    "truncation",
    "user",
)
NUMBERS = ("max_tool_calls", "top_logprobs")
GROUPS = ("reasoning", "text", "stream_options")

MOST_METADATA, LONGEST_METADATA_KEY, LONGEST_METADATA_VALUE = 16, 64, 512


@dataclass(slots=True)
class Given:
    """The items of a request in order, those of earlier responses first; ``own`` are
    its own. ``chain`` are the ids of the earlier responses."""

    items: list[Placed]
    own: list[Body]
    chain: list[str] = field(default_factory=list)


def refuse_unsupported(body: Body) -> None:
    """What would be answered wrongly is not answered."""
    if body.get("conversation") and body.get("previous_response_id"):
        raise InvalidRequest(
            "Only one of 'previous_response_id' and 'conversation' can be given.",
            param="previous_response_id",
            code="mutually_exclusive_parameters",
        )
    for name in NEEDS_MORE:
        if body.get(name) not in (None, False):
            raise InvalidRequest(
                f"Unsupported parameter: '{name}' is not supported by this gateway.",
                param=name,
                code="unsupported_parameter",
            )
    _check_metadata(fields.group(body, "metadata", "metadata") or {})
    for name in TEXTS:
        fields.text(body, name, name)
    for name in NUMBERS:
        fields.whole(body, name, name)
    for name in GROUPS:
        fields.group(body, name, name)


def given_by(body: Body, memory: Memory) -> Given:
    """The items of a request; raises what there is to say of a missing one."""
    own, root = _own_items(body)
    previous = fields.text(body, "previous_response_id", "previous_response_id")
    chain = chain_of(memory, previous) if previous else []
    if not own and not chain and not body.get("instructions"):
        raise _nothing_asked("input" in body)
    placed = [(item, f"{root}[{at}]") for at, item in enumerate(own)]
    resolved = list(_resolved(placed, memory, chain))
    earlier = [(item, "previous_response_id") for item in context_of(chain)]
    return Given(
        [*earlier, *resolved],
        [item for item, _ in resolved if isinstance(item, dict)],
        [record["response"]["id"] for record in chain],
    )


def tools_among(items: Sequence[Placed]) -> Iterator[tuple[list[Any], str]]:
    """Lists of tools that come as items."""
    for item, path in items:
        if not isinstance(item, dict):
            continue
        if item.get("type") in ("additional_tools", "tool_search_output"):
            path = f"{path}.tools"
            yield fields.members(item, "tools", path) or [], path


def configured(body: Body, items: Sequence[Placed]) -> Body:
    """The body with what its items say of effort and form; the last one counts."""
    for item, path in items:
        if isinstance(item, dict) and item.get("type") == "configuration_update":
            for name in ("reasoning", "text"):
                if change := fields.group(item, name, f"{path}.{name}"):
                    body = {**body, name: {**(body.get(name) or {}), **change}}
    return body


def _own_items(body: Body) -> tuple[list[Any], str]:
    root = "input"
    given = body.get(root)
    if given is None and body.get("messages") is not None:
        root = "messages"
        given = body[root]
    if given is None:
        return [], root
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}], root
    if not isinstance(given, list):
        raise fields.wrong_type(root, "a string or an array", given)
    return given, root


def _resolved(
    placed: Sequence[Placed], memory: Memory, chain: Sequence[Record]
) -> Iterator[Placed]:
    """References give way to what they name; thoughts no longer known are left out."""
    wanted = {path: _reference(item, path) for item, path in placed}
    ids = [id for id in wanted.values() if id]
    known = {item.get("id"): item for item in context_of(chain)} if ids else {}
    found = known | referred(memory, [id for id in ids if id not in known])
    check_size(found[id] for id in ids if id in found)
    for item, path in placed:
        id = wanted[path]
        if id is None:
            yield item, path
        elif id in found:
            yield found[id], path
        elif not id.startswith("rs_"):
            raise item_not_found(id)


def _reference(item: Any, path: str) -> str | None:
    """The id that an item only refers to; its type may be left out."""
    if not isinstance(item, dict):
        return None
    kind = item.get("type")
    if kind == "item_reference" or (kind is None and item.keys() == {"id"}):
        id = fields.text(item, "id", f"{path}.id")
        if not id:
            raise fields.missing(f"{path}.id")
        return id
    return None


def _check_metadata(metadata: Body) -> None:
    problem = None
    if len(metadata) > MOST_METADATA:
        problem = f"at most {MOST_METADATA} keys are allowed"
    elif any(len(key) > LONGEST_METADATA_KEY for key in metadata):
        problem = f"keys may have at most {LONGEST_METADATA_KEY} characters"
    elif not all(isinstance(value, str) for value in metadata.values()):
        problem = "values must be strings"
    elif any(len(value) > LONGEST_METADATA_VALUE for value in metadata.values()):
        problem = f"values may have at most {LONGEST_METADATA_VALUE} characters"
    if problem:
        raise InvalidRequest(
            f"Invalid 'metadata': {problem}.", param="metadata", code="invalid_value"
        )


def _nothing_asked(is_given: bool) -> InvalidRequest:
    if not is_given:
        return fields.missing("input")
    return InvalidRequest(
        "Invalid 'input': there is nothing to answer.",
        param="input",
        code="empty_array",
    )
