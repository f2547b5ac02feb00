"""The relay alone: upstreams are lists of what they say, the pool is real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gswarm import errors
from gswarm.cancellation import Cancellation
from gswarm.errors import ClientGone, Refusal, Verdict
from gswarm.gemini.request import Chunk, GenerateRequest
from gswarm.google.upstream import Call, Chunks
from gswarm.routing.attempts import RoutingOutcome
from gswarm.routing.pool import Pool
from gswarm.routing.relay import Limits, Relay

MODEL = "gemini-2.5-flash"
ASKED = GenerateRequest(MODEL, {"contents": [{"role": "user", "parts": []}]})

Said = list[Any]
"""What one call is told: chunks, None for silence, and maybe a `Verdict` at the end."""


def chunk(text: str, finish: str | None = None) -> Chunk:
    ending = {"finishReason": finish} if finish else {}
    return {"candidates": [{"content": {"parts": [{"text": text}]}, **ending}]}


GOOD: Said = [chunk("Hello"), chunk(", world", "STOP")]
BROKEN = errors.ServerFailure("It broke.", status=500)


class Listed:
    """An `Upstream` that says one list after the other, and keeps what it was asked."""

    name = "cloudcode"

    def __init__(self, *said: Said) -> None:
        self._said = list(said)
        self.calls: list[Call] = []
        self.open = 0

    def stream(self, call: Call, cancellation: Cancellation) -> Chunks:
        self.calls.append(call)
        self.open += 1
        try:
            for each in self._said.pop(0):
                if isinstance(each, Verdict):
                    raise each
                yield each
        finally:
            self.open -= 1

    def generate(self, call: Call, cancellation: Cancellation) -> Chunk:
        raise AssertionError("the relay only streams")


class OneSecret:
    """Credentials that are always good."""

    def fresh(self, taken: Any) -> str:
        return "first"

    def renew(self, taken: Any, stale_secret: str) -> str:
        return "second"


@pytest.fixture
def relay_to(pool: Pool, clock: Any) -> Callable[..., Relay]:
    def relay_to(
        upstream: Listed, neutral: Verdict | None = None, **limits: Any
    ) -> Relay:
        return Relay(
            pool,
            OneSecret(),  # type: ignore[arg-type]
            {upstream.name: upstream},
            limits=Limits(**{"wait_seconds": 0, **limits}),
            neutral=lambda taken, secret: neutral,
            clock=clock,
        )

    return relay_to


def run(
    relay: Relay,
    outcome: RoutingOutcome | None = None,
    asked: GenerateRequest = ASKED,
    **options: Any,
) -> Iterator[Chunk | None]:
    kept: list[RoutingOutcome] = []
    chunks = relay.stream(
        asked,
        outcome or RoutingOutcome(MODEL),
        cancellation=options.pop("cancellation", Cancellation()),
        keep=lambda pipe, ended: kept.append(ended),
        **options,
    )
    yield from chunks
    assert len(kept) == 1, "the end comes once"


def text_of(chunks: Iterator[Chunk | None]) -> str:
    return "".join(
        part["text"]
        for each in chunks
        if each
        for part in each["candidates"][0]["content"]["parts"]
    )


def test_another_project_answers_before_anything_was_said(relay_to, add_projects):
    add_projects("alice", 3)
    upstream, outcome = Listed([BROKEN], [None, BROKEN], GOOD), RoutingOutcome(MODEL)

    assert text_of(run(relay_to(upstream), outcome)) == "Hello, world"

    assert [each.verdict for each in outcome.attempts] == [
        "server",
        "server",
        "success",
    ]
    assert len({call.project_id for call in upstream.calls}) == 3
    assert upstream.open == 0


def test_nobody_else_is_asked_once_something_was_said(relay_to, add_projects):
    add_projects("alice", 3)
    upstream = Listed([chunk("Hel"), BROKEN], GOOD)
    heard = []

    with pytest.raises(Refusal):
        for each in run(relay_to(upstream)):
            heard.append(each)

    assert text_of(iter(heard)) == "Hel"
    assert len(upstream.calls) == 1


def test_who_does_not_stream_is_promised_nothing_before_the_end(relay_to, add_projects):
    add_projects("alice", 3)
    upstream = Listed([chunk("Hel"), BROKEN], GOOD)

    assert text_of(run(relay_to(upstream), is_stream=False)) == "Hello, world"


def test_the_callers_mistake_is_told_at_once_and_held_against_nobody(
    relay_to, add_projects, pool
):
    add_projects("alice", 3)
    mistake = errors.CallersMistake("Bad field.", status=400)
    upstream, outcome = Listed([mistake]), RoutingOutcome(MODEL)

    with pytest.raises(Refusal) as refused:
        list(run(relay_to(upstream), outcome))

    assert refused.value.status == 400
    assert not pool.state(MODEL).models[MODEL].resting


def test_a_secret_that_has_ended_is_renewed_once(relay_to, add_projects):
    add_projects("alice", 1)
    expired = errors.AccessExpired("Expired.", status=401)
    upstream = Listed([expired], GOOD)

    assert text_of(run(relay_to(upstream))) == "Hello, world"
    assert [call.secret for call in upstream.calls] == ["first", "second"]


def test_no_more_projects_are_tried_than_allowed(relay_to, add_projects):
    add_projects("alice", 5)
    upstream = Listed([BROKEN], [BROKEN], GOOD)

    with pytest.raises(Refusal):
        list(run(relay_to(upstream, attempts=2)))

    assert len(upstream.calls) == 2


def test_closing_the_answer_gives_the_project_back(relay_to, add_projects, store):
    [project] = add_projects("alice", 1)
    upstream = Listed(GOOD)
    chunks = relay_to(upstream).stream(
        ASKED,
        RoutingOutcome(MODEL),
        cancellation=Cancellation(),
        keep=lambda pipe, outcome: None,
    )
    next(chunks)

    chunks.close()

    assert upstream.open == 0
    assert int(store.hget(f"project-status:{project}", "inFlight") or 0) == 0


def test_a_request_that_was_stopped_asks_nobody(relay_to, add_projects):
    add_projects("alice", 1)
    upstream, cancellation = Listed(GOOD), Cancellation()
    cancellation.cancel()

    with pytest.raises(ClientGone):
        list(run(relay_to(upstream), cancellation=cancellation))

    assert not upstream.calls


# ------------------------------------------------------------ whose fault a refusal is

SUSPENDED = errors.AccountBlocked("Suspended.", status=403)
FORBIDDEN = errors.UnclearDenial("No access to the File x.", status=403)
MISSING = errors.ModelMissing("The object gs://x/y was not found.", status=404)
NAMING = GenerateRequest(
    MODEL,
    {
        "contents": [
            {"role": "user", "parts": [{"fileData": {"fileUri": "gs://x/y"}}]},
        ]
    },
)


def test_what_is_grave_is_believed_once_a_neutral_request_says_it(
    relay_to, add_projects, accounts
):
    add_projects("alice", 2)
    add_projects("bob", 1)
    upstream = Listed([SUSPENDED], GOOD)

    assert text_of(run(relay_to(upstream, SUSPENDED))) == "Hello, world"
    assert [accounts.find(each).is_invalid for each in ("alice", "bob")].count(
        True
    ) == 1


def test_what_is_grave_and_not_said_again_holds_nothing(
    relay_to, add_projects, accounts, pool
):
    add_projects("alice", 3)
    upstream, outcome = Listed([SUSPENDED], GOOD), RoutingOutcome(MODEL)

    assert text_of(run(relay_to(upstream), outcome)) == "Hello, world"

    assert [each.verdict for each in outcome.attempts] == ["auth", "success"]
    assert not accounts.find("alice").is_invalid
    assert not pool.state(MODEL).models[MODEL].resting


def test_a_request_that_is_refused_gravely_twice_in_vain_is_to_blame(
    relay_to, add_projects, pool
):
    add_projects("alice", 5)
    upstream = Listed([SUSPENDED], [SUSPENDED], GOOD)

    with pytest.raises(Refusal) as refused:
        list(run(relay_to(upstream)))

    assert refused.value.status == 400
    assert not pool.state(MODEL).models[MODEL].resting


def test_what_a_neutral_request_is_told_instead_is_believed(
    relay_to, add_projects, pool
):
    add_projects("alice", 2)
    upstream = Listed([SUSPENDED], GOOD)
    limited = errors.RateLimited("Slow down.", seconds=30)

    assert text_of(run(relay_to(upstream, limited))) == "Hello, world"
    assert pool.state(MODEL).models[MODEL].resting == {"rate_limit": 1}


@pytest.mark.parametrize(
    ("verdict", "status"), [(FORBIDDEN, 400), (MISSING, 404), (SUSPENDED, 400)]
)
def test_what_a_request_names_is_the_callers_to_mend(
    relay_to, add_projects, pool, verdict, status
):
    add_projects("alice", 3)
    upstream = Listed([verdict], GOOD)

    with pytest.raises(Refusal) as refused:
        list(run(relay_to(upstream), asked=NAMING))

    assert refused.value.status == status
    assert len(upstream.calls) == 1
    assert not pool.state(MODEL).models[MODEL].resting


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (errors.ThingDenied("You do not have permission to access the File x."), 400),
        (errors.ThingMissing("The object gs://x/y was not found."), 404),
    ],
)
def test_what_google_says_of_a_thing_needs_no_question(
    relay_to, add_projects, pool, verdict, status
):
    add_projects("alice", 3)

    with pytest.raises(Refusal) as refused:
        list(run(relay_to(Listed([verdict]), SUSPENDED), asked=NAMING))

    assert refused.value.status == status
    assert not pool.state(MODEL).models[MODEL].resting


@pytest.mark.parametrize("verdict", [FORBIDDEN, MISSING])
def test_a_plain_request_is_not_suspected(relay_to, add_projects, pool, verdict):
    add_projects("alice", 2)
    upstream = Listed([verdict], GOOD)

    assert text_of(run(relay_to(upstream))) == "Hello, world"
    assert sum(pool.state(MODEL).models[MODEL].resting.values()) == 1


def test_an_unknown_models_refusal_is_that_models(relay_to, add_projects, pool):
    add_projects("alice", 2)
    upstream = Listed([FORBIDDEN], GOOD)
    asked = GenerateRequest("gemini-made-up", ASKED.body)

    assert text_of(run(relay_to(upstream), asked=asked)) == "Hello, world"
    assert pool.state().models["other"].resting == {}


def test_a_name_only_the_client_has_heard_of_is_asked_for_twice(
    relay_to, add_projects, pool
):
    add_projects("alice", 5)
    lacking = errors.ModelMissing("404", status=404)
    upstream = Listed([lacking], [lacking], GOOD)
    asked = GenerateRequest("gemini-made-up", ASKED.body)
    relay = relay_to(upstream)

    for _ in range(3):
        with pytest.raises(errors.ModelNotFound):
            text_of(run(relay, asked=asked))
    assert text_of(run(relay)) == "Hello, world"
    assert set(pool.state().models) == {MODEL, "other"}


def test_a_key_that_is_refused_twice_over_is_dead(relay_to, add_projects, accounts):
    add_projects("studio", 1)
    add_projects("other", 1)
    expired = errors.AccessExpired("No.", status=401)
    rejected = errors.CredentialRejected("No.", status=401)
    upstream = Listed([rejected], GOOD)

    assert text_of(run(relay_to(upstream, expired))) == "Hello, world"
    dead = [accounts.find(each).is_invalid for each in ("studio", "other")]
    assert dead.count(True) == 1
