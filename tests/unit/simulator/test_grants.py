"""Codes, access tokens and refresh tokens over time."""

from __future__ import annotations

import pytest

from gswarm.simulator.clock import Clock
from gswarm.simulator.grants import CLIENT_ID, Code, Grant, Grants

ALICE = "alice@example.com"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def grants(clock: Clock) -> Grants:
    return Grants(clock)


def test_an_access_token_lives_as_long_as_it_was_given(
    grants: Grants, clock: Clock
) -> None:
    token = grants.issue(Grant(ALICE, CLIENT_ID, ()), 60)
    assert grants.bearer(token)

    clock.advance(61)

    assert grants.bearer(token) is None


@pytest.mark.parametrize("by", ["access", "refresh"])
def test_revoking_one_token_ends_all_of_its_grant(grants: Grants, by: str) -> None:
    refresh_token = grants.sign_in(ALICE)
    access = grants.issue(grants.refresh[refresh_token], 60)
    other = grants.issue(grants.refresh[grants.sign_in(ALICE)], 60)

    assert grants.revoke(access if by == "access" else refresh_token)

    assert grants.bearer(access) is None
    assert refresh_token not in grants.refresh
    assert grants.bearer(other)


def test_revoking_nothing_says_so(grants: Grants) -> None:
    assert not grants.revoke("made-up")


def test_an_account_can_end_everything_at_once(grants: Grants) -> None:
    tokens = [grants.sign_in(ALICE) for _ in range(2)]
    access = grants.issue(grants.refresh[tokens[0]], 60)
    bobs = grants.sign_in("bob@example.com")

    grants.revoke_account(ALICE)

    assert list(grants.refresh) == [bobs]
    assert grants.bearer(access) is None


@pytest.mark.parametrize(
    ("method", "challenge", "verifier", "fits"),
    [
        # RFC 7636, appendix B
        (
            "S256",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            True,
        ),
        ("S256", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "other", False),
        ("plain", "same", "same", True),
        ("plain", "same", "other", False),
    ],
)
def test_a_verifier_fits_its_challenge(
    method: str, challenge: str, verifier: str, fits: bool
) -> None:
    code = Code(Grant(ALICE, CLIENT_ID, ()), "http://x", challenge, method, 0)

    assert code.accepts(verifier) is fits
