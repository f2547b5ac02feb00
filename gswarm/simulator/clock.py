"""The simulated clock: real time plus what tests have jumped."""

from __future__ import annotations

import time


class Clock:
    """Call it for the present instant, in epoch seconds."""

    def __init__(self) -> None:
        self.ahead_seconds = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_seconds

    def advance(self, seconds: float) -> None:
        """Jump; every expiry and quota window sees it at once."""
        self.ahead_seconds += seconds
