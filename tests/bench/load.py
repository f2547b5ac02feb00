"""The clients: many requests at once over plain sockets, so as to cost little."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

DONE = b"[DONE]"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: bytes of the head and the body, seconds to the body's first."""

    head: bytes
    body: bytes
    first_byte: float

    @property
    def is_good(self) -> bool:
        return self.head.startswith(b"HTTP/1.1 200 ")

    def header(self, name: str) -> str:
        """One header of the head, "" where it is missing."""
        for line in self.head.decode().split("\r\n"):
            found, _, value = line.partition(":")
            if found.lower() == name:
                return value.strip()
        return ""


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who answers chat completions, at ``url`` and ``path``."""

    url: str
    key: str = ""
    path: str = "/v1/chat/completions"

    def ask_all(self, bodies: Iterable[dict[str, Any]], at_once: int) -> list[Answer]:
        """Ask one after the other, so many at once, over kept connections."""
        return asyncio.run(self._ask_all(list(bodies), at_once))

    def open_all(self, bodies: Iterable[dict[str, Any]], pause: float) -> list[Answer]:
        """Ask each over a connection of its own, one every ``pause`` seconds."""
        return asyncio.run(self._open_all(bodies, pause))

    async def _open_all(
        self, bodies: Iterable[dict[str, Any]], pause: float
    ) -> list[Answer]:
        async def later(body: dict[str, Any], seconds: float) -> Answer:
            await asyncio.sleep(seconds)
            return await self._ask_once(body)

        starts = (later(body, n * pause) for n, body in enumerate(bodies))
        return await asyncio.gather(*starts)

    async def _ask_all(
        self, bodies: list[dict[str, Any]], at_once: int
    ) -> list[Answer]:
        answers: list[Answer] = []

        async def run() -> None:
            reader, writer = await self._connect()
            while bodies:
                answers.append(await self._ask(reader, writer, bodies.pop()))
            writer.close()

        await asyncio.gather(*(run() for _ in range(at_once)))
        return answers

    async def _ask_once(self, body: dict[str, Any]) -> Answer:
        reader, writer = await self._connect()
        try:
            return await self._ask(reader, writer, body)
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.url)
        return await asyncio.open_connection(parts.hostname, parts.port)

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        body: dict[str, Any],
    ) -> Answer:
        started = time.perf_counter()
        writer.write(self._message(body))
        head = await reader.readuntil(b"\r\n\r\n")
        if b"content-length" in head.lower():
            length = int(Answer(head, b"", 0).header("content-length"))
            whole = await reader.readexactly(length)
            return Answer(head, whole, time.perf_counter() - started)
        first = await reader.readuntil(b"\r\n")
        first_byte = time.perf_counter() - started
        chunks = []
        while size := int(first, 16):
            chunks.append((await reader.readexactly(size + 2))[:-2])
            first = await reader.readuntil(b"\r\n")
        await reader.readexactly(2)
        return Answer(head, b"".join(chunks), first_byte)

    def _message(self, body: dict[str, Any]) -> bytes:
        content = orjson.dumps(body)
        lines = (
            f"POST {self.path} HTTP/1.1",
            f"Host: {urlsplit(self.url).netloc}",
            f"Authorization: Bearer {self.key}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
        )
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + content
