"""Paths told apart by who calls them."""

from __future__ import annotations

import pytest

from gswarm.dialects.table import spoken_at
from gswarm.web.paths import OneSpelling


@pytest.mark.parametrize("path", ["/v1", "/v1/anything", "/api/gswarm/chat"])
def test_openai_paths_speak_openai(path: str) -> None:
    assert spoken_at(path, {})


@pytest.mark.parametrize("path", ["/", "/v10", "/api/gswarm/generate", "/healthz"])
def test_others_do_not(path: str) -> None:
    assert spoken_at(path, {}) is None


def spelled(path: str, query: str = "", **headers: str) -> str:
    """The path that the app is asked for, whatever the client wrote."""
    seen: list[str] = []
    environ = {"PATH_INFO": path, "QUERY_STRING": query, **headers}
    OneSpelling(lambda environ, _: seen.append(environ["PATH_INFO"]) or [])(
        environ, lambda *_: lambda data: None
    )
    return seen[0]


KEY = {"HTTP_X_GOOG_API_KEY": "k"}


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/m", "/v1/files"])
def test_what_clients_share_is_geminis_by_the_signs_of_its_clients(path):
    geminis = path.replace("/v1/", "/v1beta/")

    assert spelled(path) == path
    assert spelled(path, HTTP_AUTHORIZATION="Bearer k") == path
    assert spelled(path, HTTP_X_API_KEY="k") == path
    assert spelled(path, "monkey=1") == path
    assert spelled(path, **KEY) == geminis
    assert spelled(path, HTTP_X_GOOG_API_CLIENT="x") == geminis
    assert spelled(path, "pageSize=2&key=k") == geminis
    assert spelled(path, HTTP_ANTHROPIC_VERSION="2023-06-01", **KEY) == path


def test_what_is_not_shared_stays_where_it_is():
    assert spelled("/v1/chat/completions", **KEY) == "/v1/chat/completions"
