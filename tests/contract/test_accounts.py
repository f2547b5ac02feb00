"""Accounts against the simulator and a real store: in, found, repaired, out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from cryptography.fernet import Fernet

from gswarm.accounts.credentials import Credentials
from gswarm.accounts.discovery import Discovery
from gswarm.accounts.enrolment import NO_PROJECT, Enrolled, Enrolment
from gswarm.accounts.import_file import read_entries
from gswarm.accounts.verification import Verification
from gswarm.errors import NotFound
from gswarm.google.api_keys import ApiKeyCheck
from gswarm.google.code_assist import CodeAssist
from gswarm.google.endpoints import Endpoints
from gswarm.google.json_client import JsonClient
from gswarm.google.oauth import OAuth, OAuthClient
from gswarm.google.resource_manager import ResourceManager
from gswarm.google.service_usage import ServiceUsage
from gswarm.routing.pool import NoneAvailable, Pool, Reservation
from gswarm.store.accounts import Account, Accounts
from gswarm.store.connection import Store
from gswarm.store.encryption import Seal
from gswarm.store.leases import Lease
from gswarm.store.locks import Locks
from gswarm.store.projects import Projects
from tests.simulator_process import Simulator, start_simulator

ALICE, BOB = "alice@example.com", "bob@example.com"
MODEL = "gemini-3-flash-preview"
CLIENT = OAuthClient("sim-client.apps.example", "sim-client-secret")


@pytest.fixture(scope="module")
def google() -> Iterator[Simulator]:
    with start_simulator(accounts=2, projects=3) as simulator:
        yield simulator


@dataclass
class World:
    """A gateway's accounts, without the gateway."""

    google: Simulator
    accounts: Accounts
    projects: Projects
    pool: Pool
    enrolment: Enrolment
    discovery: Discovery
    credentials: Credentials
    oauth: OAuth
    waited: list[float]

    def entry(self, email: str = ALICE) -> dict:
        return next(e for e in self.google.accounts() if e["email"] == email)

    def enrol(self, **fields) -> Enrolled:
        """Enrol one entry; a field that is None is left out."""
        kept = {name: value for name, value in fields.items() if value is not None}
        [entry] = read_entries(json.dumps(kept).encode())
        return self.enrolment.enrol(entry)

    def account(self, email: str = ALICE) -> Account:
        found = self.accounts.find(email)
        assert found
        return found

    def take(self) -> Reservation | NoneAvailable:
        return self.pool.take(MODEL)


@pytest.fixture
def world(google: Simulator, store: Store) -> Iterator[World]:
    google.reset(accounts=2, projects=3)
    endpoints, seal = Endpoints.at(google.url), Seal([Fernet.generate_key().decode()])
    waited: list[float] = []
    with closing(JsonClient()) as rest:
        oauth = OAuth(rest, endpoints)
        accounts, projects = Accounts(store, seal), Projects(store)
        discovery = Discovery(
            ResourceManager(rest, endpoints), ServiceUsage(rest, endpoints)
        )
        verification = Verification(
            oauth,
            CodeAssist(rest, endpoints),
            ApiKeyCheck(rest, endpoints),
            discovery,
            client=CLIENT,
            wait=waited.append,
        )
        yield World(
            google,
            accounts,
            projects,
            Pool(store, Lease(store)),
            Enrolment(accounts, projects, verification),
            discovery,
            Credentials(accounts, Locks(store), seal, oauth, client=CLIENT),
            oauth,
            waited,
        )


def test_an_account_is_in_the_pool_as_soon_as_it_is_imported(world):
    enrolled = world.enrol(**world.entry())

    assert enrolled == Enrolled(
        ALICE, "cloudcode", ("alice-01", "alice-02", "alice-03")
    )
    taken = world.take()
    assert isinstance(taken, Reservation)
    assert taken.account == ALICE
    assert world.credentials.fresh(taken).startswith("sim-access-")
    assert world.account().tier == "standard-tier"
    assert world.google.counts(method="token") == 1


def test_what_is_not_given_is_found(world):
    world.google.project("alice-02", api_enabled=False)
    world.google.project("alice-03", state="DELETE_REQUESTED")

    enrolled = world.enrol(**world.entry() | {"projects": None})

    assert enrolled.problem is None
    assert enrolled.projects == ("alice-01", "alice-02")
    assert {p.id: p.api_enabled for p in world.projects.all()} == {
        "alice-01": True,
        "alice-02": False,
    }
    assert [world.take().project_id for _ in range(3)] == ["alice-01"] * 3


