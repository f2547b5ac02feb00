"""What is written down, and what never is."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

from gunicorn.config import Config

from gswarm.web.server.logs import GunicornLog, JsonLine, TextLine


def record(message: str, *args: Any, **extra: Any) -> logging.LogRecord:
    return logging.getLogger("gswarm.test").makeRecord(
        "gswarm.test", logging.INFO, "here.py", 1, message, args, None, extra=extra
    )


def failed() -> logging.LogRecord:
    """The record of a failure whose every message quotes a secret."""
    try:
        try:
            raise KeyError("hunter2")
        except KeyError as error:
            raise ValueError("hunter2 again") from error
    except ValueError:
        return logging.getLogger("gswarm.test").makeRecord(
            "gswarm.test", logging.ERROR, "here.py", 1, "It failed", (), sys.exc_info()
        )


def test_a_text_line_has_instant_level_logger_message_and_fields() -> None:
    line = TextLine().format(record("%s wins", "alice", fields={"ms": 1.5}))

    assert re.fullmatch(r"\d{4}-\S+T\S+Z info gswarm.test alice wins ms=1.5", line)


def test_a_json_line_is_one_object() -> None:
    line = JsonLine().format(record('say "hi"\nagain', fields={"status": 200}))

    entry = json.loads(line)
    assert entry["message"] == 'say "hi"\nagain'
    assert entry["status"] == 200
    assert entry["level"] == "info"
    assert "\n" not in line


def test_an_exception_is_located_but_not_quoted() -> None:
    for formatter in (TextLine(), JsonLine()):
        line = formatter.format(failed())

        assert "ValueError" in line
        assert "KeyError" in line
        assert "test_logs.py" in line
        assert "hunter2" not in line


def test_gunicorn_names_exceptions_and_does_not_quote_them(caplog) -> None:
    log = GunicornLog(Config())
    log.error_log.setLevel(logging.DEBUG)
    log.error_log.addHandler(caplog.handler)

    log.debug("Ignored: %s", ValueError("hunter2"))

    assert caplog.messages == ["Ignored: ValueError"]
