"""What ``/api/gswarm/requests`` takes and answers."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from . import OPTIONAL, Answer, Instant
from .metrics import AggregatedMetrics
from .periods import Subject
from .projects import HealthTerms

CURSOR = r"\A\d{4}-\d{2}-\d{2}/[1-9]\d{0,14}-\d{1,15}\Z"


class RequestsQuery(Subject):
    """``type`` is a word of the metrics' ``error_breakdown``, ``key`` a key's name,
    ``dialect`` the one it came in, ``cursor`` the ``nextCursor`` of the page before."""

    type = fields.String(load_default=None, validate=Length(1, 100))
    key = fields.String(load_default=None, validate=Length(1, 100))
    status = fields.String(load_default=None, validate=OneOf(("success", "error")))
    dialect = fields.String(load_default=None, validate=Length(1, 50))
    limit = fields.Integer(load_default=50, validate=Range(1, 200))
    cursor = fields.String(load_default=None, validate=Regexp(CURSOR))


class RequestMetric(Answer):
    """One request, and what came of it. Nothing anybody asked or was answered."""

    id = fields.String()
    timestamp = Instant()
    endpoint = fields.String()
    method = fields.String()
    account_id = fields.String(allow_none=True)
    project_id = fields.String(allow_none=True)
    duration_ms = fields.Float()
    status = fields.String()
    status_code = fields.Integer()
    error_type = fields.String(allow_none=True)
    tokens_used = fields.Integer()
    model = fields.String(allow_none=True)
    prompt_tokens = fields.Integer()
    completion_tokens = fields.Integer()
    thought_tokens = fields.Integer()
    cached_tokens = fields.Integer()
    attempts = fields.Integer()
    ttft_ms = fields.Float(allow_none=True)
    stream = fields.Boolean()
    key_name = fields.String(allow_none=True)
    finish_reason = fields.String(allow_none=True)
    cache = fields.String(allow_none=True)
    dialect = fields.String(allow_none=True)


class RequestPage(Answer):
    """Requests, newest first, and where the next page begins."""

    requests = fields.List(fields.Nested(RequestMetric))
    nextCursor = fields.String(metadata=OPTIONAL)


class AttemptMade(Answer):
    """A project's turn: why it was chosen among how many, and what came of it.
    ``passed_over`` counts those that could not be taken, by reason."""

    project_id = fields.String()
    account_id = fields.String()
    model = fields.String()
    health = fields.Float()
    health_terms = fields.Nested(HealthTerms)
    verdict = fields.String()
    duration_ms = fields.Float()
    candidates = fields.Integer()
    passed_over = fields.Dict(keys=fields.String(), values=fields.Integer())
    is_probe = fields.Boolean()


class NothingLeft(Answer):
    """Why nobody, in the end, could be asked."""

    reason = fields.String()
    free_at = Instant(allow_none=True)
    candidates = fields.Integer()
    passed_over = fields.Dict(keys=fields.String(), values=fields.Integer())


class Route(Answer):
    """How a request was routed."""

    attempts = fields.List(fields.Nested(AttemptMade))
    nothing = fields.Nested(NothingLeft, allow_none=True)


class RoutedRequest(RequestMetric):
    """One request, and how it was routed."""

    route = fields.Nested(Route)


class MetricsExport(Answer):
    """Metrics, and the requests they add up."""

    metrics = fields.Nested(AggregatedMetrics)
    requests = fields.List(fields.Nested(RequestMetric))
