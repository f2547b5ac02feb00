"""Reads streams of one door as strictly as the strictest client, whatever Google said.

Its first word names the door; each scenario is a reply of Google's that is odd, cut or
plain, and must come as whole events in the right order, to a proper end.
"""

from __future__ import annotations

import json
import sys
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import run as r

Event = tuple[str, Any]
"""Its name ("" for none), and its data."""

CALL = '[[call:get_weather {"city": "Oslo"}]]'
PROMPTS = {
    "text": "[[words:60]]",
    "signed": "[[words:60]] [[signed-text]] [[ending:signature]]",
    "bare": "[[words:60]] [[ending:bare]]",
    "thought": "[[thought:**A**\n\nb]] [[thought:**C**\n\nd]] [[words:20]]",
    "calls": f"[[thought:**A**\n\nb]] [[before:So.]] {CALL} {CALL} [[after:Done.]]",
    "unsigned": f"{CALL} [[unsigned]]",
    "image": "[[image]]",
    "thoughts": "[[thoughts-only]]",
    "silent": "[[empty]]",
    "nothing": "[[no-candidates]]",
    "unended": "[[words:60]] [[no-finish]]",
    "length": "[[finish:MAX_TOKENS]] [[words:60]]",
    "safety": "[[finish:SAFETY]] [[words:60]]",
    "malformed": "[[malformed-call]]",
    "blocked": "[[block:SAFETY]]",
    "no-usage": "[[words:60]] [[no-usage]]",
    "late": "[[words:60]] [[late-usage]]",
    "cut": '[[words:60]] [[do:{"cut": {"after": 2}}]]',
    "reset": '[[words:60]] [[do:{"cut": {"after": 2, "how": "rst"}}]]',
    "broken": '[[words:60]] [[do:{"midstream_error": {"after": 2}}]]',
    "raw": '[[words:60]] [[do:{"midstream_error": {"after": 2, "how": "raw"}}]]',
    "split": '[[words:60]] [[do:{"split_writes": true, "multiline": true}]]',
    "two-parts": f"{CALL} [[odd:split-call]]",
    "same-ids": f"{CALL} {CALL} [[odd:same-ids]]",
    "nulls": f"[[before:So.]] {CALL} [[odd:null-parts]]",
    "object": "[[words:60]] [[odd:parts-object]]",
    "empties": "[[words:60]] [[odd:empty-members]]",
    "counts": "[[words:60]] [[odd:text-counts]]",
    "no-data": "[[image]] [[odd:no-data]]",
    "draft": "[[image]] [[odd:draft-image]]",
    "halves": f"[[before:So.]] {CALL} [[odd:surrogates]]",
}


def is_true(fact: object, what: str) -> None:
    """Fails with what is amiss."""
    if not fact:
        raise AssertionError(what)


# -------------------------------------------------------------------------- the doors


def chat_body(prompt: str) -> Any:
    functions = [{"name": "get_weather", "parameters": r.WEATHER_SCHEMA}]
    return {
        "model": r.MODEL,
        "messages": [{"role": "user", "content": prompt}],
        "tools": [{"type": "function", "function": f} for f in functions],
        "stream": True,
        "stream_options": {"include_usage": True},
        "reasoning_effort": "low",
    }


def check_chat(events: list[Event]) -> None:
    """Chunks with one id, calls by dense indices, one finish, usage, ``[DONE]``."""
    is_true(all(name == "" for name, _ in events), "named events")
    if isinstance(events[-1][1], dict) and "error" in events[-1][1]:
        return
    r.equal(events[-1][1], "[DONE]")
    chunks = [data for _, data in events[:-1]]
    r.equal(len({chunk["id"] for chunk in chunks}), 1)
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    r.equal(sum("role" in choice["delta"] for choice in choices), 1)
    finishes = [c["finish_reason"] for c in choices if c.get("finish_reason")]
    r.equal(len(finishes), 1)
    made: dict[int, str] = {}
    for choice in choices:
        for call in choice["delta"].get("tool_calls", []):
            if call["index"] not in made:
                r.equal(call["index"], len(made))
                is_true(call["id"] and call["function"]["name"], "a call by no name")
                made[call["index"]] = ""
            made[call["index"]] += call["function"].get("arguments") or ""
    for text in made.values():
        is_true(isinstance(json.loads(text), dict), "arguments are no object")
    is_true(not made or finishes == ["tool_calls"], f"calls end with {finishes}")
    r.equal(chunks[-1]["choices"], [])
    is_true(isinstance(chunks[-1]["usage"]["total_tokens"], int), "no usage")


def responses_body(prompt: str) -> Any:
    tool = {"type": "function", "name": "get_weather", "parameters": r.WEATHER_SCHEMA}
    return {
        "model": r.MODEL,
        "input": prompt,
        "tools": [tool],
        "stream": True,
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    }


