"""Everything an operator can set from outside, read once and then frozen."""

# ruff: noqa: RUF009 - `_env` makes dataclass fields, like `dataclasses.field`

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar, get_args
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

from .errors import SettingsError

CacheMode = Literal["off", "deterministic", "all"]
QuotaScope = Literal["auto", "account", "project"]
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]
Network: TypeAlias = IPv4Network | IPv6Network

PRIVATE: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)
"""Addresses of this machine and of networks that lead nowhere else (RFC 1918, 4193)."""

Value = TypeVar("Value")
Reader: TypeAlias = Callable[[str], Value]
"""Turns text into a value, or raises ValueError saying what the variable takes."""


def _text(raw: str) -> str:
    return raw


def _model(raw: str) -> str:
    if not re.fullmatch(r"(gemini|gemma)-[A-Za-z0-9._-]{1,80}", raw):
        raise ValueError("the name of a Gemini model, such as gemini-3.5-flash")
    return raw


def _path(raw: str) -> Path:
    try:
        return Path(raw).expanduser()
    except RuntimeError:
        raise ValueError("a folder, after ~ a user of this machine") from None


def _password(raw: str) -> str:
    if len(raw) < 8:
        raise ValueError("at least 8 characters")
    return raw


def _long(raw: str) -> str:
    if len(raw) < 16:
        raise ValueError("at least 16 characters")
    return raw


def _long_ones(raw: str) -> tuple[str, ...]:
    secrets = _split(raw)
    if not secrets or any(len(secret) < 16 for secret in secrets):
        raise ValueError("one or more secrets of at least 16 characters, by commas")
    return secrets


