"""The verbs of ``python -m gswarm``."""

from __future__ import annotations

from typing import Any

import click

from .. import __version__
from ..errors import GSwarmError
from .accounts import accounts
from .bench import bench
from .demo import demo
from .doctor import doctor
from .keys import keys
from .projects import projects
from .serve import serve
from .simulate import simulate


class Verbs(click.Group):
    """Ends with one line and exit code 1 on whatever goes wrong as foreseen."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GSwarmError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Verbs)
@click.version_option(__version__, prog_name="gswarm")
def main() -> None:
    """One OpenAI-compatible address in front of many Gemini projects."""


for verb in (serve, demo, simulate, keys, accounts, projects, bench, doctor):
    main.add_command(verb)
