"""Writes the whole answer to a request."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..models import Model
from ..signatures import Scope, Signer
from ..tokens import prompt_tokens
from . import calling, chunks, dictated, grounding, markers, media, wording
from .calling import Planned
from .chunks import Ending, Frame, Reply
from .conversation import Conversation, read
from .script import Chunk, Part, Script

_CACHED_FROM_TOKENS = 2_048
_THOUGHT_TOKENS = {"minimal": 8, "low": 24, "medium": 48, "high": 96}
_USUAL_LEVEL = "medium"
_BROKEN = frozenset(
    {
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE",
        "MALFORMED_RESPONSE",
        "NO_IMAGE",
    }
)
"""Reasons that come without any parts."""
_SPOKEN = frozenset({"say", "words", "finish", "thoughts-only", "image"})
"""Wishes that are about words, so that no function is called."""
_ENDINGS: dict[str, Ending] = {"text": "text", "signature": "signature", "bare": "bare"}


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers are cut and spelt; None leaves it to chance (of ``serial``).

    ``chunk_chars`` is the length of a text chunk, ``call_ids`` whether calls have ids
    (None: as the model does), ``floats`` whether whole arguments get a fraction.
    ``agent`` puts ``[[agent:…]]`` into every prompt; None into none.
    """

    chunk_chars: int = 80
    ending: Ending | None = None
    call_ids: bool | None = None
    floats: bool | None = None
    agent: str | None = None


def answer(
    request: dict[str, Any],
    model: Model,
    *,
    signer: Signer,
    scope: Scope,
    manner: Manner | None = None,
    serial: int = 0,
) -> Script:
    """The whole answer to a validated request.

    Equal arguments give equal scripts; ``serial``, the number of the call, varies ids,
    signatures and what `Manner` leaves to chance. ``manner`` defaults to `Manner`.
    """
    talk = read(request)
    dice = random.Random(f"{serial}\n{model.name}\n{talk.prompt}")
    writer = _Writer(talk, model, signer, scope, manner or Manner(), dice)
    return Script(
        tuple(writer.chunks(request)),
        trace_id=f"{dice.getrandbits(64):016x}",
        odd=tuple(markers.values(talk.turn, "odd")),
    )


