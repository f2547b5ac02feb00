"""``projects``: show them, and see whether they answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import click

from ..accounts.project_list import Row
from ..gemini.models import resolve
from ..routing.project_test import Trial, describe
from ..settings import load_settings
from ..store.config import Config
from .opening import open_gateway
from .output import as_json, print_json

AT_ONCE = 8


@click.group()
def projects() -> None:
    """Google Cloud projects of this gateway's accounts."""


@projects.command("list")
@as_json
def list_projects(as_json: bool) -> None:
    """Show every project, and how it stands."""
    with open_gateway(load_settings()) as gateway:
        rows = gateway.project_rows.all()
    if as_json:
        print_json({"projects": rows})
    elif rows:
        for row in rows:
            click.echo(_line(row))
    else:
        click.echo("There is no project yet: import an account first.")


@projects.command()
@click.argument("project_ids", metavar="[ID]...", nargs=-1)
@click.option("--model", help="Instead of the default one.")
@as_json
@click.pass_context
def test(
    context: click.Context,
    project_ids: tuple[str, ...],
    model: str | None,
    as_json: bool,
) -> None:
    """Ask each project (all, where none is named) one tiny question.

    Exits with 1 when one of them does not answer.
    """
    with (
        open_gateway(load_settings()) as gateway,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):
        wanted = project_ids or [project.id for project in gateway.projects.all()]
        ask = partial(gateway.trials.run, model=_model(gateway.config, model))
        trials = list(threads.map(ask, wanted))
    if as_json:
        tried = [{"id": trial.project_id, **describe(trial)} for trial in trials]
        print_json({"projects": tried})
    else:
        for trial in trials:
            click.echo(_trial_line(trial))
    context.exit(not all(trial.is_good for trial in trials))


def _model(config: Config, name: str | None) -> str:
    """The model that a name stands for, by the gateway's own aliases."""
    model = resolve(name or config.values["models"]["default"], config.aliases)
    if model is None:
        raise click.BadParameter(f"{name!r} is nobody's.", param_hint="--model")
    return model


def _trial_line(trial: Trial) -> str:
    if trial.is_good:
        return f"{trial.project_id}: answered in {trial.milliseconds} ms"
    where = f" ({trial.action_url})" if trial.action_url else ""
    return f"{trial.project_id}: {trial.problem}{where}"


def _line(row: Row) -> str:
    words = [row["id"], row["account"], row["status"], f"health {row['health']:.2f}"]
    if row["cooldownUntil"]:
        words.append(f"{row['cooldownReason']} until {row['cooldownUntil']}")
    return "  ".join(words)
