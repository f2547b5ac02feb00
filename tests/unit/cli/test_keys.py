"""The verbs about API keys."""

import json

import pytest
from click.testing import CliRunner

from gswarm.cli.keys import keys
from gswarm.errors import InvalidKey, PermissionDenied
from gswarm.keys.api_keys import ApiKeys
from gswarm.limits.api_key import ApiKey
from gswarm.store.api_keys import ApiKeyRecords
from gswarm.store.audit import Audit


@pytest.fixture
def run(redis_url):
    def run(*words):
        return CliRunner().invoke(keys, words, env={"REDIS_URL": redis_url})

    return run


def shown(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def identify(store, raw, address="203.0.113.9"):
    path = "/v1/chat/completions"
    keys = ApiKeys(store)
    key = keys.identify(raw)
    keys.check(key, address=address, path=path)
    return key


def test_create_prints_the_raw_key_once(run, store):
    result = run("create", "alice")

    raw = result.stdout.splitlines()[-1]
    assert identify(store, raw).name == "alice"
    assert raw not in run("list").stdout


def test_create_says_it_in_json_too(run, store):
    made = shown(run("create", "alice", "--json"))

    assert set(made) == {"id", "name", "key"}
    assert identify(store, made["key"]).id == made["id"]


@pytest.mark.parametrize(
    "end", ["9999-12-31T23:59:59.999999", "9999-12-31T23:59:59-12:00", "1969-12-31"]
)
def test_create_takes_no_end_beyond_the_calendar(run, end):
    result = run("create", "alice", "--expires", end)

    assert result.exit_code == 2
    assert "between the years 1970 and 9990" in result.output
    assert "no key yet" in run("list").stdout


def test_a_key_that_ends_beyond_the_calendar_is_listed_and_revoked(run, store):
    odd = ApiKey(id="01234567", name="alice", expires_at=253_402_300_800.0)
    ApiKeyRecords(store).add(odd)

    [listed] = shown(run("list", "--json"))["keys"]
    assert listed["expiresAt"] == "9990-01-01T00:00:00.000Z"
    assert not shown(run("revoke", "alice", "--json"))["active"]


def test_create_takes_every_restriction(run, store):
    restrictions = (
        "--scope chat --scope admin --rate-limit 60 --expires 2099-01-31T12:00:00Z "
        "--allow-ip 10.0.0.0/8 --allow-ip ::1 --allow-endpoint /v1/* "
        "--allow-model gemini-2.5-* --allow-model gpt-4o"
    )
    made = shown(run("create", "alice", "--json", *restrictions.split()))

    with pytest.raises(PermissionDenied):
        identify(store, made["key"])
    key = identify(store, made["key"], address="10.0.0.1")
    assert key.scopes == ("chat", "admin")
    assert key.rate_limit == 60
    assert key.expires_at == 4073544000
    assert key.allowed_ips == ("10.0.0.0/8", "::1")
    assert key.allowed_endpoints == ("/v1/*",)
    assert key.allowed_models == ("gemini-2.5-*", "gpt-4o")


def test_list_shows_what_each_key_may_do(run):
    assert "no key yet" in run("list").stdout
    run("create", "alice", "--rate-limit", "60")
    run("create", "bob")

    alice, bob = shown(run("list", "--json"))["keys"]

    assert (alice["name"], alice["rateLimit"], alice["active"]) == ("alice", 60, True)
    assert (bob["name"], bob["rateLimit"], bob["lastUsedAt"]) == ("bob", None, None)
    assert "alice" in run("list").stdout and "never used" in run("list").stdout


@pytest.mark.parametrize("way", ["name", "id"])
def test_revoke_takes_a_name_or_an_id(run, store, way):
    made = shown(run("create", "alice", "--json"))

    result = run("revoke", made[way])

    assert result.exit_code == 0 and "revoked" in result.stdout
    with pytest.raises(InvalidKey, match="revoked"):
        identify(store, made["key"])
    assert "revoked" in run("list").stdout


def test_revoking_what_is_not_there_fails(run):
    result = run("revoke", "alice")

    assert result.exit_code == 1
    assert result.stderr == "Error: There is no API key 'alice'.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("create",),
        ("create", ""),
        ("create", "alice", "--scope", "root"),
        ("create", "alice", "--rate-limit", "-1"),
        ("create", "alice", "--expires", "tomorrow"),
        ("create", "alice", "--expires", "2020-01-01"),
        ("create", "alice", "--allow-ip", "localhost"),
        ("create", "alice", "--allow-endpoint", "/v1/*/x"),
        ("revoke",),
        ("mend",),
    ],
)
def test_wrong_usage_is_said_so(run, words):
    result = run(*words)

    assert result.exit_code == 2
    assert "Error:" in result.stderr


def test_changes_are_in_the_audit_log_without_the_key(run, store):
    raw = shown(run("create", "alice", "--json"))["key"]
    run("revoke", "alice")

    revoked, made = Audit(store).page(10)
    assert (made.who, made.what) == ("cli", "api_key.created")
    assert (revoked.who, revoked.what) == ("cli", "api_key.revoked")
    assert made.target == revoked.target == raw[10:18]
    assert raw not in str(made)


def test_list_tells_which_keys_open_something(run, store):
    run("create", "good")
    ApiKeys(store).create(name="late", expires_at=1_600_000_000)
    run("create", "gone")
    run("revoke", "gone")

    lines = [line.split() for line in run("list").stdout.splitlines()]
    assert {name: state for _, state, name, *_ in lines} == {
        "good": "active",
        "late": "expired",
        "gone": "revoked",
    }
