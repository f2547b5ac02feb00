"""What verbs print: JSON for programs, instants for both."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import orjson

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_json(value: object) -> None:
    """Print a value for programs."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def instant(seconds: float) -> str | None:
    """Epoch seconds as ISO 8601 in UTC; None for never."""
    if not seconds:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
