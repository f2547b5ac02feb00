"""What requests may hold, by group; and one way to check that they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError

from ...errors import InvalidFields


class Strict(Schema):
    """Refuses fields it does not know."""

    class Meta:
        unknown = RAISE


def load(schema: Schema, data: Any) -> Mapping[str, Any]:
    """The checked values; raises `InvalidFields` with every mistake there is."""
    try:
        loaded: Mapping[str, Any] = schema.load(data)
    except ValidationError as error:
        raise InvalidFields(_by_field(error.messages)) from None
    return loaded


def _by_field(messages: Any) -> Mapping[str, Any]:
    """Messages about the whole (it is not an object) stand under ``_schema``."""
    return messages if isinstance(messages, dict) else {"_schema": messages}
