"""Visits to Google: remembered for a while, once, and unreadable in the store."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from gswarm.store.encryption import Seal
from gswarm.store.oauth_states import PendingAuth, PendingAuths


@pytest.fixture
def visits(store):
    return PendingAuths(store, Seal([Fernet.generate_key().decode()]))


def test_a_visit_comes_back_once(visits):
    visit = PendingAuth("link", "http://localhost/back", "alice@example.com", "admin")
    visits.begin(visit)

    assert visits.end(visit.state) == visit
    assert visits.end(visit.state) is None


def test_no_two_visits_are_alike():
    one, other = PendingAuth("link", ""), PendingAuth("link", "")

    assert one.state != other.state
    assert one.verifier != other.verifier
    assert 43 <= len(one.verifier) <= 128  # RFC 7636


def test_who_reads_the_store_learns_nothing(visits, store):
    visit = PendingAuth("signin", "http://localhost/back", "carol@example.com")
    visits.begin(visit)

    [key] = store.keys()
    shown = key + store.get(key)
    for secret in (visit.state, visit.verifier, "carol"):
        assert secret not in shown
    assert visit.state not in repr(visit)
    assert visit.verifier not in repr(visit)


def test_a_browser_keeps_a_visit_and_cannot_read_it(visits, store, monkeypatch):
    visit = PendingAuth("signin", "http://localhost/back", "carol@example.com")

    kept = visits.sealed(visit)

    assert visits.unsealed(kept) == visit
    assert visit.state not in kept and visit.verifier not in kept
    assert store.keys() == []
    monkeypatch.setattr("gswarm.store.oauth_states.LIFE_SECONDS", -1)
    assert visits.unsealed(visits.sealed(visit)) is None
