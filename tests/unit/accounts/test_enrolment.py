"""What becomes of projects that are known by another name."""

from __future__ import annotations

from gswarm.accounts.discovery import Found
from gswarm.accounts.enrolment import Enrolment
from gswarm.store.projects import Projects


def test_a_project_known_by_its_number_gives_way_to_its_id(
    store, accounts, add_projects, clock
):
    add_projects("alice", 1)
    projects = Projects(store, clock=clock)
    enrolment = Enrolment(accounts, projects, None, clock=clock)
    by_number = Found("123456789012", "123456789012", True, stays=True)
    enrolment.adopt("alice", [by_number])
    assert projects.of("alice") == {"alice-01", "123456789012"}

    listed = [
        Found("alice-01", "One", True, number="123456789012"),
        Found("alice-02", "Two", True, number="210987654321"),
    ]
    enrolment.adopt("alice", listed)

    assert projects.of("alice") == {"alice-01", "alice-02"}
    assert projects.find("123456789012") is None
