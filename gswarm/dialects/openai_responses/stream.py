"""Write a reply as a stream of events, and as one object by the same steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import orjson

from ...errors import Refusal
from ...gemini.reply import Fold, Part, parts_of
from ...gemini.request import Chunk
from ..openai_chat.write import is_audio, visible_text
from . import memory
from .carried import write_token
from .events import Events, NoEvents
from .open_items import OpenCode, OpenMessage, OpenReasoning
from .shape import ReplyShape
from .whole_items import write_item
from .write import (
    ending_of,
    failure_code,
    with_echo,
    write_citations,
    write_response,
    write_search,
    write_usage,
)
from .written_calls import ID_PREFIXES, Item, tool_of, write_call

Open: TypeAlias = OpenMessage | OpenReasoning | OpenCode


def write_whole(fold: Fold, shape: ReplyShape) -> dict[str, Any]:
    """The finished response; raises a `Refusal` where it is of no use."""
    return StreamWriter(fold, shape, NoEvents()).whole()


class StreamWriter:
    """One stream. Every method returns the bytes of whole events, maybe none.

    ``fold`` gathers the same chunks: whoever passes them on feeds it.

    One item is open at a time. What the last event says of the output are the very
    items that were announced as done.
    """

    def __init__(
        self, fold: Fold, shape: ReplyShape, events: Events | None = None
    ) -> None:
        self._fold = fold
        self._shape = shape
        self._events = events or Events()
        self._echo = orjson.dumps(shape.echo)
        self._output: list[Item] = []
        self._open: Open | None = None
        self._calls = 0

    def open(self) -> bytes:
        begun = self._whole(
            write_response(self._shape, "in_progress", store=self._store)
        )
        return self._events.write(
            "response.created", response=begun
        ) + self._events.write("response.in_progress", response=begun)

    def chunk(self, chunk: Chunk) -> bytes:
        """The events one chunk of the reply makes."""
        return b"".join([self._part(part) for part in parts_of(chunk)])

    def silence(self) -> bytes:
        """Something that is an event: Codex does not count comments."""
        return self._events.write("keepalive")

    def close(self) -> bytes:
        """The end of a good stream; of an unusable one, as `fail`."""
        try:
            ending = ending_of(self._fold)
        except Refusal as refusal:
            return self.fail(refusal)
        told = self._finish(ending["status"]) + self._search()
        response = self._ended(ending)
        kind = f"response.{ending['status']}"
        return told + self._events.write(kind, response=self._whole(response))

    def fail(self, refusal: Refusal) -> bytes:
        """The end of a broken stream. Some clients read the first event, some the
        second."""
        code = failure_code(refusal)
        error = {"code": code, "message": refusal.message}
        output = list(self._output)
        if self._open is not None:
            output.append(self._open.finished("incomplete"))
        response = write_response(
            self._shape, "failed", output, error=error, usage=self._usage()
        )
        return self._events.write(
            "error", **error, param=refusal.param
        ) + self._events.write("response.failed", response=self._whole(response))

    def whole(self) -> dict[str, Any]:
        """All of it at once, in place of what is above."""
        ending = ending_of(self._fold)
        for part in self._fold.parts:
            self._part(part)
        self._finish(ending["status"])
        search = self._searched()
        if search:
            self._output.insert(self._first_message(), search)
        return {**self._ended(ending), **self._shape.echo}

    # ------------------------------------------------------------------ parts

    def _part(self, part: Part) -> bytes:
        text = part.get("text")
        if text:
            return self._thought(text) if part.get("thought") else self._text(text)
        if "functionCall" in part:
            return self._call(part)
        if "inlineData" in part:
            return self._media(part["inlineData"])
        if self._shape.runs_code and (code := part.get("executableCode")):
            return self._code(code.get("code") or "")
        if isinstance(self._open, OpenCode) and "codeExecutionResult" in part:
            return self._open.add(
                (part["codeExecutionResult"] or {}).get("output") or ""
            )
        code = visible_text(part)
        return self._text(code) if code else b""

    def _text(self, text: str) -> bytes:
        if isinstance(self._open, OpenMessage):
            return self._open.add(text)
        closed = self._settle()
        message = OpenMessage(self._events, self._id("msg"), len(self._output))
        self._open = message
        return closed + message.open() + message.add(text)

    def _thought(self, text: str) -> bytes:
        if not self._shape.shows_thoughts:
            return b""
        if isinstance(self._open, OpenReasoning):
            return self._open.add(text)
        closed = self._settle()
        thoughts = OpenReasoning(self._events, self._id("rs"), len(self._output))
        self._open = thoughts
        return closed + thoughts.open() + thoughts.add(text)

    def _code(self, code: str) -> bytes:
        closed = self._settle()
        ran = OpenCode(self._events, self._id("ci"), len(self._output), code)
        self._open = ran
        return closed + ran.open()

    def _call(self, part: Part) -> bytes:
        if self._calls and self._shape.one_call_only:
            return b""
        self._calls += 1
        call = part["functionCall"]
        signature = part.get("thoughtSignature") or part.get("thought_signature")
        before = self._before({call["id"]: signature} if signature else {})
        tool = tool_of(call, self._shape.tools)
        return before + self._add(
            write_call(call, tool, self._id(ID_PREFIXES[tool.kind]))
        )

    def _before(self, signed: dict[str, str]) -> bytes:
        """Thoughts carry the signature of the call behind them; where there are none
        to do so, an empty reasoning item does, for clients that keep it."""
        thoughts = isinstance(self._open, OpenReasoning)
        closed = self._settle(signed=signed)
        if thoughts or not signed or not self._shape.carries:
            return closed
        empty = OpenReasoning(self._events, self._id("rs"), len(self._output))
        self._open = empty
        return closed + empty.open() + self._settle(signed=signed)

    def _media(self, media: Mapping[str, Any]) -> bytes:
        if is_audio(media):
            return b""
        if not self._shape.draws:
            return self._text(
                f"![image](data:{media.get('mimeType')};base64,{media.get('data')})"
            )
        picture = {
            "type": "image_generation_call",
            "id": self._id("ig"),
            "status": "completed",
            "result": media.get("data"),
        }
        return self._settle() + self._add(picture)

    # ------------------------------------------------------------------ items

    def _add(self, item: Item) -> bytes:
        index = len(self._output)
        self._output.append(item)
        return write_item(self._events, index, item)

    def _settle(
        self, status: str = "completed", signed: dict[str, str] | None = None
    ) -> bytes:
        """Close the item that is open, if one is."""
        current, self._open = self._open, None
        if current is None:
            return b""
        if isinstance(current, OpenReasoning):
            item = current.finished(status, self._token(signed))
        elif isinstance(current, OpenMessage):
            item = current.finished(status, self._citations(current.text))
        else:
            item = current.finished(status)
        self._output.append(item)
        return current.close(item)

    def _token(self, signed: dict[str, str] | None) -> str | None:
        """Some clients drop reasoning that carries nothing, so it carries its name."""
        shape = self._shape
        if not signed and not shape.carries:
            return None
        return write_token(shape.memory, shape.model_id, signed)

    def _citations(self, text: str) -> list[Item]:
        """Google counts from the beginning of all text, so only one message fits."""
        if not self._fold.grounding or text != self._fold.text:
            return []
        return write_citations(self._fold.grounding, text)

    def _id(self, prefix: str) -> str:
        number = len(self._output) + (self._open is not None)
        return memory.item_id(prefix, self._shape.digits, number)

    # ---------------------------------------------------------------- the end

    def _finish(self, status: str) -> bytes:
        """Close what is open. An answer without a word is still a message: clients
        take an empty output for a failure."""
        if status == "completed" and not self._output and self._open is None:
            self._open = OpenMessage(self._events, self._id("msg"), 0)
            return self._open.open() + self._settle()
        return self._settle(status)

    def _search(self) -> bytes:
        item = self._searched()
        return self._add(item) if item else b""

    def _searched(self) -> Item | None:
        shows_sources = self._shape.shows_sources
        return write_search(
            self._fold.grounding, self._id("ws"), shows_sources=shows_sources
        )

    def _first_message(self) -> int:
        kinds = [item["type"] for item in self._output]
        return kinds.index("message") if "message" in kinds else len(kinds)

    def _ended(self, ending: Mapping[str, Any]) -> dict[str, Any]:
        """The finished response, stored before anybody hears of it."""
        shape = self._shape
        response = write_response(
            shape, **ending, output=self._output, store=self._store, usage=self._usage()
        )
        if self._store:
            record = {
                "response": {**response, **shape.echo},
                "input": memory.with_ids(shape.items, shape.digits),
                "chain": list(shape.chain),
            }
            response["store"] = shape.memory.keep(response["id"], record)
        return response

    @property
    def _store(self) -> bool:
        return self._shape.store and self._shape.memory.is_on

    def _usage(self) -> dict[str, Any] | None:
        known = self._fold.usage_metadata
        return write_usage(self._fold.usage) if known else None

    def _whole(self, response: Mapping[str, Any]) -> orjson.Fragment:
        return with_echo(response, self._echo)
