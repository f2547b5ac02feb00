"""``projects``: show them, and see whether they answer."""

from __future__ import annotations

from typing import Any

import click

from ..settings import load_settings
from ..store.projects import Project
from .opening import opened_rooms
from .output import as_json, print_json


@click.group()
def projects() -> None:
    """Google Cloud projects of this gateway's accounts."""


@projects.command("list")
@as_json
def list_projects(as_json: bool) -> None:
    """Show every project."""
    with opened_rooms(load_settings()) as rooms:
        known = rooms.projects.all()
    if as_json:
        print_json({"projects": [_described(project) for project in known]})
    elif known:
        for project in known:
            click.echo(_line(project))
    else:
        click.echo("There is no project yet: import an account first.")


def _described(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "name": project.name,
        "account": project.account,
        "enabled": project.enabled,
        "apiEnabled": project.api_enabled,
    }


def _line(project: Project) -> str:
    state = "enabled" if project.enabled else "disabled"
    return f"{project.id}  {project.account}  {state}"
