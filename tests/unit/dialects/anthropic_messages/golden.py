"""Golden cases: one file a case, by the number it has in our notes on the protocol.

``requests``   ``{"request": body, "expect": {"model", "body", …} or {"error": …}}``
``replies``    ``{"request": body, "chunks": […], "expect": message or {"error": …}}``
``streams``    ``{"request": body, "chunks": […], "expect": [[event, data], …]}``

``UPDATE_CASES=1`` writes what is expected anew; read the difference.
"""

from __future__ import annotations

import json
import os
from itertools import count
from pathlib import Path
from typing import Any

from gswarm.dialects.anthropic_messages import ids
from gswarm.dialects.anthropic_messages.errors import write_error
from gswarm.dialects.anthropic_messages.messages_request import MessagesRequest
from gswarm.dialects.anthropic_messages.read import read_request
from gswarm.dialects.dialect import Reading
from gswarm.dialects.served import Served
from gswarm.errors import Refusal
from gswarm.gemini.calls import label_calls
from gswarm.gemini.generation import Generation
from gswarm.gemini.models import DEFAULT_ALIASES
from gswarm.gemini.reply import Fold

CASES = Path(__file__).parent / "cases"
READING = Reading(DEFAULT_ALIASES, "gemini-3.5-flash", Generation())


def cases(folder: str) -> list[str]:
    return sorted(path.stem for path in (CASES / folder).glob("*.json"))


def load(folder: str, name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((CASES / folder / f"{name}.json").read_text())
    return case


def agrees(folder: str, name: str, found: Any) -> bool:
    """Whether this is what the case expects; with ``UPDATE_CASES`` it is so at once."""
    case = load(folder, name)
    found = json.loads(json.dumps(found))
    if os.environ.get("UPDATE_CASES"):
        case["expect"] = found
        text = json.dumps(case, indent=1, ensure_ascii=False)
        (CASES / folder / f"{name}.json").write_text(text + "\n")
    assert case["expect"] == found
    return True


def read(body: Any) -> MessagesRequest:
    return read_request(body, READING)


def number_ids(monkeypatch: Any) -> None:
    """Ids that are the same each time."""
    numbers = count(1)
    monkeypatch.setattr(ids, "new_search_id", lambda: f"srvtoolu_{next(numbers)}")


def labelled(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The chunks as the relay hands them on: with call ids of our own."""
    chunks = json.loads(json.dumps(chunks))
    numbers, seen = count(1), 0
    for chunk in chunks:
        seen += len(label_calls(chunk, seen, lambda: f"call_{next(numbers):024x}"))
    return chunks


def served(asked: MessagesRequest) -> Served:
    return Served("p1", 1, asked.request.model, 5, "1", 1795300000)


def stream_of(asked: MessagesRequest, chunks: list[dict[str, Any]]) -> bytes:
    fold = Fold()
    writer = asked.writer(fold, lambda: served(asked))
    events = [writer.open()]
    for chunk in labelled(chunks):
        fold.feed(chunk)
        events.append(writer.chunk(chunk))
    return b"".join([*events, writer.close()])


def message_of(asked: MessagesRequest, chunks: list[dict[str, Any]]) -> dict[str, Any]:
    fold = Fold()
    for chunk in labelled(chunks):
        fold.feed(chunk)
    try:
        return asked.whole(fold, served(asked))
    except Refusal as refusal:
        return write_error(refusal)


def events_of(stream: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream, each with the name it goes by."""
    found = []
    for event in stream.decode().split("\n\n")[:-1]:
        name, data = event.split("\n")
        assert name.startswith("event: ")
        assert data.startswith("data: ")
        found.append((name[len("event: ") :], json.loads(data[len("data: ") :])))
    return found
