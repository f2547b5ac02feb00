"""Both upstreams against the simulator: each refusal of Google becomes its verdict."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from gswarm import errors
from gswarm.cancellation import Cancellation
from gswarm.gemini.reply import Fold
from gswarm.google.cloudcode import CloudCode
from gswarm.google.endpoints import Endpoints
from gswarm.google.gemini_api import GeminiApi
from gswarm.google.http.client import HttpClient, Timeouts
from gswarm.google.json_client import JsonClient
from gswarm.google.oauth import OAuth, OAuthClient
from gswarm.google.upstream import Call, Upstream
from tests.gateway_process import wait_for
from tests.simulator_process import Simulator, start_simulator

MODEL = "gemini-2.5-flash"
BODY = {"contents": [{"role": "user", "parts": [{"text": "Say hello."}]}]}

VERDICTS = {
    "rate_limit": errors.RateLimited,
    "daily_quota": errors.QuotaExhausted,
    "individual_quota": errors.IndividualQuotaExhausted,
    "capacity": errors.CapacityExhausted,
    "capacity_503": errors.CapacityExhausted,
    "bare_429": errors.RateLimited,
    "detail_free_429": errors.RateLimited,
    "gemini_rate": errors.RateLimited,
    "gemini_daily": errors.QuotaExhausted,
    "iam": errors.ProjectDenied,
    "api_disabled": errors.ProjectDenied,
    "private_api": errors.ClientDenied,
    "validation": errors.VerificationRequired,
    "suspended": errors.AccountBlocked,
    "suspended_old": errors.AccountBlocked,
    "unlicensed": errors.AccountBlocked,
    "vpc": errors.AccountBlocked,
    "not_found": errors.ModelMissing,
    "gemini_not_found": errors.ModelMissing,
    "not_found_html": errors.ServerFailure,
    "expired": errors.AccessExpired,
    "token_type": errors.AccessExpired,
    "internal": errors.ServerFailure,
    "internal_long": errors.ServerFailure,
    "overloaded": errors.CapacityExhausted,
    "high_demand": errors.CapacityExhausted,
    "deadline": errors.ServerFailure,
    "cancelled_499": errors.ServerFailure,
    "bad_gateway_html": errors.ServerFailure,
    "unavailable_html": errors.ServerFailure,
    "bad_api_key": errors.CredentialRejected,
    "location": errors.LocationUnsupported,
    "invalid_argument": errors.CallersMistake,
    "unknown_name": errors.CallersMistake,
    "too_long": errors.ContextTooLong,
    "too_large": errors.CallersMistake,
    "signature_missing": errors.SignatureRejected,
    "signature_missing_vertex": errors.SignatureRejected,
    "signature_corrupted": errors.SignatureRejected,
}


@pytest.fixture(scope="module")
def google() -> Iterator[Simulator]:
    with start_simulator(accounts=1, projects=2) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def wire() -> Iterator[HttpClient]:
    with closing(HttpClient(Timeouts(connect=20, first_byte=20, stall=20))) as wire:
        yield wire


@pytest.fixture(autouse=True)
def _calm(google: Simulator) -> None:
    google.clear_scripts()
    google.forget_calls()


@pytest.fixture(params=["cloudcode", "gemini_api"])
def upstream(request, google: Simulator, wire: HttpClient) -> Upstream:
    kind = CloudCode if request.param == "cloudcode" else GeminiApi
    return kind(wire, Endpoints.at(google.url))


@pytest.fixture(params=["stream", "generate"])
def ask(request, upstream: Upstream, secrets):
    """Ask the upstream in one of its two ways; answers the folded reply."""

    def ask(body=BODY, model=MODEL) -> Fold:
        secret, project = secrets[upstream.name]
        call = Call(model, body, project, secret, time.monotonic() + 60)
        fold = Fold()
        if request.param == "generate":
            fold.feed(upstream.generate(call, Cancellation()))
        else:
            for chunk in upstream.stream(call, Cancellation()):
                fold.feed(chunk or {})
        return fold

    return ask


@pytest.fixture(scope="module")
def secrets(google: Simulator) -> dict[str, tuple[str, str]]:
    """By upstream, a good secret and its project."""
    account, key = google.accounts()[0], google.api_keys()[0]
    rest = JsonClient()
    client = OAuthClient(account["client_id"], account["client_secret"])
    oauth = OAuth(rest, Endpoints.at(google.url))
    grant = oauth.refresh(client, account["refresh_token"])
    rest.close()
    return {
        "cloudcode": (grant.access_token, account["projects"][0]),
        "gemini_api": (key["api_key"], key["project"]),
    }


def test_an_answer_is_brought_whole(ask, google):
    fold = ask()

    assert fold.text
    assert fold.finish_reason == "STOP"
    assert fold.usage.total > 0
    [call] = google.calls()
    assert call["user_agent"].startswith("gswarm/")
    assert call["status"] == 200


@pytest.mark.parametrize("as_array", [False, True])
@pytest.mark.parametrize("name", VERDICTS)
def test_every_error_of_google_is_understood(ask, google, name, as_array):
    google.script({"error": name, "as_array": as_array})

    with pytest.raises(errors.Verdict) as caught:
        ask()

    assert type(caught.value) is VERDICTS[name]


def test_a_daily_quota_says_when_it_comes_back(ask, google):
    google.script({"error": "daily_quota", "reset_after": "21h10m20s"})

    with pytest.raises(errors.QuotaExhausted) as caught:
        ask()

    assert caught.value.seconds == pytest.approx(76220, abs=5)
    assert caught.value.reset_at == pytest.approx(time.time() + 76220, abs=5)


def test_a_human_is_told_where_to_verify(ask, google):
    google.script({"error": "validation"})

    with pytest.raises(errors.VerificationRequired) as caught:
        ask()

    assert caught.value.action_url.startswith("https://accounts.google.com/")


@pytest.mark.parametrize("how", ["event", "raw"])
def test_an_error_in_the_middle_of_a_stream_is_understood(
    upstream, secrets, google, how
):
    midstream = {"after": 1, "how": how, "error": "high_demand"}
    google.script(
        {"parts": [[{"text": "Hel"}], [{"text": "lo"}]]}
        | {"midstream_error": midstream}
    )

    got, verdict = until_it_breaks(upstream, secrets)

    assert got == "Hel"
    assert type(verdict) is errors.CapacityExhausted


@pytest.mark.parametrize("how", ["eof", "rst"])
def test_a_stream_that_is_cut_is_the_servers_failure(upstream, secrets, google, how):
    google.script(
        {
            "parts": [[{"text": "Hel"}], [{"text": "lo"}]],
            "cut": {"after": 1, "how": how},
        }
    )

    got, verdict = until_it_breaks(upstream, secrets)

    assert got == "Hel"
    assert type(verdict) is errors.ServerFailure


@pytest.mark.parametrize("before", ["headers", "first_chunk", "1"])
def test_a_stall_is_borne_only_so_long(google, secrets, before):
    google.script({"stall": {"before": before, "seconds": 5}})
    quick = Timeouts(connect=1, first_byte=0.3, stall=0.3)

    with closing(HttpClient(quick)) as wire:
        upstream = CloudCode(wire, Endpoints.at(google.url))
        _, verdict = until_it_breaks(upstream, secrets)

    assert type(verdict) is errors.UpstreamSilent


@pytest.mark.parametrize(
    "oddity",
    [{"split_writes": True}, {"unterminated": True}, {"multiline": True}],
)
def test_odd_framing_is_read_all_the_same(upstream, secrets, google, oddity):
    google.script({"parts": [[{"text": "Hel"}], [{"text": "lo"}]], **oddity})

    got, verdict = until_it_breaks(upstream, secrets)

    assert got == "Hello"
    assert verdict is None


def test_closing_a_stream_hangs_up_on_google(upstream, secrets, google):
    google.script({"slow": {"chunk_seconds": 0.1, "chunks": 50}})
    secret, project = secrets[upstream.name]
    call = Call(MODEL, BODY, project, secret, time.monotonic() + 60)

    chunks = upstream.stream(call, Cancellation())
    next(chunks)
    chunks.close()

    wait_for(lambda: google.open_calls() == 0)
    assert google.calls()[-1]["closed_by_client"]


def until_it_breaks(
    upstream: Upstream, secrets: dict[str, tuple[str, str]]
) -> tuple[str, errors.Verdict | None]:
    """The text that came, and the verdict that ended it."""
    secret, project = secrets[upstream.name]
    call = Call(MODEL, BODY, project, secret, time.monotonic() + 60)
    fold = Fold()
    try:
        for chunk in upstream.stream(call, Cancellation()):
            fold.feed(chunk or {})
    except errors.Verdict as verdict:
        return fold.text, verdict
    return fold.text, None
