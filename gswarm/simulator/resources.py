"""What a request names that lies elsewhere: files, caches, buckets.

This Google keeps none, so that whatever is named is missing or somebody else's; only
objects in buckets are there, unless the bucket's name begins with private or missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import named

_FILES_API = "https://generativelanguage.googleapis.com/"


def check(request: dict[str, Any], *, enveloped: bool) -> None:
    """Raise what Google says of the first thing that is not to be had."""
    if request.get("cachedContent"):
        raise named("not_found" if enveloped else "cache_forbidden")
    for uri in _file_uris(request):
        if uri.startswith(_FILES_API):
            raise named("file_forbidden", file=uri.rpartition("/")[2])
        if uri.startswith("gs://private"):
            raise named("bucket_forbidden", file=uri.removeprefix("gs://"))
        if uri.startswith("gs://missing"):
            raise named("not_found", message=f"The object {uri} was not found.")


def _file_uris(request: dict[str, Any]) -> Iterator[str]:
    for content in request.get("contents", []):
        for part in content.get("parts", []):
            if "fileData" in part:
                yield part["fileData"].get("fileUri", "")
