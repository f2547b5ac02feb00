"""What the environment may say, and what is answered to nonsense."""

from __future__ import annotations

import base64
import re
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from gswarm.errors import SettingsError
from gswarm.settings import Settings, load_settings, variable_names

EXAMPLE = Path(__file__).parents[2] / ".env.example"
KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
OTHER_KEY = base64.urlsafe_b64encode(b"o" * 32).decode()


def test_nothing_needs_to_be_set() -> None:
    settings = Settings.from_env({})

    assert settings == Settings()
    assert settings.port == 3000
    assert settings.global_url == "http://localhost:3000"
    assert settings.redis_url is None
    assert settings.model == "gemini-3.5-flash"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_env({"PORT": "", "REDIS_URL": "  "}) == Settings()


def test_port_wins_over_global_port() -> None:
    assert Settings.from_env({"GLOBAL_PORT": "4000"}).port == 4000
    assert Settings.from_env({"PORT": "5000", "GLOBAL_PORT": "4000"}).port == 5000


def test_the_public_address_follows_the_port_until_it_is_set() -> None:
    assert Settings.from_env({"PORT": "80"}).global_url == "http://localhost:80"
    address = Settings.from_env({"GLOBAL_URL": "https://swarm.example/"}).global_url
    assert address == "https://swarm.example"


def test_scheme_and_host_are_written_small() -> None:
    settings = Settings.from_env(
        {
            "GLOBAL_URL": "HTTPS://Swarm.Example:8443/Gateway/",
            "GSWARM_CORS_ORIGINS": "https://A.example",
        }
    )

    assert settings.global_url == "https://swarm.example:8443/Gateway"
    assert settings.cors_origins == ("https://a.example",)


def test_lists_are_split_at_commas() -> None:
    settings = Settings.from_env(
        {
            "GSWARM_ADMIN_EMAILS": "Alice@example.com , bob@example.com",
            "TRUSTED_PROXIES": "10.0.0.1/8,::1",
            "GSWARM_CORS_ORIGINS": "https://a.example,http://localhost:5173",
            "GSWARM_ENCRYPTION_KEY": f"{KEY},{OTHER_KEY}",
            "SESSION_SECRET": "a secret of today, a secret of the past",
        }
    )

    assert settings.admin_emails == {"alice@example.com", "bob@example.com"}
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))
    assert settings.cors_origins == ("https://a.example", "http://localhost:5173")
    assert settings.encryption_key == (KEY, OTHER_KEY)
    assert settings.session_secret == ("a secret of today", "a secret of the past")


