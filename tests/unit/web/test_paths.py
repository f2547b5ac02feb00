"""Paths told apart by who calls them."""

from __future__ import annotations

import pytest

from gswarm.dialects.table import spoken_at


@pytest.mark.parametrize("path", ["/v1", "/v1/anything", "/api/gswarm/chat"])
def test_openai_paths_speak_openai(path: str) -> None:
    assert spoken_at(path, {})


@pytest.mark.parametrize("path", ["/", "/v10", "/api/gswarm/generate", "/healthz"])
def test_others_do_not(path: str) -> None:
    assert spoken_at(path, {}) is None
