"""``keys``: make, show and revoke the keys that clients use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Unpack

import click

from ..errors import InvalidRequest, NotFound
from ..keys.api_keys import ApiKeys, KeySettings, describe
from ..limits.api_key import DEFAULT_SCOPES, SCOPES, ApiKey, KeyUse
from ..settings import load_settings
from ..store.audit import CLI, Audit
from .opening import opened_store
from .output import as_json, print_json


@click.group()
def keys() -> None:
    """API keys of this gateway; changes act at once, also while it runs."""


def _instant(
    context: click.Context, option: click.Parameter, text: str | None
) -> float | None:
    """ISO 8601 as epoch seconds; UTC where it names no offset."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not like 2027-01-31T12:00Z.") from None
    end = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    if 0 <= end <= time.time():
        raise click.BadParameter(f"{text} is past.")
    return end


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=DEFAULT_SCOPES,
    show_default=True,
)
@click.option("--rate-limit", type=click.IntRange(0), help="Requests a minute.")
@click.option("--expires", "expires_at", metavar="ISO", callback=_instant)
@click.option("--allow-ip", "allowed_ips", metavar="CIDR", multiple=True)
@click.option("--allow-endpoint", "allowed_endpoints", metavar="PATTERN", multiple=True)
@click.option("--allow-model", "allowed_models", metavar="PATTERN", multiple=True)
@as_json
def create(as_json: bool, **settings: Unpack[KeySettings]) -> None:
    """Make a key called NAME and print it, this one time.

    A PATTERN is a whole name or a beginning with `*`. Options with several values are
    given several times; where none is given, everything is allowed.
    """
    with _opened_keys() as (keys, audit):
        key, raw = keys.create(**settings)
        audit.write(CLI, "api_key.created", key.id, details={"name": key.name})
    if as_json:
        print_json({"id": key.id, "name": key.name, "key": raw})
    else:
        click.echo(f"Key {key.name!r} ({key.id}) is made. Nobody can show it again:")
        click.echo(raw)


@keys.command("list")
@as_json
def list_keys(as_json: bool) -> None:
    """Show every key and what it was used for."""
    with _opened_keys() as (keys, _):
        known = keys.list()
    if as_json:
        print_json({"keys": [describe(key, use) for key, use in known]})
    elif known:
        for key, use in known:
            click.echo(_line(key, use))
    else:
        click.echo("There is no key yet: make one with `keys create NAME`.")


@keys.command()
@click.argument("name_or_id")
@as_json
def revoke(name_or_id: str, as_json: bool) -> None:
    """Let the key of this name or id open nothing any more."""
    with _opened_keys() as (keys, audit):
        key = keys.revoke(keys.find(name_or_id).id)
        audit.write(CLI, "api_key.revoked", key.id, details={"name": key.name})
    if as_json:
        print_json(describe(key))
    else:
        click.echo(f"Key {key.name!r} ({key.id}) is revoked.")


@contextmanager
def _opened_keys() -> Iterator[tuple[ApiKeys, Audit]]:
    """The gateway's keys; what they refuse ends the command in one line."""
    with opened_store(load_settings()) as store:
        try:
            yield ApiKeys(store), Audit(store)
        except InvalidRequest as refusal:
            raise click.UsageError(refusal.message) from None
        except NotFound as refusal:
            raise click.ClickException(refusal.message) from None


def _line(key: ApiKey, use: KeyUse) -> str:
    shown = describe(key, use)
    used = f"last used {shown['lastUsedAt']}" if use.last_used_at else "never used"
    words = [
        key.id,
        _state(key),
        key.name,
        ",".join(key.scopes),
        f"{use.requests} requests",
    ]
    if key.expires_at:
        used += f", expires {shown['expiresAt']}"
    return f"{'  '.join(words)}, {used}"


def _state(key: ApiKey) -> str:
    if not key.is_active:
        return "revoked"
    return "expired" if key.is_expired(time.time()) else "active"
