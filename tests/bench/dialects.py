"""What the other dialects cost, beside the same question asked as a chat.

python -m tests.bench.dialects
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import click

from .canned_google import in_chunks
from .contestants import (
    MODEL,
    SHORT,
    SYSTEM,
    TEXT,
    CannedGoogle,
    Contestant,
    chat_of,
    gateway,
)

ROUNDS = 4
REQUESTS = 800
STREAMS, MANY_CHUNKS, FEW_CHUNKS, STREAM_SECONDS = 50, 301, 3, 3.0
TARGET = 1.15
CHAT = "/v1/chat/completions"
GEMINI = f"/v1beta/models/{MODEL}"

Asked: TypeAlias = tuple[str, dict[str, Any]]
"""A path, and a body for it."""


def questions(text: str) -> dict[str, Asked]:
    """The same question in each dialect, to be answered whole."""
    turn = {"role": "user", "content": text}
    response = {"model": MODEL, "instructions": SYSTEM, "input": text}
    message = {"max_tokens": 4_096, "system": SYSTEM, "messages": [turn]}
    return {
        "chat": (CHAT, chat_of(text)),
        "responses": ("/v1/responses", response),
        "responses, not stored": ("/v1/responses", {**response, "store": False}),
        "messages": ("/v1/messages", {"model": MODEL, **message}),
        "gemini": (f"{GEMINI}:generateContent", _generate(text)),
    }


def streams(chunks: int, pause: float) -> dict[str, Asked]:
    """A question in each dialect, to be answered in a stream of that shape."""
    whole = questions(in_chunks(chunks, pause) + TEXT)
    _, generate = whole.pop("gemini")
    streamed = {
        name: (path, {**body, "stream": True}) for name, (path, body) in whole.items()
    }
    return streamed | {"gemini": (f"{GEMINI}:streamGenerateContent?alt=sse", generate)}


def _generate(text: str) -> dict[str, Any]:
    return {
        "systemInstruction": {"parts": [{"text": SYSTEM}]},
        "contents": [{"role": "user", "parts": [{"text": text}]}],
    }


def per_request(gswarm: Contestant) -> Iterator[tuple[str, ...]]:
    """CPU of whole answers, the dialects taking turns."""

    def milliseconds(path: str, body: dict[str, Any]) -> float:
        contestant = replace(gswarm, path=path)
        before = contestant.cpu_seconds()
        answers = contestant.ask_all([body] * REQUESTS, at_once=8)
        assert all(answer.is_good for answer in answers), (path, answers[0])
        return (contestant.cpu_seconds() - before) / REQUESTS * 1000

    asked = questions(TEXT)
    rounds = [
        {name: milliseconds(*each) for name, each in asked.items()}
        for _ in range(ROUNDS)
    ]
    yield from compare("CPU per request", rounds, "ms")


def per_chunk(gswarm: Contestant) -> Iterator[tuple[str, ...]]:
    """CPU of what streams of many chunks cost beyond those of few, equally long."""

    def spent_on(path: str, body: dict[str, Any], chunks: int) -> float:
        contestant = replace(gswarm, path=path)
        before = contestant.cpu_seconds()
        answers = contestant.open_all([body] * STREAMS, pause=0.001)
        assert all(answer.body.count(b"data: ") >= chunks for answer in answers), path
        return contestant.cpu_seconds() - before

    many = streams(MANY_CHUNKS, STREAM_SECONDS / (MANY_CHUNKS - 1))
    few = streams(FEW_CHUNKS, STREAM_SECONDS / (FEW_CHUNKS - 1))
    each = 1_000_000 / STREAMS / (MANY_CHUNKS - FEW_CHUNKS)

    def microseconds(name: str) -> float:
        more = spent_on(*many[name], MANY_CHUNKS) - spent_on(*few[name], FEW_CHUNKS)
        return more * each

    rounds = [{name: microseconds(name) for name in many} for _ in range(ROUNDS)]
    yield from compare("CPU per chunk", rounds, "µs")


def compare(
    what: str, rounds: list[dict[str, float]], unit: str
) -> Iterator[tuple[str, ...]]:
    """A row for each dialect, of the rounds that were disturbed least."""
    least = {name: min(each[name] for each in rounds) for name in rounds[0]}
    chat = least.pop("chat")
    for name, found in least.items():
        yield row(f"{what}, {name}", found, chat, unit)


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
