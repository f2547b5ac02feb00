"""The way to the store: one client whose every failure is `StoreUnavailable`."""

from __future__ import annotations

from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.connection import BlockingConnectionPool
from redis.exceptions import NoScriptError, RedisError, WatchError
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from ..errors import StoreUnavailable
from .scripts import source_of

CONNECT_SECONDS = 0.5
REPLY_SECONDS = 2.3

MAX_CONNECTIONS = 128
"""Per process, opened as needed. A command holds its connection for a fraction of a
millisecond, so that a thousand greenlets share these. ``?max_connections=8`` at the end
of the address suits a hosted store that allows few."""

SHARE_SECONDS = 2.0
"""How long to wait for one of them to be free: a burst of requests is no failure."""


class Store(redis.Redis):
    """A Redis client that answers in str and fails in `StoreUnavailable` only.

    `WatchError` alone passes through: it is an answer (somebody else was faster), not
    a failure. Scripts the server has forgotten are sent again in full.
    """

    def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute_command(  # type: ignore[no-untyped-call]
                *args, **options
            )
        except NoScriptError:
            return self.execute_command(*_in_full(args), **options)
        except WatchError:
            raise
        except RedisError as error:
            _unavailable(error)

    def pipeline(
        self, transaction: bool = False, shard_hint: str | None = None
    ) -> Pipeline:
        """Queue commands for one round trip; atomic only when ``transaction``."""
        return Pipeline(
            self.connection_pool, self.response_callbacks, transaction, shard_hint
        )


class Pipeline(redis.client.Pipeline):
    """Commands for one round trip. `Script`s queue here like any command."""

    def __enter__(self) -> Pipeline:
        return self

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send everything, return the replies in order.

        A script the server has forgotten runs in a second round trip, after the
        others; each script is atomic in itself, so nobody may count on their order.
        """
        try:
            commands = list(self.command_stack)
            replies = super().execute(raise_on_error=False)
            self._run_forgotten_scripts(commands, replies)
            if raise_on_error:
                self.raise_first_error(  # type: ignore[no-untyped-call]
                    commands, replies
                )
            return replies
        except WatchError:
            raise
        except RedisError as error:
            _unavailable(error)

    def _run_forgotten_scripts(self, commands: list[Any], replies: list[Any]) -> None:
        forgotten = [
            n for n, reply in enumerate(replies) if isinstance(reply, NoScriptError)
        ]
        for n in forgotten:
            args, options = commands[n]
            self.pipeline_execute_command(*_in_full(args), **options)
        again = super().execute(raise_on_error=False) if forgotten else []
        for n, reply in zip(forgotten, again, strict=True):
            replies[n] = reply


class MasterPool(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to whichever server is master; they are waited for, as elsewhere."""


def connect(url: str) -> Store:
    """Open the store at ``url``; nothing is sent before the first command.

    ``redis://``, ``rediss://``, ``unix:///path`` or
    ``redis+sentinel://[:password@]host[:port][,host[:port]…]/service[/db]``.
    Call it once per process, after the fork.
    """
    if url.startswith("redis+sentinel://"):
        return _connect_by_sentinel(url)
    pool = BlockingConnectionPool.from_url(url, **_sharing(), **_options())
    return Store(connection_pool=pool)


def _connect_by_sentinel(url: str) -> Store:
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2].split(",")
    service, _, db = parts.path.strip("/").partition("/")
    options = _options()
    sentinel = Sentinel(
        [_address(host) for host in hosts], sentinel_kwargs=options, **options
    )
    store: Store = sentinel.master_for(
        service or "mymaster",
        redis_class=Store,
        connection_pool_class=MasterPool,
        db=int(db or 0),
        password=unquote(parts.password) if parts.password else None,
        **_sharing(),
    )
    return store


def _address(host: str) -> tuple[str, int]:
    name, colon, port = host.rpartition(":")
    return (name, int(port)) if colon else (host, 26379)


def _sharing() -> dict[str, Any]:
    return {"max_connections": MAX_CONNECTIONS, "timeout": SHARE_SECONDS}


def _options() -> dict[str, Any]:
    """redis-py retries a dead server for seconds by default, and greets each new
    connection with commands that wait for a hung one: both are switched off."""
    return {
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": REPLY_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,
        "decode_responses": True,
    }


def _in_full(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return ("EVAL", source_of(args[1]), *args[2:])


def _unavailable(error: RedisError) -> NoReturn:
    raise StoreUnavailable(f"The store does not answer: {error}") from error
