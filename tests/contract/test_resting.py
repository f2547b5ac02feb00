"""Rests, and what else is known for a while, as time passes: the real relay and a real
store, on a clock of our own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from gswarm.cancellation import Cancellation
from gswarm.errors import GSwarmError, InsufficientQuota, Refusal, UpstreamTimeout
from gswarm.gateway import Gateway as Rooms
from gswarm.gateway import build_gateway
from gswarm.gemini.reply import Fold
from gswarm.gemini.request import Body, GenerateRequest
from gswarm.routing.attempts import RoutingOutcome
from gswarm.settings import Settings
from gswarm.store import secret_files
from gswarm.store.connection import Store
from gswarm.store.projects import Project
from tests.contract.asking import FLASH, PRO
from tests.simulator_process import Simulator

HOURS = "21h10m20s"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
BODY: Body = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


class House:
    """One process's rooms without its web; time passes for it and for Google alike."""

    def __init__(
        self, google: Simulator, store: Store, folder: Path, patience: str
    ) -> None:
        environ = {
            "GSWARM_DATA_DIR": str(folder),
            "GSWARM_GOOGLE_BASE_URL": google.url,
            "GSWARM_FIRST_BYTE_TIMEOUT": patience,
            "GSWARM_STALL_TIMEOUT": patience,
        }
        settings = secret_files.complete(Settings.from_env(environ))
        self.google = google
        self.ahead = 0.0
        self.rooms: Rooms = build_gateway(settings, store, clock=lambda: self.now)
        self._adopt()

    @property
    def now(self) -> float:
        return time.time() + self.ahead

    def pass_(self, seconds: float) -> None:
        self.ahead += seconds
        self.google.clock(advance=seconds)

    def ask(
        self, model: str = FLASH, body: Body = BODY
    ) -> RoutingOutcome | GSwarmError:
        """Ask something; what became of it, or how it was refused."""
        outcome, fold = RoutingOutcome(model), Fold()
        chunks = self.rooms.relay.stream(
            GenerateRequest(model, body),
            outcome,
            cancellation=Cancellation(),
            keep=lambda pipe, outcome: None,
        )
        try:
            with closing(chunks):
                for chunk in chunks:
                    if chunk is not None:
                        fold.feed(chunk)
        except Refusal as refusal:
            return refusal
        assert fold.text.startswith("Simulated")
        return outcome

    def calls(self) -> int:
        return len(self.google.calls(brief=True, model=FLASH))

    def _adopt(self) -> None:
        for entry in self.google.accounts():
            names = ("refresh_token", "client_id", "client_secret")
            secrets = {name: entry[name] for name in names}
            self.rooms.accounts.keep(entry["email"], "cloudcode", secrets)
            ours = [Project(each, entry["email"]) for each in entry["projects"]]
            self.rooms.projects.add(ours)


@pytest.fixture
def patience() -> str:
    """Seconds that the house waits for Google."""
    return "20"


@pytest.fixture
def house(
    simulator: Simulator,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    patience: str,
) -> Iterator[House]:
    simulator.reset(accounts=1, projects=4)
    house = House(simulator, store, tmp_path, patience)
    # Upstreams read absolute instants out of errors by the machine's own clock.
    own = SimpleNamespace(time=lambda: house.now)
    monkeypatch.setattr("gswarm.google.chunks.time", own)
    yield house
    house.rooms.close()


def exhaust(house: House) -> None:
    """Every project of Google's has a spent daily quota from now on."""
    house.google.script(
        {"error": "daily_quota", "reset_after": HOURS}, times=None, model=FLASH
    )


