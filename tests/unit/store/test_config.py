import pytest

from gswarm.errors import StoreUnavailable
from gswarm.settings import Settings
from gswarm.store.config import Config, ConfigConflict, defaults, merge
from gswarm.store.connection import Store, connect


@pytest.fixture
def make_config(store: Store):
    def make(**settings) -> Config:
        return Config(store, defaults(Settings(**settings), {"gpt-4o": "gemini-x"}))

    return make


def test_an_untouched_config_is_the_defaults(make_config) -> None:
    config = make_config(model="gemini-2.5-pro", cache_ttl=9)
    assert config.refresh() is False
    assert config.values["version"] == 0
    assert config.values["models"]["default"] == "gemini-2.5-pro"
    assert config.values["models"]["aliases"] == {"gpt-4o": "gemini-x"}
    assert config.values["cache"] == {"mode": "deterministic", "ttlSeconds": 9}
    assert config.cooldown.initial == 60


def test_a_change_reaches_the_others_at_their_next_look(make_config) -> None:
    mine, theirs = make_config(), make_config()
    assert theirs.cooldown.auth == 300
    changed = mine.change({"cooldown": {"authMs": 1000}}, version=0)
    assert (changed["version"], changed["cooldown"]["initialMs"]) == (1, 60_000)
    assert theirs.cooldown.auth == 300
    assert theirs.refresh() is True
    assert theirs.cooldown.auth == 1
    assert theirs.refresh() is False


def test_who_has_never_looked_is_not_answered_by_the_defaults(
    make_config, tmp_path
) -> None:
    make_config().change({"cooldown": {"authMs": 1000}}, version=0)
    assert make_config().cooldown.auth == 1

    away = connect(f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(StoreUnavailable):
        _ = Config(away, defaults(Settings(), {})).values


def test_a_change_made_on_an_old_version_is_refused_with_the_new_one(
    make_config,
) -> None:
    mine, theirs = make_config(), make_config()
    theirs.change({"googleSearch": {"enabled": True}}, version=0)
    with pytest.raises(ConfigConflict) as refused:
        mine.change({"googleSearch": {"enabled": False}}, version=0)
    assert refused.value.current["version"] == 1
    assert refused.value.current["googleSearch"] == {"enabled": True}
    mine.change({"googleSearch": {"enabled": False}}, version=1)
    assert mine.values["version"] == 2


def test_newer_defaults_reach_an_old_store(make_config) -> None:
    make_config(model="gemini-old").change({"cache": {"ttlSeconds": 5}}, version=0)
    config = make_config(model="gemini-new")
    config.refresh()
    assert config.values["models"]["default"] == "gemini-new"
    assert config.values["cache"]["ttlSeconds"] == 5


def test_parts_are_merged_and_tables_are_replaced() -> None:
    base = {"models": {"default": "a", "fallbacks": {"x": ["1"]}, "hidden": ["h"]}}
    changes = {"models": {"fallbacks": {"y": ["2"]}, "hidden": []}}
    assert merge(base, changes) == {
        "models": {"default": "a", "fallbacks": {"y": ["2"]}, "hidden": []}
    }
    assert base["models"]["fallbacks"] == {"x": ["1"]}, "nothing is changed in place"


def test_aliases_are_changed_row_by_row(make_config) -> None:
    config = make_config()

    def change(**rows: str | None) -> dict[str, str | None]:
        version = config.values["version"]
        made = config.change({"models": {"aliases": rows}}, version=version)
        aliases: dict[str, str | None] = made["models"]["aliases"]
        return aliases

    gpt, house = {"gpt-4o": "gemini-x"}, {"house": "gemini-y"}
    assert change(house="gemini-y") == gpt | house
    assert change(barn="gemini-z") == gpt | house | {"barn": "gemini-z"}
    assert change(barn="") == gpt | house
    assert change(**{"gpt-4o": "gemini-z"}) == house | {"gpt-4o": "gemini-z"}
    assert change(**{"gpt-4o": None}) == house | {"gpt-4o": None}
    assert config.aliases.maps == [{**house, "gpt-4o": None}, gpt]
    assert change(**{"gpt-4o": ""}) == gpt | house
    assert change(house=None) == gpt, "which switched nothing off"


def test_newer_aliases_reach_an_old_store(make_config, store) -> None:
    make_config().change({"models": {"aliases": {"a": "gemini-y"}}}, version=0)
    newer = Config(store, defaults(Settings(), {"b": "gemini-z"}))
    assert newer.values["models"]["aliases"] == {"a": "gemini-y", "b": "gemini-z"}
