"""Items that are written piece by piece: a message, thoughts, code that Google runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .events import Events, head_of
from .written_calls import Item

_LOGPROBS = b',"logprobs":[]'
_TITLE = re.compile(r"(?<=\n)(?=\*\*[^*\n])")
"""Gemini puts a bold title before each stretch of its thoughts."""


class OpenMessage:
    """The words of an answer, as they come."""

    def __init__(self, events: Events, id: str, index: int) -> None:
        self._events = events
        self._at: dict[str, Any] = {"item_id": id, "output_index": index}
        self._words: list[str] = []
        place = {**self._at, "content_index": 0}
        self._head = head_of("response.output_text.delta", **place)

    def open(self) -> bytes:
        item = self._item([], "in_progress")
        part = _text_part("", [])
        return _added(self._events, self._at, item) + self._events.write(
            "response.content_part.added", **self._at, content_index=0, part=part
        )

    def add(self, words: str) -> bytes:
        self._words.append(words)
        return self._events.delta(self._head, words, _LOGPROBS)

    @property
    def text(self) -> str:
        return "".join(self._words)

    def finished(
        self, status: str = "completed", annotations: Sequence[Item] = ()
    ) -> Item:
        """The item as it is kept."""
        return self._item([_text_part(self.text, list(annotations))], status)

    def close(self, item: Item) -> bytes:
        """The end, after which ``item`` is what there is."""
        [part] = item["content"]
        at = {**self._at, "content_index": 0}
        noted = [
            self._events.write(
                "response.output_text.annotation.added",
                **at,
                annotation_index=number,
                annotation=annotation,
            )
            for number, annotation in enumerate(part["annotations"])
        ]
        text = part["text"]
        done = self._events.write(
            "response.output_text.done", **at, text=text, logprobs=[]
        )
        done += self._events.write("response.content_part.done", **at, part=part)
        return b"".join(noted) + done + _done(self._events, self._at, item)

    def _item(self, content: list[Item], status: str) -> Item:
        return {
            "type": "message",
            "id": self._at["item_id"],
            "role": "assistant",
            "status": status,
            "content": content,
        }


class OpenReasoning:
    """Summaries of thoughts, each titled one a part of its own."""

    def __init__(self, events: Events, id: str, index: int) -> None:
        self._events = events
        self._at: dict[str, Any] = {"item_id": id, "output_index": index}
        self._parts: list[list[str]] = []
        self._head = b""

    def open(self) -> bytes:
        return _added(self._events, self._at, self._item("in_progress", None))

    def add(self, words: str) -> bytes:
        return b"".join(map(self._add, _TITLE.split(words)))

    def finished(self, status: str = "completed", token: str | None = None) -> Item:
        """The item as it is kept; ``token`` is its ``encrypted_content``."""
        return self._item(status, token)

    def close(self, item: Item) -> bytes:
        return self._end_part() + _done(self._events, self._at, item)

    def add_part(self, words: str) -> bytes:
        """A whole part."""
        begun = self._end_part() + self._begin_part()
        self._parts[-1].append(words)
        return begun + self._events.delta(self._head, words)

    def _add(self, words: str) -> bytes:
        if not self._parts or (words.startswith("**") and any(self._parts[-1])):
            return self.add_part(words)
        self._parts[-1].append(words)
        return self._events.delta(self._head, words)

    def _begin_part(self) -> bytes:
        at = {**self._at, "summary_index": len(self._parts)}
        self._parts.append([])
        self._head = head_of("response.reasoning_summary_text.delta", **at)
        return self._events.write(
            "response.reasoning_summary_part.added", **at, part=_summary("")
        )

    def _end_part(self) -> bytes:
        if not self._parts:
            return b""
        at = {**self._at, "summary_index": len(self._parts) - 1}
        text = "".join(self._parts[-1])
        return self._events.write(
            "response.reasoning_summary_text.done", **at, text=text
        ) + self._events.write(
            "response.reasoning_summary_part.done", **at, part=_summary(text)
        )

    def _item(self, status: str, token: str | None) -> Item:
        return {
            "type": "reasoning",
            "id": self._at["item_id"],
            "summary": [_summary("".join(words)) for words in self._parts],
            "encrypted_content": token,
            "status": status,
        }


class OpenCode:
    """Code that Google runs; its output comes a little later."""

    def __init__(self, events: Events, id: str, index: int, code: str) -> None:
        self._events = events
        self._at: dict[str, Any] = {"item_id": id, "output_index": index}
        self._code = code
        self._logs: list[str] = []

    def open(self) -> bytes:
        events, at = self._events, self._at
        kind = "response.code_interpreter_call"
        head = head_of(f"{kind}_code.delta", **at)
        item = {**self.finished("in_progress"), "code": "", "outputs": []}
        return b"".join(
            [
                _added(events, at, item),
                events.write(f"{kind}.in_progress", **at),
                events.delta(head, self._code),
                events.write(f"{kind}_code.done", **at, code=self._code),
                events.write(f"{kind}.interpreting", **at),
            ]
        )

    def add(self, logs: str) -> bytes:
        self._logs.append(logs)
        return b""

    def finished(self, status: str = "completed") -> Item:
        logs = "".join(self._logs)
        return {
            "type": "code_interpreter_call",
            "id": self._at["item_id"],
            "status": status,
            "container_id": "cntr_none",
            "code": self._code,
            "outputs": [{"type": "logs", "logs": logs}] if logs else [],
        }

    def close(self, item: Item) -> bytes:
        ended = self._events.write(
            "response.code_interpreter_call.completed", **self._at
        )
        return ended + _done(self._events, self._at, item)


def _added(events: Events, at: dict[str, Any], item: Item) -> bytes:
    index = at["output_index"]
    return events.write("response.output_item.added", output_index=index, item=item)


def _done(events: Events, at: dict[str, Any], item: Item) -> bytes:
    index = at["output_index"]
    return events.write("response.output_item.done", output_index=index, item=item)


def _text_part(text: str, annotations: list[Item]) -> Item:
    return {
        "type": "output_text",
        "text": text,
        "annotations": annotations,
        "logprobs": [],
    }


def _summary(text: str) -> Item:
    return {"type": "summary_text", "text": text}
