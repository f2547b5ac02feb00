"""What a search adds to an answer; offsets count UTF-8 bytes, as Google's do."""

from __future__ import annotations

from typing import Any

from .hints import excerpt

_REDIRECT = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/simulated"


def sentences(prompt: str) -> list[str]:
    """The grounded sentences of an answer; their accents make bytes and characters
    differ."""
    about = excerpt(prompt, 60)
    return [
        f"Søket etter «{about}» ga to treff. ",
        "Naïve résumés agree: the weather in Ålesund is a recurring theme. ",
    ]


def metadata(prompt: str, text: str) -> dict[str, Any]:
    """The groundingMetadata of an answer that holds (some of) `sentences`."""
    supports = [
        _support(sentence.strip(), index, text)
        for index, sentence in enumerate(sentences(prompt))
        if sentence.strip() in text
    ]
    return {
        "webSearchQueries": [excerpt(prompt, 60)],
        "groundingChunks": [
            {"web": {"uri": f"{_REDIRECT}/{n}", "title": title, "domain": title}}
            for n, title in enumerate(("example.org", "example.net"))
        ],
        "groundingSupports": supports,
        "searchEntryPoint": {"renderedContent": "<div>simulated search</div>"},
    }


def _support(sentence: str, index: int, text: str) -> dict[str, Any]:
    start = len(text[: text.index(sentence)].encode())
    segment: dict[str, Any] = {"endIndex": start + len(sentence.encode())}
    if start:
        segment["startIndex"] = start
    segment["text"] = sentence
    return {
        "segment": segment,
        "groundingChunkIndices": [index] if index else [0, 1],
        "confidenceScores": [0.9],
    }
