"""The cases of replies/: Gemini's stream in, the client's stream and answer out.

A case is one file: ``{"shape"?: how the client asked, if not plainly, "gemini": lines
of its stream, "expect": {"stream": lines, "reply": …}}``.
``UPDATE_CASES=1`` writes what is expected anew; read the difference.
"""

import json
import os
from itertools import count
from pathlib import Path
from typing import Any

from gswarm.dialects.openai_chat.errors import write_error
from gswarm.dialects.openai_chat.shape import ReplyShape
from gswarm.dialects.openai_chat.stream import StreamWriter
from gswarm.dialects.openai_chat.write import write_reply
from gswarm.errors import Refusal
from gswarm.gemini.calls import label_calls
from gswarm.gemini.reply import Fold
from gswarm.gemini.sse import SseDecoder

REPLIES = Path(__file__).parent / "replies"
NAMES = sorted(path.stem for path in REPLIES.glob("*.json"))
ID, CREATED = "chatcmpl-1", 1795300000


def case_of(name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((REPLIES / f"{name}.json").read_text())
    return case


def expected_of(name: str, kind: str, found: Any) -> Any:
    """What a case expects; with ``UPDATE_CASES`` that is what was found."""
    case = case_of(name)
    if os.environ.get("UPDATE_CASES"):
        case["expect"][kind] = found
        text = json.dumps(case, indent=1, ensure_ascii=False)
        (REPLIES / f"{name}.json").write_text(text + "\n")
    return case["expect"][kind]


def chunks_of(name: str) -> list[dict]:
    decoder = SseDecoder()
    body = "".join(case_of(name)["gemini"]).encode()
    chunks = decoder.feed(body) + decoder.flush()
    numbers, seen = count(1), 0
    for chunk in chunks:
        seen += len(label_calls(chunk, seen, lambda: f"call_{next(numbers):024x}"))
    return chunks


def shape_of(name: str) -> ReplyShape:
    asked = dict(case_of(name).get("shape") or {})
    asked["custom_tools"] = frozenset(asked.get("custom_tools", ()))
    return ReplyShape(**{"model": "gemini-3.5-flash"} | asked)


def stream_of(name: str) -> bytes:
    return written(chunks_of(name), shape_of(name))


def written(chunks: list[dict], shape: ReplyShape) -> bytes:
    fold = Fold()
    writer = StreamWriter(fold, shape, ID, CREATED)
    events = [writer.open()]
    for chunk in chunks:
        fold.feed(chunk)
        events.append(writer.chunk(chunk))
    return b"".join([*events, writer.close()])


def reply_of(name: str) -> dict:
    fold = Fold()
    for chunk in chunks_of(name):
        fold.feed(chunk)
    try:
        return write_reply(fold, shape_of(name), id=ID, created=CREATED)
    except Refusal as refusal:
        return write_error(refusal)