ENDS = {"response.completed", "response.incomplete", "response.failed"}
PIECES = {
    "response.output_text": "text",
    "response.refusal": "refusal",
    "response.function_call_arguments": "arguments",
    "response.custom_tool_call_input": "input",
    "response.reasoning_summary_text": "text",
}
FREE = {
    "keepalive",
    "error",
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.content_part.added",
    "response.content_part.done",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_part.done",
    "response.output_text.annotation.added",
    "response.image_generation_call.in_progress",
    "response.image_generation_call.generating",
    "response.image_generation_call.completed",
    *ENDS,
    *(f"{piece}.{end}" for piece in PIECES for end in ("delta", "done")),
}


def check_responses(events: list[Event]) -> None:
    """One identity, dense numbers and indices, one item open, all of it in the end."""
    for number, (name, data) in enumerate(events):
        r.equal(data["type"], name)
        r.equal(data["sequence_number"], number)
        is_true(name in FREE, f"unknown event {name}")
    names = [name for name, _ in events]
    r.equal(names[:2], ["response.created", "response.in_progress"])
    is_true(names[-1] in ENDS, f"it ends with {names[-1]}")
    r.equal(sum(name in ENDS for name in names), 1)
    is_true(("error" in names) == (names[-1] == "response.failed"), "error or failed?")
    whole = events[-1][1]["response"]
    r.equal(whole["id"], events[0][1]["response"]["id"])
    done = items_done(events, must_end=names[-1] != "response.failed")
    if names[-1] != "response.failed":
        r.equal(whole["output"], done)
        usage = whole["usage"] or {"total_tokens": 0}
        is_true(isinstance(usage["total_tokens"], int), "usage is no number")
    for item in done:
        if item["type"] == "function_call":
            is_true(isinstance(json.loads(item["arguments"]), dict), "no object")
            is_true(item["name"] and item["call_id"], "a call by no name")
    ids = [item["call_id"] for item in done if "call_id" in item]
    r.equal(len(ids), len(set(ids)))


def items_done(events: list[Event], *, must_end: bool) -> list[Any]:
    """The items as they were done; each after it was added, one after the other."""
    done: list[Any] = []
    opened: Any = None
    deltas = ""
    for name, data in events:
        kind, _, end = name.rpartition(".")
        if name == "response.output_item.added":
            is_true(opened is None, "two items open")
            r.equal(data["output_index"], len(done))
            opened = data["item"]
        elif "output_index" in data:
            of = data.get("item_id") or data["item"]["id"]
            r.equal((data["output_index"], of), (len(done), opened["id"]))
        if name == "response.output_item.done":
            done.append(data["item"])
            opened = None
        elif kind in PIECES and end == "delta":
            deltas += data["delta"]
        elif kind in PIECES:
            r.equal(data[PIECES[kind]], deltas)
            deltas = ""
    is_true(not must_end or opened is None, "an item stays open")
    return done


def messages_body(prompt: str) -> Any:
    return {
        "model": r.MODEL,
        "max_tokens": 4000,
        "messages": [{"role": "user", "content": prompt}],
        "tools": [{"name": "get_weather", "input_schema": r.WEATHER_SCHEMA}],
        "thinking": {"type": "adaptive", "display": "summarized"},
        "stream": True,
    }


DELTAS = {
    "text": {"text_delta"},
    "thinking": {"thinking_delta", "signature_delta"},
    "tool_use": {"input_json_delta"},
}


def check_messages(events: list[Event]) -> None:
    """One message, dense indices, one block open, signatures last, then nothing."""
    for name, data in events:
        r.equal(data["type"], name)
    events = [event for event in events if event[0] != "ping"]
    names = [name for name, _ in events]
    r.equal(names[0], "message_start")
    r.equal(names.count("message_start"), 1)
    usage = events[0][1]["message"]["usage"]
    is_true(isinstance(usage["input_tokens"], int), "no usage at the start")
    is_good = names[-1] != "error"
    if is_good:
        r.equal(names[-2:], ["message_delta", "message_stop"])
        r.equal(names.count("message_delta"), 1)
        is_true(isinstance(events[-2][1]["usage"]["output_tokens"], int), "no usage")
    blocks: list[Any] = []
    is_open = False
    for name, data in events:
        if name == "content_block_start":
            is_true(not is_open, "two blocks open")
            r.equal(data["index"], len(blocks))
            blocks.append({"start": data["content_block"], "deltas": []})
            is_open = True
        elif name.startswith("content_block"):
            r.equal((data["index"], is_open), (len(blocks) - 1, True))
            is_open = name == "content_block_delta"
            if is_open:
                blocks[-1]["deltas"].append(data["delta"])
        else:
            is_true(
                name in {*names[:1], "message_delta", "message_stop", "error"}, name
            )
    is_true(not (is_good and is_open), "a block stays open")
    for block in blocks:
        check_block(
            block["start"], [d["type"] for d in block["deltas"]], block, is_good
        )
    ids = [block["start"]["id"] for block in blocks if "id" in block["start"]]
    r.equal(len(ids), len(set(ids)))
    stopped = events[-2][1]["delta"]["stop_reason"] if is_good else ""
    is_true(not (is_good and ids) or stopped == "tool_use", f"calls end with {stopped}")