def test_the_file_of_the_gemini_cli_is_enough(world):
    refresh_token = world.entry()["refresh_token"]

    enrolled = world.enrol(
        access_token="unused",
        refresh_token=refresh_token,
        scope="openid",
        token_type="Bearer",
        id_token="unused",
        expiry_date=1,
    )

    assert enrolled.account == ALICE
    assert len(enrolled.projects) == 3


def test_an_api_key_serves_its_project(world):
    entry = world.google.api_keys()[0]

    enrolled = world.enrol(**entry)

    assert enrolled == Enrolled(entry["name"], "gemini_api", (entry["project"],))
    taken = world.take()
    assert taken.upstream == "gemini_api"
    assert world.credentials.fresh(taken) == entry["api_key"]


def test_a_dead_api_key_is_kept_out_of_the_pool(world):
    enrolled = world.enrol(upstream="gemini_api", name="studio", api_key="sim-key-dead")

    assert "API key not valid" in enrolled.problem
    assert world.account("studio").is_invalid
    assert isinstance(world.take(), NoneAvailable)


def test_a_dead_credential_is_kept_out_of_the_pool_with_its_reason(world):
    entry = world.entry()
    world.google.account(ALICE, revoked=True)

    enrolled = world.enrol(**entry)

    assert "invalid_grant" in enrolled.problem
    assert enrolled.projects == ("alice-01", "alice-02", "alice-03")
    account = world.account()
    assert account.is_invalid
    assert account.invalid_word == "not_logged_in"
    assert account.invalid_reason == enrolled.problem
    assert isinstance(world.take(), NoneAvailable)


def test_a_dead_credential_of_nobody_is_only_reported(world):
    enrolled = world.enrol(refresh_token="sim-refresh-dead")

    assert enrolled.account == ""
    assert "invalid_grant" in enrolled.problem
    assert world.accounts.all() == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("unlicensed", "valid license"),
        ("workspace", "valid license"),
        ("suspended", "violation of Terms of Service"),
        ("location", "location is not supported"),
        ("validation", "Verify your account"),
        ("vpc", "policy"),
    ],
)
def test_an_ineligible_account_is_kept_out_of_the_pool(world, kind, said):
    world.google.account(ALICE, kind=kind)

    enrolled = world.enrol(**world.entry())

    assert said in enrolled.problem
    assert world.account().invalid_reason == enrolled.problem
    assert isinstance(world.take(), NoneAvailable)


@pytest.mark.parametrize("kind", ["unlicensed", "location"])
def test_an_account_without_projects_hears_why_no_tier_is_open(world, kind):
    entry = world.google.add_account("dora@example.com", kind=kind, projects=0)

    enrolled = world.enrol(**entry)

    assert "for individuals" in enrolled.problem


def test_a_human_is_told_where_to_verify(world):
    world.google.account(ALICE, kind="validation")

    enrolled = world.enrol(**world.entry())

    assert "/signin/continue?account=alice" in enrolled.action_url
    assert world.account().action_url == enrolled.action_url


def test_importing_again_repairs(world):
    entry = world.entry()
    world.google.account(ALICE, kind="suspended")
    world.enrol(**entry)
    world.google.account(ALICE, kind="standard")

    enrolled = world.enrol(**entry)

    assert enrolled.problem is None
    assert not world.account().is_invalid
    assert isinstance(world.take(), Reservation)


def test_importing_a_credential_that_has_died_takes_the_account_out(world):
    entry = world.entry()
    world.enrol(**entry)
    world.google.account(ALICE, revoked=True)

    world.enrol(**entry)

    assert world.account().is_invalid


def test_a_dead_credential_does_not_push_out_a_living_one(world):
    world.enrol(**world.entry())

    enrolled = world.enrol(**world.entry() | {"refresh_token": "sim-refresh-dead"})

    assert "invalid_grant" in enrolled.problem
    assert not world.account().is_invalid
    assert isinstance(world.take(), Reservation)


def test_when_google_is_mute_nothing_changes(world):
    world.google.script({"error": "internal"}, times=None, method="token")

    enrolled = world.enrol(**world.entry())

    assert enrolled.problem
    assert world.accounts.all() == []


def test_without_any_client_the_entry_says_so(world):
    world.enrolment._verification._client = None
    entry = world.entry() | {"client_id": None, "client_secret": None}

    assert "GOOGLE_CLIENT_ID" in world.enrol(**entry).problem


