"""Metrics and records to take away: JSON, CSV, or both in a ZIP, streamed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from flask import Blueprint, Response, request

from ...monitoring.record import Asked, Record
from ...monitoring.request_log import RequestLog
from ...monitoring.time_buckets import Piece, pieces_between
from ...monitoring.totals import ALL
from ...store.metrics import MOST_RECORDS
from ..discretion import discretion
from ..documentation import Media, documented
from ..figures import Quota, aggregate
from ..guards import Guard
from ..schemas import load
from ..schemas.metrics import ExportQuery
from ..schemas.request_log import MetricsExport, RequestMetric

COLUMNS = tuple(RequestMetric().fields)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
"""Text that begins so is run by spreadsheets (OWASP, CSV injection); the last four are
the wide forms of the first."""

STEP = 64 * 1024
TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}
README = """GSwarm metrics, {period_start} to {period_end}

metrics.json   every request of that time, added up
requests.csv   a line for each request, newest first

The sums count all requests. Of one day, the last {most} have a line of their own.
Times are in milliseconds, instants in UTC. A text that a spreadsheet would take for a
formula has an apostrophe before it.
"""


def blueprint(guard: Guard, ledger: RequestLog, quota: Quota) -> Blueprint:
    """``/api/gswarm/metrics/export``."""
    exports = Blueprint("metrics_export", __name__, url_prefix="/api/gswarm/metrics")

    @exports.get("/export")
    @guard.key_or_session("monitor")
    @documented(
        query=ExportQuery,
        answers=(MetricsExport, Media("text/csv"), Media("application/zip")),
    )
    def export() -> Response:
        """Export metrics and the records of requests, newest first. A key without the
        scope `admin` gets its own records."""
        asked = load(ExportQuery(), request.args)
        pieces = pieces_between(asked["startDate"], asked["endDate"], ledger.now)
        hidden = discretion()
        metrics = hidden.of(aggregate(ledger, pieces, ALL, quota))
        records = map(hidden.of, _records(ledger, pieces, hidden.key_id))
        form = {"json": as_json, "csv": as_csv, "zip": as_zip}[asked["format"]]
        return Response(
            in_steps(form(metrics, records)),
            content_type=TYPES[asked["format"]],
            headers={"Content-Disposition": _disposition(metrics, asked["format"])},
        )

    return exports


def as_json(metrics: Mapping[str, Any], records: Iterable[Record]) -> Iterator[bytes]:
    """``{"metrics": {...}, "requests": [...]}``"""
    yield b'{"metrics":' + orjson.dumps(metrics) + b',"requests":['
    for n, record in enumerate(records):
        yield (b"," if n else b"") + orjson.dumps(_row(record))
    yield b"]}"


def as_csv(metrics: Mapping[str, Any], records: Iterable[Record]) -> Iterator[bytes]:
    """The records alone."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    for record in records:
        yield _taken(line)
        writer.writerow(_cell(value) for value in _row(record).values())
    yield _taken(line)


def as_zip(metrics: Mapping[str, Any], records: Iterable[Record]) -> Iterator[bytes]:
    """``metrics.json``, ``requests.csv`` and ``README.txt``."""
    readme = README.format(most=f"{MOST_RECORDS:,}", **metrics)
    files: dict[str, Iterable[bytes]] = {
        "README.txt": [readme.encode()],
        "metrics.json": [orjson.dumps(metrics, option=orjson.OPT_INDENT_2)],
        "requests.csv": as_csv(metrics, records),
    }
    out = _Outbox()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, chunks in files.items():
            with archive.open(name, "w") as file:
                for chunk in in_steps(chunks):
                    file.write(chunk)
                    yield out.taken()
    yield out.taken()


def in_steps(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces worth sending."""
    gathered = bytearray()
    for chunk in chunks:
        gathered += chunk
        if len(gathered) >= STEP:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


class _Outbox:
    """A file to write to, emptied by whoever sends it on."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written can still be taken."""

    def taken(self) -> bytes:
        """What was written since last asked."""
        written, self._written = bytes(self._written), bytearray()
        return written


def _records(
    ledger: RequestLog, pieces: Sequence[Piece], key_id: str | None
) -> Iterator[Record]:
    """The records of the time that the metrics add up, or those of one key."""
    if not pieces:
        return
    wanted = Asked(
        key_id=key_id, since=pieces[0].begins_at, until=pieces[-1].ends_at - 0.001
    )
    for _, record in ledger.records(pieces, wanted):
        if record:
            yield record


def _row(record: Record) -> Record:
    return {name: record[name] for name in COLUMNS}


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _taken(line: io.StringIO) -> bytes:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text.encode()


def _disposition(metrics: Mapping[str, Any], form: str) -> str:
    first, last = metrics["period_start"][:10], metrics["period_end"][:10]
    return f'attachment; filename="gswarm-{first}-to-{last}.{form}"'
