"""Events reach every listener once and in order, whoever publishes them."""

from __future__ import annotations

import threading
import time

import pytest

from gswarm.store import events as module
from gswarm.store import names
from gswarm.store.events import Events, FellBehind, publish
from tests.gateway_process import wait_for


@pytest.fixture
def events(store):
    return Events(store)


def hear(listener, number, seconds=5.0):
    """The payloads' n of the next events, at least so many."""
    heard = []
    deadline = time.monotonic() + seconds
    while len(heard) < number and time.monotonic() < deadline:
        heard += [event.payload["n"] for event in listener.news(0.2)]
    return heard


@pytest.fixture
def reads(store, monkeypatch):
    """How often this store is asked for events; the server counts other tests', too."""
    asked, read = [], store.xread

    def counted(*args, **options):
        asked.append(args)
        return read(*args, **options)

    monkeypatch.setattr(store, "xread", counted)
    return lambda: len(asked)


def test_a_listener_hears_what_happens_after_it_began(events):
    events.publish("job", {"n": 0})
    with events.listen() as listener:
        events.publish("job", {"n": 1})
        [event] = listener.news(5)
    assert (event.kind, event.payload) == ("job", {"n": 1})
    assert event.at == pytest.approx(time.time(), abs=5)


def test_every_process_hears_every_event(store, events):
    other = Events(store)
    with events.listen() as one, other.listen() as two:
        for n in range(20):
            (events, other)[n % 2].publish("job", {"n": n})
        assert hear(one, 20) == hear(two, 20) == list(range(20))


def test_an_event_is_told_when_the_change_is_made(store, events):
    with events.listen() as listener:
        with store.pipeline() as pipe:
            events.publish("job", {"n": 1}, pipe=pipe)
            assert not listener.news(0.1)
            pipe.set("the", "change")
            pipe.execute()
        assert hear(listener, 1) == [1]


def test_resuming_leaves_no_gap_and_repeats_nothing(events):
    with events.listen() as listener:
        events.publish("job", {"n": 0})
        [last] = listener.news(5)
    for n in range(1, 50):
        events.publish("job", {"n": n})
    publishing = threading.Thread(
        target=lambda: [events.publish("job", {"n": n}) for n in range(50, 200)]
    )
    publishing.start()
    with events.listen(after=last.id) as listener:
        publishing.join()
        assert hear(listener, 199) == list(range(1, 200))


def test_the_stream_is_capped(store, events):
    with store.pipeline() as pipe:
        for n in range(3 * module.MOST_KEPT):
            publish(pipe, "job", {"n": n})
        pipe.execute()
    kept = store.xlen(names.EVENTS)
    assert module.MOST_KEPT <= kept < 1.2 * module.MOST_KEPT


def test_a_slow_listener_is_dropped_and_can_resume(store, events):
    with events.listen() as slow, events.listen() as quick:
        events.publish("job", {"n": 0})
        [last] = slow.news(5)
        for batch in range(2):
            with store.pipeline() as pipe:
                for n in range(400):
                    publish(pipe, "job", {"n": batch * 400 + n + 1})
                pipe.execute()
            hear(quick, 400)
        with pytest.raises(FellBehind):
            slow.news(0)
    with events.listen(after=last.id) as again:
        assert hear(again, 800) == list(range(1, 801))


def test_two_hundred_listeners_cost_one_reader(events, reads):
    with events.listen() as first:
        others = [events.listen() for _ in range(199)]
        before = reads()
        events.publish("job", {"n": 1})
        assert all(hear(each, 1) == [1] for each in (first, *others))
        time.sleep(1)
        assert reads() - before <= 3
        for each in others:
            each.close()


def test_nobody_listening_costs_nothing(events, reads):
    events.listen().close()
    wait_for(lambda: events._reader is None)
    before = reads()
    time.sleep(0.3)
    assert reads() == before
    with events.listen() as listener:
        events.publish("job", {"n": 1})
        assert hear(listener, 1) == [1]


def test_a_wake_ends_the_wait(events):
    with events.listen() as listener:
        threading.Timer(0.1, events.wake).start()
        began = time.monotonic()
        assert listener.news(10) == []
        assert time.monotonic() - began < 5
