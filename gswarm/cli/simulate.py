"""``simulate``: a stand-in for Google, to try things against."""

from __future__ import annotations

from pathlib import Path

import click

from ..simulator.server import serve


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to use.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=3900,
    show_default=True,
    help="0 takes a free one.",
)
@click.option(
    "--accounts",
    type=click.IntRange(0, 1000),
    default=3,
    show_default=True,
    help="How many Google accounts there are.",
)
@click.option(
    "--projects",
    type=click.IntRange(0, 1000),
    default=12,
    show_default=True,
    help="How many projects each has.",
)
@click.option(
    "--quota",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file of limits.",
)
@click.option("--instant", is_flag=True, help="Answer without any delay.")
@click.option("--exit-on-eof", is_flag=True, help="Stop when stdin ends.")
def simulate(
    host: str,
    port: int,
    accounts: int,
    projects: int,
    quota: Path | None,
    instant: bool,
    exit_on_eof: bool,
) -> None:
    """Run the Google simulator alone, until it is told to stop.

    A file of limits is like {"limits": [{"per": "project", "window": "minute",
    "models": ["gemini-2.5-pro"], "limit": 5}]}; per may be account, window day, and
    models "*" or "each"; window bucket takes a rate (tokens a second), too.
    """
    serve(
        host,
        port,
        accounts,
        projects,
        quota,
        instant=instant,
        exit_on_eof=exit_on_eof,
    )
