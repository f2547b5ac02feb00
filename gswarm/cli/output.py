"""What verbs print for programs."""

from __future__ import annotations

import click
import orjson

from ..timestamps import iso

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(value: object) -> None:
    """Print a value for programs."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def instant(seconds: float) -> str | None:
    """Epoch seconds as ISO 8601; None for never."""
    return iso(seconds) if seconds else None
