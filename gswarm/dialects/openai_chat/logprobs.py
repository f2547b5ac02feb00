"""Write Gemini's log probabilities in OpenAI's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def write_logprobs(result: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """``choice.logprobs`` from a ``logprobsResult``; None where there is none."""
    chosen = (result or {}).get("chosenCandidates") or []
    tops = (result or {}).get("topCandidates") or []
    if not chosen:
        return None
    alternatives = [top.get("candidates") or [] for top in tops]
    alternatives += [[] for _ in chosen[len(tops) :]]
    content = [
        {**_token(token), "top_logprobs": [_token(other) for other in others]}
        for token, others in zip(chosen, alternatives, strict=False)
    ]
    return {"content": content, "refusal": None}


def _token(candidate: Mapping[str, Any]) -> dict[str, Any]:
    token = candidate.get("token") or ""
    return {
        "token": token,
        "logprob": candidate.get("logProbability") or 0.0,
        "bytes": list(token.encode()),
    }
