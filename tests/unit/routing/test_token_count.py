"""Counting tokens: one project, then another, and nobody is blamed."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from gswarm.cancellation import Cancellation
from gswarm.errors import (
    AccessExpired,
    CallersMistake,
    InvalidRequest,
    ModelMissing,
    ModelNotFound,
    ServerFailure,
)
from gswarm.gemini.request import GenerateRequest, PastCall
from gswarm.routing.pool import NoneAvailable
from gswarm.routing.token_count import TokenCount

MODEL = "gemini-3.5-flash"
HELLO = GenerateRequest(
    MODEL, {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
)
COUNTED = {"totalTokens": 7}


@dataclass
class Pool:
    """Hands out these in turn, and notes what is given back."""

    found: list[Any]
    counts: list[bool] = field(default_factory=list)
    released: list[str] = field(default_factory=list)

    def take(self, model: str, *, tried: set[str], counts: bool) -> Any:
        self.counts.append(counts)
        return self.found.pop(0)

    def release(self, taken: Any) -> None:
        self.released.append(taken.project_id)


@dataclass
class Upstream:
    """Says these in turn, and notes the calls."""

    says: list[Any]
    calls: list[Any] = field(default_factory=list)

    def count(self, call: Any, cancellation: Cancellation) -> dict[str, Any]:
        self.calls.append(call)
        said = self.says.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said


CREDENTIALS = SimpleNamespace(
    fresh=lambda taken: "stale", renew=lambda taken, stale: "renewed"
)


def project(name: str) -> Any:
    return SimpleNamespace(project_id=name, upstream="some")


def nobody(reason: str) -> NoneAvailable:
    return NoneAvailable(reason, None, 0, {})


def count(
    pool: Pool, *says: Any, request: GenerateRequest = HELLO
) -> tuple[dict[str, Any] | None, Upstream]:
    upstream = Upstream(list(says))
    counter = TokenCount(pool, CREDENTIALS, {"some": upstream})
    return counter.count(request, Cancellation()), upstream


def test_one_project_is_asked_and_given_back_uncounted():
    pool = Pool([project("a")])

    assert count(pool, COUNTED)[0] == COUNTED
    assert pool.released == ["a"]
    assert pool.counts == [False]


def test_another_is_asked_where_one_fails_and_then_nobody():
    pool = Pool([project("a"), project("b")])

    assert count(pool, ServerFailure("x"), ServerFailure("y"))[0] is None
    assert pool.released == ["a", "b"]


def test_an_old_secret_is_renewed_once():
    counted, upstream = count(Pool([project("a")]), AccessExpired("x"), COUNTED)

    assert counted == COUNTED
    assert [call.secret for call in upstream.calls] == ["stale", "renewed"]


def test_the_callers_own_mistake_is_told():
    pool = Pool([project("a")])

    with pytest.raises(InvalidRequest, match="wrong"):
        count(pool, CallersMistake("wrong", status=400))
    assert pool.released == ["a"]


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([nobody("not_served")], []),
        ([project("a"), nobody("resting")], [ModelMissing("x")]),
        ([project("a"), project("b")], [ModelMissing("x"), ModelMissing("y")]),
    ],
)
def test_a_model_that_nobody_has(found, says):
    with pytest.raises(ModelNotFound):
        count(Pool(found), *says)


@pytest.mark.parametrize("reason", ["no_account", "resting", "quota_exhausted"])
def test_where_nobody_can_be_asked_it_is_left_to_an_estimate(reason):
    assert count(Pool([nobody(reason)]))[0] is None


def test_ids_of_ours_are_not_sent():
    contents = [
        {"role": "user", "parts": [{"text": "Go"}]},
        {
            "role": "model",
            "parts": [{"functionCall": {"name": "f", "args": {}, "id": "unnamed_1"}}],
        },
    ]
    call = PastCall(1, 0, "unnamed_1", "f", {}, None, True, True, is_made_up=True)
    request = GenerateRequest("gemini-2.5-flash", {"contents": contents}, (call,))

    _, upstream = count(Pool([project("a")]), COUNTED, request=request)

    [sent] = upstream.calls
    assert sent.body["contents"][1]["parts"] == [
        {"functionCall": {"name": "f", "args": {}}}
    ]
