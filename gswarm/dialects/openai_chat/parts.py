"""Content parts of a message, as parts of a Gemini content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import urls
from ...errors import InvalidRequest
from ...gemini import media_types
from ...gemini.contents import Part
from ...gemini.models import Model
from ...gemini.request import Body
from . import fields

AUDIO_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "mpeg": "audio/mpeg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "m4a": "audio/mp4",
    "webm": "audio/webm",
    "pcm": "audio/pcm",
    "pcm16": "audio/pcm",
}

GOOGLE_FILES = "generativelanguage.googleapis.com"
VIDEO_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"})

IGNORED = frozenset(
    {"thinking", "redacted_thinking", "reasoning", "reasoning_content", "tool_use"}
)
"""Blocks of other dialects that stand beside the text they belong to."""


class Parts:
    """Reads the parts of one request.

    ``remote`` collects the web addresses to be fetched before it leaves, with the
    field each came from; ``resolution`` is the media resolution of the whole request.
    """

    def __init__(self, model: Model) -> None:
        self.remote: dict[str, str] = {}
        self.resolution: Body = {}
        self._model = model

    def read(self, content: Any, path: str, *, without: str = "") -> list[Part]:
        """A message's content: a string, a list of parts, or null.

        Parts of the kind ``without`` have been read elsewhere.
        """
        if isinstance(content, str):
            return [{"text": content}] if content else []
        if content is None:
            return []
        if not isinstance(content, list):
            raise fields.wrong_type(path, "a string or an array of parts", content)
        parts = []
        for index, given in enumerate(content):
            if without and isinstance(given, dict) and given.get("type") == without:
                continue
            if part := self._part(given, f"{path}[{index}]"):
                parts.append(part)
        return parts

    def _part(self, given: Any, path: str) -> Part | None:
        if isinstance(given, str):
            return {"text": given} if given else None
        if not isinstance(given, dict):
            raise fields.wrong_type(path, "an object", given)
        kind = given.get("type")
        if kind is None and "text" in given:
            kind = "text"
        if not isinstance(kind, str):
            raise fields.missing(f"{path}.type")
        if kind in IGNORED:
            return None
        read = READERS.get(kind)
        if read is None:
            raise fields.wrong_value(f"{path}.type", kind, SUPPORTED)
        return read(self, given, path)

    # -------------------------------------------------------------------- kinds

    def _text(self, given: Body, path: str) -> Part | None:
        words = fields.text(given, "text", f"{path}.text")
        if words is None:
            raise fields.missing(f"{path}.text")
        return {"text": words} if words else None

    def _refusal(self, given: Body, path: str) -> Part | None:
        words = fields.text(given, "refusal", f"{path}.refusal")
        return {"text": words} if words else None

    def _image(self, given: Body, path: str) -> Part:
        if given.get("image_url") is None and given.get("file_id"):
            raise _not_stored(f"{path}.file_id", "image_url")
        url, path = _address(given, "image_url", path)
        detail = given["image_url"] if isinstance(given["image_url"], dict) else given
        part = self._media(url, path, "image/png")
        self._set_resolution(part, detail.get("detail"))
        return part

    def _video(self, given: Body, path: str) -> Part:
        key = "video_url" if "video_url" in given else "url"
        return self._media(*_address(given, key, path), "video/mp4")

    def _audio(self, given: Body, path: str) -> Part:
        audio = fields.group(given, "input_audio", f"{path}.input_audio")
        if audio is not None:
            path = f"{path}.input_audio"
        elif "data" in given:
            audio = given
        else:
            raise fields.missing(f"{path}.input_audio")
        data = fields.text(audio, "data", f"{path}.data")
        if not data:
            raise fields.missing(f"{path}.data")
        word = fields.text(audio, "format", f"{path}.format") or "wav"
        mime_type = AUDIO_TYPES.get(word.lower())
        if mime_type is None:
            raise fields.wrong_value(f"{path}.format", word, AUDIO_TYPES)
        return self._embedded(data, f"{path}.data", mime_type)

    def _file(self, given: Body, path: str) -> Part:
        file = fields.group(given, "file", f"{path}.file") or given
        inside = f"{path}.file" if "file" in given else path
        name = fields.text(file, "filename", f"{inside}.filename") or ""
        fallback = media_types.type_of_name(name) or "application/pdf"
        if url := fields.text(file, "file_url", f"{inside}.file_url"):
            return self._media(url, f"{inside}.file_url", fallback)
        if data := fields.text(file, "file_data", f"{inside}.file_data"):
            return self._embedded(data, f"{inside}.file_data", fallback)
        if file.get("file_id"):
            raise _not_stored(f"{inside}.file_id", "file_data")
        raise fields.missing(f"{inside}.file_data")

    def _sourced(self, given: Body, path: str) -> Part:
        """Anthropic's ``image`` and ``document`` blocks."""
        source = fields.group(given, "source", f"{path}.source")
        if source is None:
            raise fields.missing(f"{path}.source")
        if source.get("type") == "url":
            return self._media(*_address(source, "url", f"{path}.source"), "image/png")
        data = fields.text(source, "data", f"{path}.source.data")
        if not data:
            raise fields.missing(f"{path}.source.data")
        if source.get("type") == "text":
            return {"text": data}
        named = fields.text(source, "media_type", f"{path}.source.media_type")
        mime_type = media_types.known_type(named or "") or "image/png"
        return self._embedded(data, f"{path}.source.data", mime_type)

    # -------------------------------------------------------------------- media

    def _media(self, url: str, path: str, fallback: str) -> Part:
        """Media by address: carried inside, fetched later, or left to Google."""
        if url[:5].lower() == "data:":
            return self._embedded(url, path, fallback)
        if len(url) > urls.LONGEST_URL:
            raise InvalidRequest(
                f"An address has at most {urls.LONGEST_URL} characters.",
                param=path,
                code="invalid_image_url",
            )
        scheme, host = _scheme_and_host(url)
        if scheme == "gs" or host == GOOGLE_FILES:
            mime_type = media_types.type_of_name(url) or fallback
            return {"fileData": {"fileUri": url, "mimeType": mime_type}}
        if scheme in ("http", "https") and host in VIDEO_HOSTS:
            return {"fileData": {"fileUri": url, "mimeType": "video/mp4"}}
        if scheme not in ("http", "https") or not host:
            raise InvalidRequest(
                "Invalid image URL: expected a data URL or an http(s) address.",
                param=path,
                code="invalid_image_url",
            )
        self.remote.setdefault(url, path)
        return {"fileData": {"fileUri": url}}

    def _embedded(self, data: str, path: str, fallback: str) -> Part:
        """Media carried inside, as a data URL or bare base64."""
        label: str | None = None
        try:
            if data[:5].lower() == "data:":
                label, data = media_types.split_data_url(data)
            else:
                label, data = fallback, media_types.checked_base64(data)
            mime_type = media_types.settled_type(label, data)
        except ValueError:
            raise InvalidRequest(
                f"Invalid base64 data in '{path}'.", param=path, code="invalid_base64"
            ) from None
        if mime_type is None or mime_type in media_types.GENERIC_TYPES:
            mime_type = fallback
        return media_types.inline_data(mime_type, data)

    def _set_resolution(self, part: Part, detail: Any) -> None:
        """Per part from Gemini 3 on, for the whole request before."""
        if detail not in ("low", "high"):
            return
        level = f"MEDIA_RESOLUTION_{detail.upper()}"
        if self._model.takes_resolution_per_part:
            part["mediaResolution"] = {"level": level}
        elif detail == "high" or not self.resolution:
            self.resolution = {"mediaResolution": level}


