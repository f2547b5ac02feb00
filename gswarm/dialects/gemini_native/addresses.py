"""Media by address in a conversation: fetched by us, or left to Google."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...gemini.request import Body
from ...urls import LONGEST_URL, split
from . import fields

VIDEO_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"})
GOOGLE_FILES = "generativelanguage.googleapis.com"


class Addresses:
    """Looks at the ``fileData`` of a request."""

    def of(self, contents: list[Body]) -> dict[str, str]:
        """The addresses to fetch before the request leaves, with their fields.

        Raises `PermissionDenied` for files that belong to one of Google's projects.
        """
        remote: dict[str, str] = {}
        for file, path in _files(contents):
            address = file.get("fileUri")
            if not isinstance(address, str) or not address:
                raise fields.missing(f"{path}.file_uri", "file_uri is not specified")
            if len(address) > LONGEST_URL:
                raise fields.unsupported(
                    f"{path}.file_uri",
                    f"An address has at most {LONGEST_URL} characters.",
                )
            if self._is_ours_to_fetch(address):
                remote.setdefault(address, f"{path}.file_uri")
        return remote

    def _is_ours_to_fetch(self, address: str) -> bool:
        scheme, host = _scheme_and_host(address)
        if scheme == "gs" or host == GOOGLE_FILES or address.startswith("files/"):
            raise fields.of_one_project(
                f"You do not have permission to access the File {address[:200]} or it "
                "may not exist."
            )
        return scheme in ("http", "https") and bool(host) and host not in VIDEO_HOSTS


def _files(contents: list[Body]) -> Iterator[tuple[Body, str]]:
    for at, content in enumerate(contents):
        for place, part in enumerate(content["parts"]):
            path = f"contents[{at}].parts[{place}]"
            if "fileData" in part:
                yield part["fileData"], f"{path}.file_data"
            inside: list[Any] = part.get("functionResponse", {}).get("parts") or []
            for number, result in enumerate(inside):
                if "fileData" in result:
                    where = f"{path}.function_response.parts[{number}]"
                    yield result["fileData"], f"{where}.file_data"


def _scheme_and_host(address: str) -> tuple[str, str]:
    try:
        found = split(address)
        return found.scheme, found.hostname or ""
    except ValueError:
        return "", ""
