"""The way to the store: one client whose every failure is `StoreUnavailable`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, TypeAlias
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.connection import BlockingConnectionPool
from redis.exceptions import NoScriptError, RedisError, WatchError
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from ..errors import SettingsError, StoreUnavailable
from .connection_pool import Lines
from .scripts import all_sources, call

Command: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]
"""A command's words, and what redis-py wants to know when it reads the reply."""

Words: TypeAlias = tuple[Any, ...]

CONNECT_SECONDS = 0.5
REPLY_SECONDS = 2.3

MAX_CONNECTIONS = 128
"""Per process, opened as needed. A command holds its connection for a fraction of a
millisecond, so that a thousand greenlets share these. ``?max_connections=8`` at the end
of the address suits a hosted store that allows few."""

MOST_WORDS = 4_000
"""Of a command that follows a script; Lua's stack ends not far beyond."""

MOST_LOADS = 3
"""How often scripts are loaded for commands whose server forgets them again."""

SHARE_SECONDS = 2.0
"""How long to wait for one of them to be free: a burst of requests is no failure."""


class Store(redis.Redis):
    """A Redis client that answers in str and fails in `StoreUnavailable` only.

    `WatchError` alone passes through: it is an answer (somebody else was faster), not
    a failure.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._lines = Lines(self.connection_pool, SHARE_SECONDS)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        [reply] = self.run([(args, options)])
        if isinstance(reply, RedisError):
            _unavailable(reply)
        return reply

    def run(self, commands: Sequence[Command]) -> list[Any]:
        """The replies to these commands, sent together; errors are among them.

        They run in their order also on a server that knows none of the scripts: what
        follows a script is one, too, so that nothing overtakes a script there.
        """
        args = _after_first_script([args for args, _ in commands])
        try:
            replies = self._run_known(args)
        except RedisError as error:
            _unavailable(error)
        return list(map(self._understood, commands, replies))

    def transact(self, commands: Sequence[Command]) -> list[Any]:
        """The same in one step: all of them run or, where the server knows none of the
        scripts, none before it does."""
        args = [args for args, _ in commands]
        if any(map(_is_script, args)):
            args = list(map(_as_script, args))
        try:
            replies = self._transact_known(args)
        except RedisError as error:
            _unavailable(error)
        return list(map(self._understood, commands, replies))

    def _run_known(self, args: Sequence[Words]) -> list[Any]:
        replies = self._lines.round_trip(args)
        for _ in range(MOST_LOADS):
            unknown = [n for n, each in enumerate(replies) if _is_unknown(each)]
            if not unknown:
                break
            self._load_scripts()
            again = self._lines.round_trip([args[n] for n in unknown])
            for n, reply in zip(unknown, again, strict=True):
                replies[n] = reply
        return replies

    def _transact_known(self, args: Sequence[Words]) -> list[Any]:
        replies = self._in_one_step(args)
        for _ in range(MOST_LOADS):
            if not any(map(_is_unknown, replies)):
                break
            self._load_scripts()
            replies = self._in_one_step(args)
        return replies

    def _in_one_step(self, args: Sequence[Words]) -> list[Any]:
        *queued, replies = self._lines.round_trip([("MULTI",), *args, ("EXEC",)])
        refused = [each for each in (*queued, replies) if isinstance(each, RedisError)]
        if refused:
            raise refused[0]
        return list(replies)

    def _load_scripts(self) -> None:
        """All in one step, so that nobody finds some of them."""
        loads = [("SCRIPT", "LOAD", source) for source in all_sources()]
        for reply in self._in_one_step(loads):
            if isinstance(reply, RedisError):
                raise reply

    def _understood(self, command: Command, reply: Any) -> Any:
        """What redis-py makes of a reply: a dict of HGETALL's flat list, say."""
        args, options = command
        understand = self.response_callbacks.get(args[0])
        if understand is None or isinstance(reply, RedisError):
            return reply
        options.pop("keys", None)  # meant for redis-py's cache
        return understand(reply, **options)

    def pipeline(
        self, transaction: bool = False, shard_hint: str | None = None
    ) -> Pipeline:
        """Queue commands for one round trip; atomic only when ``transaction``."""
        return Pipeline(self, transaction, shard_hint)

    def close(self) -> None:
        self._lines.close()
        super().close()


class Pipeline(redis.client.Pipeline):
    """Commands for one round trip. `Script`s queue here like any command."""

    def __init__(
        self, store: Store, transaction: bool, shard_hint: str | None = None
    ) -> None:
        super().__init__(
            store.connection_pool, store.response_callbacks, transaction, shard_hint
        )
        self._store = store
        self._is_atomic = transaction

    def __enter__(self) -> Pipeline:
        return self

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send everything, return the replies in order."""
        commands = list(self.command_stack)
        if self.watching:
            replies = self._execute_watched(commands)
        else:
            run = self._store.transact if self._is_atomic else self._store.run
            replies = run(commands) if commands else []
            self.reset()
        failure = next((each for each in replies if isinstance(each, RedisError)), None)
        if failure and raise_on_error:
            _unavailable(failure)
        return replies

    def _execute_watched(self, commands: Sequence[Command]) -> list[Any]:
        if any(_is_script(args) for args, _ in commands):
            raise ValueError("what is watched for a script, the script can look at")
        try:
            return super().execute(raise_on_error=False)
        except WatchError:
            raise
        except RedisError as error:
            _unavailable(error)


class MasterPool(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to whichever server is master; they are waited for, as elsewhere."""


def connect(url: str) -> Store:
    """Open the store at ``url``; nothing is sent before the first command.

    ``redis://``, ``rediss://``, ``unix:///path`` or
    ``redis+sentinel://[:password@]host[:port][,host[:port]…]/service[/db]``.
    Call it once per process, after the fork. Raises `SettingsError` for options that
    make no connection.
    """
    by_sentinel = url.startswith("redis+sentinel://")
    try:
        store = _connect_by_sentinel(url) if by_sentinel else _connect(url)
        pool = store.connection_pool
        pool.connection_class(**pool.connection_kwargs)
    except (ValueError, TypeError, RedisError):
        raise SettingsError(
            "REDIS_URL is a value that is not shown; it takes, after ?, options that"
            " redis-py knows, such as db=1 or max_connections=8."
        ) from None
    return store


def _connect(url: str) -> Store:
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


def _after_first_script(args: Sequence[Words]) -> Sequence[Words]:
    """The same, where every command that follows a script is one."""
    for n, each in enumerate(args[:-1]):
        if _is_script(each):
            return [*args[: n + 1], *map(_as_script, args[n + 1 :])]
    return args


def _as_script(words: Words) -> Words:
    if _is_script(words):
        return words
    if len(words) > MOST_WORDS:
        raise ValueError(f"{words[0]} has too many words to go with scripts")
    name, *more = words[0].split()
    return ("EVALSHA", call.sha, 0, name, *more, *words[1:])


def _is_script(words: Words) -> bool:
    return bool(words[0] == "EVALSHA")


def _is_unknown(reply: Any) -> bool:
    return isinstance(reply, NoScriptError)


def _unavailable(error: RedisError) -> NoReturn:
    # Of a sentinel's failure, redis-py tells what it holds in memory.
    words, _, _ = str(error).partition(" : <redis.")
    raise StoreUnavailable(f"The store does not answer: {words}") from error
