"""The call log: order, bounds, counts."""

from __future__ import annotations

import orjson

from gswarm.simulator.calls import MAX_BODY_BYTES, MAX_CALLS, Call, CallLog


def logged(log: CallLog, method: str = "token", status: int = 200) -> Call:
    call = log.begin(1.0, method, "", {})
    log.answered(call, status)
    return call


def test_calls_are_numbered_and_kept_in_order() -> None:
    log = CallLog()

    for _ in range(3):
        logged(log)

    assert [call.n for call in log.since(1)] == [2, 3]
    assert log.total == 3


def test_old_calls_make_room_but_their_counts_stay() -> None:
    log = CallLog()

    for _ in range(MAX_CALLS + 5):
        logged(log)

    assert next(log.since(0)).n == 6
    assert log.counts()[0]["count"] == MAX_CALLS + 5


def test_counts_tell_method_project_and_status_apart() -> None:
    log = CallLog()
    logged(log)
    logged(log, status=400)
    logged(log, "revoke")

    assert [(c["method"], c["status"], c["count"]) for c in log.counts()] == [
        ("revoke", 200, 1),
        ("token", 200, 1),
        ("token", 400, 1),
    ]


def test_a_body_is_shown_as_it_came_unless_it_is_too_long() -> None:
    log = CallLog()
    short, long = logged(log), logged(log)

    log.keep_body(short, b'{"b": 1, "a": 2.0}')
    log.keep_body(long, b'"' + b"x" * MAX_BODY_BYTES + b'"')

    shown = orjson.dumps(short.as_json(brief=False))
    assert b'"request":{"b": 1, "a": 2.0}' in shown
    assert long.as_json(brief=False)["request"] is None


def test_open_calls_are_those_not_ended_yet() -> None:
    log = CallLog()
    logged(log)
    logged(log)
    log.ended()

    assert (log.open, log.most_open) == (1, 2)


def test_clearing_forgets_calls_but_goes_on_numbering() -> None:
    log = CallLog()
    logged(log)

    log.clear()

    assert list(log.since(0)) == []
    assert log.counts() == []
    assert logged(log).n == 2
