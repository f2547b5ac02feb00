"""Media by address in a conversation: what the gateway fetches, what is Google's to."""

from __future__ import annotations

from collections.abc import Iterator

from ...gemini.file_addresses import FILES_API
from ...gemini.request import Body
from ...urls import LONGEST_URL, split
from . import fields

VIDEO_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"})


def to_fetch(contents: list[Body]) -> dict[str, str]:
    """The web addresses to fetch before the request leaves, with their fields: not
    every upstream does.

    Buckets, the Files API's and videos are left to Google, where the operator allows
    them (`gswarm.gemini.file_addresses`).
    """
    remote: dict[str, str] = {}
    for file, path in _files(contents):
        address = file.get("fileUri")
        if not address:
            raise fields.missing(f"{path}.file_uri", "file_uri is not specified")
        if len(address) > LONGEST_URL:
            raise fields.unsupported(
                f"{path}.file_uri", f"An address has at most {LONGEST_URL} characters."
            )
        if _is_on_the_web(address):
            remote.setdefault(address, f"{path}.file_uri")
    return remote


def _files(contents: list[Body]) -> Iterator[tuple[Body, str]]:
    for at, content in enumerate(contents):
        for place, part in enumerate(content["parts"]):
            if "fileData" in part:
                yield part["fileData"], f"contents[{at}].parts[{place}].file_data"
            elif "functionResponse" in part:
                yield from _files_of_result(part, f"contents[{at}].parts[{place}]")


def _files_of_result(part: Body, path: str) -> Iterator[tuple[Body, str]]:
    for at, result in enumerate(part["functionResponse"].get("parts") or ()):
        if "fileData" in result:
            where = f"{path}.function_response.parts[{at}].file_data"
            yield result["fileData"], where


def _is_on_the_web(address: str) -> bool:
    try:
        found = split(address)
        scheme, host = found.scheme, found.hostname or ""
    except ValueError:
        return False
    is_googles = host in VIDEO_HOSTS or host == FILES_API
    return scheme in ("http", "https") and bool(host) and not is_googles
