"""Files that a request has Google fetch: only from where the operator allows.

Google opens buckets and the files of its Files API with the project's own rights, so
whoever names one reads what the operator's accounts may read.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from typing import Any

from .. import urls
from ..errors import InvalidRequest
from .request import Body

FILES_API = "generativelanguage.googleapis.com"
"""Stands among the allowed buckets for what is uploaded to the Gemini API."""
ANY = "*"
"""Stands there for every bucket."""

_BUCKET_HOSTS = ("storage.googleapis.com", "storage.cloud.google.com")
_DATA = ("fileData", "file_data")
_URI = ("fileUri", "file_uri")


def check_files(
    body: Body, allowed: Collection[str], fetched: Container[str] = ()
) -> None:
    """Raise `InvalidRequest` where Google would have to fetch what is not allowed.

    ``fetched`` are addresses that the gateway fetches itself.
    """
    for uri in _uris(body):
        if uri not in fetched and not _is_allowed(uri, allowed):
            raise InvalidRequest(
                "This gateway does not let Google's Files API or this bucket be read. "
                "Send the media inside the request, or ask its operator to allow it "
                "(media.allowedBuckets).",
                code="media_not_allowed",
            )


def _is_allowed(uri: str, allowed: Collection[str]) -> bool:
    try:
        parts = urls.split(uri)
    except ValueError:
        return False
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme == "gs":
        return _is_bucket_allowed(parts.netloc, allowed)
    if host in _BUCKET_HOSTS:
        return _is_bucket_allowed(parts.path.split("/")[1:2], allowed)
    if host.endswith(".storage.googleapis.com"):
        return _is_bucket_allowed(host.removesuffix(".storage.googleapis.com"), allowed)
    if host == FILES_API or parts.scheme not in ("http", "https"):
        return FILES_API in allowed
    return True


def _is_bucket_allowed(bucket: str | list[str], allowed: Collection[str]) -> bool:
    name = "".join(bucket)
    return name in allowed or (ANY in allowed and bool(name))


def _uris(body: Body) -> Iterator[str]:
    contents = [*_list(body.get("contents"))]
    for name in ("systemInstruction", "system_instruction"):
        contents.append(body.get(name))
    for content in contents:
        if isinstance(content, dict):
            yield from _uris_in(content.get("parts"))


def _uris_in(parts: Any) -> Iterator[str]:
    for part in _list(parts):
        if not isinstance(part, dict):
            continue
        for name in _DATA:
            if isinstance(data := part.get(name), dict):
                yield from (data[key] for key in _URI if isinstance(data.get(key), str))
        for name in ("functionResponse", "function_response"):
            if isinstance(result := part.get(name), dict):
                yield from _uris_in(result.get("parts"))


def _list(value: Any) -> list[Any]:
    """What Google takes for a list: one, or its only member."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