def _whole(least: int, most: int) -> Reader[int]:
    def read(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not least <= int(raw) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(raw)

    return read


def _number(least: float, most: float, unit: str) -> Reader[float]:
    def read(raw: str) -> float:
        takes = f"a number of {unit} from {least:g} to {most:g}"
        try:
            number = float(raw)
        except ValueError:
            raise ValueError(takes) from None
        if not least <= number <= most:
            raise ValueError(takes)
        return number

    return read


def _seconds(least: float) -> Reader[float]:
    return _number(least, 86_400, "seconds")


_port = _whole(1, 65535)
_megabytes = _number(0.001, 1024, "megabytes")


def _one_of(words: object) -> Reader[Value]:
    """One word of a Literal type, in any case."""
    known: dict[str, Value] = {word: word for word in get_args(words)}

    def read(raw: str) -> Value:
        try:
            return known[raw.lower()]
        except KeyError:
            raise ValueError("one of " + ", ".join(known)) from None

    return read


def _url(raw: str) -> str:
    """Scheme and host in small letters, as browsers name them."""
    parts = _parts(raw)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address that starts with http:// or https://")
    if parts.query or parts.fragment:
        raise ValueError("an address without ? and #")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _parts(raw: str) -> SplitResult | None:
    """The address taken apart; None where it is not one."""
    if re.search(r"\s", raw):
        return None
    try:
        parts = urlsplit(raw)
        return parts if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def _redis_url(raw: str) -> str:
    scheme, _, rest = raw.partition("://")
    hosts, _, path = rest.partition("/")
    path = path.partition("?")[0]
    is_address = _parts(raw) is not None and re.fullmatch(r"\d*", path)
    is_whole = {
        "redis": is_address,
        "rediss": is_address,
        "redis+sentinel": all(map(_is_host, hosts.rpartition("@")[2].split(",")))
        and re.fullmatch(r"[^/]*(/\d*)?", path),
        "unix": bool(path),
    }
    if not is_whole.get(scheme):
        raise ValueError(
            "redis://host:port/number, rediss:// alike,"
            " redis+sentinel://host:port,host:port/service or unix:///path"
        )
    return raw


def _is_host(text: str) -> bool:
    parts = _parts(f"//{text}")
    return parts is not None and bool(parts.hostname)


def _fernet_keys(raw: str) -> tuple[str, ...]:
    keys = _split(raw)
    if not keys or not all(_is_fernet_key(key) for key in keys):
        raise ValueError("one or more keys of 32 bytes in URL-safe base64, by commas")
    return keys


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32
    except (ValueError, binascii.Error):
        return False


def _emails(raw: str) -> frozenset[str]:
    emails = frozenset(email.lower() for email in _split(raw))
    if not all("@" in email for email in emails):
        raise ValueError("e-mail addresses separated by commas")
    return emails


def _networks(raw: str) -> tuple[Network, ...]:
    try:
        return tuple(network for text in _split(raw) for network in _network(text))
    except ValueError:
        takes = (
            "networks separated by commas, such as 10.0.0.0/8, 2001:db8::/32,"
            " or private"
        )
        raise ValueError(takes) from None


def _network(text: str) -> tuple[Network, ...]:
    return PRIVATE if text.lower() == "private" else (ip_network(text, strict=False),)


def _origins(raw: str) -> tuple[str, ...]:
    origins = _split(raw.lower())
    if not all(_is_origin(origin) for origin in origins):
        raise ValueError("* or origins separated by commas, such as https://a.example")
    return origins


def _is_origin(text: str) -> bool:
    parts = _parts(text)
    return text == "*" or (
        parts is not None
        and parts.scheme != ""
        and text == f"{parts.scheme}://{parts.netloc}"
    )


def _split(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def _env(
    *names: str, read: Reader[Value], default: object = None, secret: bool = False
) -> Any:
    """A field of `Settings` that the first of these variables sets."""
    about = {"names": names, "read": read, "secret": secret}
    return field(default=default, repr=not secret, metadata=about)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The gateway's settings; ``.env.example`` says what each one is for.

    Lengths are in seconds. None means "not set". ``session_secret`` and
    ``encryption_key`` stay empty until `gswarm.store.secret_files` fills them in.
    """

    port: int = _env("PORT", "GLOBAL_PORT", read=_port, default=3000)
    global_url: str = _env("GLOBAL_URL", read=_url, default="")
    web_concurrency: int = _env("WEB_CONCURRENCY", read=_whole(1, 64), default=2)
    redis_url: str | None = _env("REDIS_URL", read=_redis_url, secret=True)
    data_dir: Path = _env("GSWARM_DATA_DIR", read=_path, default=Path("data"))
    admin_username: str = _env("ADMIN_USERNAME", read=_text, default="admin")
    admin_password: str | None = _env("ADMIN_PASSWORD", read=_password, secret=True)
    session_secret: tuple[str, ...] = _env(
        "SESSION_SECRET", read=_long_ones, default=(), secret=True
    )
    encryption_key: tuple[str, ...] = _env(
        "GSWARM_ENCRYPTION_KEY", read=_fernet_keys, default=(), secret=True
    )
    google_client_id: str | None = _env("GOOGLE_CLIENT_ID", read=_text)
    google_client_secret: str | None = _env(
        "GOOGLE_CLIENT_SECRET", read=_text, secret=True
    )
    admin_emails: frozenset[str] = _env(
        "GSWARM_ADMIN_EMAILS", read=_emails, default=frozenset()
    )
    google_base_url: str | None = _env("GSWARM_GOOGLE_BASE_URL", read=_url)
    code_assist_endpoint: str | None = _env("CODE_ASSIST_ENDPOINT", read=_url)
    model: str = _env("GSWARM_MODEL", read=_model, default="gemini-3.5-flash")
    max_attempts: int = _env("GSWARM_MAX_ATTEMPTS", read=_whole(1, 100), default=8)
    request_timeout: float = _env(
        "GSWARM_REQUEST_TIMEOUT", read=_seconds(0.1), default=600.0
    )
    max_wait_seconds: float = _env(
        "GSWARM_MAX_WAIT_SECONDS", read=_seconds(0), default=5.0
    )
    connect_timeout: float = _env(
        "GSWARM_CONNECT_TIMEOUT", read=_seconds(0.1), default=5.0
    )
    first_byte_timeout: float = _env(
        "GSWARM_FIRST_BYTE_TIMEOUT", read=_seconds(0.1), default=120.0
    )
    stall_timeout: float = _env(
        "GSWARM_STALL_TIMEOUT", read=_seconds(0.1), default=60.0
    )
    max_body_mb: float = _env("GSWARM_MAX_BODY_MB", read=_megabytes, default=32.0)
    cache: CacheMode = _env(
        "GSWARM_CACHE", read=_one_of(CacheMode), default="deterministic"
    )
    cache_ttl: int = _env("GSWARM_CACHE_TTL", read=_whole(1, 604_800), default=300)
    quota_scope: QuotaScope = _env(
        "GSWARM_QUOTA_SCOPE", read=_one_of(QuotaScope), default="auto"
    )
    trusted_proxies: tuple[Network, ...] = _env(
        "TRUSTED_PROXIES", read=_networks, default=()
    )
    cors_origins: tuple[str, ...] = _env(
        "GSWARM_CORS_ORIGINS", read=_origins, default=("*",)
    )
    metrics_token: str | None = _env("METRICS_TOKEN", read=_long, secret=True)
    log_level: LogLevel = _env("LOG_LEVEL", read=_one_of(LogLevel), default="info")
    log_format: LogFormat = _env("LOG_FORMAT", read=_one_of(LogFormat), default="text")

    def __post_init__(self) -> None:
        if not self.global_url:
            object.__setattr__(self, "global_url", f"http://localhost:{self.port}")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check each variable; raises `SettingsError` at the first bad one."""
        return cls(**{each.name: _value(each, environ) for each in fields(cls)})


def load_settings() -> Settings:
    """The settings of this process: the environment, over ``.env`` if there is one."""
    return Settings.from_env(environment())


def environment(**overrides: str) -> dict[str, str]:
    """The variables this process was started with (for itself, or for a child)."""
    try:
        written = dotenv_values(".env", interpolate=False)
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            ".env cannot be read; it takes text in UTF-8, readable to this user."
        ) from None
    return {k: v for k, v in written.items() if v} | dict(os.environ) | overrides


def variable_names() -> list[str]:
    """Every variable that is read."""
    return [name for each in fields(Settings) for name in each.metadata["names"]]


def _value(each: Field[Any], environ: Mapping[str, str]) -> Any:
    """What the environment says of a field; an empty variable counts as not set."""
    for name in each.metadata["names"]:
        raw = environ.get(name, "").strip()
        if raw:
            return _read(name, raw, each)
    return each.default


def _read(name: str, raw: str, each: Field[Any]) -> Any:
    try:
        return each.metadata["read"](raw)
    except ValueError as error:
        got = "a value that is not shown" if each.metadata["secret"] else repr(raw[:80])
        raise SettingsError(f"{name} is {got}; it takes {error}.") from None
