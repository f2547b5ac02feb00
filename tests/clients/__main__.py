"""``make clients``: real clients, offline, in front of a demo; a table, exit code 1 for
a failure."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TypeAlias

import click

from . import install, isolation
from .agents import AGENTS, Agent
from .libraries import LIBRARIES, Library
from .outcome import RoutingOutcome, table
from .snippets import SNIPPETS, Snippet
from .stage import Stage, set_stage, stage_for

Client: TypeAlias = Agent | Library | Snippet

CLIENTS: tuple[Client, ...] = (*AGENTS, *LIBRARIES, *SNIPPETS)


@click.command()
@click.option("--only", multiple=True, help="Part of a client's name; may come twice.")
def main(only: tuple[str, ...]) -> None:
    """Install what is missing, then try every client without a network."""
    chosen = [c for c in CLIENTS if not only or any(o in c.name for o in only)]
    groups = dict.fromkeys(client.group for client in chosen)
    if not isolation.is_inside():
        for group in filter(install.missing, groups):
            problem = install.install(group)
            click.echo(f"{group}: {problem or 'installed'}", err=True)
        isolation.enter()
        click.echo("No network of its own here: clients could reach the world.")
    else:
        isolation.raise_loopback()
    here = [client for client in chosen if not install.missing(client.group)]
    skipped = {c.name: "not installed" for c in chosen if c not in here}
    outcomes = list(_outcomes(here))
    click.echo("\n".join(table(outcomes, skipped)))
    sys.exit(not all(outcome.ok for outcome in outcomes))


def _outcomes(clients: list[Client]) -> Iterator[RoutingOutcome]:
    with set_stage() as (gateway, google):
        for client in clients:
            began = time.monotonic()
            with stage_for(gateway, google) as stage:
                yield from _told(client, stage)
            seconds = time.monotonic() - began
            click.echo(f"{client.name} took {seconds:.1f} s", err=True)


def _told(client: Client, stage: Stage) -> Iterator[RoutingOutcome]:
    try:
        for outcome in client.outcomes(stage):
            if not outcome.ok:
                where = f"{outcome.client}, {outcome.scenario}"
                click.echo(f"{where}: {outcome.why}", err=True)
            yield outcome
    except subprocess.TimeoutExpired as error:
        yield RoutingOutcome(client.name, "time", False, str(error))


if __name__ == "__main__":
    main()
