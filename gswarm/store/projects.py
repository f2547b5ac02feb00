"""The catalogue of projects: which there are, whose, and whether they are enabled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from . import names
from .connection import Pipeline, Store
from .pool import replace_projects


@dataclass(frozen=True, slots=True)
class Project:
    """One project of an account. ``api_enabled`` is Google's side of it (None: not
    known), ``enabled`` ours: whether it is in rotation."""

    id: str
    account: str
    name: str = ""
    api_enabled: bool | None = None
    created_at: float = 0.0
    enabled: bool = True


class Projects:
    """Changes are seen by the next take, in every process."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def add(self, projects: Iterable[Project], pipe: Pipeline | None = None) -> None:
        """Put projects into the catalogue and the pool, or change what is known of
        them. One that was disabled by hand stays so."""
        with self._changes(pipe) as changes:
            ids = [self._write(changes, project) for project in projects]
            replace_projects(changes, self._clock(), ids)

    def remove(self, ids: Iterable[str]) -> None:
        """Take projects out of the catalogue and the pool."""
        for project_id in ids:
            self._remove(project_id)

    def enable(self, project_id: str, enabled: bool) -> None:
        """Put a project in rotation or take it out, at once and for everyone."""
        with self._changes(None) as changes:
            changes.hset(
                names.project_status(project_id), "enabled", "1" if enabled else "0"
            )
            replace_projects(changes, self._clock(), [project_id])

    def find(self, project_id: str) -> Project | None:
        """One project, or None."""
        with self._store.pipeline() as pipe:
            pipe.hget(names.PROJECTS, project_id)
            pipe.hget(names.project_status(project_id), "enabled")
            entry, enabled = pipe.execute()
        return _project(project_id, entry, enabled) if entry else None

    def all(self) -> list[Project]:
        """Every project, by id."""
        entries: Any = self._store.hgetall(names.PROJECTS)
        ids = sorted(entries)
        with self._store.pipeline() as pipe:
            for project_id in ids:
                pipe.hget(names.project_status(project_id), "enabled")
            enabled = pipe.execute()
        return [
            _project(each, entries[each], flag)
            for each, flag in zip(ids, enabled, strict=True)
        ]

    def of(self, account: str) -> set[str]:
        """The ids of an account's projects."""
        ids: Any = self._store.smembers(names.account_projects(account))
        return set(ids)

    def last_uses(self, ids: Sequence[str]) -> list[float]:
        """When each was last taken, in epoch seconds; 0 for never."""
        with self._store.pipeline() as pipe:
            for project_id in ids:
                pipe.hget(names.project_status(project_id), "lastUsedAt")
            return [float(ms or 0) / 1000 for ms in pipe.execute()]

    def _write(self, pipe: Pipeline, project: Project) -> str:
        status = names.project_status(project.id)
        pipe.hset(names.PROJECTS, project.id, orjson.dumps(_entry(project)))
        pipe.hset(status, "account", project.account)
        pipe.hsetnx(status, "enabled", "1" if project.enabled else "0")
        pipe.sadd(names.account_projects(project.account), project.id)
        return project.id

    def _remove(self, project_id: str) -> None:
        status = names.project_status(project_id)
        account: Any = self._store.hget(status, "account")
        with self._changes(None) as changes:
            changes.hdel(names.PROJECTS, project_id)
            changes.srem(names.account_projects(account or ""), project_id)
            changes.delete(status)
            replace_projects(changes, self._clock(), [project_id])

    def _changes(self, pipe: Pipeline | None) -> _Changes:
        return _Changes(self._store, pipe)


class _Changes:
    """The caller's pipeline, to be run by the caller; else one of our own, run here."""

    def __init__(self, store: Store, pipe: Pipeline | None) -> None:
        self._pipe = store.pipeline(transaction=True) if pipe is None else pipe
        self._is_ours = pipe is None

    def __enter__(self) -> Pipeline:
        return self._pipe

    def __exit__(self, kind: object, *_: object) -> None:
        if self._is_ours and kind is None:
            self._pipe.execute()


def _entry(project: Project) -> dict[str, Any]:
    return {
        "account": project.account,
        "name": project.name,
        "api_enabled": project.api_enabled,
        "created_at": project.created_at,
    }


def _project(project_id: str, entry: str, enabled: str | None) -> Project:
    return Project(id=project_id, enabled=enabled == "1", **orjson.loads(entry))