def _address(given: Body, key: str, path: str) -> tuple[str, str]:
    """An address given bare or as ``{url}``, and its field."""
    path = f"{path}.{key}"
    value = given.get(key)
    if isinstance(value, dict):
        path = f"{path}.url"
        value = value.get("url")
    if value is None:
        raise fields.missing(path)
    if not isinstance(value, str):
        raise fields.wrong_type(path, "a string", value)
    return value.strip(), path


def _not_stored(path: str, instead: str) -> InvalidRequest:
    return fields.unsupported(path, f"Files are not stored here; send '{instead}'.")


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        split = urls.split(url)
        return split.scheme, split.hostname or ""
    except ValueError:
        return "", ""


READERS: dict[str, Callable[[Parts, Body, str], Part | None]] = {
    "text": Parts._text,
    "input_text": Parts._text,
    "output_text": Parts._text,
    "refusal": Parts._refusal,
    "image_url": Parts._image,
    "input_image": Parts._image,
    "input_audio": Parts._audio,
    "file": Parts._file,
    "input_file": Parts._file,
    "video_url": Parts._video,
    "input_video": Parts._video,
    "input_pdf": Parts._file,
    "image": Parts._sourced,
    "document": Parts._sourced,
}

SUPPORTED = ("text", "image_url", "input_audio", "file", "refusal", "video_url")
