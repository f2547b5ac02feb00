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
        ("/v1beta/v1alpha/models", "/v1beta/models"),
        ("/v1alpha/models/m", "/v1beta/models/m"),
        ("/gemini/v1beta/models", "/v1beta/models"),
        ("/v1beta/models/models/m", "/v1beta/models/m"),
        ("/v1beta1/publishers/google/models", "/v1beta/models"),
        ("/v1/cachedContents/x", "/v1beta/cachedContents/x"),
        ("/v1/files", "/v1/files"),
        ("/models/m:generateContent", "/v1beta/models/m:generateContent"),
        ("/v1/models/m:generateContent", "/v1beta/models/m:generateContent"),
        ("/v1/models/a/b:countTokens", "/v1beta/models/a/b:countTokens"),
        ("/v1alpha/models/m:embedContent", "/v1beta/models/m:embedContent"),
        (
            "/gemini/v1beta/v1/models/models/m:streamGenerateContent",
            "/v1beta/models/m:streamGenerateContent",
        ),
        (
            "/v1/projects/p/locations/l/publishers/google/models/m:generateContent",
            "/v1beta/models/m:generateContent",
        ),
        ("/v1/models/llama:8b", "/v1/models/llama:8b"),
        ("/v1beta/models/m:frobnicate", "/v1beta/models/m:frobnicate"),
        ("/v1beta/models/:generateContent", "/v1beta/models/:generateContent"),
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
