"""``accounts``: bring Google accounts and API keys in, show them, forget them."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import click
import orjson

from ..accounts.account_list import Row
from ..accounts.account_list import describe as describe_row
from ..accounts.enrolment import Enrolled, describe
from ..accounts.export_file import (
    check_passphrase,
    entries_of,
    is_export,
    open_export,
    seal_export,
)
from ..accounts.import_file import PROJECT, Entry, GoogleEntry, read_entries
from ..accounts.oauth_flow import CALLBACK, read_address
from ..errors import InvalidRequest
from ..gateway import Gateway
from ..settings import Settings, load_settings
from ..store.audit import CLI, Audit
from ..store.oauth_states import PendingAuth
from .loopback import loopback
from .opening import open_gateway
from .output import as_json, print_json

passphrase_option = click.option(
    "--passphrase", envvar="GSWARM_PASSPHRASE", help="Asked for where it is missing."
)


def _project(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> str | None:
    if text is not None and not PROJECT.fullmatch(text):
        raise click.BadParameter(f"{text!r} is neither a project's id nor its number.")
    return text


project_option = click.option(
    "--project",
    metavar="ID",
    callback=_project,
    help="Onboard with this one, where the tier needs a project; else with the first "
    "of the account's own that works.",
)


@click.group()
def accounts() -> None:
    """Google accounts of this gateway; changes act at once, also while it runs."""


@accounts.command()
@click.option("--hint", "email", metavar="EMAIL", help="Who is to sign in.")
@click.option("--port", type=click.IntRange(1, 65535), help="Come back to this port.")
@click.option("--paste", is_flag=True, help="Paste the address the browser ends on.")
@project_option
@as_json
@click.pass_context
def login(
    context: click.Context,
    email: str | None,
    port: int | None,
    paste: bool,
    project: str | None,
    as_json: bool,
) -> None:
    """Sign in at Google: adds an account, or repairs it.

    Prints an address to open in a browser on this machine and waits until the browser
    comes back. Where it cannot, because this is a remote server, use --paste.
    """
    settings = load_settings()
    with open_gateway(settings) as gateway:
        if paste:
            enrolled = _linked_by_hand(gateway, settings, email, port, project)
        else:
            enrolled = _linked(gateway, email, port or 0, project)
        _note(gateway, "account.linked", enrolled)
    _tell([enrolled], as_json)
    context.exit(enrolled.problem is not None)


@accounts.command("import")
@click.argument("file", type=click.File("rb"))
@passphrase_option
@project_option
@as_json
@click.pass_context
def import_accounts(
    context: click.Context,
    file: BinaryIO,
    passphrase: str | None,
    project: str | None,
    as_json: bool,
) -> None:
    """Add the accounts in FILE (JSON; - reads stdin), or repair those there are.

    FILE holds accounts in clear, or what `accounts export` wrote. One that Google
    refuses is kept with its reason, out of the pool, and makes this command exit
    with 1.
    """
    found = read_entries(_in_clear(file.read(), passphrase))
    entries = [_onboarded_with(project, entry) for entry in found]
    with open_gateway(load_settings()) as gateway:
        enrolled = gateway.enrolment.enrol_all(entries)
        for each in enrolled:
            _note(gateway, "account.imported", each)
    _tell(enrolled, as_json)
    context.exit(any(each.problem is not None for each in enrolled))


@accounts.command()
@click.argument("file", type=click.File("wb", lazy=True))
@passphrase_option
def export(file: BinaryIO, passphrase: str | None) -> None:
    """Write every account to FILE, readable with a passphrase only. FILE is opened, and
    what it held lost, once there is something to write.

    Accounts without an OAuth client of their own need the same GOOGLE_CLIENT_ID where
    they are imported.
    """
    passphrase = passphrase or _asked("Passphrase", confirm=True)
    try:
        check_passphrase(passphrase)
    except InvalidRequest as refusal:
        raise click.UsageError(refusal.message) from None
    with open_gateway(load_settings()) as gateway:
        entries = entries_of(gateway.accounts, gateway.projects)
        details = {"count": len(entries)}
        Audit(gateway.store).write(CLI, "accounts.exported", details=details)
    file.write(orjson.dumps(seal_export(entries, passphrase)))


@accounts.command("list")
@as_json
def list_accounts(as_json: bool) -> None:
    """Show every account, and what is wrong with it."""
    with open_gateway(load_settings()) as gateway:
        rows = gateway.roster.rows()
    if as_json:
        print_json({"accounts": [describe_row(row) for row in rows]})
    elif rows:
        for row in rows:
            click.echo(_line(row))
    else:
        click.echo(
            "There is no account yet: add some with `accounts login` or"
            " `accounts import FILE`."
        )


@accounts.command()
@click.argument("email")
@click.option("--revoke", is_flag=True, help="End the grant at Google too.")
@as_json
def remove(email: str, revoke: bool, as_json: bool) -> None:
    """Forget the account EMAIL (or an API key's name), and its projects."""
    with open_gateway(load_settings()) as gateway:
        name = gateway.roster.find(email).email
        oauth = gateway.oauth if revoke else None
        details = {"revoked": gateway.enrolment.remove(name, revoke_at=oauth)}
        Audit(gateway.store).write(CLI, "account.removed", name, details=details)
    if as_json:
        print_json({"email": name, **details})
    else:
        click.echo(f"{name} is forgotten.")


def _onboarded_with(project: str | None, entry: Entry) -> Entry:
    if project is None or not isinstance(entry, GoogleEntry):
        return entry
    return replace(entry, project=entry.project or project)


def _linked(
    gateway: Gateway, email: str | None, port: int, project: str | None
) -> Enrolled:
    with loopback(port) as server:
        visit = PendingAuth("link", server.redirect_uri, email, project=project)
        _show_way(gateway, visit)
        return gateway.linking.link(visit, server.wait(visit.state))


def _linked_by_hand(
    gateway: Gateway,
    settings: Settings,
    email: str | None,
    port: int | None,
    project: str | None,
) -> Enrolled:
    home = f"http://localhost:{port}" if port else settings.global_url
    visit = PendingAuth("link", home + CALLBACK, email, project=project)
    _show_way(gateway, visit)
    ended = click.prompt("Paste the address it ended on, broken page or not", err=True)
    callback_args = read_address(ended)
    if not hmac.compare_digest(
        callback_args.get("state", "").encode(), visit.state.encode()
    ):
        raise click.ClickException("This is not the address of this sign-in.")
    return gateway.linking.link(visit, callback_args)


def _show_way(gateway: Gateway, visit: PendingAuth) -> None:
    """The address goes to stderr: stdout is for what came of it."""
    address = gateway.linking.address(visit)
    click.echo(f"Open this address in a browser and sign in:\n{address}", err=True)


def _in_clear(data: bytes, passphrase: str | None) -> bytes:
    """The entries in a file, whether it is an export or not."""
    try:
        payload = orjson.loads(data)
    except ValueError:
        return data
    if not is_export(payload):
        return data
    return open_export(payload, passphrase or _asked("Passphrase"))


def _asked(what: str, *, confirm: bool = False) -> str:
    answer: str = click.prompt(what, hide_input=True, confirmation_prompt=confirm)
    return answer


def _note(gateway: Gateway, what: str, enrolled: Enrolled) -> None:
    details = {"problem": enrolled.problem}
    Audit(gateway.store).write(CLI, what, enrolled.account, details=details)


def _tell(enrolled: Sequence[Enrolled], as_json: bool) -> None:
    if as_json:
        print_json({"accounts": [describe(each) for each in enrolled]})
    else:
        for each in enrolled:
            click.echo(_enrolled_line(each))


def _enrolled_line(each: Enrolled) -> str:
    name = each.account or "(an unnamed account)"
    if each.problem is None:
        return f"{name}: in the pool with {len(each.projects)} projects"
    where = f" ({each.action_url})" if each.action_url else ""
    return f"{name}: not in the pool: {each.problem}{where}"


def _line(row: Row) -> str:
    account, shown = row.account, describe_row(row)
    words: list[Any] = [
        account.email,
        account.upstream,
        f"{shown['projects']} projects",
    ]
    state = row.status
    if account.is_invalid:
        state = f"invalid: {account.invalid_reason} {account.action_url}".strip()
    used = f"last used {shown['lastUsed']}" if row.last_used_at else "never used"
    return "  ".join([*words, state, used])
