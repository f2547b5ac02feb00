"""The gateway does what its own description says, whatever it is sent.

Requests are made up from ``/openapi.json``, valid ones and others; no answer may be a
failure of the gateway's, or one that the description does not name.
"""

from __future__ import annotations

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

FAILS_NEVER = not_a_server_error
PROMISES = [
    FAILS_NEVER,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SECONDS = 20
ELSEWHERE = "203.0.113.77"
"""Where made-up passwords come from: that address will soon be shut out."""
A_FEW = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def description(gateway):
    """Every process forgets afterwards what was made of its config."""
    yield schemathesis.openapi.from_url(f"{gateway.url}/openapi.json")
    gateway.store.flushall()
    gateway.wait_for_pulses()


@pytest.fixture
def come_in(gateway):
    """Somebody with everything that opens doors: a session, a key of every scope."""
    key = gateway.new_key(scopes=["chat", "monitor", "admin"])

    def come_in():
        admin = gateway.sign_in()
        shown = {"Authorization": f"Bearer {key}", "X-Forwarded-For": ELSEWHERE}
        return admin, {**admin.headers, **shown}

    return come_in


@pytest.fixture
def things(gateway):
    """Things that are there, by what paths call them."""
    [key, *_] = [key.id for key, _ in gateway.rooms.keys.list()]
    request = gateway.ask().headers["x-request-id"]
    job = gateway.sign_in().post("/api/projects/test", json={}).json()["id"]
    account, project = "bob@example.com", "carol-01"
    return {
        "key_id": key,
        "account_id": account,
        "email": account,
        "project_id": project,
        "request_id": request,
        "job_id": job,
        "name": "gemini-3.5-flash",
        "model": "gemini-3.5-flash",
    }


def promises_of(operation):
    """What a pool cannot offer is a 501, which is said, and no failure."""
    is_refusal = "501" in operation.definition.raw["responses"]
    return [each for each in PROMISES if not is_refusal or each is not FAILS_NEVER]


def keep_asking(operation, admin, headers, mode, things):
    promises = promises_of(operation)

    @A_FEW
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        for name in case.path_parameters.keys() & things.keys():
            case.path_parameters[name] = things[name]
        case.call_and_validate(
            session=admin, headers=headers, checks=promises, timeout=SECONDS
        )

    with suppress(Unsatisfiable):  # Where nothing is asked, nothing can be wrong.
        ask()


def is_endless(operation):
    """Whether it answers with a stream of events and nothing else."""
    answer = operation.definition.raw["responses"].get("200", {})
    return list(answer.get("content", ())) == ["text/event-stream"]


def test_every_operation_answers_as_described(description, come_in, things, subtests):
    for found in description.get_all_operations():
        operation = found.ok()
        if is_endless(operation):
            continue
        admin, headers = come_in()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with subtests.test(operation.label, mode=mode.value):
                known = things if mode is GenerationMode.POSITIVE else {}
                keep_asking(operation, admin, headers, mode, known)
