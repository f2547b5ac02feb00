"""Read import files: accounts and API keys, in the three formats they come in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import orjson

from ..errors import InvalidRequest
from ..google.traits import CLOUDCODE, GEMINI_API, TRAITS

MAX_ENTRIES = 1000
MAX_PROJECTS = 1000

KEY_FIELDS = frozenset({"upstream", "name", "api_key", "project"})
GOOGLE_FIELDS = frozenset(
    {
        *("upstream", "email", "refresh_token", "access_token", "expiry_date"),
        *("client_id", "client_secret", "projects", "project"),
        # What other programs keep beside them, and nobody here needs.
        *("account", "expires_in", "expiry", "expiry_timestamp", "id_token"),
        *("project_id", "quota_project_id", "refresh_token_expires_in", "scope"),
        *("scopes", "token", "token_type", "token_uri", "type", "universe_domain"),
    }
)

PROJECT_ID = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
"""Google's rule (Resource Manager docs); before a colon, an old domain's scope."""

PROJECT = re.compile(rf"{PROJECT_ID.pattern}|[0-9]{{6,20}}")
"""An id, or the number that Google has beside it."""

EMAIL = re.compile(r"[^\s@:/]+@[^\s@:/]+")
KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,99}")
PRINTABLE = re.compile(r"[!-~]{1,4096}")


@dataclass(frozen=True, slots=True)
class GoogleEntry:
    """Somebody who signed in; without ``email`` Google must be asked whose it is.

    ``projects`` are the only ones to serve with, where any are named; ``project`` is
    the one to onboard with, by its id or number.
    """

    email: str | None
    refresh_token: str = field(repr=False)
    client_id: str | None = None
    client_secret: str | None = field(repr=False, default=None)
    projects: tuple[str, ...] = ()
    project: str | None = None
    upstream: ClassVar[str] = CLOUDCODE.name

    @property
    def account(self) -> str:
        """What it will be called; "" while that is not known."""
        return self.email or ""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """An AI Studio key; ``project`` is what shares its quota."""

    name: str
    api_key: str = field(repr=False)
    project: str
    upstream: ClassVar[str] = GEMINI_API.name

    @property
    def account(self) -> str:
        """What it will be called."""
        return self.name


Entry: TypeAlias = GoogleEntry | KeyEntry


def read_entries(data: bytes) -> list[Entry]:
    """The entries of a file: one object or a list of them.

    Raises `InvalidRequest` with a ``param`` like ``[2].refresh_token``.
    """
    try:
        return entries_in(orjson.loads(data))
    except ValueError as error:
        raise InvalidRequest(f"This is not a JSON file: {error}.") from error


def entries_in(payload: Any) -> list[Entry]:
    """The entries of a file that has been parsed; raises what `read_entries` does."""
    if not isinstance(payload, list):
        return [_Fields(payload, "").entry()]
    if not 0 < len(payload) <= MAX_ENTRIES:
        raise InvalidRequest(f"A list holds 1 to {MAX_ENTRIES} accounts.")
    return [_Fields(entry, f"[{n}]").entry() for n, entry in enumerate(payload)]


class _Fields:
    """One object of the file, and where it stands."""

    def __init__(self, values: Any, place: str) -> None:
        self._place = place
        if not isinstance(values, Mapping):
            raise self._wrong("", "an account is a JSON object")
        self._values = values

    def entry(self) -> Entry:
        upstream = self._values.get("upstream", CLOUDCODE.name)
        if upstream == GEMINI_API.name:
            return self._key_entry()
        if upstream != CLOUDCODE.name:
            raise self._wrong("upstream", f"it is {' or '.join(TRAITS)}")
        return self._google_entry()

    def _check_names(self, known: frozenset[str]) -> None:
        """A misspelt field would be a setting that nobody heeds."""
        for name in self._values:
            if name not in known:
                raise self._wrong(name[:80], "there is no such field")

    def _key_entry(self) -> KeyEntry:
        self._check_names(KEY_FIELDS)
        name = self._text("name", KEY_NAME, "letters, digits, spaces and _ . -")
        key = self._text("api_key", PRINTABLE, "an API key")
        has_project = self._values.get("project") is not None
        project = self._text("project", KEY_NAME, "a name") if has_project else name
        return KeyEntry(name, key, project)

    def _google_entry(self) -> GoogleEntry:
        self._check_names(GOOGLE_FIELDS)
        email = self._optional("email", EMAIL, "an e-mail address")
        return GoogleEntry(
            email.lower() if email else None,
            self._text("refresh_token", PRINTABLE, "a refresh token"),
            self._optional("client_id", PRINTABLE, "an OAuth client's id"),
            self._optional("client_secret", PRINTABLE, "an OAuth client's secret"),
            self._projects(),
            self._optional("project", PROJECT, "a project's id or number"),
        )

    def _projects(self) -> tuple[str, ...]:
        projects = self._values.get("projects") or []
        if not isinstance(projects, list) or len(projects) > MAX_PROJECTS:
            raise self._wrong("projects", f"a list of up to {MAX_PROJECTS} project ids")
        for project_id in projects:
            if not isinstance(project_id, str) or not PROJECT_ID.fullmatch(project_id):
                # A project's number is no id: Code Assist refuses it.
                raise self._wrong("projects", f"{project_id!r} is not a project id")
        return tuple(dict.fromkeys(projects))

    def _optional(self, name: str, pattern: re.Pattern[str], what: str) -> str | None:
        if self._values.get(name) is None:
            return None
        return self._text(name, pattern, what)

    def _text(self, name: str, pattern: re.Pattern[str], what: str) -> str:
        value = self._values.get(name)
        if value is None:
            raise self._wrong(name, "it is missing")
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self._wrong(name, f"it takes {what}")
        return value

    def _wrong(self, name: str, problem: str) -> InvalidRequest:
        place = ".".join(part for part in (self._place, name) if part)
        return InvalidRequest(f"{place or 'file'}: {problem}.", param=place or None)
