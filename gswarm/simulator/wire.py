"""A script as bytes: events of a stream, a JSON array, or one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import orjson

from .answers.odd import bent
from .answers.script import Break, Chunk, Framing, Part, Script
from .errors import encode


@dataclass(frozen=True, slots=True)
class Pause:
    """Say nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection: an end without the last chunk, or a reset."""

    how: Literal["eof", "rst"]


@dataclass(frozen=True, slots=True)
class RawTail:
    """Bytes that are no event; the stream ends after them."""

    content: bytes


Event: TypeAlias = bytes | Pause | Cut | RawTail

_SPLIT_SECONDS = 0.001


def sse_events(script: Script, *, wrap: bool) -> Iterator[Event]:
    """The script as server-sent events; every piece of bytes is one TCP write.

    ``wrap`` puts each chunk into Code Assist's envelope. Nothing marks the end.
    """
    script = _as_written(script)
    last = len(script.chunks) - 1
    for index, chunk in _until_break(script):
        if isinstance(chunk, Pause):
            yield chunk
            continue
        framing = script.framing
        if framing.comments:
            yield b": simulated\r\n\r\n"
        event = _event(_wrapped(chunk, script, wrap), framing)
        if framing.unterminated and index == last:
            event = event.removesuffix(b"\r\n\r\n")
        yield from _writes(event, framing)
    yield from _broken(script.broken)


def json_array(script: Script, *, wrap: bool) -> Iterator[Event]:
    """The script as it comes without ``alt=sse``: one array, chunk by chunk."""
    script, lead = _as_written(script), b"["
    for _, chunk in _until_break(script):
        if isinstance(chunk, Pause):
            yield chunk
            continue
        body = _pretty(_wrapped(chunk, script, wrap))
        yield from _writes(lead + body, script.framing)
        lead = b",\r\n"
    if script.broken is None:
        yield b"]" if lead != b"[" else b"[]"
    elif script.broken.error:
        tail = json.dumps(script.broken.error.body, indent=2).encode()
        yield RawTail(lead + tail + b"]")
    else:
        yield from _broken(script.broken)


def unary_events(script: Script, *, wrap: bool) -> Iterator[Event]:
    """The script as one JSON object, with all its silences; raises the error it breaks
    with. A cut comes in the middle of the body."""
    for seconds in script.pauses.values():
        yield Pause(seconds)
    if script.broken and script.broken.error:
        raise script.broken.error
    content = _compact(unary(script, wrap=wrap))
    if script.broken:
        yield content[: len(content) // 2]
        yield from _broken(script.broken)
    else:
        yield content


def unary(script: Script, *, wrap: bool) -> dict[str, Any]:
    """The whole answer as one object: text parts joined, the last usage, the finish."""
    merged: Chunk = {}
    parts: list[Part] = []
    candidate: dict[str, Any] = {}
    for chunk in script.chunks:
        merged |= {k: v for k, v in chunk.items() if k != "candidates"}
        for found in chunk.get("candidates", [])[:1]:
            _join(parts, found.get("content", {}).get("parts", []))
            candidate |= {k: v for k, v in found.items() if k != "content"}
            candidate["content"] = {"role": "model"}
    if candidate:
        if parts:
            candidate["content"]["parts"] = parts
        merged = {"candidates": [candidate], **merged}
    return _wrapped(bent([merged], script.odd)[-1], script, wrap)


def _as_written(script: Script) -> Script:
    """The script in its odd shapes; what was silent or broken is so at that chunk."""
    return replace(script, chunks=tuple(bent(script.chunks, script.odd)), odd=())


def _until_break(script: Script) -> Iterator[tuple[int, Chunk | Pause]]:
    end = script.broken.after if script.broken else len(script.chunks)
    for index, chunk in enumerate(script.chunks[:end]):
        if index in script.pauses:
            yield index, Pause(script.pauses[index])
        yield index, chunk


def _broken(broken: Break | None) -> Iterator[Event]:
    if broken is None:
        return
    if broken.error:
        content = encode(broken.error)[2]
        if broken.how == "raw":
            yield RawTail(content)
        else:
            yield _event(broken.error.body, Framing())
    elif broken.how == "rst":
        yield Cut("rst")
    else:
        yield Cut("eof")


def _wrapped(chunk: Chunk, script: Script, wrap: bool) -> dict[str, Any]:
    if not wrap:
        return chunk
    return {"response": chunk, "traceId": script.trace_id, "metadata": {}}


def _event(value: Any, framing: Framing) -> bytes:
    if not framing.multiline:
        return b"data: " + _compact(value) + b"\r\n\r\n"
    lines = _pretty(value).split(b"\n")
    return b"".join(b"data: " + line + b"\r\n" for line in lines) + b"\r\n"


def _compact(value: Any) -> bytes:
    """JSON in few bytes; half a character is escaped, which orjson refuses to do."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _pretty(value: Any) -> bytes:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text.encode(errors="backslashreplace")


def _writes(content: bytes, framing: Framing) -> Iterator[Event]:
    if not framing.split_writes:
        yield content
        return
    for index, piece in enumerate(_split(content)):
        if index:
            yield Pause(_SPLIT_SECONDS)
        yield piece


def _split(content: bytes) -> Iterable[bytes]:
    """At the nastiest places: in ``data``, inside a character, between CR and LF."""
    inside = next(
        (i for i, byte in enumerate(content) if byte >= 0xC0), len(content) // 2
    )
    places = sorted({3, inside + 1, max(len(content) - 3, 0)})
    starts = [0, *(place for place in places if 0 < place < len(content))]
    return [content[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]


def _join(parts: list[Part], more: list[Part]) -> None:
    """Append, joining texts of a kind, as Google's unary replies have them."""
    for part in more:
        last = parts[-1] if parts else {}
        same = part.get("thought") == last.get("thought")
        if "text" in part and "text" in last and same:
            parts[-1] = {**last, **part, "text": last["text"] + part["text"]}
        else:
            parts.append(dict(part))
