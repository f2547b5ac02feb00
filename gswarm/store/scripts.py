"""Lua scripts: one file each in lua/."""

from __future__ import annotations

import hashlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module, resources
from typing import TYPE_CHECKING, Any

from .names import as_lua

if TYPE_CHECKING:
    from .connection import Pipeline, Store

_REQUIRES = re.compile(r"-- requires: ([\w, ]+)\n")

_sources: dict[str, str] = {}


class Script:
    """One atomic step in the store, by the name of its file in lua/.

    Each file opens with its contract: what it does, KEYS, ARGV, what it returns.
    Its first line may say which files of lua/lib/ it needs (``-- requires: health,
    placing``): they, and what they need, are read before it, once each, and find key
    names in the table KEY, as `names` spells them.

    A server knows all scripts of a version of the gateway or none of them: they differ
    from version to version, even where their texts are the same, and are loaded
    together. `connection` builds on that.
    """

    def __init__(self, name: str) -> None:
        own = _read(name)
        source = "\n".join([*_required(own), own])
        if source != own:
            source = f"{as_lua()}\n{source}"
        source = f"-- {_version()}\n{source}"
        self.name, self.source = name, source
        self.sha = hashlib.sha1(source.encode()).hexdigest()
        _sources[self.sha] = source

    def __call__(
        self, store: Store | Pipeline, keys: Iterable[str], args: Iterable[Any] = ()
    ) -> Any:
        """Run it now, or queue it where ``store`` is a pipeline."""
        keys = tuple(keys)
        return store.execute_command("EVALSHA", self.sha, len(keys), *keys, *args)


def all_sources() -> list[str]:
    """The full text of every script, for a server that has forgotten them."""
    for module in pkgutil.iter_modules(import_module(__package__).__path__):
        import_module(f"{__package__}.{module.name}")
    return list(_sources.values())


def _required(source: str, seen: set[str] | None = None) -> Iterator[str]:
    """The files that a script needs, each behind those it needs itself."""
    seen = set() if seen is None else seen
    found = _REQUIRES.match(source)
    for name in found[1].split(", ") if found else ():
        if name not in seen:
            seen.add(name)
            needed = _read(f"lib/{name}")
            yield from _required(needed, seen)
            yield needed


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(f"lua/{name}.lua").read_text("utf-8")


@cache
def _version() -> str:
    """What all scripts together are."""
    lua = resources.files(__package__).joinpath("lua")
    files = [*lua.iterdir(), *lua.joinpath("lib").iterdir()]
    texts = [each.read_bytes() for each in files if each.name.endswith(".lua")]
    every = b"".join(sorted(texts)) + as_lua().encode()
    return hashlib.sha1(every).hexdigest()[:12]


call = Script("call")
"""Runs one command, by its words."""