class _Writer:
    """Writes one answer."""

    def __init__(
        self,
        talk: Conversation,
        model: Model,
        signer: Signer,
        scope: Scope,
        manner: Manner,
        dice: random.Random,
    ) -> None:
        self._talk = talk
        self._model = model
        self._signer = signer
        self._scope = scope
        self._manner = manner
        self._dice = dice
        self._wishes = markers.find(talk.turn) | markers.find(talk.prompt)

    def chunks(self, request: dict[str, Any]) -> list[Chunk]:
        thought = _thought_tokens(self._talk, self._model)
        reply = self._reply()
        limit = self._talk.config.get("maxOutputTokens", self._model.max_output_tokens)
        if thought >= limit:
            thought, reply = limit, Reply(finish="MAX_TOKENS")
        else:
            reply = chunks.fitted(reply, limit - thought)
        if "no-finish" in self._wishes:
            reply.finish = None
        frame = self._frame(request, thought)
        if "block" in self._wishes:
            return [chunks.blocked(frame, self._wishes["block"] or "SAFETY")]
        made = self._cut(reply, frame)
        return self._with_odd_usage(made, frame)

    def _frame(self, request: dict[str, Any], thought: int) -> Frame:
        asked = prompt_tokens(request)
        return Frame(
            version=self._model.version,
            response_id=_token(self._dice, 22),
            prompt_tokens=asked,
            cached_tokens=asked // 2 if asked >= _CACHED_FROM_TOKENS else 0,
            thought_tokens=0 if "block" in self._wishes else thought,
        )

    def _reply(self) -> Reply:
        if "empty" in self._wishes:
            return Reply()
        planned = self._plan()
        thoughts = self._thoughts(planned)
        if "thoughts-only" in self._wishes:
            return Reply(thoughts or self._thoughts(planned, always=True))
        if planned:
            return Reply([*thoughts, *self._called(planned)])
        return self._spoken(thoughts)

    def _plan(self) -> list[Planned]:
        floats = self._manner.floats
        if floats is None:
            floats = self._dice.random() < 0.25
        planned = dictated.plan(self._talk, agent=self._manner.agent, floats=floats)
        if planned is not None:
            return planned
        is_spoken = _SPOKEN & self._wishes.keys()
        return [] if is_spoken else calling.plan(self._talk, floats=floats)

    def _thoughts(self, planned: list[Planned], *, always: bool = False) -> list[Part]:
        asked = self._talk.thinking.get("includeThoughts", False)
        if not always and not (asked and _thought_tokens(self._talk, self._model)):
            return []
        if scripted := markers.values(self._talk.turn, "thought"):
            return [{"text": text, "thought": True} for text in scripted]
        names = [call.name for call in planned]
        texts = wording.thought_texts(self._talk, names)
        return [{"text": text, "thought": True} for text in texts]

    def _called(self, planned: list[Planned]) -> Iterator[Part]:
        """The calls, and what is said around them."""
        if "before" in self._wishes:
            yield {"text": self._wishes["before"]}
        yield from self._call_parts(planned)
        if "after" in self._wishes:
            yield {"text": self._wishes["after"]}

    def _call_parts(self, planned: list[Planned]) -> list[Part]:
        parts: list[Part] = []
        ids = self._manner.call_ids
        for call in planned:
            made: dict[str, Any] = {"name": call.name, "args": call.args}
            if self._model.gives_call_ids if ids is None else ids:
                made["id"] = _token(self._dice, 8).lower()
            parts.append({"functionCall": made})
        if self._signs and _thought_tokens(self._talk, self._model):
            parts[0]["thoughtSignature"] = self._signature(parts[0]["functionCall"])
        return parts

    def _spoken(self, thoughts: list[Part]) -> Reply:
        text = wording.answer_text(self._talk, self._model, self._wishes)
        finish = "STOP"
        if "finish" in self._wishes:
            finish = self._wishes["finish"] or "OTHER"
            text = "" if finish in _BROKEN else text[: len(text) // 2]
        text = _stopped(text, self._talk.config.get("stopSequences", []))
        said: list[Part] = [{"text": text}] if text else []
        if said and "signed-text" in self._wishes:
            said[0]["thoughtSignature"] = self._signature()
        parts = [*thoughts, *said]
        if "image" in self._wishes or self._paints():
            parts.append(media.painted())
        return Reply(parts, finish, self._extra(text, finish))

    def _paints(self) -> bool:
        wanted = self._talk.config.get("responseModalities", [])
        return self._model.makes_images and (not wanted or "IMAGE" in wanted)

    def _extra(self, text: str, finish: str) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        if finish in _BROKEN:
            extra["finishMessage"] = f"The model ended with {finish}."
        if "googleSearch" in self._talk.builtins:
            prompt = markers.without(self._talk.prompt)
            extra["groundingMetadata"] = grounding.metadata(prompt, text)
        return extra

    def _cut(self, reply: Reply, frame: Frame) -> list[Chunk]:
        if "no-candidates" in self._wishes:
            return [chunks.framed(frame, 0, True, {})]
        return chunks.cut(
            reply,
            frame,
            chunk_chars=self._manner.chunk_chars,
            ending=self._ending(reply),
            signature=self._signature(),
        )

    def _ending(self, reply: Reply) -> Ending:
        if not reply.parts or reply.finish in _BROKEN:
            return "bare"
        if reply.finish is None:
            return "text"
        by_chance = self._manner.ending or _chance(self._dice)
        wanted = _ENDINGS.get(self._wishes.get("ending", ""), by_chance)
        signs = self._model.enforces_signatures and reply.finish == "STOP"
        can_sign = self._signs and signs
        return "text" if wanted == "signature" and not can_sign else wanted

    def _with_odd_usage(self, made: list[Chunk], frame: Frame) -> list[Chunk]:
        if "no-usage" in self._wishes:
            return [{k: v for k, v in c.items() if k != "usageMetadata"} for c in made]
        if "late-usage" in self._wishes:
            late = {k: v for k, v in made[-1].items() if k != "candidates"}
            bare = {k: v for k, v in made[-1].items() if k != "usageMetadata"}
            return [*made[:-1], bare, late]
        return made

    @property
    def _signs(self) -> bool:
        return "unsigned" not in self._wishes

    def _signature(self, call: Part | None = None) -> str:
        seed = str(self._dice.getrandbits(64))
        return self._signer.issue(self._model, self._scope, seed, call)


def _thought_tokens(talk: Conversation, model: Model) -> int:
    """What thinking costs: by level, or up to the budget; 0 without thinking."""
    budget = talk.thinking.get("thinkingBudget")
    if model.budget:
        asked = -1 if model.thinks_by_default else 0
        budget = asked if budget is None else budget
        usual = _THOUGHT_TOKENS[_USUAL_LEVEL]
        return usual if budget < 0 else min(budget, usual)
    if not model.levels:
        return 0
    level = talk.thinking.get("thinkingLevel", _USUAL_LEVEL).lower()
    return _THOUGHT_TOKENS.get(level, _THOUGHT_TOKENS[_USUAL_LEVEL])


def _stopped(text: str, stops: list[str]) -> str:
    """The text before the first stop sequence."""
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    return text[: min(ends, default=None)]


def _chance(dice: random.Random) -> Ending:
    """Finishing chunks as often as they were seen in recorded streams."""
    kinds: list[Ending] = ["text", "signature", "bare"]
    return dice.choices(kinds, weights=[70, 14, 7])[0]


def _token(dice: random.Random, length: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(dice.choices(letters, k=length))
