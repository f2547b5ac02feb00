"""Ask many times at a steady pace, and say how it went."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

PERCENTILES = (50, 90, 99)

PROMPT = "Count from one to twenty, in words."
"""What is asked: short, and long enough to see tokens come."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many requests, how many of them at once at most, and how many are sent in a
    minute (None: as fast as they are answered)."""

    requests: int
    concurrency: int
    per_minute: float | None = None

    @property
    def pause_seconds(self) -> float:
        """Between two requests that are sent."""
        return 60 / self.per_minute if self.per_minute else 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: ``problem`` is its error's code or status, None for an answer;
    ``tokens`` were answered, by ``project``."""

    seconds: float
    problem: str | None = None
    first_token_seconds: float | None = None
    tokens: int = 0
    project: str | None = None


Ask: TypeAlias = Callable[[], Sample]


class Tally:
    """The samples so far. Threads may share one."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._samples: list[Sample] = []

    def add(self, sample: Sample) -> None:
        """Count one more."""
        self._samples.append(sample)

    def report(self) -> dict[str, Any]:
        """What they come to: lengths in ms, of the answered ones; None where there is
        nothing to tell."""
        samples = list(self._samples)
        good = [each for each in samples if each.problem is None]
        seconds = time.monotonic() - self._started
        first_tokens = [
            each.first_token_seconds
            for each in good
            if each.first_token_seconds is not None
        ]
        tokens = sum(each.tokens for each in good)
        return {
            "sent": len(samples),
            "succeeded": len(good),
            "failed": dict(Counter(each.problem for each in samples if each.problem)),
            "seconds": round(seconds, 3),
            "latencyMs": _percentiles([each.seconds for each in good]),
            "firstTokenMs": _percentiles(first_tokens),
            "tokensPerSecond": round(tokens / seconds, 1) if seconds else 0.0,
            "projects": dict(
                Counter(each.project for each in good if each.project).most_common()
            ),
        }


def run(
    plan: Plan,
    ask: Ask,
    tally: Tally,
    heard: Callable[[], object] = lambda: None,
    *,
    stop: threading.Event | None = None,
) -> None:
    """Ask until the plan is done, or ``stop`` is set; ``heard`` is called, from several
    threads, after each answer. What either raises ends it, and is raised."""
    stop = stop or threading.Event()
    serials, started = count(), time.monotonic()

    def go_on() -> None:
        try:
            while (serial := next(serials)) < plan.requests:
                due = started + serial * plan.pause_seconds
                if stop.wait(max(0.0, due - time.monotonic())):
                    return
                tally.add(ask())
                heard()
        except BaseException:
            stop.set()
            raise

    with ThreadPoolExecutor(plan.concurrency) as threads:
        try:
            runs = [threads.submit(go_on) for _ in range(plan.concurrency)]
            for each in runs:
                each.result()
        except BaseException:
            stop.set()
            raise


def _percentiles(seconds: Sequence[float]) -> dict[str, float] | None:
    ordered = sorted(seconds)
    if not ordered:
        return None
    return {f"p{p}": round(_nearest(ordered, p) * 1000, 1) for p in PERCENTILES}


def _nearest(ordered: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of all do not exceed."""
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
