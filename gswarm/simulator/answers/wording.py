"""The texts of the simulator: recognisable, and never the same for two prompts."""

from __future__ import annotations

import json
import re
from typing import Any

from ..models import Model
from . import grounding, markers, media
from .conversation import Conversation
from .hints import Hints, excerpt
from .samples import Sampler

_LONGEST_ECHO = 2_000
_HANDBOOK = 4_000
"""Instructions this long are an agent's, and speak of JSON among everything else."""
_FILLER = (
    "Nobody thought about this answer; it only shows that the question arrived. "
    "Every word of it is made up, yet always made up alike for the same question. "
    "It goes on a little longer, so that a stream has more than one piece."
)
_STORY = (
    "Once upon a time a small cat named Ember lived on a warm server. "
    "Each night she counted the requests that went by, and purred at the fast ones. "
    "When the quota ran out, she slept; when it came back, she woke and stretched. "
)
_WANTS_A_STORY = re.compile(r"\b(story|haikus?|poem|essay|long)\b", re.IGNORECASE)
_WANTS_JSON = re.compile(r"\bJSON\b")
_CONTEXT = re.compile(r"<(\w+)>.*?</\1>", re.DOTALL)
"""What agents tell of themselves in front of somebody's words."""
_KEYS = re.compile(r"['\"`](\w+)['\"`]")


def answer_text(talk: Conversation, model: Model, wishes: dict[str, str]) -> str:
    """What the model says to this conversation."""
    if "say" in wishes:
        return wishes["say"]
    if "words" in wishes:
        return _words(int(wishes["words"]))
    mime = talk.config.get("responseMimeType", "text/plain")
    if mime != "text/plain":
        return _structured(talk, mime)
    if len(talk.instruction) < _HANDBOOK and _WANTS_JSON.search(talk.instruction):
        return _json(_loose_object(talk))
    if talk.results:
        return _of_results(talk, model)
    return _plain(talk, model)


def thought_texts(talk: Conversation, planned: list[str]) -> list[str]:
    """Summaries of what the model thought first."""
    texts = [
        "**Reading the question**\n\nThe user wrote: "
        f"“{excerpt(markers.without(talk.prompt))}”. I will answer that.\n\n\n"
    ]
    if planned:
        names = ", ".join(planned)
        texts.append(f"**Choosing a tool**\n\nThis asks for {names}.\n\n\n")
    return texts


def _plain(talk: Conversation, model: Model) -> str:
    prompt = markers.without(talk.prompt)[:_LONGEST_ECHO]
    sentences = [f"Simulated {model.name} heard: {prompt}"]
    if talk.media:
        seen = "; ".join(media.described(blob) for blob in talk.media)
        sentences.append(f"It came with {seen}.")
    if talk.instruction:
        sentences.append(f"It was told: {excerpt(talk.instruction, 200)}")
    if talk.number > 1:
        sentences.append(f"This is turn {talk.number} of the conversation.")
    if "googleSearch" in talk.builtins:
        sentences += [sentence.strip() for sentence in grounding.sentences(prompt)]
    sentences.append(_STORY * 3 if _WANTS_A_STORY.search(prompt) else _FILLER)
    return "\n\n".join(sentences[:1]) + "\n\n" + " ".join(sentences[1:]).strip()


def _of_results(talk: Conversation, model: Model) -> str:
    told = [f"{result['name']} said {_said(result)}" for result in talk.results]
    text = f"Simulated {model.name} asked, and {'; '.join(told)}."
    if talk.media:
        seen = "; ".join(media.described(blob) for blob in talk.media)
        text += f" There was {seen}."
    return f"{text} That answers: {excerpt(markers.without(talk.prompt))}"


def _said(result: dict[str, Any]) -> str:
    """A response of one string reads as that string."""
    response = result.get("response", {})
    values = list(response.values())
    if len(values) == 1 and isinstance(values[0], str):
        return excerpt(values[0], 500)
    return excerpt(json.dumps(response, ensure_ascii=False), 500)


def _structured(talk: Conversation, mime: str) -> str:
    schema = talk.config.get("responseJsonSchema", talk.config.get("responseSchema"))
    if schema is None:
        return _json(_loose_object(talk))
    own = set(schema.get("properties", {})) if isinstance(schema, dict) else set()
    words = _CONTEXT.sub("", markers.without(talk.prompt))
    hints = Hints(words, without=own)
    value = Sampler(schema, hints, complete=True).sample()
    return str(value) if mime == "text/x.enum" else _json(value)


def _loose_object(talk: Conversation) -> dict[str, Any]:
    """JSON without a schema: the keys the prompt quotes, else one of its own."""
    keys = _KEYS.findall(talk.prompt) or _KEYS.findall(talk.instruction)
    about = excerpt(markers.without(talk.prompt))
    return {key: f"Simulated {key}: {about}" for key in keys or ["answer"]}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _words(count: int) -> str:
    pool = (_STORY + _FILLER).split()
    return " ".join(pool[n % len(pool)] for n in range(count))
