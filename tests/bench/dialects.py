"""What the other dialects cost, beside the same question asked as a chat.

python -m tests.bench.dialects
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from .contestants import MODEL, SHORT, CannedGoogle, Contestant, gateway

ROUNDS = 4
REQUESTS = 800
STREAMS, MANY_CHUNKS, FEW_CHUNKS, STREAM_SECONDS = 50, 301, 3, 3.0
TARGET = 1.15

SYSTEM, TEXT = "Be brief.", "x" * 1500
TURN = {"role": "user", "content": TEXT}

RESPONSE = {"model": MODEL, "instructions": SYSTEM, "input": TEXT}
MESSAGE = {"model": MODEL, "max_tokens": 4_096, "system": SYSTEM, "messages": [TURN]}
GENERATE = {
    "systemInstruction": {"parts": [{"text": SYSTEM}]},
    "contents": [{"role": "user", "parts": [{"text": TEXT}]}],
}
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "responses": ("/v1/responses", RESPONSE),
    "responses, not stored": ("/v1/responses", {**RESPONSE, "store": False}),
    "messages": ("/v1/messages", MESSAGE),
    "gemini": (f"/v1beta/models/{MODEL}:generateContent", GENERATE),
}
"""By dialect, the path and the body of the question that `SHORT` asks as a chat."""


def per_request(gswarm: Contestant) -> Iterator[tuple[str, ...]]:
    """CPU of whole answers, the dialects taking turns."""
    asked = {"chat": (gswarm.path, SHORT), **QUESTIONS}
    spent: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, (path, body) in asked.items():
            contestant = replace(gswarm, path=path)
            before = contestant.cpu_seconds()
            answers = contestant.ask_all([body] * REQUESTS, at_once=8)
            assert all(answer.is_good for answer in answers), (name, answers[0])
            used = contestant.cpu_seconds() - before
            spent[name].append(used / REQUESTS * 1000)
    chat = min(spent.pop("chat"))
    for name, found in spent.items():
        yield row(f"CPU per request, {name}", min(found), chat, "ms")


def per_chunk(gswarm: Contestant) -> Iterator[tuple[str, ...]]:
    """CPU of a chunk of a stream, of those dialects in which one can be shaped."""

    def microseconds(path: str, body: dict[str, Any]) -> float:
        contestant = replace(gswarm, path=path)

        def spent_on(chunks: int) -> float:
            pause = STREAM_SECONDS / (chunks - 1)
            shape = {"stream": True, "seed": chunks, "temperature": pause}
            before = contestant.cpu_seconds()
            contestant.open_all([{**body, **shape}] * STREAMS, pause=0.001)
            return contestant.cpu_seconds() - before

        more = spent_on(MANY_CHUNKS) - spent_on(FEW_CHUNKS)
        return more / STREAMS / (MANY_CHUNKS - FEW_CHUNKS) * 1_000_000

    asked = ((gswarm.path, SHORT), QUESTIONS["responses"])
    found = [[microseconds(*each) for each in asked] for _ in range(ROUNDS)]
    chat, ours = map(min, zip(*found, strict=True))
    yield row("CPU per chunk, responses", ours, chat, "µs")


def row(what: str, ours: float, chat: float, unit: str) -> tuple[str, ...]:
    told = f"{ours:.2f} {unit}, chat {chat:.2f} {unit}"
    return what, f"<= {TARGET} x chat", f"{ours / chat:.2f} x", told


def rows(gswarm: Contestant) -> Iterator[tuple[str, ...]]:
    """Every figure as (what, target, measured, made of)."""
    yield from per_request(gswarm)
    yield from per_chunk(gswarm)


def main() -> None:
    """Print the rows on their own."""
    with CannedGoogle() as canned, gateway(canned.url) as gswarm:
        gswarm.ask_all([SHORT] * 100, at_once=8)
        for what, target, measured, told in rows(gswarm):
            click.echo(f"{what:34} {target:>14} {measured:>8}   {told}")


if __name__ == "__main__":
    main()