def test_a_quota_that_comes_back_early_is_noticed_within_a_minute(house):
    exhaust(house)
    assert isinstance(house.ask(), InsufficientQuota)
    house.google.forget_calls()

    for _ in range(10 * 60 // 5):
        house.pass_(5)
        assert isinstance(house.ask(), InsufficientQuota)
    assert 8 <= house.calls() <= 10

    house.google.clear_scripts()
    waited = 0
    while isinstance(outcome := house.ask(), Refusal):
        house.pass_(1)
        waited += 1
        assert waited <= 60
    assert outcome.attempts[-1].is_probe

    # The quota was the account's: each of its projects may serve again at once.
    served = {house.ask().attempts[-1].project_id for _ in range(12)}
    assert len(served) >= 3


def test_nobody_is_probed_while_another_can_serve(house):
    house.google.script(
        {"error": "daily_quota", "reset_after": HOURS}, times=None, project="alice-01"
    )

    for _ in range(60):
        assert isinstance(house.ask(), RoutingOutcome)
        house.pass_(20)

    assert house.google.counts(method="streamGenerateContent", status=429) == 1


def test_a_rest_ends_with_the_clock(house):
    exhaust(house)
    house.ask()
    house.google.clear_scripts()

    house.pass_(21 * 3600 + 10 * 60 + 21)

    assert isinstance(house.ask(), RoutingOutcome)


def test_each_minute_of_a_rate_limit_is_used(house):
    house.google.quota(
        limits=[
            {
                "per": "project",
                "window": "minute",
                "models": [FLASH],
                "limit": 2,
                "reset": "fixed",
            }
        ]
    )
    house.pass_(60 - house.google.clock() % 60)
    answered = []
    for _ in range(3):
        outcomes = [house.ask() for _ in range(10)]
        answered.append(sum(isinstance(each, RoutingOutcome) for each in outcomes))
        house.pass_(60)

    assert answered == [8, 8, 8]


def test_a_missing_model_is_looked_for_again_after_an_hour(house):
    house.google.project("alice-01", models_missing=[FLASH])
    for _ in range(8):
        house.ask()
    assert house.google.counts(method="streamGenerateContent", status=404) == 1

    house.google.project("alice-01", models_missing=[])
    house.pass_(3601)

    served = {house.ask().attempts[-1].project_id for _ in range(8)}
    assert "alice-01" in served


def test_the_link_to_verify_an_account_goes_with_its_rest(house):
    house.google.script({"error": "validation"}, model=FLASH)
    house.ask()
    [account] = house.rooms.accounts.all()
    assert account.action_url.startswith("https://")

    house.pass_(301)

    [account] = house.rooms.accounts.all()
    assert account.action_url == ""


def test_an_access_token_is_replaced_before_it_ends(house):
    house.ask()
    house.pass_(3600 - 200)

    assert isinstance(house.ask(), RoutingOutcome)

    assert house.google.counts(method="token") == 2
    assert house.google.counts(method="streamGenerateContent", status=401) == 0


@pytest.mark.parametrize("patience", ["3"])
@pytest.mark.parametrize("before", ["headers", "first_chunk"])
def test_a_project_that_falls_silent_is_passed_over(house, before):
    house.google.script({"stall": {"before": before, "seconds": 10}}, model=FLASH)

    outcome = house.ask()

    assert [attempt.verdict for attempt in outcome.attempts] == ["server", "success"]


@pytest.mark.parametrize("patience", ["1"])
def test_when_everybody_is_silent_the_client_hears_of_time(house):
    house.google.script(
        {"stall": {"before": "headers", "seconds": 10}}, times=None, model=FLASH
    )

    assert isinstance(house.ask(), UpstreamTimeout)


def test_health_forgets_a_bad_day(house):
    house.google.script({"error": "internal"}, times=6, project="alice-01")
    for _ in range(30):
        house.ask()
        house.pass_(61)
    house.google.clear_scripts()
    house.pass_(24 * 3600)

    served = [house.ask().attempts[-1].project_id for _ in range(8)]

    assert served.count("alice-01") == 2


# -------------------------------------------------------------- schemas in older forms

UNKNOWN_FIELD = 'Unknown name "parametersJsonSchema": Cannot find field.'
ODD_SCHEMA = "Invalid value at 'parameters_json_schema': unsupported keyword."


def refuse_next(house: House, message: str) -> None:
    """Google finds this wrong with the next request."""
    error = {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}
    house.google.script({"status": 400, "body": {"error": error}}, model=FLASH)


def forms_asked_in(house: House, model: str = FLASH) -> list[str]:
    """Ask something with a schema; which field held it, in each call that it took."""
    house.google.forget_calls()
    tool = {"name": "look", "parametersJsonSchema": SCHEMA}
    body = BODY | {"tools": [{"functionDeclarations": [tool]}]}
    assert isinstance(house.ask(model, body), RoutingOutcome)
    asked = [call["request"]["request"] for call in house.google.calls(model=model)]
    declared = [body["tools"][0]["functionDeclarations"][0] for body in asked]
    return [next(name for name in each if name != "name") for each in declared]


def test_who_does_not_know_json_schemas_is_spared_them_for_an_hour(house):
    refuse_next(house, UNKNOWN_FIELD)

    assert forms_asked_in(house) == ["parametersJsonSchema", "parameters"]
    assert forms_asked_in(house) == ["parameters"]
    assert forms_asked_in(house, PRO) == ["parametersJsonSchema"]
    house.pass_(3601)
    assert forms_asked_in(house) == ["parametersJsonSchema"]


def test_one_schema_that_is_refused_tells_nothing_of_the_next(house):
    refuse_next(house, ODD_SCHEMA)

    assert forms_asked_in(house) == ["parametersJsonSchema", "parameters"]
    assert forms_asked_in(house) == ["parametersJsonSchema"]
