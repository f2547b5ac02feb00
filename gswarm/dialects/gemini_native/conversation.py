"""A conversation as every upstream takes it: sides in turn, results in call order.

The public API bears a missing role, two turns of one side in a row, and results whose
ids tell which is whose; Code Assist and Vertex AI do not (facts: gemini-native 0.5,
C4.3). What is said is not touched, and what is missing is not made up.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...gemini.contents import Part, current_from
from ...gemini.request import Body, PastCall

USERS = frozenset({"", "function"})
"""Roles that mean the user: the first is none at all."""


SIGNED = frozenset({"thoughtSignature", "thought"})
"""What may stand on a part beside what it says."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A functionCall in its content: ``part`` as the client sent it, ``id`` unique in
    its turn, and ours where ``is_made_up``."""

    place: int
    part: Part
    id: str
    is_made_up: bool

    @property
    def call(self) -> Body:
        found: Body = self.part["functionCall"]
        return found


def conversation(contents: list[Body]) -> tuple[list[Body], tuple[PastCall, ...]]:
    """The contents set right, and where their functionCalls stand.

    Calls carry an id each, and so do the results that belong to them, as
    `GenerateRequest` says; `PastCall.is_made_up` tells those a client gave none.
    """
    turns = _merged(contents)
    placed: list[tuple[int, _Call]] = []
    for at, turn in enumerate(turns):
        if turn["role"] == "model":
            calls = _name_calls(turn["parts"], len(placed))
            placed += [(at, call) for call in calls]
            if calls and at + 1 < len(turns):
                turns[at + 1]["parts"] = _answered(turns[at + 1]["parts"], calls)
    return turns, tuple(_past_calls(placed, current_from(turns)))


def _merged(contents: list[Body]) -> list[Body]:
    """Turns of one side become one; a model that says nothing has no turn."""
    turns: list[Body] = []
    before = None
    for content in contents:
        role = content.get("role") or ""
        role = "user" if role in USERS else role
        given = content.get("parts") or []
        parts = [_with_text(part) for part in given if _says(part)]
        if role == "model" and not parts:
            continue
        if role == before:
            turns[-1]["parts"] += parts
        else:
            turns.append({**content, "role": role, "parts": parts or given})
            before = role
    return turns


def _with_text(part: Part) -> Part:
    """A signature may come on a text without a letter, which Gemini CLI leaves out when
    it sends that back; Google wants it."""
    is_bare = "thoughtSignature" in part and part.keys() <= SIGNED
    return {"text": "", **part} if is_bare else part


def _says(part: Part) -> bool:
    """Whether a part says anything: Gemini refuses one that does not, and streams end
    with one."""
    return bool(part) and (len(part) > 1 or part.get("text") != "")


def _name_calls(parts: list[Part], seen: int) -> list[_Call]:
    """The calls among some parts, in which their ids are put.

    Ids tell the calls of one turn apart, also where a client repeats one.
    """
    calls: list[_Call] = []
    taken: set[str] = set()
    for place, part in enumerate(parts):
        if "functionCall" in part:
            given: str = part["functionCall"].get("id") or ""
            own = given or f"unnamed_{seen + len(calls) + 1}"
            while own in taken:
                own = f"{own}_{len(taken) + 1}"
            taken.add(own)
            calls.append(_Call(place, part, own, not given))
            parts[place] = _identified(part, "functionCall", own)
    return calls


def _answered(parts: list[Part], calls: list[_Call]) -> list[Part]:
    """What follows some calls: their results first, in call order."""
    results = _Results(parts)
    mine = [(call, results.take(call.call)) for call in calls]
    ordered = [
        _identified(parts[at], "functionResponse", call.id)
        for call, at in mine
        if at is not None
    ]
    if not ordered:
        return parts
    taken = {at for _, at in mine}
    left = [part for at, part in enumerate(parts) if at not in taken]
    orphans = [part for part in left if "functionResponse" in part]
    return ordered + orphans + [part for part in left if "functionResponse" not in part]


class _Results:
    """The functionResponses among some parts; each is taken once, by its place.

    One belongs to the call of its id, else to the next call of its name, unless both
    have ids and these differ.
    """

    def __init__(self, parts: list[Part]) -> None:
        self._by_id: dict[str, deque[int]] = defaultdict(deque)
        self._by_name: dict[str, deque[int]] = defaultdict(deque)
        self._without_id: dict[str, deque[int]] = defaultdict(deque)
        self._taken: set[int] = set()
        for place, part in enumerate(parts):
            if "functionResponse" in part:
                self._note(part["functionResponse"], place)

    def take(self, call: Body) -> int | None:
        """The place of a call's result."""
        call_id, name = call.get("id"), call.get("name") or ""
        found = self._next(self._by_id[call_id]) if call_id else None
        if found is None:
            named = self._without_id if call_id else self._by_name
            found = self._next(named[name])
        return found

    def _note(self, result: Body, place: int) -> None:
        result_id, name = result.get("id"), result.get("name") or ""
        self._by_name[name].append(place)
        (self._by_id[result_id] if result_id else self._without_id[name]).append(place)

    def _next(self, places: deque[int]) -> int | None:
        while places:
            place = places.popleft()
            if place not in self._taken:
                self._taken.add(place)
                return place
        return None


def _identified(part: Part, kind: str, own: str) -> Part:
    return {**part, kind: {**part[kind], "id": own}}


def _past_calls(placed: list[tuple[int, _Call]], current: int) -> Iterator[PastCall]:
    before = -1
    for at, said in placed:
        signature: Any = said.part.get("thoughtSignature") or None
        yield PastCall(
            at,
            said.place,
            said.id,
            said.call.get("name") or "",
            said.call.get("args") or {},
            signature,
            is_first=at != before,
            is_current=at > current,
            is_made_up=said.is_made_up,
        )
        before = at
