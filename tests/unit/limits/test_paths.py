"""One spelling for every path."""

from __future__ import annotations

import pytest

from gswarm.limits.paths import one_spelling


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("/", "/"),
        ("//", "/"),
        ("/v1", "/v1"),
        ("/v1/v1/", "/v1"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/chat/completions/", "/v1/chat/completions"),
        ("//v1//chat/completions", "/v1/chat/completions"),
        ("/chat/completions", "/v1/chat/completions"),
        ("/chat/completions/", "/v1/chat/completions"),
        ("/v1/v1/chat/completions", "/v1/chat/completions"),
        ("/v1beta/openai/chat/completions", "/v1/chat/completions"),
        ("/v1beta/openai/v1/chat/completions", "/v1/chat/completions"),
        ("/openai/v1/embeddings", "/v1/embeddings"),
        ("/models", "/v1/models"),
        ("/models/google/gemini-2.5-pro", "/v1/models/google/gemini-2.5-pro"),
        ("/responses/resp_1/input_items", "/v1/responses/resp_1/input_items"),
        ("/messages", "/v1/messages"),
        ("/v1/v1/messages/count_tokens", "/v1/messages/count_tokens"),
        ("/images/generations", "/v1/images/generations"),
        ("/audio/speech", "/v1/audio/speech"),
        ("/v1beta/models/m:generateContent", "/v1beta/models/m:generateContent"),
        ("/v1/v1beta/models/m:generateContent", "/v1beta/models/m:generateContent"),
        ("/v1beta/v1alpha/models", "/v1alpha/models"),
        ("/models/m:generateContent", "/v1/models/m:generateContent"),
        ("/chat", "/v1/chat"),
        ("/modelsx", "/modelsx"),
        ("/docs", "/docs"),
        ("/api/gswarm/models", "/api/gswarm/models"),
        ("/api/v1/models", "/api/v1/models"),
    ],
)
def test_a_path_has_one_spelling(spelled: str, meant: str) -> None:
    assert one_spelling(spelled) == meant
    assert one_spelling(meant) == meant
