"""Everything the simulated Google knows: accounts, projects, keys, calls, time."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from .answers import Manner
from .answers.chunks import Ending
from .calls import CallLog
from .clock import Clock
from .grants import Grants
from .kinds import KINDS, Kind
from .quotas import Quotas
from .scripts import Scripts
from .signatures import Binding, Cover, Signer

COMPANION = "cloudaicompanion.googleapis.com"
GENERATIVE = "generativelanguage.googleapis.com"
VERTEX = "aiplatform.googleapis.com"

FIRST_NAMES = ("alice", "bob", "carol")


@dataclass
class Account:
    """One Google account. ``buckets_lie`` shows every quota as untouched."""

    email: str
    kind_name: str = "standard"
    projects: list[str] = field(default_factory=list)
    refresh_token: str = ""
    is_onboarded: bool = True
    managed_project: str = ""
    access_seconds: int = 3599
    buckets_lie: bool = False
    accepts_terms: bool = True
    sub: str = field(default_factory=lambda: str(10**20 + secrets.randbelow(10**20)))

    @property
    def kind(self) -> Kind:
        """What Code Assist makes of it."""
        return KINDS[self.kind_name]

    @property
    def name(self) -> str:
        """The display name: what comes before the @, capitalised."""
        return self.email.partition("@")[0].capitalize()


@dataclass
class Project:
    """One Cloud project. ``services`` maps a service to when it begins to work."""

    id: str
    number: str
    name: str
    owners: set[str]
    created_at: float
    services: dict[str, float] = field(default_factory=dict)
    state: str = "ACTIVE"
    iam_denied: bool = False
    models_missing: set[str] = field(default_factory=set)


@dataclass
class ApiKey:
    """An AI Studio key; ``name`` is what an operator would call it."""

    key: str
    name: str
    project: str

    def as_import(self) -> dict[str, str]:
        """The key as an entry of an import file."""
        return {
            "upstream": "gemini_api",
            "name": self.name,
            "api_key": self.key,
            "project": self.project,
        }


@dataclass
class Operation:
    """A long-running operation: so many pending polls, then ``finish`` runs once."""

    name: str
    polls_left: int
    finish: Callable[[], dict[str, Any]]
    outcome: dict[str, Any] | None = None

    def poll(self) -> dict[str, Any]:
        """The operation as its next reader sees it."""
        if self.outcome is None and self.polls_left <= 0:
            self.outcome = {"done": True, **self.finish()}
        self.polls_left -= 1
        return {"name": self.name, **(self.outcome or {"metadata": {}})}


@dataclass
class Options:
    """How this Google behaves; all of it can be given to ``/_sim/reset``.

    ``consumer_access`` is whether free and Google One accounts are still served;
    ``operation_polls`` how often an operation answers "not yet";
    ``project_numbers`` has Code Assist tell of projects by their numbers;
    ``propagation_seconds`` how long an enabled API stays unusable;
    ``project_limit`` how many projects an account may own; ``signature_binding`` what
    thought signatures are good for (account, project, model), ``signature_cover`` how
    they fit their call, both as in `Signer`; ``agent`` makes every prompt one of an
    agent; this and the rest are as in `Manner`.
    """

    consumer_access: bool = True
    operation_polls: int = 2
    propagation_seconds: float = 0.0
    project_numbers: bool = False
    project_limit: int = 25
    signature_binding: Binding = "account"
    signature_cover: Cover = "name"
    ending: Ending | None = None
    call_ids: bool | None = None
    floats: bool | None = None
    agent: str | None = None


@dataclass(frozen=True)
class Speed:
    """How fast models answer: silences before and between chunks, and their size
    (0: as is usual)."""

    ttft_seconds: float = 0.0
    chunk_seconds: float = 0.0
    chunk_chars: int = 0


INSTANT = Speed()
PLAUSIBLE = Speed(ttft_seconds=0.4, chunk_seconds=0.06)
"""About what a Flash model takes."""


class World:
    """One Google. Its parts are plain values; whoever holds it may change them.

    ``usual_speed`` is its models' until somebody changes it, and after each reset.
    """

    def __init__(
        self,
        accounts: int = 3,
        projects: int = 12,
        api_keys: int = 2,
        usual_speed: Speed = INSTANT,
    ) -> None:
        self._usual_speed = usual_speed
        self.clock = Clock()
        self.calls = CallLog()
        self.reset(accounts, projects, api_keys)

    def reset(
        self, accounts: int = 3, projects: int = 12, api_keys: int = 2, **options: Any
    ) -> None:
        """Begin anew: fresh accounts, quotas, scripts; the clock right again."""
        self.signer = Signer()
        self.options = Options()
        self.set_options(options)
        self.clock.ahead_seconds = 0.0
        self.calls.clear()
        self.scripts = Scripts()
        self.speed = self._usual_speed
        self.quotas = Quotas(self.clock)
        self.grants = Grants(self.clock)
        self.accounts: dict[str, Account] = {}
        self.projects: dict[str, Project] = {}
        self.api_keys: dict[str, ApiKey] = {}
        self.operations: dict[str, Operation] = {}
        for index in range(accounts):
            self.add_account(_email(index), projects=projects)
        for index in range(api_keys):
            self.add_api_key(f"studio-{index + 1:02}")

    def add_account(
        self, email: str, kind: str = "standard", projects: int | list[str] = 12
    ) -> Account:
        """Add or replace an account, signed in once, owning these projects."""
        account = Account(email, kind, is_onboarded=KINDS[kind].starts_onboarded)
        account.refresh_token = self.grants.sign_in(email)
        self.accounts[email] = account
        for project_id in _project_ids(email, projects):
            self.add_project(project_id, email)
        return account

    def add_project(
        self,
        project_id: str,
        owner: str,
        *,
        name: str = "",
        services: tuple[str, ...] = (COMPANION, VERTEX),
    ) -> Project:
        """Add a project with these services, or a further owner of one there is."""
        project = self.projects.get(project_id)
        if not project:
            now = self.clock()
            number = str(10**11 + secrets.randbelow(9 * 10**11))
            project = Project(project_id, number, name or project_id, set(), now)
            self.projects[project_id] = project
            project.services.update(dict.fromkeys(services, now))
        project.owners.add(owner)
        account = self.accounts.get(owner)
        if account and project_id not in account.projects:
            account.projects.append(project_id)
        return project

    def add_api_key(self, name: str, project: str = "", key: str = "") -> ApiKey:
        """Add an AI Studio key and, where it is new, its project."""
        made = ApiKey(key or f"sim-key-{secrets.token_hex(12)}", name, project or name)
        self.api_keys[made.key] = made
        self.add_project(made.project, name, services=(GENERATIVE,))
        return made

    @property
    def manner(self) -> Manner:
        """How answers are cut and spelt."""
        return Manner(
            self.speed.chunk_chars or Manner().chunk_chars,
            self.options.ending,
            self.options.call_ids,
            self.options.floats,
            self.options.agent,
        )

    def set_options(self, wanted: dict[str, Any]) -> None:
        """Change some options; TypeError for one there is not."""
        self.options = replace(self.options, **wanted)
        self.signer.binding = self.options.signature_binding
        self.signer.cover = self.options.signature_cover

    def set_quota(self, wanted: dict[str, Any]) -> None:
        """Apply the body of ``POST /_sim/quota``; ValueError for another shape."""
        if not isinstance(wanted, dict) or not wanted.keys() <= {"limits", "capacity"}:
            raise ValueError("it takes an object of limits and capacity")
        if "limits" in wanted:
            self.quotas.configure(wanted["limits"])
        for model, is_there in wanted.get("capacity", {}).items():
            self.quotas.set_capacity(model, is_there)

    def start(
        self, name: str, finish: Callable[[], dict[str, Any]], polls: int | None = None
    ) -> Operation:
        """Start a long-running operation; ``finish`` returns its response or error."""
        polls = self.options.operation_polls if polls is None else polls
        operation = Operation(name, polls, finish)
        self.operations[name] = operation
        return operation


def _email(index: int) -> str:
    named = index < len(FIRST_NAMES)
    name = FIRST_NAMES[index] if named else f"user{index + 1}"
    return f"{name}@example.com"


def _project_ids(email: str, projects: int | list[str]) -> list[str]:
    if isinstance(projects, list):
        return projects
    name = email.partition("@")[0]
    return [f"{name}-{number:02}" for number in range(1, projects + 1)]
