"""One spelling for every path."""

from __future__ import annotations

import pytest

from gswarm.web.paths import one_spelling, speaks_openai


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("/", "/"),
        ("//", "/"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/chat/completions/", "/v1/chat/completions"),
        ("//v1//chat/completions", "/v1/chat/completions"),
        ("/chat/completions", "/v1/chat/completions"),
        ("/chat/completions/", "/v1/chat/completions"),
        ("/models", "/v1/models"),
        ("/models/google/gemini-2.5-pro", "/v1/models/google/gemini-2.5-pro"),
        ("/modelsx", "/modelsx"),
        ("/chat", "/chat"),
        ("/api/gswarm/models", "/api/gswarm/models"),
    ],
)
def test_a_path_has_one_spelling(spelled: str, meant: str) -> None:
    assert one_spelling(spelled) == meant


@pytest.mark.parametrize("path", ["/v1", "/v1/anything", "/api/gswarm/chat"])
def test_openai_paths_speak_openai(path: str) -> None:
    assert speaks_openai(path)


@pytest.mark.parametrize("path", ["/", "/v10", "/api/gswarm/generate", "/healthz"])
def test_others_do_not(path: str) -> None:
    assert not speaks_openai(path)