def check_block(start: Any, kinds: list[str], block: Any, is_good: bool) -> None:
    allowed = DELTAS.get(start["type"], set())
    is_true(set(kinds) <= allowed, f"{kinds} in {start['type']}")
    if start["type"] == "thinking" and is_good:
        r.equal(kinds.count("signature_delta"), 1)
        r.equal(kinds[-1], "signature_delta")
    if start["type"] == "tool_use":
        is_true(start["id"] and start["name"], "a call by no name")
        text = "".join(delta["partial_json"] for delta in block["deltas"])
        is_true(isinstance(json.loads(text or "{}"), dict), "input is no object")


def gemini_body(prompt: str) -> Any:
    function = {"name": "get_weather", "parametersJsonSchema": r.WEATHER_SCHEMA}
    return {
        "contents": [{"role": "user", "parts": [{"text": prompt}]}],
        "tools": [{"functionDeclarations": [function]}],
        "generationConfig": {"thinkingConfig": {"includeThoughts": True}},
    }


def check_gemini(events: list[Event]) -> None:
    """Replies of Google's, the last of which says why it ends, or an error object."""
    is_true(all(name == "" for name, _ in events), "named events")
    chunks = [data for _, data in events]
    is_true(all(isinstance(chunk, dict) for chunk in chunks), "no objects")
    if "error" in chunks[-1]:
        is_true(isinstance(chunks[-1]["error"]["code"], int), "no code")
        is_true(chunks[-1]["error"]["status"], "no status")
        return
    candidates = [c for chunk in chunks for c in chunk.get("candidates") or []]
    is_blocked = any("promptFeedback" in chunk for chunk in chunks)
    ended = [c["finishReason"] for c in candidates if c.get("finishReason")]
    is_true(is_blocked or len(ended) == 1, f"it ends with {ended}")
    for candidate in candidates:
        parts = candidate.get("content", {}).get("parts", [])
        is_true(isinstance(parts, list), "parts are no list")
        is_true(all(isinstance(part, dict) for part in parts), "a part is null")
        for part in parts:
            call = part.get("functionCall", {"name": "-"})
            is_true(call and call.get("name"), "a call by no name")


DOORS: dict[str, tuple[str, Callable[[str], Any], Callable[[list[Event]], None]]] = {
    "chat": ("/v1/chat/completions", chat_body, check_chat),
    "responses": ("/v1/responses", responses_body, check_responses),
    "messages": ("/v1/messages", messages_body, check_messages),
    "gemini": (
        f"/v1beta/models/{r.MODEL}:streamGenerateContent?alt=sse",
        gemini_body,
        check_gemini,
    ),
}


# ------------------------------------------------------------------------ the reading


def read(content: bytes) -> Iterator[Event]:
    """Whole events; fails for lines there should not be."""
    text = content.decode()
    text = text.replace("\r\n", "\n")
    is_true(text.endswith("\n\n"), f"it breaks off: {text[-80:]!r}")
    for block in text.split("\n\n"):
        name, data = "", []
        for line in block.split("\n"):
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data.append(line.removeprefix("data: "))
            else:
                is_true(not line or line.startswith(":"), f"a line {line!r}")
        if data:
            joined = "\n".join(data)
            yield name, joined if joined == "[DONE]" else json.loads(joined)


def tried(door: str, prompt: str) -> None:
    """What fails before it begins is an error, and not one of our own making."""
    path, body, check = DOORS[door]
    headers = {"Authorization": f"Bearer {r.KEY}", "Content-Type": "application/json"}
    content = json.dumps(body(f"{prompt} Go.")).encode()
    asked = urllib.request.Request(r.URL + path, content, headers)
    try:
        with urllib.request.urlopen(asked, timeout=30) as reply:
            is_true("text/event-stream" in reply.headers["content-type"], "no stream")
            check(list(read(reply.read())))
    except urllib.error.HTTPError as error:
        told = error.read().decode()
        is_true(error.code != 500 or "upstream" in told, f"500: {told}")
        is_true("error" in json.loads(told), told)


def streams() -> None:
    """Every reply there is; fails with the names of those that came wrong."""
    failed = []
    for name, prompt in PROMPTS.items():
        try:
            tried(sys.argv[1], prompt)
        except Exception as error:  # noqa: BLE001 - each is told
            traceback.print_exc()
            failed.append(f"{name}: {type(error).__name__} {error}")
    is_true(not failed, "; ".join(failed))


r.run(streams=streams)
