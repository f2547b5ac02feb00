"""What the gateway writes down as it runs: never a credential, never a prompt."""

from __future__ import annotations

import json
import logging
import logging.config
import traceback
from types import TracebackType
from typing import Any, TypeAlias

from gunicorn.glogging import Logger

from ...settings import Settings
from ...timestamps import iso

ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)


def configure(settings: Settings) -> None:
    """Set up this process's logs; what no line shows is not gathered for it."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.config.dictConfig(describe(settings))


def describe(settings: Settings) -> dict[str, Any]:
    """The configuration for `logging.config`, gunicorn's own loggers included."""
    level = settings.log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATTERS[settings.log_format]}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            "gswarm": {"level": level},
            "gunicorn.error": {"level": level, "handlers": [], "propagate": True},
            "gunicorn.access": {"handlers": [], "propagate": False},
        },
    }


class GunicornLog(Logger):  # type: ignore[misc]
    """gunicorn's log without its access lines: ours tell more (access.py), and it
    gathers what they might say even where nobody reads them."""

    def access(self, *_: object) -> None:
        """Say nothing."""

    def debug(self, msg: str, *args: object, **options: Any) -> None:
        """Name exceptions, which quote what was being read."""
        named = [
            type(each).__name__ if isinstance(each, BaseException) else each
            for each in args
        ]
        super().debug(msg, *named, **options)


class TextLine(logging.Formatter):
    """``2026-01-31T12:00:00.000Z info gswarm.web what happened name=value …``"""

    def format(self, record: logging.LogRecord) -> str:
        words = [iso(record.created), record.levelname.lower(), record.name]
        words.append(record.getMessage())
        words += [f"{name}={value}" for name, value in _fields(record).items()]
        line = " ".join(words)
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line

    def formatException(self, ei: ExcInfo) -> str:
        return where(ei)


class JsonLine(TextLine):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


FORMATTERS = {"text": TextLine, "json": JsonLine}


def where(exc_info: ExcInfo) -> str:
    """Where an exception was raised and of which kinds it is, without their messages.

    A message may quote what was being worked on: a prompt, a credential.
    """
    kind, error, _ = exc_info
    if kind is None or error is None:
        return ""
    lines = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in frames]
        lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__
    return "\n".join(lines)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What was passed as ``extra={"fields": …}``."""
    fields: dict[str, Any] = getattr(record, "fields", {})
    return fields
