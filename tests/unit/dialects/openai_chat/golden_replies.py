"""The cases of replies/: Gemini's stream in, the client's stream and answer out.

A case is ``<name>.gemini.sse`` with ``<name>.stream.txt`` and ``<name>.reply.json``;
``<name>.shape.json`` says how the client asked, if not plainly.
"""

import json
from itertools import count
from pathlib import Path

from gswarm.dialects.openai_chat.errors import write_error
from gswarm.dialects.openai_chat.shape import ReplyShape
from gswarm.dialects.openai_chat.stream import StreamWriter
from gswarm.dialects.openai_chat.write import write_reply
from gswarm.errors import Refusal
from gswarm.gemini.calls import label_calls
from gswarm.gemini.reply import Fold
from gswarm.gemini.sse import SseDecoder

REPLIES = Path(__file__).parent / "replies"
NAMES = sorted(path.name.split(".")[0] for path in REPLIES.glob("*.gemini.sse"))
ID, CREATED = "chatcmpl-1", 1795300000


def chunks_of(name: str) -> list[dict]:
    decoder = SseDecoder()
    body = (REPLIES / f"{name}.gemini.sse").read_bytes()
    chunks = decoder.feed(body) + decoder.flush()
    numbers, seen = count(1), 0
    for chunk in chunks:
        seen += len(label_calls(chunk, seen, lambda: f"call_{next(numbers):024x}"))
    return chunks


def shape_of(name: str) -> ReplyShape:
    path = REPLIES / f"{name}.shape.json"
    asked = json.loads(path.read_text()) if path.exists() else {}
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
