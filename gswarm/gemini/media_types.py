"""Media inside a request: data URLs, base64 and the types of files."""

from __future__ import annotations

import binascii
import re
from urllib.parse import unquote_to_bytes

from .request import Body

_URL_SAFE = bytes.maketrans(b"-_", b"+/")
LONGEST_HEAD = 1_000
"""Characters of a data URL before its data."""
LONGEST_TYPE = 200
CHUNK = 8_192

_BLANKS = b" \t\r\n\f\v"
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+_*-]+")

_SYNONYMS = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "application/x-pdf": "application/pdf",
}

GENERIC_TYPES = frozenset(
    {
        "application/octet-stream",
        "binary/octet-stream",
        "application/binary",
        "application/x-binary",
        "application/unknown",
        "application/x-download",
        "application/force-download",
        "image/*",
        "audio/*",
        "video/*",
    }
)
"""Labels that say nothing of what is inside."""

_BY_EXTENSION = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "htm": "text/html",
    "xml": "text/xml",
    "json": "application/json",
    "py": "text/x-python",
    "js": "text/javascript",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "mov": "video/mov",
    "webm": "video/webm",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
}

_BY_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_CONTAINERS = {
    "m4a": "mp4",
    "x-m4a": "mp4",
    "quicktime": "mp4",
    "mov": "mp4",
    "3gpp": "mp4",
    "x-m4v": "mp4",
    "opus": "ogg",
    "vorbis": "ogg",
    "x-matroska": "webm",
    "x-msvideo": "avi",
    "heic": "heif",
}
_BY_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/avi"}
_BY_BRAND = {b"heic": "image/heic", b"mif1": "image/heif", b"avif": "image/avif"}


def inline_data(mime_type: str, data: str) -> Body:
    """A part that carries its media; ``data`` is base64."""
    return {"inlineData": {"mimeType": mime_type, "data": data}}


def known_type(text: str) -> str | None:
    """A media type as Google spells it, without parameters; None if it is none."""
    bare = text[: LONGEST_TYPE + 1].partition(";")[0].strip().lower()
    if len(bare) > LONGEST_TYPE:
        return None
    return _SYNONYMS.get(bare, bare) if _TYPE.fullmatch(bare) else None


def type_of_name(name: str) -> str | None:
    """The media type a file name's extension stands for."""
    return _BY_EXTENSION.get(name[-20:].rpartition(".")[2].lower())


def sniffed_type(head: bytes) -> str | None:
    """The media type that the first bytes of a file give away."""
    for magic, mime_type in _BY_MAGIC:
        if head.startswith(magic):
            return mime_type
    if head[:4] == b"RIFF":
        return _BY_RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BY_BRAND.get(head[8:12], "video/mp4")
    return None


def settled_type(label: str | None, data: str) -> str | None:
    """The type of some base64: as it is labelled, unless the label is missing, says
    nothing or is belied by the first bytes. One file format may hold several kinds."""
    known = known_type(label or "")
    try:
        sniffed = sniffed_type(head_of(data))
    except ValueError:
        sniffed = None
    if sniffed is None:
        return known or label
    if known is None or _container_of(known) != _container_of(sniffed):
        return sniffed
    return known


def _container_of(mime_type: str) -> str:
    """Sound and film of one container begin with the same bytes."""
    kind, _, name = mime_type.partition("/")
    name = _CONTAINERS.get(name, name)
    return name if kind in ("audio", "video", "application") else f"{kind}/{name}"


def split_data_url(url: str) -> tuple[str | None, str]:
    """Type (None if unnamed) and base64 of a ``data:`` URL, or ValueError."""
    comma = url.find(",", 0, LONGEST_HEAD)
    if comma < 0:
        raise ValueError("a data URL has a comma before its data")
    head, data = url[len("data:") : comma], url[comma + 1 :]
    mime_type = known_type(head)
    if head.rstrip().lower().endswith(";base64"):
        return mime_type, checked_base64(data)
    plain = binascii.b2a_base64(_unquoted(data), newline=False)
    return mime_type or "text/plain", plain.decode("ascii")


def checked_base64(data: str) -> str:
    """The same base64 in the standard alphabet, unbroken and padded; ValueError."""
    try:
        binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        data = _mended(data)
        binascii.a2b_base64(data, strict_mode=True)
    if not data:
        raise ValueError("there is no data")
    return data


def _mended(data: str) -> str:
    """In whole passes over the bytes: split apart, it would be many times as large."""
    raw = data.encode("ascii")
    if b"%" in raw:
        raw = raw.replace(b"%2B", b"+").replace(b"%2F", b"/").replace(b"%3D", b"=")
    raw = raw.translate(_URL_SAFE, delete=_BLANKS).rstrip(b"=")
    return (raw + b"=" * (-len(raw) % 4)).decode("ascii")


def _unquoted(text: str) -> bytearray:
    """A piece at a time: the standard library makes an object of every escape."""
    raw, found, at = text.encode(), bytearray(), 0
    while at < len(raw):
        end = at + CHUNK
        escape = raw.find(b"%", end - 2, end)
        end = end if escape < 0 else escape
        found += unquote_to_bytes(raw[at:end])
        at = end
    return found


def head_of(data: str) -> bytes:
    """The first bytes of some base64."""
    return binascii.a2b_base64(data[:64])
