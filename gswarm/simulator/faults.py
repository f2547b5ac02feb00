"""Turns a scripted fault into a changed answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .answers.chunks import Frame, assembled
from .answers.script import Break, Chunk, Framing, Script
from .errors import named

_FRAMING = ("split_writes", "multiline", "comments", "unterminated")


def apply(do: Mapping[str, Any], script: Script, *, now: float = 0.0) -> Script:
    """The script as ``do`` wants it: other chunks, silences, a break, odd framing.

    ``do`` is the body of ``POST /_sim/script``; what happens before an answer exists
    (``error``, ``status``, a stall before the headers) is not looked at here. ``now``
    dates the resets errors speak of. Raises ValueError for a fault there is not.
    """
    script = replace(script, chunks=tuple(_chunks(do, script)))
    script = replace(script, pauses=_pauses(do, script))
    framing = {name: True for name in _FRAMING if do.get(name)}
    odd = script.odd + tuple(do.get("odd", ()))
    return replace(script, framing=Framing(**framing), broken=_break(do, now), odd=odd)


def paced(script: Script, ttft_seconds: float, chunk_seconds: float) -> Script:
    """The script at a model's speed: silence before the first chunk and each other;
    silences it has already are kept."""
    usual = {n: chunk_seconds for n in range(1, len(script.chunks))}
    usual[0] = ttft_seconds
    pauses = {n: seconds for n, seconds in usual.items() if seconds > 0}
    return replace(script, pauses=pauses | dict(script.pauses))


def _chunks(do: Mapping[str, Any], script: Script) -> list[Chunk]:
    if "chunks" in do:
        return list(do["chunks"])
    if "parts" in do:
        return _from_parts(do, script.chunks[-1])
    if "slow" in do:
        return _stretched(list(script.chunks), do["slow"].get("chunks", 0))
    return list(script.chunks)


def _from_parts(do: Mapping[str, Any], last: Chunk) -> list[Chunk]:
    """Scripted parts in the frame of the answer they replace."""
    counted = last.get("usageMetadata", {})
    frame = Frame(
        version=last.get("modelVersion", ""),
        response_id=last.get("responseId", ""),
        prompt_tokens=counted.get("promptTokenCount", 0),
        thought_tokens=counted.get("thoughtsTokenCount", 0),
    )
    made = assembled(do["parts"], frame, do.get("finish", "STOP"))
    if "usage" in do:
        for chunk in made:
            chunk["usageMetadata"] = do["usage"]
    return made


def _stretched(chunks: list[Chunk], wanted: int) -> list[Chunk]:
    """At least so many chunks: the missing ones say a dot each, before the last."""
    missing = wanted - len(chunks)
    if missing <= 0:
        return chunks
    dot = {"candidates": [{"index": 0, "content": _DOT}]}
    fill = [{**chunks[0], **dot} for _ in range(missing)]
    return [*chunks[:-1], *fill, chunks[-1]]


_DOT = {"role": "model", "parts": [{"text": "."}]}


def _pauses(do: Mapping[str, Any], script: Script) -> dict[int, float]:
    pauses = dict(script.pauses)
    if "slow" in do:
        seconds = float(do["slow"].get("chunk_seconds", 0))
        pauses |= dict.fromkeys(range(1, len(script.chunks)), seconds)
    stall = do.get("stall", {"before": "headers"})
    if stall["before"] != "headers":
        place = 0 if stall["before"] == "first_chunk" else int(stall["before"])
        pauses[place] = float(stall["seconds"])
    return pauses


def _break(do: Mapping[str, Any], now: float) -> Break | None:
    if "midstream_error" in do:
        fault = do["midstream_error"]
        facts = {k: v for k, v in fault.items() if k not in ("after", "how", "error")}
        error = named(fault.get("error", "high_demand"), **{"now": now, **facts})
        return Break(fault.get("after", 1), _known(fault.get("how", "event")), error)
    if "cut" in do:
        fault = do["cut"]
        return Break(fault.get("after", 1), _known(fault.get("how", "eof")))
    return None


def _known(how: str) -> Any:
    if how not in ("eof", "rst", "event", "raw"):
        raise ValueError(f"a stream does not break by {how!r}")
    return how
