"""How work grows with what it is given."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMES = 8


def growth(work: Callable[[int], object], size: int) -> float:
    """How many times longer ``work`` takes for eight times the size.

    About 8 where it grows with the size, 64 where with its square. CPU time, the best
    of three.
    """
    return _seconds(work, TIMES * size) / _seconds(work, size)


def _seconds(work: Callable[[int], object], size: int) -> float:
    return min(_once(work, size) for _ in range(3))


def _once(work: Callable[[int], object], size: int) -> float:
    started = time.process_time()
    work(size)
    return time.process_time() - started
