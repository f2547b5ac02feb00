"""What the paths of metrics take and answer."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import OneOf, Range

from . import OPTIONAL, Answer, Instant, Strict
from .periods import Period, Subject

METRICS = ("requests", "errors", "latency", "tokens", "quota")
TREND_DAYS = (7, 14, 30)
FORMATS = ("json", "csv", "zip")


class MetricsQuery(Subject):
    """The query of ``GET /api/gswarm/metrics``. Without dates: all that is kept."""


class ExportQuery(Period):
    """The query of ``GET /api/gswarm/metrics/export``."""

    format = fields.String(load_default="json", validate=OneOf(FORMATS))


class TrendsQuery(Strict):
    """The query of ``GET /api/gswarm/metrics/trends``."""

    days = fields.Integer(load_default=7, validate=OneOf(TREND_DAYS))
    metric = fields.String(load_default="requests", validate=OneOf(METRICS))


class SeriesQuery(Strict):
    """The query of ``GET /api/dashboard/metrics``: ``hours``, or else ``days``; and by
    what to tell requests apart."""

    days = fields.Integer(load_default=7, validate=Range(1, 30))
    hours = fields.Integer(load_default=None, validate=Range(1, 48))
    split = fields.String(load_default=None, validate=OneOf(("model", "account")))


class Tally(Answer):
    """Requests added up. A percentile is at most 3 % off."""

    total = fields.Integer()
    successful = fields.Integer()
    failed = fields.Integer()
    avg_duration_ms = fields.Float()
    total_duration_ms = fields.Float()
    tokens_used = fields.Integer()
    p50_ms = fields.Float(allow_none=True)
    p95_ms = fields.Float(allow_none=True)
    p99_ms = fields.Float(allow_none=True)


class Tallies(fields.Dict):
    """Tallies by name."""

    def __init__(self) -> None:
        super().__init__(keys=fields.String(), values=fields.Nested(Tally))


class CacheUse(Answer):
    """How often the answer cache was asked, and knew."""

    hits = fields.Integer()
    misses = fields.Integer()
    hit_rate = fields.Float(allow_none=True)


class QuotaShown(Answer):
    """An account's day for a model, as far as it is known; ``exhaustsAt`` is when
    nothing will be left, if it goes on so."""

    account = fields.String()
    model = fields.String()
    used = fields.Integer()
    limit = fields.Integer(allow_none=True)
    source = fields.String(allow_none=True)
    remaining = fields.Integer(allow_none=True)
    exhaustsAt = Instant(allow_none=True)
    resetsAt = Instant(allow_none=True)


class AggregatedMetrics(Answer):
    """Requests of a time, as a whole and by what they have in common. A request that
    was refused before a model or project was known is in the whole alone. A model of
    which only a client has spoken (Google lacks it, or was not asked) is `other`."""

    period_start = Instant()
    period_end = Instant()
    total_requests = fields.Integer()
    successful_requests = fields.Integer()
    failed_requests = fields.Integer()
    avg_duration_ms = fields.Float()
    total_duration_ms = fields.Float()
    p50_ms = fields.Float(allow_none=True)
    p95_ms = fields.Float(allow_none=True)
    p99_ms = fields.Float(allow_none=True)
    tokens_used = fields.Integer()
    prompt_tokens = fields.Integer()
    completion_tokens = fields.Integer()
    thought_tokens = fields.Integer()
    cached_tokens = fields.Integer()
    by_endpoint = Tallies()
    by_account = Tallies()
    by_project = Tallies()
    by_model = Tallies()
    by_key = Tallies()
    error_breakdown = fields.Dict(keys=fields.String(), values=fields.Integer())
    cache = fields.Nested(CacheUse)
    quota = fields.List(fields.Nested(QuotaShown))


class DataPoint(Answer):
    """A day, and its value."""

    date = fields.String()
    value = fields.Float()


class Trends(Answer):
    """A metric day by day: ``latency`` is the average in ms, ``quota`` counts the
    attempts, each of which Google counts against a quota."""

    metric = fields.String()
    days = fields.Integer()
    dataPoints = fields.List(fields.Nested(DataPoint))
    average = fields.Float()
    peak = fields.Float()
    percentChange = fields.Float(allow_none=True)
    trend = fields.String()


class Stats(Answer):
    """Today at a glance; ``errorRate`` is a share, 0..1. What fails, now, waits for
    somebody to mend it."""

    totalAccounts = fields.Integer()
    failingAccounts = fields.Integer()
    activeProjects = fields.Integer()
    failingProjects = fields.Integer()
    apiRequestsToday = fields.Integer()
    errorRate = fields.Float()
    tokensToday = fields.Integer()
    p50Ms = fields.Float(allow_none=True)
    p95Ms = fields.Float(allow_none=True)
    status = fields.String()


class SeriesPoint(Tally):
    """An hour or a day, from ``at`` on."""

    at = Instant()


class SeriesPart(Answer):
    """A model's or account's tallies, one for each point of the whole; only those that
    are `named` have a name. No account took the requests of `nobody`."""

    kind = fields.String(validate=OneOf(("named", "others", "nobody")))
    name = fields.String(allow_none=True)
    series = fields.List(fields.Nested(Tally))


class Series(Answer):
    """The points of a chart, oldest first, and what they add up to."""

    period_start = Instant()
    period_end = Instant()
    series = fields.List(fields.Nested(SeriesPoint))
    parts = fields.List(fields.Nested(SeriesPart), metadata=OPTIONAL)
    by_model = Tallies()
    by_account = Tallies()
    by_project = Tallies()
    error_breakdown = fields.Dict(keys=fields.String(), values=fields.Integer())
