"""Content blocks, as parts of a Gemini content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ... import urls
from ...gemini import media_types
from ...gemini.contents import Part
from ...gemini.request import Body
from . import fields

PDF = "application/pdf"
INNER = frozenset({"text", "image"})


class Blocks:
    """Reads the blocks of one request.

    ``remote`` collects the web addresses to be fetched before it leaves, with the
    field each came from. A block that is not known says nothing to Gemini; calls,
    results and thinking are read elsewhere.
    """

    def __init__(self) -> None:
        self.remote: dict[str, str] = {}

    def read(self, content: Any, path: str) -> list[Part]:
        """A message's content: a string, a list of blocks, or null."""
        return [
            part
            for block, at in listed(content, path)
            for part in self.parts(block, at)
        ]

    def parts(self, block: Body, path: str) -> list[Part]:
        """What one block says, maybe nothing."""
        read = READERS.get(kind_of(block, path))
        return list(read(self, block, path)) if read else []

    # -------------------------------------------------------------------- kinds

    def _text(self, block: Body, path: str) -> list[Part]:
        return _told(fields.needed_text(block, "text", f"{path}.text"))

    def _image(self, block: Body, path: str) -> list[Part]:
        return self._sourced(_source(block, path), f"{path}.source", "image/png")

    def _document(self, block: Body, path: str) -> list[Part]:
        """A document; its title and context stand before it."""
        source, inside = _source(block, path), f"{path}.source"
        if source.get("type") == "content":
            held = self._inner(source.get("content"), f"{inside}.content")
        else:
            held = self._sourced(source, inside, PDF)
        return [*_titles(block, path), *held]

    def _search_result(self, block: Body, path: str) -> list[Part]:
        title = fields.text(block, "title", f"{path}.title")
        source = fields.text(block, "source", f"{path}.source")
        head = "\n".join(filter(None, [title, source]))
        return _told(head) + self._inner(block.get("content"), f"{path}.content")

    def _compaction(self, block: Body, path: str) -> list[Part]:
        return _told(fields.text(block, "content", f"{path}.content"))

    def _inner(self, content: Any, path: str) -> list[Part]:
        """What a document holds: text and images. It cannot hold another one, so that
        nobody can nest them deeper than a stack goes."""
        return [
            part
            for block, at in listed(content, path)
            if kind_of(block, at) in INNER
            for part in self.parts(block, at)
        ]

    # ------------------------------------------------------------------- sources

    def _sourced(self, source: Body, path: str, fallback: str) -> list[Part]:
        kind = fields.text(source, "type", f"{path}.type")
        if kind == "url":
            url = fields.needed_text(source, "url", f"{path}.url")
            return [self._addressed(url.strip(), f"{path}.url", fallback)]
        if kind == "text":
            return _told(fields.needed_text(source, "data", f"{path}.data"))
        if kind == "base64":
            data = fields.needed_text(source, "data", f"{path}.data")
            named = fields.text(source, "media_type", f"{path}.media_type")
            return [_embedded(data, f"{path}.data", named, fallback)]
        if kind == "file":
            raise fields.wrong(path, "file sources are not supported; send the data")
        raise fields.wrong(f"{path}.type", "Input should be 'base64', 'url' or 'text'")

    def _addressed(self, url: str, path: str, fallback: str) -> Part:
        """Media by address: inside already, or fetched before the request leaves."""
        if url[:5].lower() == "data:":
            return _embedded(url, path, None, fallback)
        if len(url) > urls.LONGEST_URL:
            reason = f"an address has at most {urls.LONGEST_URL} characters"
            raise fields.wrong(path, reason)
        if not _is_web_address(url):
            raise fields.wrong(path, "expected an http(s) address or a data URL")
        self.remote.setdefault(url, path)
        return {"fileData": {"fileUri": url}}


def listed(content: Any, path: str) -> Iterable[tuple[Body, str]]:
    """The blocks of a content with the path of each; bare strings are text."""
    if content is None:
        return
    if isinstance(content, str):
        content = [content]
    if not isinstance(content, list):
        raise fields.wrong(path, "Input should be a string or a list of blocks")
    for index, block in enumerate(content):
        if isinstance(block, str):
            block = {"type": "text", "text": block}
        yield fields.an_object(block, f"{path}.{index}"), f"{path}.{index}"


def kind_of(block: Mapping[str, Any], path: str) -> str:
    """A block's type, which must be there."""
    kind = fields.text(block, "type", f"{path}.type")
    if kind is None and isinstance(block.get("text"), str):
        return "text"
    if kind is None:
        raise fields.missing(f"{path}.type")
    return kind


def _source(block: Body, path: str) -> Body:
    source = fields.group(block, "source", f"{path}.source")
    if source is None:
        raise fields.missing(f"{path}.source")
    return source


def _titles(block: Body, path: str) -> list[Part]:
    title = fields.text(block, "title", f"{path}.title")
    context = fields.text(block, "context", f"{path}.context")
    lines = [title and f"Document: {title}", context]
    return _told("\n".join(filter(None, lines)))


def _told(words: str | None) -> list[Part]:
    return [{"text": words}] if words else []


def _embedded(data: str, path: str, named: str | None, fallback: str) -> Part:
    """Media carried inside; clients mislabel it, so its bytes decide what it is."""
    try:
        if data[:5].lower() == "data:":
            told, data = media_types.split_data_url(data)
            named = told or named
        else:
            data = media_types.checked_base64(data)
        sniffed = media_types.sniffed_type(media_types.head_of(data))
    except ValueError:
        raise fields.wrong(path, "invalid base64 data") from None
    known = media_types.known_type(named or "")
    if known in (None, "application/octet-stream"):
        known = fallback
    return media_types.inline_data(sniffed or known or fallback, data)


def _is_web_address(url: str) -> bool:
    try:
        split = urls.split(url)
        return split.scheme in ("http", "https") and bool(split.hostname)
    except ValueError:
        return False


READERS: Mapping[str, Callable[[Blocks, Body, str], list[Part]]] = {
    "text": Blocks._text,
    "image": Blocks._image,
    "document": Blocks._document,
    "search_result": Blocks._search_result,
    "compaction": Blocks._compaction,
}
