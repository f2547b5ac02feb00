"""Google's JSON methods off the hot path: rare, small, and in no hurry."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeAlias

import requests
from requests.adapters import HTTPAdapter

from .. import __version__
from ..errors import ServerFailure, UpstreamSilent
from ..gemini.json_text import loads
from ..redaction import HIDDEN, SHORTEST, secrets_in
from .verdict import read_error

Json: TypeAlias = dict[str, Any]

TIMEOUTS = (5.0, 30.0)
"""Seconds to connect, and between two bytes."""

MAX_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        """The object it holds; anything but a success raises its `Verdict`."""
        if not 200 <= self.status < 300:
            raise read_error(self.status, self.headers, self.body, time.time())
        payload = self.fields()
        if payload is None:
            raise ServerFailure("The reply is not a JSON object.")
        return payload

    def fields(self) -> Json | None:
        """The object it holds, whatever the status; None if it holds none."""
        try:
            payload = loads(self.body or b"{}")
        except ValueError:
            return None
        return payload if isinstance(payload, dict) else None


class JsonClient:
    """One kept session without proxies, cookies, redirects or retries.

    A failing network raises `ServerFailure`, a silent one `UpstreamSilent`.
    """

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["User-Agent"] = f"gswarm/{__version__}"
        adapter = HTTPAdapter(pool_maxsize=64, max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def get(self, url: str, access_token: str, **params: str) -> Json:
        """Read a resource."""
        return self._send("GET", url, _bearer(access_token), params=params).json()

    def get_with_key(self, url: str, api_key: str, **params: str) -> Json:
        """Read a resource of the Gemini API."""
        return self._send("GET", url, {"x-goog-api-key": api_key}, params=params).json()

    def post(self, url: str, access_token: str, body: Json) -> Json:
        """Call a method."""
        return self._send("POST", url, _bearer(access_token), json=body).json()

    def submit(self, url: str, form: Mapping[str, str]) -> Answer:
        """Post a form, as OAuth wants it; its errors are the caller's to read."""
        return self._send("POST", url, {}, data=form)

    def knock(self, origin: str) -> Answer:
        """Whatever an address answers, to see that it does."""
        return self._send("GET", f"{origin}/", {})

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def _send(
        self, verb: str, url: str, headers: Mapping[str, str], **body: Any
    ) -> Answer:
        try:
            with self._session.request(
                verb,
                url,
                headers=headers,
                timeout=TIMEOUTS,
                allow_redirects=False,
                stream=True,
                **body,
            ) as reply:
                content = _read(reply)
                if reply.status_code >= 400:
                    content = _without(content, _secrets_in(headers, body))
                return Answer(reply.status_code, reply.headers, content)
        except requests.Timeout as error:
            raise UpstreamSilent(f"{_host(url)} did not answer in time.") from error
        except requests.RequestException as error:
            why = what_failed(error)
            raise ServerFailure(f"{_host(url)} cannot be reached: {why}.") from error


def _secrets_in(headers: Mapping[str, str], body: Json) -> Iterator[str]:
    """What a request has shown to prove who asks."""
    yield from secrets_in(headers)
    form = body.get("data") or {}
    for name in ("refresh_token", "client_secret", "code", "assertion", "token"):
        if name in form:
            yield form[name]


def _without(content: bytes, secrets: Iterable[str]) -> bytes:
    for secret in secrets:
        if len(secret) >= SHORTEST:
            content = content.replace(secret.encode(), HIDDEN.encode())
    return content


def objects(value: Any) -> list[Json]:
    """The objects of a list; none where Google sends something else."""
    listed = value if isinstance(value, list) else ()
    return [each for each in listed if isinstance(each, dict)]


def what_failed(error: Exception) -> str:
    """In words for people: an error's own text may hold what was sent."""
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection came about"
    if isinstance(error, requests.Timeout):
        return "no answer came in time"
    if isinstance(error, requests.ConnectionError):
        return "the connection failed"
    return "its reply cannot be read"


def _bearer(access_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token}"}


def _read(reply: requests.Response) -> bytes:
    body = bytearray()
    for piece in reply.iter_content(65536):
        body += piece
        if len(body) > MAX_BYTES:
            raise ServerFailure("The reply is too long.")
    return bytes(body)


def _host(url: str) -> str:
    return url.split("/")[2]
