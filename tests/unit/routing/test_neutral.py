"""A neutral question, asked once for many, and what its answer says of a project."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from gswarm import errors
from gswarm.routing.neutral import BAD_SECONDS, GOOD_SECONDS, QUESTION, Neutral

FLASH, PICTURES = "gemini-2.5-flash", "gemini-2.5-flash-image"


@dataclass
class Project:
    project_id: str = "p"
    account: str = "alice"
    model: str = FLASH
    upstream: str = "cloudcode"


class Listed:
    """An upstream that answers what a list says, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[errors.Verdict | None] = []
        self.calls = []
        self.gate = threading.Event()
        self.gate.set()

    def generate(self, call, cancellation):
        self.calls.append(call)
        self.gate.wait(5)
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer
        return {}


class House:
    def __init__(self) -> None:
        self.upstream, self.now, self.counted = Listed(), 0.0, []
        self.neutral = Neutral(
            {"cloudcode": self.upstream},
            self.counting,
            default_model=lambda: "gemini-3.5-flash",
            clock=lambda: self.now,
        )

    @contextmanager
    def counting(self, *call):
        self.counted.append(call)
        yield


@pytest.fixture
def house() -> House:
    return House()


def test_an_answer_clears_the_project(house):
    assert house.neutral.ask(Project(), "s") is None
    [call] = house.upstream.calls
    assert (call.model, call.body, call.secret) == (FLASH, QUESTION, "s")
    assert house.counted == [("p", "alice", FLASH)]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [(None, GOOD_SECONDS), (errors.AccountBlocked("no"), BAD_SECONDS)],
)
def test_the_same_is_not_asked_again_at_once(house, answer, seconds):
    house.upstream.answers = [answer]
    assert house.neutral.ask(Project(), "s") is answer
    house.now += seconds - 0.01
    assert house.neutral.ask(Project(), "s") is answer
    assert len(house.upstream.calls) == 1
    house.neutral.ask(Project(), "another secret")
    house.neutral.ask(Project("q"), "s")
    assert len(house.upstream.calls) == 3
    house.now += 0.02
    house.neutral.ask(Project(), "s")
    assert len(house.upstream.calls) == 4


def test_many_at_once_share_one_question(house):
    house.upstream.gate.clear()
    house.upstream.answers = [errors.AccountBlocked("no")]
    heard = []
    threads = [
        threading.Thread(target=lambda: heard.append(house.neutral.ask(Project(), "s")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    house.upstream.gate.set()
    for thread in threads:
        thread.join(5)
    assert {type(each) for each in heard} == {errors.AccountBlocked}
    assert (len(heard), len(house.upstream.calls)) == (8, 1)


@pytest.mark.parametrize("model", ["gemini-made-up", PICTURES])
def test_a_model_that_may_be_made_up_or_paints_is_not_the_one_asked(house, model):
    missing = errors.ModelMissing("404")
    house.upstream.answers = [missing, errors.AccountBlocked("no")]
    project = Project(model=model)

    assert isinstance(house.neutral.ask(project, "s"), errors.Unproven)
    assert isinstance(house.neutral.ask(project, "t"), errors.AccountBlocked)

    assert {call.model for call in house.upstream.calls} == {"gemini-3.5-flash"}


def test_what_breaks_is_told_to_all_and_not_remembered(house):
    house.upstream.answers = [errors.StoreUnavailable("gone")]
    with pytest.raises(errors.StoreUnavailable):
        house.neutral.ask(Project(), "s")
    assert house.neutral.ask(Project(), "s") is None
