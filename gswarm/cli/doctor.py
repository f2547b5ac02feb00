"""``doctor``: is everything there that a gateway needs, and how is it mended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, astuple, dataclass
from email.utils import parsedate_to_datetime

import click

from ..errors import AuthFailure, GSwarmError, ServerFailure, SettingsError, Verdict
from ..gateway import Gateway
from ..google.api_keys import ApiKeyCheck
from ..google.endpoints import Endpoints
from ..google.json_client import JsonClient
from ..google.oauth import OAuthClient
from ..google.traits import traits_of
from ..settings import Settings, load_settings
from ..store import claims, names, secret_files
from ..store.accounts import Account
from .opening import unclaimed_rooms
from .output import as_json, print_json

AT_ONCE = 8
MOST_SKEW_SECONDS = 5.0
SLOW_SECONDS = 0.05

SIGN_IN = "Sign in again with `accounts login`, or import the account again."
SET_CLOCK = "Let this machine's clock follow a time server (NTP)."
SEE_SETTINGS = "Mend that variable in the environment or in .env; see .env.example."
SEE_STORE = "Start that Redis, or correct REDIS_URL; unset, a store of our own is used."
SEE_NETWORK = "Look at DNS, firewall and proxy: this host must be reached directly."
SEE_CLIENT = "Set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET to a client of your own."
SEE_KEY = "Make a new key in AI Studio and import the account again."


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is; ``remedy`` says how to mend it, empty where it is well."""

    subject: str
    message: str
    remedy: str = ""

    @property
    def is_good(self) -> bool:
        return not self.remedy

    @property
    def line(self) -> str:
        """For people, on one line."""
        mark = "ok  " if self.is_good else "FAIL"
        return f"{mark}  {self.subject}: {self.message} {self.remedy}".rstrip()


@click.command()
@as_json
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Check settings, store, clock, Google's addresses and each account's token.

    Says of each, on one line, how it is and how to mend it. Exits with 1 when
    something is amiss.
    """
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            click.echo(finding.line)
    is_well = all(finding.is_good for finding in findings)
    if as_json:
        print_json({"ok": is_well, "checks": [_described(each) for each in findings]})
    context.exit(not is_well)


def examine() -> Iterator[Finding]:
    """Look at everything, as far as what went before allows."""
    try:
        settings = load_settings()
        secrets = secret_files.complete(settings)
    except SettingsError as error:
        yield Finding("settings", str(error), SEE_SETTINGS)
        return
    yield Finding("settings", _about(settings))
    with closing(JsonClient()) as rest:
        yield from _google(settings, rest)
    try:
        with unclaimed_rooms(secrets) as gateway:
            yield from _store(secrets, gateway)
            yield from _accounts(settings, gateway)
    except SettingsError as error:
        yield Finding("store", str(error), "Then ask again.")
    except GSwarmError as error:
        yield Finding("store", str(error), SEE_STORE)


def _about(settings: Settings) -> str:
    if OAuthClient.of(settings) is None:
        return "all valid; without GOOGLE_CLIENT_ID nobody can sign in to Google here."
    return "all valid."


# ------------------------------------------------------------------------- Google


def _google(settings: Settings, rest: JsonClient) -> Iterator[Finding]:
    """Each host once: whatever it answers, it is there."""
    endpoints = Endpoints.at(settings.google_base_url, settings.code_assist_endpoint)
    origins = sorted(set(astuple(endpoints)))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda origin: _knock(rest, origin), origins))
    for origin, (problem, _) in zip(origins, answers, strict=True):
        remedy = SEE_NETWORK if problem else ""
        yield Finding(origin, problem or "reached.", remedy)
    skews = [skew for _, skew in answers if skew is not None]
    if skews:
        yield _clock("Google's", min(skews, key=abs))


def _knock(rest: JsonClient, origin: str) -> tuple[str, float | None]:
    """What is wrong with an address, and by how many seconds its clock is ahead."""
    try:
        answer = rest.knock(origin)
    except ServerFailure as failure:
        return failure.message, None
    date = answer.headers.get("Date")
    if not date:
        return "", None
    return "", parsedate_to_datetime(date).timestamp() - time.time()


def _clock(whose: str, ahead: float) -> Finding:
    if abs(ahead) <= MOST_SKEW_SECONDS:
        return Finding("clock", f"agrees with {whose}.")
    way = "behind" if ahead > 0 else "ahead of"
    return Finding("clock", f"{abs(ahead):.0f} s {way} {whose}.", SET_CLOCK)


# -------------------------------------------------------------------------- store


def _store(settings: Settings, gateway: Gateway) -> Iterator[Finding]:
    store, asked_at = gateway.store, time.time()
    seconds, microseconds = store.time()
    took = time.time() - asked_at
    where = "the one at REDIS_URL" if settings.redis_url else str(settings.data_dir)
    slow = "Move it nearer: each request asks it four times."
    message = f"{where}, answers in {took * 1000:.1f} ms."
    yield Finding("store", message, slow if took > SLOW_SECONDS else "")
    yield _clock("the store's", seconds + microseconds / 1e6 - asked_at - took / 2)
    if store.exists(names.KEYRING):
        yield _secrets(settings, gateway)


def _secrets(settings: Settings, gateway: Gateway) -> Finding:
    try:
        claims.claim_secrets(gateway.store, settings)
    except SettingsError as error:
        return Finding("secrets", str(error), SEE_SETTINGS)
    return Finding("secrets", "those that this store was begun with.")


# ----------------------------------------------------------------------- accounts


def _accounts(settings: Settings, gateway: Gateway) -> Iterator[Finding]:
    known = gateway.accounts.all()
    if not known:
        remedy = "Add one with `accounts import FILE` or `accounts login`."
        yield Finding("accounts", "there is none.", remedy)
    endpoints = Endpoints.at(settings.google_base_url, settings.code_assist_endpoint)
    check = ApiKeyCheck(gateway.rest, endpoints)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield from threads.map(lambda account: _account(account, gateway, check), known)


def _account(account: Account, gateway: Gateway, check: ApiKeyCheck) -> Finding:
    """Google is left alone about accounts that it has refused, or that are off."""
    name = account.email
    if account.is_invalid:
        return Finding(name, account.invalid_reason, account.action_url or SIGN_IN)
    if not account.enabled:
        return Finding(name, "switched off.")
    try:
        if not traits_of(account.upstream).uses_oauth:
            sealed = gateway.accounts.credential(name)
            check.check(gateway.accounts.opened(sealed)["api_key"])
            return Finding(name, "its API key works.")
        gateway.oauth.person(gateway.credentials.refresh(name))
    except Verdict as verdict:
        return Finding(name, verdict.message, _remedy(account, verdict))
    except SettingsError as error:
        return Finding(name, str(error), SEE_SETTINGS)
    return Finding(name, "its token works.")


def _remedy(account: Account, verdict: Verdict) -> str:
    if verdict.action_url:
        return f"Follow {verdict.action_url}."
    if isinstance(verdict, ServerFailure):
        return SEE_NETWORK
    if not traits_of(account.upstream).uses_oauth:
        return SEE_KEY
    return SEE_CLIENT if type(verdict) is AuthFailure else SIGN_IN


def _described(finding: Finding) -> dict[str, object]:
    return {**asdict(finding), "ok": finding.is_good, "remedy": finding.remedy or None}
