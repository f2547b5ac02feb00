"""``accounts``: bring Google accounts and API keys in, show them, forget them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

import click

from ..account_entries import read_entries
from ..accounts import Enrolled
from ..settings import load_settings
from ..store.accounts import Account
from .opening import opened_rooms
from .output import as_json, instant, print_json

AT_ONCE = 4


@click.group()
def accounts() -> None:
    """Google accounts of this gateway; changes act at once, also while it runs."""


@accounts.command("import")
@click.argument("file", type=click.File("rb"))
@as_json
@click.pass_context
def import_accounts(context: click.Context, file: BinaryIO, as_json: bool) -> None:
    """Add the accounts in FILE (JSON; - reads stdin), or repair those there are.

    One that Google refuses is kept with its reason, out of the pool, and makes this
    command exit with 1.
    """
    entries = read_entries(file.read())
    with opened_rooms(load_settings()) as rooms, ThreadPoolExecutor(AT_ONCE) as threads:
        enrolled = list(threads.map(rooms.enrolment.enrol, entries))
    if as_json:
        print_json({"accounts": [_enrolled(each) for each in enrolled]})
    else:
        for each in enrolled:
            click.echo(_enrolled_line(each))
    context.exit(any(each.problem for each in enrolled))


@accounts.command("list")
@as_json
def list_accounts(as_json: bool) -> None:
    """Show every account, and what is wrong with it."""
    with opened_rooms(load_settings()) as rooms:
        known = [
            (account, sorted(rooms.projects.of(account.email)))
            for account in rooms.accounts.all()
        ]
    if as_json:
        print_json({"accounts": [_described(*each) for each in known]})
    elif known:
        for account, projects in known:
            click.echo(_line(account, projects))
    else:
        click.echo("There is no account yet: add some with `accounts import FILE`.")


@accounts.command()
@click.argument("email")
@click.option("--revoke", is_flag=True, help="End the grant at Google too.")
@as_json
def remove(email: str, revoke: bool, as_json: bool) -> None:
    """Forget the account EMAIL (or an API key's name), and its projects."""
    with opened_rooms(load_settings()) as rooms:
        rooms.enrolment.remove(email, revoke_at=rooms.oauth if revoke else None)
    if as_json:
        print_json({"email": email})
    else:
        click.echo(f"{email} is forgotten.")


def _enrolled(each: Enrolled) -> dict[str, Any]:
    return {
        "email": each.account,
        "upstream": each.upstream,
        "projects": list(each.projects),
        "problem": each.problem,
        "actionUrl": each.action_url,
    }


def _enrolled_line(each: Enrolled) -> str:
    name = each.account or "(an unnamed account)"
    if each.problem is None:
        return f"{name}: in the pool with {len(each.projects)} projects"
    where = f" ({each.action_url})" if each.action_url else ""
    return f"{name}: not in the pool: {each.problem}{where}"


def _described(account: Account, projects: list[str]) -> dict[str, Any]:
    return {
        "email": account.email,
        "upstream": account.upstream,
        "enabled": account.enabled,
        "isInvalid": account.is_invalid,
        "invalidReason": account.invalid_reason or None,
        "actionUrl": account.action_url or None,
        "projects": projects,
        "tokenExpiry": instant(account.access_ends_at),
        "createdAt": instant(account.created_at),
        "updatedAt": instant(account.updated_at),
    }


def _line(account: Account, projects: list[str]) -> str:
    state = "enabled" if account.enabled else "disabled"
    if account.is_invalid:
        state = f"invalid: {account.invalid_reason} {account.action_url}".strip()
    return f"{account.email}  {account.upstream}  {len(projects)} projects  {state}"
