"""Google's refusals, by name, and how they look on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from . import catalogue
from .catalogue import Facts

Wire = tuple[int, str, bytes, dict[str, str]]
"""Status, content type, body and further headers of a reply."""


@dataclass(frozen=True, slots=True)
class Style:
    """Oddities of encoding seen on the wire.

    ``as_array`` wraps the body in an array of one (None: as the method does it);
    ``spaced_type`` writes ``" @type"``; ``stray_comma`` doubles a comma;
    ``no_break_spaces`` indents with U+00A0; ``double_encoded`` puts the whole error,
    as JSON text, into another error's message.
    """

    as_array: bool | None = None
    spaced_type: bool = False
    stray_comma: bool = False
    no_break_spaces: bool = False
    double_encoded: bool = False


class GoogleError(Exception):
    """A refusal as Google sends it: ``body`` is an error object or a page of HTML."""

    def __init__(
        self,
        status: int,
        body: dict[str, Any] | str,
        headers: Mapping[str, str] | None = None,
        style: Style | None = None,
    ) -> None:
        super().__init__(f"{status} {_message(body)}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        self.style = style or Style()


def named(name: str, **params: Any) -> GoogleError:
    """The error called ``name``; raises KeyError for a name there is not.

    ``params`` are the fields of `Facts` (``reset_after``, ``project``, ``model``,
    ``now``, ``legacy``, ``retry_info``, ``shuffle``, ...) and of `Style`. Names and
    values that mean nothing to this error are ignored.
    """
    facts = Facts.of(params)
    status, body, headers = catalogue.NAMED[name](facts)
    status = facts.status or status
    if isinstance(body, dict):
        body = catalogue.finished(body, status, facts)
    return GoogleError(status, body, headers, _style(params))


def invalid(message: str, field: str | None = None) -> GoogleError:
    """400 INVALID_ARGUMENT; ``field`` adds a BadRequest detail naming the place."""
    return GoogleError(400, catalogue.invalid_argument(message, field))


def encode(error: GoogleError, *, as_array: bool = False, **style: bool) -> Wire:
    """The error as an HTTP reply; its own style wins over what the caller gives."""
    if isinstance(error.body, str):
        content = error.body.encode()
        return error.status, "text/html; charset=UTF-8", content, error.headers
    text = _json(error.body, _merged(error.style, as_array, style))
    kind = "application/json; charset=UTF-8"
    return error.status, kind, text.encode(), error.headers


def _merged(own: Style, as_array: bool, given: Mapping[str, bool]) -> Style:
    flags = {f.name: getattr(own, f.name) for f in fields(Style)}
    for name, value in given.items():
        flags[name] = flags[name] or value
    if own.as_array is None:
        flags["as_array"] = as_array
    return Style(**flags)


def _json(body: dict[str, Any], style: Style) -> str:
    if style.double_encoded:
        body = {"error": {**body["error"], "message": json.dumps(body, indent=2)}}
        body["error"].pop("details", None)
    text = json.dumps([body] if style.as_array else body, indent=2, ensure_ascii=False)
    if style.spaced_type:
        text = text.replace('"@type"', '" @type"')
    if style.stray_comma:
        text = text.replace(",\n", ",\n,\n", 1)
    if style.no_break_spaces:
        text = text.replace("  ", "\u00a0\u00a0")
    return text


def _style(params: Mapping[str, Any]) -> Style:
    return Style(**{f.name: params[f.name] for f in fields(Style) if f.name in params})


def _message(body: dict[str, Any] | str) -> str:
    if isinstance(body, str):
        return "HTML page"
    return str(body.get("error", {}).get("message", ""))
