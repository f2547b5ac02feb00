"""What many requests add up to: as a whole, and by what they have in common."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from .histogram import percentile

Counts: TypeAlias = Mapping[str, int]
"""Counters of one cell: ``requests``, ``us`` (microseconds they took together),
``prompt``, ``completion``, ``thoughts`` and ``cached`` (tokens), ``hits`` and
``misses`` (of the answer cache), and ``b<n>``: how many took as long as bucket n."""

DIMENSIONS = ("endpoint", "account", "project", "model", "key")


class Cell(NamedTuple):
    """What requests that are counted together have in common; ``error`` is None for
    those that went well, and what nobody knows is None, too."""

    endpoint: str
    account: str | None
    project: str | None
    model: str | None
    key: str | None
    error: str | None


class AttemptCell(NamedTuple):
    """What attempts that are counted together have in common; their one counter is
    ``attempts``."""

    account: str
    project: str
    model: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Only:
    """Which requests are meant; None means all."""

    account: str | None = None
    project: str | None = None
    model: str | None = None

    def takes(self, cell: Cell | AttemptCell) -> bool:
        """Whether it is one of them."""
        return (
            self.account in (None, cell.account)
            and self.project in (None, cell.project)
            and self.model in (None, cell.model)
        )


ALL = Only()


@dataclass(slots=True)
class Tally:
    """Requests added up. Times are in milliseconds."""

    failed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, cell: Cell, counts: Counts) -> Tally:
        """The requests of one cell."""
        tally = cls()
        for name, count in counts.items():
            if name[0] == "b":
                tally.lengths[int(name[1:])] = count
            else:
                tally.counts[name] = count
        tally.failed = tally.total if cell.error is not None else 0
        return tally

    def merge(self, other: Tally) -> None:
        """Add other requests."""
        self.failed += other.failed
        self.counts.update(other.counts)
        self.lengths.update(other.lengths)

    def without(self, part: Tally) -> Tally:
        """What is left when some of these requests are taken away."""
        counts, lengths = Counter(self.counts), Counter(self.lengths)
        counts.subtract(part.counts)
        lengths.subtract(part.lengths)
        return Tally(self.failed - part.failed, counts, lengths)

    @property
    def total(self) -> int:
        return self.counts["requests"]

    @property
    def successful(self) -> int:
        return self.total - self.failed

    @property
    def tokens(self) -> int:
        """Of prompts and answers together."""
        return self.counts["prompt"] + self.counts["completion"]

    @property
    def total_ms(self) -> float:
        return self.counts["us"] / 1000

    @property
    def average_ms(self) -> float:
        """0 where there were none."""
        return round(self.total_ms / self.total, 3) if self.total else 0.0

    @property
    def error_rate(self) -> float:
        """The share that failed, 0..1."""
        return self.failed / self.total if self.total else 0.0

    @property
    def hit_rate(self) -> float | None:
        """The share the answer cache knew of those it was asked for."""
        looked_up = self.counts["hits"] + self.counts["misses"]
        return self.counts["hits"] / looked_up if looked_up else None

    def took(self, share: float) -> float | None:
        """The time this share of them did not exceed."""
        return percentile(self.lengths, share)


class Totals:
    """The whole, its parts by each of `DIMENSIONS`, and its failures by cause."""

    def __init__(self, cells: Iterable[tuple[Cell, Counts]] = ()) -> None:
        self.whole = Tally()
        self.errors: Counter[str] = Counter()
        self.by: dict[str, defaultdict[str, Tally]] = {
            name: defaultdict(Tally) for name in DIMENSIONS
        }
        for cell, counts in cells:
            self._add(cell, counts)

    def merge(self, other: Totals) -> None:
        """Add the requests of another time."""
        self.whole.merge(other.whole)
        self.errors.update(other.errors)
        for name, parts in other.by.items():
            for part, tally in parts.items():
                self.by[name][part].merge(tally)

    def _add(self, cell: Cell, counts: Counts) -> None:
        tally = Tally.of(cell, counts)
        self.whole.merge(tally)
        for name, parts in self.by.items():
            part = getattr(cell, name)
            if part is not None:
                parts[part].merge(tally)
        if cell.error is not None:
            self.errors[cell.error] += tally.total
