"""Write a whole reply as a chat completion, and the pieces a stream shares with it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from ...errors import UpstreamError
from ...gemini.reply import Fold, Part, Usage
from .citations import write_annotations
from .logprobs import write_logprobs
from .shape import ReplyShape
from .tool_calls import write_function_call, write_tool_call


def write_reply(
    fold: Fold, shape: ReplyShape, *, id: str, created: int
) -> dict[str, Any]:
    """A ``chat.completion``; raises `UpstreamError` when the reply is unusable.

    The function calls must carry ids of ours already (`gemini.calls.label_calls`).
    """
    choice = {
        "index": 0,
        "message": _message(fold, shape, id, created),
        "logprobs": write_logprobs(fold.logprobs),
        **write_finish(fold, shape),
    }
    return {
        "id": id,
        "object": "chat.completion",
        "created": created,
        "model": shape.model,
        "system_fingerprint": None,
        "choices": [choice],
        "usage": write_usage(fold.usage),
    }


def _message(fold: Fold, shape: ReplyShape, id: str, created: int) -> dict[str, Any]:
    text = content_of(fold)
    message: dict[str, Any] = {
        "role": "assistant",
        "content": text or (None if _may_be_null(fold) else ""),
        "refusal": write_refusal(fold),
        "annotations": write_annotations(fold.grounding, text),
    }
    extras = {
        "reasoning_content": fold.thoughts if shape.shows_thoughts else "",
        "images": _images(fold),
        "audio": _audio(fold, id, created),
        **_calls(fold, shape),
    }
    return message | {name: value for name, value in extras.items() if value}


def _may_be_null(fold: Fold) -> bool:
    return bool(fold.calls) or fold.ending == "blocked"


def _calls(fold: Fold, shape: ReplyShape) -> dict[str, Any]:
    calls = fold.calls
    if shape.uses_legacy_functions:
        return {"function_call": write_function_call(calls[0], shape)} if calls else {}
    if shape.one_call_only:
        calls = calls[:1]
    return {"tool_calls": [write_tool_call(part, shape) for part in calls]}


def _images(fold: Fold) -> list[dict[str, Any]]:
    pictures = [media for media in fold.media if not is_audio(media)]
    return [write_image(picture, at) for at, picture in enumerate(pictures)]


def _audio(fold: Fold, id: str, created: int) -> dict[str, Any] | None:
    sounds = [media["data"] for media in fold.media if is_audio(media)]
    if not sounds:
        return None
    data = b64encode(b"".join(map(b64decode, sounds))).decode()
    return write_audio(id, created, data)


# ------------------------------------------------------------------ shared pieces


def write_finish(fold: Fold, shape: ReplyShape) -> dict[str, str | None]:
    """Why the reply ended, from what happened, and in Gemini's own word."""
    words = {"stop": "stop", "length": "length", "blocked": "content_filter"}
    words["calls"] = "function_call" if shape.uses_legacy_functions else "tool_calls"
    if fold.ending not in words:
        raise UpstreamError("The upstream service sent an unusable reply.")
    return {
        "finish_reason": words[fold.ending],
        "native_finish_reason": fold.finish_reason or fold.block_reason,
    }


def write_refusal(fold: Fold) -> str | None:
    """What to tell a person in place of an answer that was blocked before it began."""
    if fold.ending != "blocked" or not fold.is_empty:
        return None
    if not fold.finish_reason:
        return f"The prompt was blocked by Google ({fold.block_reason})."
    return (
        fold.finish_message
        or f"The answer was blocked by Google ({fold.finish_reason})."
    )


def write_usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached,
            "audio_tokens": usage.prompt_audio,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": usage.completion_audio,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def content_of(fold: Fold) -> str:
    return "".join(map(visible_text, fold.parts))


def visible_text(part: Part) -> str:
    """What a part adds to the content; code that Google ran is fenced."""
    if part.get("text"):
        return "" if part.get("thought") else str(part["text"])
    if code := part.get("executableCode"):
        language = (code.get("language") or "").lower()
        return f"\n```{language}\n{code.get('code') or ''}\n```\n"
    if result := part.get("codeExecutionResult"):
        return f"\n```\n{result.get('output') or ''}\n```\n"
    return ""


def is_audio(media: Mapping[str, Any]) -> bool:
    return str(media.get("mimeType") or "").startswith("audio/")


def write_image(media: Mapping[str, Any], index: int) -> dict[str, Any]:
    url = f"data:{media.get('mimeType')};base64,{media.get('data')}"
    return {"index": index, "type": "image_url", "image_url": {"url": url}}


def write_audio(id: str, created: int, data: str) -> dict[str, Any]:
    """Audio of a reply. Nothing is kept to refer to later: it has expired already."""
    return {
        "id": id.replace("chatcmpl-", "audio_"),
        "data": data,
        "expires_at": created,
        "transcript": "",
    }
