"""The golden cases: one file each, ``cases/<folder>/<number>-<what>.json``.

``request`` is a body, ``chunks`` is Gemini's stream where the case is of a reply,
``stored`` are responses to be found in the memory, ``expect`` is what comes of it all.
``UPDATE_CASES=1`` writes ``expect`` anew: read the difference.
"""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from gswarm.dialects.dialect import Reading
from gswarm.dialects.openai_responses.read import ResponsesRequest, read_request
from gswarm.dialects.openai_responses.shape import echo_of
from gswarm.errors import Refusal
from gswarm.gemini.calls import label_calls
from gswarm.gemini.generation import Generation
from gswarm.gemini.models import DEFAULT_ALIASES
from gswarm.gemini.reply import Fold

CASES = Path(__file__).parent / "cases"
DIGITS = "ab" * 24
NOW = 1_795_300_000
READING = Reading(DEFAULT_ALIASES, "gemini-3.5-flash", Generation())


class FakeMemory:
    """Keeps everything; its seal hides nothing, and bears whose it is."""

    tenant = "tenant"
    is_on = True

    def __init__(self, records: Mapping[str, Any] | None = None) -> None:
        self.records: dict[str, Any] = dict(records or {})
        self.asked: list[list[str]] = []

    def find(self, ids: Sequence[str]) -> dict[str, Any]:
        self.asked.append(list(ids))
        found = {id: self.records[id] for id in ids if id in self.records}
        return {id: (record, len(json.dumps(record))) for id, record in found.items()}

    def keep(self, id: str, record: Any) -> bool:
        self.records[id] = record
        return True

    def seal(self, plain: str) -> str:
        return base64.urlsafe_b64encode(plain.encode()).decode()

    def open(self, sealed: str) -> str | None:
        try:
            return base64.b64decode(sealed, altchars=b"-_", validate=True).decode()
        except ValueError:
            return None


def names(*folders: str) -> list[str]:
    return sorted(
        str(path.relative_to(CASES).with_suffix(""))
        for folder in folders
        for path in (CASES / folder).glob("*.json")
    )


def load(name: str) -> dict[str, Any]:
    return json.loads((CASES / f"{name}.json").read_text())


def check(name: str, got: Any) -> None:
    """Hold what came of a case against what it expects, or write that anew."""
    got = json.loads(json.dumps(got))
    case = load(name)
    if os.environ.get("UPDATE_CASES"):
        text = json.dumps({**case, "expect": got}, ensure_ascii=False, indent=1)
        (CASES / f"{name}.json").write_text(text + "\n")
    else:
        assert got == case["expect"]


def read(
    body: Any, memory: FakeMemory | None = None, reading: Reading = READING
) -> ResponsesRequest:
    memory = FakeMemory() if memory is None else memory
    return read_request(
        body, reading, memory, digits=lambda: DIGITS, now=lambda: float(NOW)
    )


def told(refusal: Refusal) -> dict[str, Any]:
    return {
        "status": refusal.status,
        "message": refusal.message,
        "param": refusal.param,
        "code": refusal.code,
    }


def labelled(chunks: list[Any]) -> list[Any]:
    """The chunks with call ids of ours, as the relay hands them on."""
    numbers, seen = count(1), 0
    for chunk in chunks:
        seen += len(label_calls(chunk, seen, lambda: f"call_{next(numbers):024x}"))
    return chunks


def streamed(body: Any, chunks: list[Any], memory: FakeMemory | None = None) -> bytes:
    asked, fold = read(body, memory), Fold()
    writer = asked.writer(fold, lambda: None)
    events = [writer.open()]
    for chunk in labelled(chunks):
        fold.feed(chunk)
        events.append(writer.chunk(chunk))
    return b"".join([*events, writer.close()])


def whole(
    body: Any, chunks: list[Any], memory: FakeMemory | None = None
) -> dict[str, Any]:
    asked, fold = read(body, memory), Fold()
    for chunk in labelled(chunks):
        fold.feed(chunk)
    return asked.whole(fold, None)


def events_of(stream: bytes) -> list[dict[str, Any]]:
    """The events, each under the name its ``event:`` line gives."""
    events = []
    for block in stream.decode().removesuffix("\n\n").split("\n\n"):
        named, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert named == f"event: {event['type']}"
        events.append(event)
    return events


def brief(event: dict[str, Any], body: Any) -> dict[str, Any]:
    """An event without what its response only repeats of the request."""
    if "response" not in event:
        return event
    echo = echo_of(body, body.get("model") or READING.default_model)
    response = event["response"]
    assert {name: response[name] for name in echo} == json.loads(json.dumps(echo))
    kept = {name: value for name, value in response.items() if name not in echo}
    return {**event, "response": kept}
