"""``bench``: ask a running gateway at a steady pace, and say how it went."""

from __future__ import annotations

import math
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypedDict, Unpack

import click

from ..jobs.load_test import Plan, Tally, run
from ..settings import Settings, load_settings
from ..store.audit import CLI, Audit
from .asking import Asker
from .opening import open_gateway
from .output import as_json, print_json


class Pace(TypedDict):
    """How many seconds, how many requests a minute, how many at once."""

    duration: float
    rpm: float
    concurrency: int


@click.command()
@click.option("--model", help="Instead of GSWARM_MODEL.")
@click.option(
    "--duration",
    type=click.FloatRange(1, 86_400),
    default=60,
    show_default=True,
    help="Seconds to go on sending.",
)
@click.option(
    "--rpm",
    type=click.FloatRange(0.1, 100_000),
    default=60,
    show_default=True,
    help="Requests sent a minute.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="Requests under way at once, at most.",
)
@click.option("--url", help="Another gateway than that of these settings.")
@click.option("--key", envvar="GSWARM_API_KEY", help="Its API key.")
@click.option("--stream", is_flag=True, help="Stream, and measure the first token.")
@as_json
@click.pass_context
def bench(
    context: click.Context,
    model: str | None,
    url: str | None,
    key: str | None,
    stream: bool,
    as_json: bool,
    **pace: Unpack[Pace],
) -> None:
    """Measure a running gateway with real requests.

    For the gateway of these settings a key is made, and revoked afterwards, unless one
    is given. Exits with 1 when nothing was answered.
    """
    settings = load_settings()
    if url and not key:
        raise click.UsageError("--url needs --key: a key of that gateway.")
    with _key(settings, key) as raw:
        asker = Asker(url or settings.global_url, raw, model or settings.model, stream)
        asker.check()
        report = _measured(asker, **pace)
    if as_json:
        print_json(report)
    else:
        click.echo("\n".join(_lines(report)))
    context.exit(not report["succeeded"])


@contextmanager
def _key(settings: Settings, given: str | None) -> Iterator[str]:
    """The key to show: the one given, or one that lives as long as the block."""
    if given:
        yield given
        return
    with open_gateway(settings) as gateway:
        name = f"bench-{secrets.token_hex(3)}"
        key, raw = gateway.keys.create(
            name=name, scopes=["chat"], may_see_projects=True
        )
        audit, details = Audit(gateway.store), {"name": name}
        audit.write(CLI, "api_key.created", key.id, details=details)
        try:
            yield raw
        finally:
            gateway.keys.revoke(key.id)
            audit.write(CLI, "api_key.revoked", key.id, details=details)


def _measured(
    asker: Asker, duration: float, rpm: float, concurrency: int
) -> dict[str, Any]:
    """The report; of what there was until then, where somebody breaks it off."""
    plan = Plan(math.ceil(rpm * duration / 60), concurrency, rpm)
    tally, stop, lock = Tally(), threading.Event(), threading.Lock()
    ending = threading.Timer(duration, stop.set)
    with click.progressbar(
        length=plan.requests, label="Asking", file=sys.stderr
    ) as bar:

        def heard() -> None:
            with lock:
                bar.update(1)

        ending.start()
        try:
            run(plan, asker.ask, tally, heard, stop=stop)
        except KeyboardInterrupt:
            click.echo(err=True)
        finally:
            ending.cancel()
    return tally.report()


def _lines(report: dict[str, Any]) -> Iterator[str]:
    yield f"sent         {report['sent']} in {report['seconds']:.1f} s"
    yield f"succeeded    {report['succeeded']}"
    for code, number in report["failed"].items():
        yield f"failed       {number}  {code}"
    for name, lengths in (
        ("latency", report["latencyMs"]),
        ("first token", report["firstTokenMs"]),
    ):
        if lengths:
            told = "  ".join(f"{p} {ms:.0f} ms" for p, ms in lengths.items())
            yield f"{name:<12} {told}"
    yield f"tokens       {report['tokensPerSecond']} a second"
    for project, number in report["projects"].items():
        yield f"project      {number}  {project}"
