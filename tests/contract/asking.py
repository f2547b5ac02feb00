"""Asking many things at once, and reading streams event by event."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import requests

from tests.gateway_process import Gateway

FLASH = "gemini-2.5-flash"
PRO = "gemini-2.5-pro"
SIGNING = "gemini-3-flash-preview"


def question(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    return {"model": FLASH, "messages": [{"role": "user", "content": text}], **fields}


def ask_all(
    gateway: Gateway, number: int, *, at_once: int | None = None, **fields: Any
) -> list[httpx.Response]:
    """Ask so many times, all at once or so many at a time; whole answers."""
    return asyncio.run(_ask_all(gateway, number, at_once or number, fields))


async def _ask_all(
    gateway: Gateway, number: int, at_once: int, fields: dict[str, Any]
) -> list[httpx.Response]:
    gate = asyncio.Semaphore(at_once)
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=gateway.url,
        headers=gateway.headers,
        limits=limits,
        timeout=60,
        trust_env=False,
    ) as client:

        async def ask(serial: int) -> httpx.Response:
            async with gate:
                body = question(f"Hello {serial}", **fields)
                return await client.post("/v1/chat/completions", json=body)

        return await asyncio.gather(*map(ask, range(number)))


def events(reply: requests.Response) -> Iterator[Any]:
    """The events of a stream: parsed, ``"[DONE]"``, or ``":"`` for a comment. Fails if
    the response does not end as it should."""
    for line in reply.iter_lines(chunk_size=1):
        if line.startswith(b"data: "):
            data = line.removeprefix(b"data: ")
            yield "[DONE]" if data == b"[DONE]" else json.loads(data)
        elif line.startswith(b":"):
            yield ":"


def until_minute_is_young() -> None:
    """Wait where a minute of limits would end within the test."""
    _until_young(60, 20)


def until_day_is_young() -> None:
    """Wait where a day of counters (in UTC) would end within the test."""
    _until_young(86_400, 60)


def _until_young(period: int, needed: int) -> None:
    left = period - time.time() % period
    if left < needed:
        time.sleep(left + 0.1)


def text_of(found: list[Any]) -> str:
    """What a stream's events say."""
    deltas = [
        choice["delta"].get("content") or ""
        for event in found
        if isinstance(event, dict)
        for choice in event.get("choices", ())
    ]
    return "".join(deltas)
