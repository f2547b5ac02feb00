"""Guessing passwords: slow for those who guess, harmless for those who know."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from gswarm.store import names
from gswarm.store.sign_ins import FAILURES_OF_ALL, WINDOW_SECONDS, SignIns

HERE = "203.0.113.9"


@pytest.fixture
def sign_ins(store, clock):
    return SignIns(store, clock=clock)


def begin_from_everywhere(sign_ins, times):
    return [sign_ins.begin(f"192.0.2.{n}") for n in range(times)]


def test_after_five_failures_an_address_waits(sign_ins, clock):
    for _ in range(4):
        assert not sign_ins.begin(HERE).is_last
    assert sign_ins.begin(HERE).is_last
    clock.pass_(60)

    sixth = sign_ins.begin(HERE)

    assert sixth.wait_seconds == WINDOW_SECONDS - 60
    assert sign_ins.begin("203.0.113.10").wait_seconds == 0


def test_each_failure_is_forgotten_in_its_time(sign_ins, clock):
    for _ in range(5):
        sign_ins.begin(HERE)
        clock.pass_(100)

    clock.pass_(WINDOW_SECONDS - 500)
    assert sign_ins.begin(HERE).wait_seconds == 0
    assert sign_ins.begin(HERE).wait_seconds == 100


def test_asking_while_shut_out_does_not_make_it_longer(sign_ins, clock):
    for _ in range(5):
        sign_ins.begin(HERE)
    for _ in range(20):
        sign_ins.begin(HERE)

    clock.pass_(WINDOW_SECONDS)
    assert sign_ins.begin(HERE).wait_seconds == 0


def test_the_right_password_clears_the_address(sign_ins):
    for _ in range(4):
        sign_ins.begin(HERE)
    sign_ins.succeed(sign_ins.begin(HERE))

    again = [sign_ins.begin(HERE) for _ in range(5)]
    assert [attempt.wait_seconds for attempt in again] == [0] * 5


def test_many_at_once_are_still_many(store):
    sign_ins = SignIns(store)
    with ThreadPoolExecutor(16) as pool:
        tried = list(pool.map(lambda _: sign_ins.begin(HERE), range(40)))

    assert sum(attempt.wait_seconds == 0 for attempt in tried) == 5
    assert sum(attempt.is_last and not attempt.wait_seconds for attempt in tried) == 1


def test_while_somebody_guesses_all_are_slowed_and_nobody_is_shut_out(sign_ins):
    tried = begin_from_everywhere(sign_ins, FAILURES_OF_ALL + 100)

    assert not any(attempt.wait_seconds for attempt in tried)
    assert [attempt.is_slowed for attempt in tried].index(True) == (FAILURES_OF_ALL - 1)
    assert tried[-1].is_slowed


def test_all_are_left_in_peace_after_a_while(sign_ins, clock):
    begin_from_everywhere(sign_ins, FAILURES_OF_ALL)

    clock.pass_(WINDOW_SECONDS)
    assert not sign_ins.begin(HERE).is_slowed


def test_signing_in_often_is_not_guessing(sign_ins):
    for attempt in begin_from_everywhere(sign_ins, FAILURES_OF_ALL * 2):
        sign_ins.succeed(attempt)
    for _ in range(FAILURES_OF_ALL * 2):
        attempt = sign_ins.begin(HERE)
        assert not attempt.is_slowed
        sign_ins.succeed(attempt)


def test_what_is_remembered_is_bounded_and_short_lived(store, sign_ins, monkeypatch):
    monkeypatch.setattr("gswarm.store.sign_ins.MOST_ADDRESSES", 30)
    begin_from_everywhere(sign_ins, FAILURES_OF_ALL * 3)

    assert store.zcard(names.SIGN_INS) == FAILURES_OF_ALL
    assert len(store.keys("gswarm:sign-ins-from:*")) == 30
    for key in store.keys("gswarm:sign-in*"):
        assert 0 < store.ttl(key) <= WINDOW_SECONDS
