"""Sign-ins that last a day, everywhere, unless they are ended."""

import pytest

from gswarm.store.sessions import LIFE_SECONDS, Sessions


@pytest.fixture
def sessions(store, clock):
    return Sessions(store, clock=clock)


def test_every_process_knows_a_session(store, clock, sessions):
    begun = sessions.begin("admin", "proof")

    assert Sessions(store, clock=clock).find(begun.id) == begun
    assert (begun.user, begun.proof) == ("admin", "proof")


def test_a_session_that_was_ended_is_unknown_everywhere(store, sessions):
    begun, other = sessions.begin("admin", ""), sessions.begin("admin", "")

    Sessions(store).end(begun.id)

    assert sessions.find(begun.id) is None
    assert sessions.find(other.id) == other


def test_a_session_lasts_a_day(clock, sessions):
    begun = sessions.begin("admin", "")

    clock.pass_(LIFE_SECONDS - 1)
    assert sessions.find(begun.id)
    clock.pass_(1)
    assert sessions.find(begun.id) is None


def test_the_store_forgets_a_session_by_itself(store, sessions):
    sessions.begin("admin", "")

    [key] = store.keys("gswarm:session:*")
    assert LIFE_SECONDS - 5 < store.ttl(key) <= LIFE_SECONDS


def test_the_store_holds_nothing_that_would_sign_anybody_in(store, sessions):
    begun = sessions.begin("admin", "")

    [key] = store.keys("gswarm:session:*")
    for secret in (begun.id, begun.csrf_token):
        assert secret not in key + store.get(key)


@pytest.mark.parametrize("session_id", ["", "x", "a" * 10_000, "ü\x00"])
def test_made_up_ids_find_nothing(sessions, session_id):
    assert sessions.find(session_id) is None


def test_each_session_has_its_own_csrf_token(store, sessions):
    first, second = sessions.begin("admin", ""), sessions.begin("admin", "")

    assert first.csrf_token != second.csrf_token
    assert sessions.find(first.id).csrf_token == first.csrf_token
