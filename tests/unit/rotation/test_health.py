import pytest

from gswarm.rotation.health import Counts, Health, Standing, health_of, rests_as_long

NOW = 1_000_000.0


def test_a_fresh_project_is_perfectly_healthy() -> None:
    assert health_of(Standing("p"), NOW) == Health(success=1, recency=1, cooldown=0)
    assert health_of(Standing("p"), NOW).score == 1.0


def test_the_score_weighs_the_three_terms() -> None:
    assert Health(success=0.5, recency=0.5, cooldown=1).score == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("unused_for", "recency"), [(0, 0.0), (150, 0.5), (300, 1.0), (9000, 1.0)]
)
def test_recency_grows_with_rest(unused_for: float, recency: float) -> None:
    standing = Standing("p", last_used_at=NOW - unused_for)
    assert health_of(standing, NOW).recency == pytest.approx(recency)


def test_a_busy_project_has_no_recency_bonus() -> None:
    assert health_of(Standing("p", in_flight=1), NOW).recency == 0


def test_an_error_weighs_half_after_an_hour() -> None:
    counts = Counts(successes=0, errors=2, counted_at=NOW)
    assert health_of(Standing("p", counts), NOW).success == pytest.approx(1 / 3)
    assert health_of(Standing("p", counts), NOW + 3600).success == pytest.approx(1 / 2)


def test_a_bad_day_is_forgotten_without_a_single_success() -> None:
    counts = Counts(successes=0, errors=50, counted_at=NOW)
    assert health_of(Standing("p", counts), NOW + 86_400).success == 1.0


def test_cooling_costs_a_fifth() -> None:
    standing = Standing("p", rests_until=NOW + 1)
    assert health_of(standing, NOW).score == pytest.approx(0.8)
    assert health_of(standing, NOW + 1).score == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("one", "other", "is_tie"),
    [(0, 59, True), (59, 61, False), (61, 119, True), (299, 301, False)],
)
def test_who_has_rested_for_about_as_long_is_as_healthy(one, other, is_tie) -> None:
    healths = [
        health_of(Standing("p", last_used_at=NOW - each), NOW) for each in (one, other)
    ]
    assert rests_as_long(*healths) is is_tie
    assert rests_as_long(health_of(Standing("p"), NOW), health_of(Standing("q"), NOW))
