"""The dialect of the current request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flask import g, request

from ..dialects.dialect import Dialect
from ..dialects.table import spoken_at


def spoken_here() -> Dialect | None:
    """The dialect in which the current request is answered; None on our own paths. It
    is asked for several times, and looked up once."""
    if "spoken" not in g:
        g.spoken = spoken_at(request.path, cast(Mapping[str, str], request.headers))
    return cast(Dialect | None, g.spoken)
