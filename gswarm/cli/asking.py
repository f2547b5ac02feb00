"""Ask a gateway over HTTP, as any client does, and time the answer."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

import click

from ..jobs.load_test import PROMPT, Sample

TIMEOUT_SECONDS = 600.0
CHECK_SECONDS = 5.0


class Asker:
    """Sends the same question again and again; threads may share one."""

    def __init__(self, url: str, key: str, model: str, is_stream: bool) -> None:
        self._url = url.rstrip("/").removesuffix("/v1")
        self._is_stream = is_stream
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Cache-Control": "no-cache",
        }
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": "user", "content": PROMPT}],
        }
        if is_stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        self._body = json.dumps(body).encode()

    def check(self) -> None:
        """End the command in one line unless a gateway answers."""
        try:
            connection, path = self._connection(CHECK_SECONDS)
            connection.request("GET", f"{path}/readyz")
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise click.ClickException(
                f"No gateway answers at {self._url}: {error}."
            ) from None
        if status != 200:
            raise click.ClickException(f"{self._url} is not ready: HTTP {status}.")

    def ask(self) -> Sample:
        """Ask once."""
        started = time.monotonic()
        try:
            connection, path = self._connection(TIMEOUT_SECONDS)
            try:
                target = f"{path}/v1/chat/completions"
                connection.request("POST", target, self._body, self._headers)
                return self._heard(connection.getresponse(), started)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            return Sample(time.monotonic() - started, type(error).__name__)

    def _heard(self, reply: http.client.HTTPResponse, started: float) -> Sample:
        project = reply.headers.get("x-gswarm-project")
        if reply.status == 200 and self._is_stream:
            answer, first = _streamed(reply)
        else:
            answer, first = _parsed(reply.read()), None
        problem = None
        if reply.status != 200 or "error" in answer:
            problem = str(_member(answer, "error").get("code") or reply.status)
        return Sample(
            seconds=time.monotonic() - started,
            problem=problem,
            first_token_seconds=None if first is None else first - started,
            tokens=_member(answer, "usage").get("completion_tokens") or 0,
            project=project,
        )

    def _connection(self, seconds: float) -> tuple[http.client.HTTPConnection, str]:
        parts = urlsplit(self._url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise click.ClickException(f"{self._url!r} is no http address.")
        kinds = {
            "http": http.client.HTTPConnection,
            "https": http.client.HTTPSConnection,
        }
        kind = kinds[parts.scheme]
        return kind(parts.hostname, parts.port, timeout=seconds), parts.path


def _streamed(reply: http.client.HTTPResponse) -> tuple[dict[str, Any], float | None]:
    """What a stream's events tell together, and when the first of them said something.
    A stream that is cut short is an error."""
    told: dict[str, Any] = {"error": {"code": "cut_short"}}
    first = None
    for line in reply:
        data = line.removeprefix(b"data: ").strip()
        if data == b"[DONE]":
            del told["error"]
            break
        if not line.startswith(b"data: "):
            continue
        event = _parsed(data)
        told |= {name: event[name] for name in ("usage", "error") if event.get(name)}
        if first is None and _says_something(event):
            first = time.monotonic()
    return told, first


def _says_something(event: dict[str, Any]) -> bool:
    choices = event.get("choices")
    names = ("content", "reasoning_content", "tool_calls")
    return any(
        _member(choice, "delta").get(name)
        for choice in (choices if isinstance(choices, list) else ())
        for name in names
    )


def _member(value: object, name: str) -> dict[str, Any]:
    """What an object holds by this name; empty where that is no object."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _parsed(text: bytes) -> dict[str, Any]:
    """The JSON object; empty where it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