def test_the_operators_client_serves_entries_without_one(world):
    entry = world.entry() | {"client_id": None, "client_secret": None}

    assert world.enrol(**entry).problem is None


def test_an_account_is_onboarded_where_needed(world):
    world.google.account(ALICE, kind="not_onboarded")

    enrolled = world.enrol(**world.entry())

    assert enrolled.problem is None
    assert world.waited == [0.5, 1.0]
    assert world.account().tier == "standard-tier"


@pytest.mark.parametrize("kind", ["not_onboarded", "not_onboarded_licensed"])
def test_a_licensed_account_is_onboarded_with_a_project_of_its_own(world, kind):
    world.google.account(ALICE, kind=kind)

    enrolled = world.enrol(**world.entry() | {"projects": None})

    assert enrolled.problem is None
    assert enrolled.projects == ("alice-01", "alice-02", "alice-03")
    assert onboarded_with(world) == ["alice-01"]
    assert isinstance(world.take(), Reservation)


def onboarded_with(world: World) -> list[str]:
    calls = world.google.calls(method="onboardUser")
    return [call["project"] for call in calls]


def test_the_first_project_that_works_is_the_one(world):
    world.google.account(ALICE, kind="not_onboarded")
    world.google.project("alice-01", api_enabled=False)
    world.google.project("alice-02", iam_denied=True)

    enrolled = world.enrol(**world.entry() | {"projects": None})

    assert enrolled.problem is None
    assert onboarded_with(world) == ["alice-02", "alice-03"], "the enabled ones first"


def test_the_project_that_was_named_is_the_one(world):
    number = world.google.project("alice-03")["number"]
    for project in ("alice-02", number):
        world.google.account(ALICE, kind="not_onboarded")
        entry = world.entry() | {"projects": None, "project": project}
        assert world.enrol(**entry).problem is None

    assert onboarded_with(world) == ["alice-02", "alice-03"]


def test_one_that_was_named_and_does_not_work_is_told_in_googles_words(world):
    world.google.account(ALICE, kind="not_onboarded")
    world.google.project("alice-02", api_enabled=False)

    enrolled = world.enrol(**world.entry() | {"project": "alice-02", "projects": None})

    assert "disabled" in enrolled.problem
    assert "project=alice-02" in enrolled.action_url
    assert world.account().needs_project
    assert enrolled.projects, "from which one can be chosen"
    assert isinstance(world.take(), NoneAvailable)
    assert world.enrolment.onboard(ALICE, "alice-01").problem is None
    assert not world.account().is_invalid
    assert isinstance(world.take(), Reservation)


def test_an_account_that_has_none_waits_for_one(world):
    dora = "dora@example.com"
    entry = world.google.add_account(dora, kind="not_onboarded_licensed", projects=0)

    enrolled = world.enrol(**entry)

    assert "needs one of the account's own projects" in enrolled.problem
    assert "no longer supported" in enrolled.problem
    assert world.account(dora).needs_project
    made = world.google.project("dora-new-1", owner=dora)
    assert made["id"] == "dora-new-1"
    assert world.credentials.refresh(dora), "to make a project, for one"
    assert world.enrolment.complete(dora, "dora-new-1") is None
    assert not world.account(dora).is_invalid


def test_a_project_told_by_number_goes_by_its_id(world):
    world.google.options(project_numbers=True)
    for kind in ("standard", "not_onboarded"):
        world.google.account(ALICE, kind=kind)

        enrolled = world.enrol(**world.entry() | {"projects": None})

        assert enrolled.projects == ("alice-01", "alice-02", "alice-03"), kind


def test_an_account_that_serves_with_named_projects_keeps_to_them(world):
    world.enrol(**world.entry() | {"projects": ["alice-02"]})
    world.google.account(ALICE, kind="not_onboarded")

    assert world.enrolment.onboard(ALICE).projects == ("alice-02",)


def test_a_free_account_gets_its_project_from_google(world):
    entry = world.google.add_account(
        "dora@example.com", kind="not_onboarded_free", projects=0
    )

    enrolled = world.enrol(**entry)

    assert enrolled.problem is None
    assert len(enrolled.projects) == 1
    assert world.account("dora@example.com").tier == "free-tier"


def test_an_account_without_any_project_says_so(world):
    entry = world.google.add_account("dora@example.com", kind="standard", projects=0)

    assert world.enrol(**entry).problem == NO_PROJECT


