"""What Google refuses in a request, and in which words."""

from __future__ import annotations

from typing import Any

from ..errors import named
from ..models import Model
from ..signatures import Scope, Signer
from ..tokens import prompt_tokens
from . import generation, tools, turns
from .payload import read
from .protos import ENVELOPE, MESSAGES, Dialect
from .turns import tally

__all__ = [
    "check_request",
    "read_request",
    "tally",
    "validate",
    "validate_count",
    "validate_envelope",
]


def validate_envelope(body: Any) -> tuple[str, str, Any]:
    """Code Assist's ``{model, project, request}``: (model, project or "", request).

    The request inside is as it came; `validate` reads it.
    """
    envelope = read(body, ENVELOPE, "vertex")
    if not envelope.get("model") or "request" not in envelope:
        raise named("invalid_argument")
    return envelope["model"], envelope.get("project", ""), envelope["request"]


def validate(
    request: Any,
    model: Model,
    *,
    dialect: Dialect,
    signer: Signer,
    scope: Scope,
    enveloped: bool | None = None,
) -> dict[str, Any]:
    """Raise the 400 Google would answer; else the request in camelCase, nulls gone."""
    found = read_request(request, dialect, enveloped)
    check_request(found, model, dialect=dialect, signer=signer, scope=scope)
    return found


def read_request(
    request: Any, dialect: Dialect, enveloped: bool | None = None
) -> dict[str, Any]:
    """The request in camelCase, nulls gone; raises the 400 for unknown members.

    ``enveloped`` says that the request stood inside an envelope, which shows in the
    paths of error texts (None: as the dialect usually has it).
    """
    inside = dialect == "vertex" if enveloped is None else enveloped
    fields = MESSAGES[dialect]["Request"]
    found: dict[str, Any] = read(request, fields, dialect, "request" if inside else "")
    return found


def check_request(
    found: dict[str, Any],
    model: Model,
    *,
    dialect: Dialect,
    signer: Signer,
    scope: Scope,
) -> None:
    """Raise the 400 for what a read request asks that the model does not take."""
    turns.check(found, model, dialect)
    tools.check(found, model, dialect)
    generation.check(found, model, dialect)
    turns.check_signatures(found, model, dialect, signer, scope)
    _check_length(found, model)


def validate_count(body: Any) -> tuple[str, list[dict[str, Any]]]:
    """countTokens' own envelope: (model without ``models/``, contents).

    Code Assist takes ``{request: {model: "models/…", contents}}`` and nothing else;
    parts with ``thought`` fail there.
    """
    envelope = read(body, {"request": "value"}, "vertex")
    fields = MESSAGES["vertex"]["CountRequest"]
    request = read(envelope.get("request", {}), fields, "vertex", "request")
    contents = request.get("contents", [])
    thoughts = (p.get("thought") for c in contents for p in c.get("parts", []))
    name = request.get("model", "")
    if not contents or not name.startswith("models/") or any(thoughts):
        raise named("invalid_argument")
    return name.removeprefix("models/"), contents


def _check_length(request: dict[str, Any], model: Model) -> None:
    tokens = prompt_tokens(request)
    if tokens > model.max_input_tokens:
        raise named("too_long", tokens=tokens, max_tokens=model.max_input_tokens)