def test_words_may_be_in_capitals() -> None:
    settings = Settings.from_env({"LOG_LEVEL": "DEBUG", "GSWARM_CACHE": "All"})

    assert (settings.log_level, settings.cache) == ("debug", "all")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "three thousand"),
        ("PORT", "\uff13\uff10"),
        ("GLOBAL_PORT", "-1"),
        ("GLOBAL_URL", "swarm.example"),
        ("GLOBAL_URL", "http://[::1"),
        ("GLOBAL_URL", "http://swarm.example:port"),
        ("WEB_CONCURRENCY", "0"),
        ("GSWARM_ADMIN_EMAILS", "alice"),
        ("GSWARM_GOOGLE_BASE_URL", "localhost:3900"),
        ("CODE_ASSIST_ENDPOINT", "ftp://google.example"),
        ("GLOBAL_URL", "http://a b/"),
        ("GLOBAL_URL", "http://swarm.example/?x"),
        ("GLOBAL_URL", "http://swarm.example/#x"),
        ("GSWARM_DATA_DIR", "~nobody-of-this-name/x"),
        ("GSWARM_MODEL", "gemini 3"),
        ("GSWARM_MODEL", "claude-3"),
        ("GSWARM_MAX_ATTEMPTS", "0"),
        ("GSWARM_MAX_ATTEMPTS", "2.5"),
        ("GSWARM_REQUEST_TIMEOUT", "0"),
        ("GSWARM_REQUEST_TIMEOUT", "nan"),
        ("GSWARM_CONNECT_TIMEOUT", "soon"),
        ("GSWARM_FIRST_BYTE_TIMEOUT", "-5"),
        ("GSWARM_STALL_TIMEOUT", "inf"),
        ("GSWARM_MAX_WAIT_SECONDS", "-1"),
        ("GSWARM_MAX_BODY_MB", "0"),
        ("GSWARM_CACHE", "on"),
        ("GSWARM_CACHE_TTL", "0"),
        ("GSWARM_QUOTA_SCOPE", "model"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("GSWARM_CORS_ORIGINS", "https://a.example/path"),
        ("GSWARM_CORS_ORIGINS", "http://["),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({name: value})

    line = str(raised.value)
    assert line.startswith(f"{name} is {value!r}; it takes ")
    assert "Invalid" not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "http://:hunter2@redis"),
        ("REDIS_URL", "redis://:hunter2@redis:port"),
        ("REDIS_URL", "redis+sentinel://:hunter2@one,two:port/main"),
        ("REDIS_URL", "redis+sentinel://:hunter2@/main"),
        ("REDIS_URL", "redis+sentinel://:hunter2@one/main/two"),
        ("REDIS_URL", "redis://:hunter2@redis/two"),
        ("REDIS_URL", "unix://hunter2"),
        ("ADMIN_PASSWORD", "hunter2"),
        ("SESSION_SECRET", "hunter2"),
        ("SESSION_SECRET", "long enough for a secret,hunter2"),
        ("SESSION_SECRET", ","),
        ("METRICS_TOKEN", "hunter2"),
        ("GSWARM_ENCRYPTION_KEY", "hunter2"),
        ("GSWARM_ENCRYPTION_KEY", f"{KEY},hunter2"),
        ("GSWARM_ENCRYPTION_KEY", ","),
    ],
)
def test_a_bad_secret_is_named_but_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({name: value})

    line = str(raised.value)
    assert line.startswith(f"{name} is a value that is not shown; it takes ")
    assert "hunter2" not in line


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://:hunter2@redis:6379/1?max_connections=8",
        "rediss://user:hunter2@[::1]:6380",
        "redis+sentinel://:hunter2@one:26379,two,[::1]:26379/main/1",
        "unix:///run/redis.sock?db=1",
    ],
)
def test_every_way_to_a_redis_is_taken(url: str) -> None:
    assert Settings.from_env({"REDIS_URL": url}).redis_url == url


def test_settings_do_not_show_their_secrets() -> None:
    secrets = {
        "REDIS_URL": "redis://:hunter2@redis",
        "ADMIN_PASSWORD": "hunter2hunter2",
        "SESSION_SECRET": "hunter2 hunter2 hunter2",
        "GOOGLE_CLIENT_SECRET": "hunter2",
        "METRICS_TOKEN": "hunter2 hunter2 hunter2",
        "GSWARM_ENCRYPTION_KEY": KEY,
    }

    shown = repr(Settings.from_env(secrets))

    assert "hunter2" not in shown
    assert KEY not in shown


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "GSWARM_MODEL=gemini-of-the-file\nADMIN_USERNAME=a$b\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GSWARM_MODEL", "gemini-of-the-environment")
    monkeypatch.delenv("ADMIN_USERNAME", raising=False)

    settings = load_settings()

    assert settings.model == "gemini-of-the-environment"
    assert settings.admin_username == "a$b"


def test_a_file_that_is_no_text_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_bytes("ADMIN_USERNAME=jürgen".encode("latin-1"))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SettingsError, match=r"^\.env .* UTF-8"):
        load_settings()


def test_the_example_lists_every_variable_and_no_other() -> None:
    listed = re.findall(r"^# ([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)

    assert sorted(listed) == sorted(variable_names())


def test_the_example_shows_the_defaults() -> None:
    shown = re.findall(r"^# ([A-Z_]+)=(.+)$", EXAMPLE.read_text(), re.MULTILINE)

    settings = Settings.from_env(dict(shown))

    default_host = "https://cloudcode-pa.googleapis.com"
    assert settings == Settings(code_assist_endpoint=default_host)


def test_private_stands_for_every_network_that_leads_nowhere_else() -> None:
    settings = Settings.from_env({"TRUSTED_PROXIES": "Private, 203.0.113.0/24"})

    def is_trusted(address: str) -> bool:
        return any(ip_address(address) in each for each in settings.trusted_proxies)

    inside = ("127.0.0.1", "10.1.2.3", "172.17.0.1", "192.168.0.9", "::1", "fd00::1")
    assert all(map(is_trusted, (*inside, "203.0.113.7")))
    assert not any(map(is_trusted, ("8.8.8.8", "172.32.0.1", "2001:4860::1")))