def test_a_project_serves_one_account_only(world):
    world.enrol(**world.entry())

    enrolled = world.enrol(**world.entry(BOB) | {"projects": ["alice-01", "bob-01"]})

    assert enrolled.projects == ("bob-01",)
    assert world.projects.find("alice-01").account == ALICE


def test_a_project_named_twice_at_once_goes_to_one_of_them(world):
    names = [f"key-{n}" for n in range(8)]
    keys = [world.google.add_api_key(name, project="shared-proj") for name in names]

    enrolled = world.enrolment.enrol_all(read_entries(json.dumps(keys).encode()))

    having = [each.account for each in enrolled if each.projects]
    assert having == [world.projects.find("shared-proj").account]
    assert [each.problem for each in enrolled].count(NO_PROJECT) == 7
    for name in set(names) - set(having):
        world.enrolment.remove(name)
    assert world.take().account == having[0]


def test_an_account_removed_while_google_is_asked_gets_no_projects(world):
    world.enrol(**world.entry())

    class Meanwhile(Discovery):
        def projects(self, access_token):
            found = world.discovery.projects(access_token)
            world.enrolment.remove(ALICE)
            return found

    with pytest.raises(NotFound, match=r"is no account .* any more"):
        world.enrolment.rediscover(ALICE, Meanwhile(None, None), world.credentials)

    assert world.projects.all() == []


def test_looking_again_finds_what_is_new_and_what_is_gone(world):
    world.enrol(**world.entry() | {"projects": None})
    world.google.project("alice-09", owner=ALICE)
    world.google.project("alice-03", state="DELETE_REQUESTED")

    seen = world.enrolment.rediscover(ALICE, world.discovery, world.credentials)

    assert seen.projects == ("alice-01", "alice-02", "alice-09")
    assert seen.added == ("alice-09",)
    assert seen.removed == ("alice-03",)


def test_looking_again_keeps_what_was_named_by_hand(world):
    world.enrol(**world.entry() | {"projects": ["alice-01", "somebody-elses"]})

    seen = world.enrolment.rediscover(ALICE, world.discovery, world.credentials)

    assert seen.removed == ()
    assert seen.projects == ("alice-01", "alice-02", "alice-03", "somebody-elses")


def test_looking_again_keeps_what_code_assist_has_made(world):
    entry = world.google.add_account("dora@example.com", kind="free", projects=1)
    [made, *_] = set(world.enrol(**entry | {"projects": None}).projects) - {"dora-01"}
    world.google.project(made, state="DELETE_REQUESTED")

    seen = world.enrolment.rediscover(
        "dora@example.com", world.discovery, world.credentials
    )

    assert made in seen.projects


def test_a_project_whose_api_was_enabled_meanwhile_comes_into_rotation(world):
    world.google.project("alice-01", api_enabled=False)
    world.enrol(**world.entry() | {"projects": None})
    assert not world.projects.find("alice-01").enabled
    world.google.project("alice-01", api_enabled=True)

    world.enrolment.rediscover(ALICE, world.discovery, world.credentials)

    assert world.projects.find("alice-01").enabled


def test_looking_for_the_projects_of_a_stranger_is_refused(world):
    with pytest.raises(NotFound):
        world.enrolment.rediscover(ALICE, world.discovery, world.credentials)


def test_a_removed_account_leaves_the_pool_and_google(world):
    world.enrol(**world.entry())

    world.enrolment.remove(ALICE, revoke_at=world.oauth)

    assert world.accounts.all() == []
    assert isinstance(world.take(), NoneAvailable)
    assert world.google.counts(method="revoke", status=200) == 1
    with pytest.raises(NotFound):
        world.enrolment.remove(ALICE)


def test_a_grant_that_is_dead_already_can_be_revoked(world):
    world.enrol(**world.entry())
    world.google.account(ALICE, revoked=True)

    world.enrolment.remove(ALICE, revoke_at=world.oauth)

    assert world.accounts.all() == []


def test_nothing_secret_lies_open_in_the_store(world, store):
    entry = world.entry()
    world.enrol(**entry)

    everything = [
        store.hgetall(key) for key in store.scan_iter() if store.type(key) == "hash"
    ]

    shown = json.dumps(everything)
    assert ALICE in shown
    assert entry["refresh_token"] not in shown
    assert entry["client_secret"] not in shown
    assert "sim-access-" not in shown
