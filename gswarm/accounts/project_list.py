"""How projects stand, as people see them: row by row, found, sorted, page by page."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..errors import NotFound
from ..store import records
from ..store.accounts import Account, Accounts
from ..store.connection import Store
from ..store.projects import Project, Projects
from ..store.records import Cooldown, Record
from ..timestamps import iso
from .ordering import in_order

Status: TypeAlias = Literal["active", "cooldown", "disabled", "error"]
Row: TypeAlias = dict[str, Any]

STATUSES: tuple[Status, ...] = ("active", "cooldown", "disabled", "error")
IN_ROTATION: tuple[Status, ...] = ("active", "cooldown")
KNOWN_AT_ONCE = ("id", "name", "account", "upstream", "enabled")
SORTS = (
    *KNOWN_AT_ONCE,
    *("status", "health", "inFlight", "lastUsedAt", "cooldownUntil"),
    *("successCount", "errorCount"),
)
"""What rows can be sorted by. The first few need no look at the records."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows, and in what order. ``search`` is a part of the id, the name or the
    account; ``page`` counts from 1."""

    search: str = ""
    account: str | None = None
    status: Status | None = None
    sort: str = "id"
    descending: bool = False
    page: int = 1
    page_size: int = 50


class ProjectList:
    """Raises `StoreUnavailable`. Records are read for the rows that are shown, unless
    the order depends on them."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        projects: Projects,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._projects = projects
        self._clock = clock

    def page(self, wanted: Wanted) -> tuple[Sequence[Row], int]:
        """One page, and how many rows there are on all pages together."""
        found = [each for each in self._projects.all() if _is_meant(each, wanted)]
        accounts = {each.email: each for each in self._accounts.all()}
        first = (wanted.page - 1) * wanted.page_size
        shown = slice(first, first + wanted.page_size)
        if wanted.status is None and wanted.sort in KNOWN_AT_ONCE:
            found = in_order(
                found,
                lambda each: _fact(each, wanted, accounts),
                descending=wanted.descending,
            )
            return self._rows(found[shown], accounts), len(found)
        rows = self._rows(found, accounts)
        rows = [row for row in rows if wanted.status in (None, row["status"])]
        rows = in_order(
            rows,
            lambda row: _worth(row, wanted.sort),
            descending=wanted.descending,
        )
        return rows[shown], len(rows)

    def all(self) -> Sequence[Row]:
        """Every row, by id."""
        accounts = {each.email: each for each in self._accounts.all()}
        return self._rows(self._projects.all(), accounts)

    def row(self, project_id: str) -> Row:
        """One row; raises `NotFound`."""
        project = self._projects.find(project_id)
        if project is None:
            raise NotFound(f"There is no project {project_id!r}.")
        account = self._accounts.find(project.account)
        [row] = self._rows([project], {project.account: account} if account else {})
        return row

    def _rows(
        self, projects: Sequence[Project], accounts: Mapping[str, Account]
    ) -> list[Row]:
        now = self._clock()
        found = records.read(self._store, [each.id for each in projects], now)
        return [
            _row(project, accounts.get(project.account), record, now)
            for project, record in zip(projects, found, strict=True)
        ]


def _row(project: Project, account: Account | None, record: Record, now: float) -> Row:
    rest, health = record.whole_rest(now), record.health_overall(now)
    rests, used_ms = rest.until > now, record.status["lastUsedAt"]
    return {
        "id": project.id,
        "projectId": project.id,
        "name": project.name,
        "account": project.account,
        "upstream": account.upstream if account else None,
        "enabled": project.enabled,
        "apiEnabled": project.api_enabled,
        "status": _status(project, account, rest, now),
        "health": round(health.score, 4),
        "healthTerms": {
            "success": round(health.success, 4),
            "recency": round(health.recency, 4),
            "cooldown": health.cooldown,
        },
        "inFlight": record.in_flight,
        "lastUsedAt": iso(used_ms / 1000) if used_ms else None,
        "cooldownUntil": iso(rest.until) if rests else None,
        "cooldownReason": project.denied_reason or (rest.reason if rests else None),
        "successCount": record.status["successCount"],
        "errorCount": record.status["errorCount"],
        "models": dict(record.models),
    }


def _status(
    project: Project, account: Account | None, rest: Cooldown, now: float
) -> Status:
    """Disabled by hand; out for a reason that somebody has to mend; or just resting."""
    if project.denied_reason:
        return "error"
    if not project.enabled or account is None or not account.enabled:
        return "disabled"
    if account.is_invalid:
        return "error"
    if rest.until > now:
        return "error" if rest.reason == "auth" else "cooldown"
    return "active"


def _is_meant(project: Project, wanted: Wanted) -> bool:
    searched = f"{project.id}\n{project.name}\n{project.account}".lower()
    return (
        wanted.account in (None, project.account) and wanted.search.lower() in searched
    )


def _fact(project: Project, wanted: Wanted, accounts: Mapping[str, Account]) -> Any:
    if wanted.sort == "upstream":
        account = accounts.get(project.account)
        return account.upstream if account else None
    return getattr(project, wanted.sort)


def _worth(row: Row, sort: str) -> Any:
    """What a row is sorted by. However healthy it was, a project that nobody asks now
    is worth less than one that is asked."""
    if sort == "health":
        return row["status"] in IN_ROTATION, row["health"]
    return row[sort]
