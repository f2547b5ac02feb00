"""What the dialect remembers from one request to the next, and where it leaves that.

Everything here is by API key, the tenant: what one key was told, no other may use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import orjson

from ...errors import InvalidRequest, NotFound
from ...gemini.request import Body

Record: TypeAlias = dict[str, Any]
"""A stored response: ``response`` the object as the client got it, ``input`` the items
of its own request, each with an id, ``chain`` the ids of the responses before it, the
oldest first."""

LONGEST_CHAIN = 500
LARGEST_CONTEXT = 32 * 2**20
"""Bytes of JSON that a chain may bring into one request."""

HEX = 48
"""192 bits name a response; its items carry the same digits, and their number."""

_ITEM = re.compile(rf"[a-z]{{2,5}}_([0-9a-f]{{{HEX}}})[0-9a-f]{{5}}")
_FIRST_INPUT = 0x80000


class Memory(Protocol):
    """One tenant's stored responses, and the seal for what clients keep themselves."""

    @property
    def tenant(self) -> str:
        """Whose it is."""

    @property
    def is_on(self) -> bool:
        """Whether anything is kept at all."""

    def find(self, ids: Sequence[str]) -> Mapping[str, tuple[Record, int]]:
        """Those of the responses that are still there, and their sizes in bytes; to
        be asked for begins their time anew. Raises `StoreUnavailable`."""

    def keep(self, id: str, record: Record) -> bool:
        """Store a response; whether it could be."""

    def seal(self, plain: str) -> str:
        """Encrypt words for the client to keep."""

    def open(self, sealed: str) -> str | None:
        """Decrypt them; None where they are not ours."""


class NoMemory:
    """A memory for where there is none: nothing is found, kept or sealed."""

    tenant = ""
    is_on = False

    def find(self, ids: Sequence[str]) -> Mapping[str, tuple[Record, int]]:
        return {}

    def keep(self, id: str, record: Record) -> bool:
        return False

    def seal(self, plain: str) -> str:
        return ""

    def open(self, sealed: str) -> str | None:
        return None


# -------------------------------------------------------------------------- ids


def response_id(digits: str) -> str:
    return f"resp_{digits}"


def item_id(prefix: str, digits: str, number: int) -> str:
    """An item's id, which says what response it belongs to."""
    return f"{prefix}_{digits}{number:05x}"


def response_of(item: Any) -> str | None:
    """The response that an item id of ours belongs to."""
    match = _ITEM.fullmatch(item) if isinstance(item, str) else None
    return response_id(match[1]) if match else None


def with_ids(items: Sequence[Body], digits: str) -> list[Body]:
    """Input items, each with an id: the client's where it gave a usable one."""
    return [
        item if _is_usable(item.get("id")) else item | {"id": _new(item, digits, at)}
        for at, item in enumerate(items)
    ]


def _new(item: Body, digits: str, at: int) -> str:
    prefix = PREFIXES.get(item.get("type", "message"), "item")
    return item_id(prefix, digits, _FIRST_INPUT + at)


def _is_usable(given: Any) -> bool:
    return isinstance(given, str) and 0 < len(given) <= 64


PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
}


# -------------------------------------------------------------------- resolving


def chain_of(memory: Memory, previous: str) -> list[Record]:
    """The response ``previous`` and all before it, the oldest first.

    Raises `InvalidRequest` where one of them is not there (any more).
    """
    found = memory.find([previous])
    if previous not in found:
        raise _previous_not_found(previous)
    record, size = found[previous]
    ids = record["chain"]
    if len(ids) >= LONGEST_CHAIN:
        raise too_long()
    earlier = memory.find(ids) if ids else {}
    for each in ids:
        if each not in earlier:
            raise _previous_not_found(each)
    if size + sum(earlier[each][1] for each in ids) > LARGEST_CONTEXT:
        raise too_long()
    return [*(earlier[each][0] for each in ids), record]


def context_of(records: Sequence[Record]) -> Iterator[Body]:
    """The items of a chain in order: what was asked and what was answered."""
    for record in records:
        yield from record["input"]
        yield from record["response"]["output"]


def referred(memory: Memory, ids: Sequence[str]) -> dict[str, Body]:
    """The stored items of these ids, as far as they are there."""
    owners = dict.fromkeys(filter(None, map(response_of, ids)))
    if len(owners) > LONGEST_CHAIN:
        raise too_long()
    found = memory.find(list(owners)) if owners else {}
    records = [record for record, _ in found.values()]
    items = {item["id"]: item for item in context_of(records) if "id" in item}
    return {each: items[each] for each in ids if each in items}


def check_size(items: Iterable[Body]) -> None:
    """Raise `InvalidRequest` where references come to too much: the same item may be
    referred to again and again."""
    sizes: dict[int, int] = {}
    total = 0
    for item in items:
        if id(item) not in sizes:
            sizes[id(item)] = len(orjson.dumps(item))
        total += sizes[id(item)]
        if total > LARGEST_CONTEXT:
            raise too_long()


def _previous_not_found(id: str) -> InvalidRequest:
    return InvalidRequest(
        f"Previous response with id '{id[:100]}' not found.",
        param="previous_response_id",
        code="previous_response_not_found",
    )


def too_long() -> InvalidRequest:
    """More is referred to than one request may bring."""
    return InvalidRequest(
        "What this request goes on from has become too long. Send the conversation as"
        " 'input'.",
        param="previous_response_id",
        code="context_length_exceeded",
    )


def item_not_found(id: str) -> NotFound:
    refusal = NotFound(
        f"Item with id '{id[:100]}' not found. Items are not persisted when `store` is"
        " set to false. Try again with `store` set to true, or remove this item from"
        " your input.",
        param="input",
    )
    refusal.code = None
    return refusal


def response_not_found(id: str) -> NotFound:
    refusal = NotFound(f"Response with id '{id[:100]}' not found.")
    refusal.code = None
    return refusal
