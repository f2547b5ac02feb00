import threading

import pytest

from gswarm import periodic
from gswarm.errors import StoreUnavailable
from gswarm.periodic import PeriodicTasks


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(periodic, "TICK_SECONDS", 0.01)


def test_it_beats_at_once_and_goes_on() -> None:
    beats, enough = [], threading.Event()

    def beat() -> None:
        beats.append(1)
        if len(beats) == 3:
            enough.set()

    heart = PeriodicTasks()
    heart.every(0.02, beat)
    heart.start()
    assert beats
    assert enough.wait(5)
    heart.stop()


@pytest.mark.parametrize("trouble", [StoreUnavailable("away"), KeyError("a bug")])
def test_trouble_costs_only_the_beats_of_its_while(trouble: Exception) -> None:
    calls, back = [], threading.Event()

    def beat() -> None:
        calls.append(1)
        if 1 < len(calls) < 4:
            raise trouble
        if len(calls) > 4:
            back.set()

    heart = PeriodicTasks()
    heart.every(0.01, beat)
    heart.start()
    assert back.wait(5)
    heart.stop()


def test_a_store_that_is_away_at_the_start_is_told() -> None:
    def beat() -> None:
        raise StoreUnavailable("away")

    heart = PeriodicTasks()
    heart.every(1, beat)
    with pytest.raises(StoreUnavailable):
        heart.start()
    heart.stop()
