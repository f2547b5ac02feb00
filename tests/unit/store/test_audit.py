"""The audit log keeps who changed what."""

import pytest

from gswarm.store import audit as audit_module
from gswarm.store.audit import Audit


@pytest.fixture
def audit(store, clock):
    return Audit(store, clock=clock)


def test_an_entry_is_read_as_it_was_written(audit, clock):
    audit.write("admin", "api_key.created", "12ab", "203.0.113.9", {"name": "laptop"})

    [entry] = audit.page(10)
    assert entry.at == clock.now
    assert (entry.who, entry.what, entry.target, entry.address) == (
        "admin",
        "api_key.created",
        "12ab",
        "203.0.113.9",
    )
    assert entry.details == {"name": "laptop"}


def test_pages_follow_each_other_without_gap_or_repeat(audit):
    for n in range(7):
        audit.write("admin", "config.changed", str(n))

    seen, before = [], None
    while page := audit.page(3, before):
        seen += [entry.target for entry in page]
        before = page[-1].id
        audit.write("admin", "config.changed", "meanwhile")

    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_an_entry_can_share_the_change_it_tells_of(store, audit):
    with store.pipeline(transaction=True) as pipe:
        audit.write("cli", "project.disabled", "alice-01", pipe=pipe)
        assert audit.page(1) == []
        pipe.execute()

    assert audit.page(1)[0].target == "alice-01"


def test_the_oldest_entries_make_room(audit, monkeypatch):
    monkeypatch.setattr(audit_module, "MOST_ENTRIES", 100)

    for n in range(400):
        audit.write("admin", "config.changed", str(n))

    kept = audit.page(1000)
    assert 100 <= len(kept) < 300
    assert kept[0].target == "399"


def test_strangers_push_out_nothing_but_their_own(audit):
    audit.write("admin", "api_key.created", "12ab")
    for n in range(600):
        audit.write_of_stranger("address.shut_out", f"192.0.2.{n}", "192.0.2.1")
    audit.write("admin", "config.changed", "config")

    page = audit.page(1000)
    seen, before = [], None
    while found := audit.page(7, before):
        seen += found
        before = found[-1].id

    assert seen == page
    assert len({entry.id for entry in page}) == len(page) == 502
    theirs = [entry.target for entry in page if entry.what == "address.shut_out"]
    assert theirs == [f"192.0.2.{n}" for n in range(599, 99, -1)]
