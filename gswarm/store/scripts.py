"""Lua scripts: one file each in lua/."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib import resources
from typing import TYPE_CHECKING, Any

from .names import as_lua

if TYPE_CHECKING:
    from .connection import Pipeline, Store

_sources: dict[str, str] = {}


class Script:
    """One atomic step in the store, by the name of its file in lua/.

    Each file opens with its contract: what it does, KEYS, ARGV, what it returns.
    A script with a ``prelude`` (other files, read before it) finds key names in the
    table KEY, as `names` spells them.
    """

    def __init__(self, name: str, *, prelude: Iterable[str] = ()) -> None:
        source = "\n".join(_read(part) for part in (*prelude, name))
        if prelude:
            source = f"{as_lua()}\n{source}"
        self.name = name
        self.sha = hashlib.sha1(source.encode()).hexdigest()
        _sources[self.sha] = source

    def __call__(
        self, store: Store | Pipeline, keys: Iterable[str], args: Iterable[Any] = ()
    ) -> Any:
        """Run it now, or queue it where ``store`` is a pipeline."""
        keys = tuple(keys)
        return store.execute_command("EVALSHA", self.sha, len(keys), *keys, *args)


def source_of(sha: str) -> str:
    """The full text of a script, for a server that has forgotten it."""
    return _sources[sha]


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(f"lua/{name}.lua").read_text("utf-8")
