"""Which time is meant: ``startDate`` and ``endDate``, in days or to the hour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema
from marshmallow.validate import Length

from . import Instant, Strict

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DAY_SECONDS = 86_400


class Start(Instant):
    """An instant, or the beginning of a day."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        is_day = isinstance(value, str) and DAY.fullmatch(value)
        text = f"{value}T00:00:00Z" if is_day else value
        return super()._deserialize(text, *args, **kwargs) + self._rest(bool(is_day))

    def _rest(self, is_day: bool) -> float:
        return 0.0


class End(Start):
    """An instant, or the end of a day."""

    def _rest(self, is_day: bool) -> float:
        return DAY_SECONDS - 0.001 if is_day else 0.0


class Period(Strict):
    """Both ends are optional; a day counts from its beginning and to its end (UTC)."""

    startDate = Start(load_default=None)
    endDate = End(load_default=None)

    @validates_schema
    def in_order(self, data: Mapping[str, Any], **_: Any) -> None:
        start, end = data.get("startDate"), data.get("endDate")
        if start is not None and end is not None and end < start:
            raise ValidationError("Before startDate.", "endDate")


class Subject(Period):
    """Whose requests are meant; an account, project or model by its name."""

    model = fields.String(load_default=None, validate=Length(1, 200))
    account = fields.String(load_default=None, validate=Length(1, 320))
    project = fields.String(load_default=None, validate=Length(1, 200))
