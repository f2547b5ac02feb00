"""What requests may hold and answers do hold, by group; and one way to check it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from ...errors import InvalidFields
from ...timestamps import FIRST, LAST, iso


class Strict(Schema):
    """Refuses fields it does not know."""

    class Meta:
        unknown = RAISE


class Empty(Strict):
    """No field at all; the body may be left out, too."""


class Answer(Strict):
    """Describes an answer: it holds these fields and no others, always, save those with
    ``metadata=OPTIONAL``."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = not field_obj.metadata.get("optional")


OPTIONAL = {"optional": True}


class Number(fields.Float):
    """A number in JSON: no text that reads like one, as queries have it."""

    def _validated(self, value: Any) -> float:
        if not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Instant(fields.AwareDateTime):
    """ISO 8601 outside, epoch seconds inside; UTC where no offset is named. Since 1970,
    and not to the end of all calendars (`instants`)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **options)

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> str | None:
        return None if value is None else iso(value)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        instant: datetime = super()._deserialize(value, *args, **kwargs)
        if not FIRST <= instant.timestamp() <= LAST:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return instant.timestamp()


def load(schema: Schema, data: Any) -> Mapping[str, Any]:
    """The checked values; raises `InvalidFields` with every mistake there is."""
    try:
        loaded: Mapping[str, Any] = schema.load(data)
    except ValidationError as error:
        raise InvalidFields(_by_field(error.messages)) from None
    return loaded


def _by_field(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Messages by field, whatever they are nested in: ``scopes.0``, ``cache.mode``.
    Those about the whole (it is not an object) stand under ``_schema``."""
    if not isinstance(messages, dict):
        return {path or "_schema": messages}
    found: dict[str, list[str]] = {}
    for name, inner in messages.items():
        is_whole = path and name == "_schema"
        found |= _by_field(inner, path if is_whole else f"{path}.{name}".lstrip("."))
    return found
