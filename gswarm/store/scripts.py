"""Lua scripts: one file each in lua/."""

from __future__ import annotations

import hashlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module, resources
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

    A server knows all scripts of a version of the gateway or none of them: they differ
    from version to version, even where their texts are the same, and are loaded
    together. `connection` builds on that.
    """

    def __init__(self, name: str, *, prelude: Iterable[str] = ()) -> None:
        source = "\n".join(_read(part) for part in (*prelude, name))
        if prelude:
            source = f"{as_lua()}\n{source}"
        source = f"-- {_version()}\n{source}"
        self.name = name
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


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(f"lua/{name}.lua").read_text("utf-8")


@cache
def _version() -> str:
    """What all scripts together are."""
    files = resources.files(__package__).joinpath("lua").iterdir()
    texts = [each.read_bytes() for each in files if each.name.endswith(".lua")]
    every = b"".join(sorted(texts)) + as_lua().encode()
    return hashlib.sha1(every).hexdigest()[:12]


call = Script("call")
"""Runs one command, by its words."""
