"""Names of models as this dialect's clients know them."""

from __future__ import annotations

import re

from ...gemini.models import LONGEST_NAME, TWIN

_WINDOW = re.compile(r"(?:\[1m\])+$", re.IGNORECASE)


def without_window(name: str) -> str:
    """Claude Code appends ``[1m]`` to ask for the long context, at times twice."""
    return name if len(name) > LONGEST_NAME else _WINDOW.sub("", name)


def twin_of(model_id: str) -> str:
    """The name under which Claude Code lists a model: it lists only those that begin
    with ``claude``. `gemini.models.resolve` leads back."""
    return f"{TWIN}{model_id}"
