"""The catalogue of projects: which there are, whose, and whether they are enabled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from . import names
from .connection import Store
from .pool import replace_projects
from .scripts import Script

OURS = ("enabled", "denied_reason")
"""What a project's status says of its rotation."""

_claim = Script("claim")
_drop = Script("drop")


@dataclass(frozen=True, slots=True)
class Project:
    """One project of an account. ``api_enabled`` is Google's side of it (None: not
    known), ``enabled`` ours: whether it is in rotation. One that ``stays`` was named by
    hand, or made by Code Assist, and is known whether or not Google lists it.
    ``denied_reason`` is why Google denies it access for good, in Google's words: then
    it is out of rotation until somebody puts it back."""

    id: str
    account: str
    name: str = ""
    api_enabled: bool | None = None
    created_at: float = 0.0
    enabled: bool = True
    stays: bool = False
    denied_reason: str = ""


class Projects:
    """Changes are seen by the next take, in every process."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def add(self, projects: Iterable[Project]) -> dict[str, str]:
        """Put projects into the catalogue and the pool, or change what is known of
        them. One that was disabled by hand stays so, unless its API was disabled and is
        no more.

        Answers whose those are that another account has; "" where the account that was
        to have them is not there.
        """
        asked = orjson.dumps([_claimed(project) for project in projects])
        refused = _claim(self._store, (), [self._now_ms(), asked])
        return dict(zip(refused[::2], refused[1::2], strict=True))

    def remove(self, account: str, ids: Iterable[str]) -> None:
        """Take projects of an account out of the catalogue and the pool."""
        _drop(self._store, (), [self._now_ms(), account, *ids])

    def enable(self, project_id: str, enabled: bool) -> None:
        """Put a project in rotation or take it out, at once and for everyone."""
        with self._store.pipeline(transaction=True) as pipe:
            status = names.project_status(project_id)
            pipe.hset(status, "enabled", "1" if enabled else "0")
            if enabled:
                pipe.hdel(status, "denied_reason")
            pipe.srem(names.DENIED, project_id)
            replace_projects(pipe, self._clock(), [project_id])
            pipe.execute()

    def find(self, project_id: str) -> Project | None:
        """One project, or None."""
        with self._store.pipeline() as pipe:
            pipe.hget(names.PROJECTS, project_id)
            pipe.hmget(names.project_status(project_id), OURS)
            entry, ours = pipe.execute()
        return _project(project_id, entry, *ours) if entry else None

    def all(self) -> list[Project]:
        """Every project, by id."""
        entries: Any = self._store.hgetall(names.PROJECTS)
        ids = sorted(entries)
        with self._store.pipeline() as pipe:
            for project_id in ids:
                pipe.hmget(names.project_status(project_id), OURS)
            found = pipe.execute()
        return [
            _project(each, entries[each], *ours)
            for each, ours in zip(ids, found, strict=True)
        ]

    def of(self, account: str) -> set[str]:
        """The ids of an account's projects."""
        ids: Any = self._store.smembers(names.account_projects(account))
        return set(ids)

    def discovered(self, account: str) -> set[str]:
        """Those of an account's projects that are known by Google's list alone."""
        ids = sorted(self.of(account))
        entries: Any = self._store.hmget(names.PROJECTS, ids) if ids else []
        known = zip(ids, entries, strict=True)
        return {each for each, entry in known if entry and not _stays(entry)}

    def last_uses(self, ids: Sequence[str]) -> list[float]:
        """When each was last taken, in epoch seconds; 0 for never."""
        with self._store.pipeline() as pipe:
            for project_id in ids:
                pipe.hget(names.project_status(project_id), "lastUsedAt")
            return [float(ms or 0) / 1000 for ms in pipe.execute()]

    def _now_ms(self) -> int:
        return round(self._clock() * 1000)


def _claimed(project: Project) -> dict[str, Any]:
    """A project as lua/claim.lua takes it."""
    entry = asdict(project)
    del entry["denied_reason"]
    return {"id": entry.pop("id"), "enabled": entry.pop("enabled"), "entry": entry}


def _stays(entry: str) -> bool:
    return bool(orjson.loads(entry).get("stays"))


def _project(
    project_id: str, entry: str, enabled: str | None, denied_reason: str | None
) -> Project:
    return Project(
        id=project_id,
        enabled=enabled == "1",
        denied_reason=denied_reason or "",
        **orjson.loads(entry),
    )
