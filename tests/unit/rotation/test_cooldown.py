import pytest

from gswarm import errors
from gswarm.errors import Verdict
from gswarm.rotation.cooldown import CooldownPolicy, rest_seconds

FIGURES = CooldownPolicy()


@pytest.mark.parametrize(
    ("strikes", "seconds"),
    [(1, 60), (2, 60), (3, 60), (4, 120), (5, 240), (9, 3600), (99, 3600)],
)
def test_errors_in_a_row_rest_longer_after_the_third(strikes, seconds) -> None:
    assert rest_seconds(errors.ServerFailure("boom"), strikes, FIGURES) == seconds


@pytest.mark.parametrize(
    ("strikes", "seconds"), [(1, 2), (2, 4), (3, 8), (5, 32), (6, 60), (50, 60)]
)
def test_a_model_without_capacity_rests_in_doubling_steps(strikes, seconds) -> None:
    assert rest_seconds(errors.CapacityExhausted("full"), strikes, FIGURES) == seconds


@pytest.mark.parametrize(
    ("verdict", "seconds"),
    [
        (errors.CallersMistake("wrong"), None),
        (errors.AccessExpired("old"), None),
        (errors.UnusableReply("empty"), None),
        (errors.NotLoggedIn("dead"), None),
        (errors.AccountBlocked("suspended"), None),
        (errors.CredentialRejected("bad key"), None),
        (errors.LocationUnsupported("here"), 3600),
        (errors.VerificationRequired("click"), 300),
        (errors.AccessRefused("401"), 300),
        (errors.ProjectDenied("iam"), 300),
        (errors.ModelMissing("404"), 3600),
        (errors.RateLimited("429"), 60),
        (errors.RateLimited("429", seconds=1.5), 1.5),
        (errors.QuotaExhausted("429"), 3600),
        (errors.QuotaExhausted("429", seconds=76220), 76220),
        (errors.QuotaExhausted("429", seconds=7 * 86_400), 7 * 86_400),
        (errors.QuotaExhausted("429", seconds=9 * 86_400), 3600),
        (errors.QuotaExhausted("429", seconds=float("inf")), 3600),
        (errors.RateLimited("429", seconds=9 * 86_400), 60),
        (errors.ServerFailure("503", seconds=90), 90),
        (errors.ServerFailure("503", seconds=5), 60),
        (errors.CapacityExhausted("503", seconds=5), 5),
        (errors.CapacityExhausted("503", seconds=500), 60),
    ],
)
def test_each_verdict_rests_for_its_time(verdict: Verdict, seconds) -> None:
    assert rest_seconds(verdict, 1, FIGURES) == seconds


def test_the_operators_figures_stand_in_where_google_named_none() -> None:
    figures = CooldownPolicy.from_config(
        {
            "initialMs": 5_000,
            "maxMs": 40_000,
            "multiplier": 3,
            "consecutiveErrorThreshold": 1,
            "authMs": 7_000,
        }
    )
    assert rest_seconds(errors.RateLimited("429"), 1, figures) == 5
    assert rest_seconds(errors.AccessRefused("401"), 1, figures) == 7
    lengths = [rest_seconds(errors.ServerFailure(""), n, figures) for n in (1, 2, 3)]
    assert lengths == [5, 15, 40]
    lengths = [rest_seconds(errors.RateLimited("429"), n, figures) for n in (1, 2, 3)]
    assert lengths == [5, 15, 40]
