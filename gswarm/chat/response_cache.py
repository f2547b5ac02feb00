"""The cache: an answer given once is given again to the same question."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import orjson

from ..gemini.plain import plain
from ..gemini.reply import Fold
from ..gemini.request import Body, Chunk, GenerateRequest
from ..store.connection import Pipeline
from ..store.deferred import Later
from ..store.response_cache import queue_keep, queue_look_up

Mode: TypeAlias = Literal["off", "deterministic", "all"]

LONGEST_ANSWER = 1_000_000
"""Bytes of JSON; longer answers are not kept."""


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What the cache makes of a request.

    ``fingerprint`` is None where its answer may not be kept; ``may_look_up`` is False
    too where the client wants a fresh one.
    """

    fingerprint: str | None = None
    may_look_up: bool = False

    def word(self, answer: Chunk | None) -> str:
        """``x-gswarm-cache``: ``hit``, ``miss`` or ``bypass``."""
        if not self.may_look_up:
            return "bypass"
        return "hit" if answer else "miss"


def cache_key(
    tenant: str, request: GenerateRequest, mode: Mode, cache_control: str | None = None
) -> CacheKey:
    """What may be cached of a request; ``tenant`` is an API key's id.

    ``Cache-Control: no-cache`` skips the look-up and refreshes what is kept;
    ``no-store`` keeps nothing either (RFC 9111).
    """
    wishes = {wish.strip().lower() for wish in (cache_control or "").split(",")}
    if "no-store" in wishes or not _is_cacheable(request.body, mode):
        return CacheKey()
    fingerprint = _fingerprint(tenant, request)
    return CacheKey(fingerprint, fingerprint is not None and "no-cache" not in wishes)


def look_up(pipe: Pipeline, asked: CacheKey) -> Later[Chunk | None]:
    """Queue the look-up of an answer: one chunk that holds all of it, or None."""
    if not asked.fingerprint or not asked.may_look_up:
        return Later.known(None)
    return queue_look_up(pipe, asked.fingerprint)


def keep(pipe: Pipeline, asked: CacheKey, reply: Fold, seconds: int) -> None:
    """Queue a reply to be kept, if it is whole, unblocked and not too long."""
    if asked.fingerprint and seconds > 0 and is_worth_keeping(reply):
        value = orjson.dumps(reply.chunk())
        if len(value) <= LONGEST_ANSWER:
            queue_keep(pipe, asked.fingerprint, value.decode(), seconds)


def is_worth_keeping(reply: Fold) -> bool:
    """Whether a reply is whole and said something: the next client may rely on it."""
    return reply.ending in ("stop", "calls") and not reply.is_empty


def _is_cacheable(body: Body, mode: Mode) -> bool:
    if mode == "deterministic":
        generation: Mapping[str, Any] = body.get("generationConfig") or {}
        return generation.get("temperature") == 0 and not body.get("tools")
    return mode == "all"


def _fingerprint(tenant: str, request: GenerateRequest) -> str | None:
    """One hash per key, model and request.

    The order of a client's fields is gone from a request that has been read, save where
    it matters: Gemini answers in the order of a schema's properties.
    """
    try:
        canonical = orjson.dumps([tenant, request.model, plain(request.body)])
    except (orjson.JSONEncodeError, RecursionError):
        return None
    return hashlib.sha256(canonical).hexdigest()
