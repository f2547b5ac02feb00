"""A conversation as Gemini wants it: alternating turns, each call answered in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .calls import unlike
from .models import Model
from .request import Body, PastCall

Part: TypeAlias = dict[str, Any]

BLANK: Part = {"text": " "}
"""Gemini refuses a content without parts and a part without text."""

NO_RESULT = {"result": "(no result)"}
"""Stands for the result of a call that the client never answered."""


@dataclass(slots=True)
class _Result:
    response: dict[str, Any]
    media: list[Part]


@dataclass(slots=True)
class _Said:
    """One past functionCall, and its result once it came."""

    call_id: str
    name: str
    args: dict[str, Any]
    signature: str | None
    result: _Result | None = None


@dataclass(slots=True)
class _Alike:
    """Calls that one word of a result may mean; the first ``answered`` have theirs."""

    calls: list[_Said] = field(default_factory=list)
    answered: int = 0

    def awaiting(self) -> _Said:
        """The first without a result, else the last one."""
        while self.answered < len(self.calls):
            if self.calls[self.answered].result is None:
                return self.calls[self.answered]
            self.answered += 1
        return self.calls[-1]


@dataclass(slots=True)
class _Turn:
    """What one side said; only a model's turn has calls."""

    role: str
    parts: list[Part] = field(default_factory=list)
    calls: list[_Said] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    by_id: dict[str, _Alike] = field(default_factory=dict)
    by_name: dict[str, _Alike] = field(default_factory=dict)
    is_answered: bool = False


class Conversation:
    """Collects turns in the order a client tells them; `contents` sets them right.

    Turns of one side are merged. Results go to the calls of the nearest model turn
    that has any, in call order, directly behind it. A call without a result gets one
    that says so, ``unanswered``; a result without a call becomes the user's words.
    """

    def __init__(self, unanswered: Body = NO_RESULT) -> None:
        self._unanswered = unanswered
        self._turns: list[_Turn] = []
        self._calling: _Turn | None = None
        self._made_up_ids = 0

    def __bool__(self) -> bool:
        return bool(self._turns)

    def user(self, parts: Iterable[Part]) -> None:
        """The user speaks; blank words still make a turn."""
        turn = self._turn("user")
        turn.parts.extend(part for part in parts if not _is_blank(part))

    def model(self, parts: Iterable[Part]) -> None:
        """The model speaks; blank words are left out."""
        said = [part for part in parts if not _is_blank(part)]
        if said:
            self._turn("model").parts.extend(said)

    def call(
        self,
        call_id: str | None,
        name: str,
        args: dict[str, Any],
        signature: str | None = None,
    ) -> None:
        """The model calls a function; without an id it gets one of ours."""
        turn = self._calling = self._turn("model")
        asked = call_id or self._new_id()
        same_id = turn.by_id.setdefault(asked, _Alike()).calls
        # Ids tell the calls of one turn apart, also where a client repeats one.
        own = unlike(asked, turn.ids, len(same_id) + 1)
        turn.ids.add(own)
        said = _Said(own, name, args, signature)
        same_id.append(said)
        turn.by_name.setdefault(name, _Alike()).calls.append(said)
        turn.calls.append(said)

    def result(
        self,
        call_id: str | None,
        name: str | None,
        response: dict[str, Any],
        media: list[Part],
        words: str,
    ) -> None:
        """A function's result, found by id, else by name.

        ``words`` is the result as text, for when no call wants it.
        """
        turn = self._calling
        said = _awaiting(turn, call_id, name) if turn else None
        if turn is None or said is None:
            self.user([{"text": f"Result of {name or 'a tool'}: {words}"}, *media])
            return
        said.result = _Result(response, media)
        turn.is_answered = True

    def contents(self, model: Model) -> tuple[list[Body], tuple[PastCall, ...]]:
        """``contents`` for this model, and where its functionCalls stand."""
        contents: list[Body] = []
        placed: list[tuple[int, int, _Said, bool]] = []
        for turn in self._turns:
            if turn.role == "user":
                _add(contents, turn.parts or [BLANK], "user")
            else:
                _add_model_turn(contents, placed, turn, model, self._unanswered)
        if not contents:
            _add(contents, [BLANK], "user")
        if contents[-1]["role"] == "model" and not model.accepts_prefill:
            _add(contents, [{"text": "Continue."}], "user")
        current = current_from(contents)
        return contents, tuple(
            PastCall(
                at, part, said.call_id, said.name, said.args, said.signature,
                is_first, at > current,
            )
            for at, part, said, is_first in placed
        )  # fmt: skip

    def _turn(self, role: str) -> _Turn:
        last = self._turns[-1] if self._turns else None
        if last is None or last.role != role or last.is_answered:
            last = _Turn(role)
            self._turns.append(last)
        return last

    def _new_id(self) -> str:
        self._made_up_ids += 1
        return f"call_{self._made_up_ids}"


def _is_blank(part: Part) -> bool:
    text = part.get("text")
    return isinstance(text, str) and not text.strip() and len(part) == 1


def _awaiting(turn: _Turn, call_id: str | None, name: str | None) -> _Said | None:
    """The call a result belongs to, by id where it has one."""
    if call_id is not None:
        alike = turn.by_id.get(call_id)
    else:
        alike = turn.by_name.get(name or "")
    return alike.awaiting() if alike else None


def _add(contents: list[Body], parts: list[Part], role: str) -> None:
    if contents and contents[-1]["role"] == role:
        before = contents[-1]["parts"]
        if parts != [BLANK]:
            contents[-1]["parts"] = parts if before == [BLANK] else [*before, *parts]
    else:
        contents.append({"role": role, "parts": list(parts)})


def _add_model_turn(
    contents: list[Body],
    placed: list[tuple[int, int, _Said, bool]],
    turn: _Turn,
    model: Model,
    unanswered: Body,
) -> None:
    if not contents:
        _add(contents, [BLANK], "user")
    _add(contents, [*turn.parts, *map(_call_part, turn.calls)], "model")
    at, first = len(contents) - 1, len(turn.parts)
    for offset, said in enumerate(turn.calls):
        placed.append((at, first + offset, said, offset == 0))
    if turn.calls:
        _add(contents, list(_result_parts(turn.calls, model, unanswered)), "user")


def _call_part(said: _Said) -> Part:
    call = {"name": said.name, "args": said.args, "id": said.call_id}
    return {"functionCall": call}


def _result_parts(calls: list[_Said], model: Model, unanswered: Body) -> Iterator[Part]:
    """Results in call order; media beside them where they cannot be inside."""
    beside: list[Part] = []
    for said in calls:
        result = said.result or _Result(unanswered, [])
        response: Body = {
            "name": said.name,
            "response": result.response,
            "id": said.call_id,
        }
        if result.media and model.takes_media_results:
            response["parts"] = result.media
        else:
            beside.extend(result.media)
        yield {"functionResponse": response}
    yield from beside


def current_from(contents: list[Body]) -> int:
    """Index of the content that opens the current turn, -1 when none does.

    That is the last user content with text and no functionResponse: Gemini 3 checks
    thought signatures behind it only (Gemini API docs, thought signatures).
    """
    for at in range(len(contents) - 1, -1, -1):
        parts = contents[at]["parts"]
        if (
            contents[at]["role"] == "user"
            and any("text" in part for part in parts)
            and not any("functionResponse" in part for part in parts)
        ):
            return at
    return -1
