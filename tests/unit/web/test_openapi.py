"""The description of the API, made of what the routes say of themselves."""

from __future__ import annotations

import pytest
from flask import Flask

from app import create_app
from gswarm.settings import Settings
from gswarm.web.documentation import documentation_of
from gswarm.web.openapi import describe


@pytest.fixture(scope="module")
def app(embedded_store, tmp_path_factory) -> Flask:
    settings = {
        "REDIS_URL": embedded_store.url,
        "GSWARM_DATA_DIR": str(tmp_path_factory.mktemp("openapi")),
        "ADMIN_PASSWORD": "open sesame",
    }
    return create_app(Settings.from_env(settings))


@pytest.fixture(scope="module")
def described(app):
    return describe(app)


@pytest.fixture(scope="module")
def operations(described):
    """``{(method, path): operation}``."""
    return {
        (method.upper(), path): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_every_route_documents_itself(app):
    silent = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if documentation_of(app.view_functions[rule.endpoint]) is None
    ]

    assert not silent, f"Add @documented to {', '.join(silent)}."


def test_every_operation_says_what_it_does(operations):
    silent = [
        where for where, operation in operations.items() if not operation["summary"]
    ]

    assert not silent, f"Give their views a docstring: {silent}."


def test_operations_have_names_of_their_own(operations):
    names = [operation["operationId"] for operation in operations.values()]

    assert len(set(names)) == len(names)


def test_what_is_behind_a_guard_says_who_may_enter(operations):
    assert operations["GET", "/v1/models"]["security"] == [
        {"apiKey": ["chat"]},
        {"session": []},
    ]
    assert operations["GET", "/api/api-keys"]["security"] == [{"session": []}]
    assert operations["POST", "/api/api-keys"]["security"] == [
        {"session": [], "csrfToken": []}
    ]
    assert operations["GET", "/healthz"]["security"] == []


def test_a_guarded_operation_names_its_refusals(operations):
    change = operations["PATCH", "/api/api-keys/{key_id}"]

    assert set(change["responses"]) == {
        *("200", "400", "401", "403", "404", "408", "413", "503")
    }


def test_refusals_are_in_the_words_of_their_path(operations):
    def shape(method, path):
        refusal = operations[method, path]["responses"]["401"]
        return refusal["content"]["application/json"]["schema"]["$ref"]

    assert shape("POST", "/v1/chat/completions").endswith("/OpenAiError")
    assert shape("POST", "/api/gswarm/generate").endswith("/Error")


def test_bodies_are_as_they_are_checked(described):
    settings = described["components"]["schemas"]["NewApiKey"]

    assert settings["required"] == ["name"]
    assert settings["additionalProperties"] is False
    assert settings["properties"]["rateLimit"] == {
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": 10**12,
    }
    assert "active" not in settings["properties"]


def test_it_is_served_to_anybody(app, described):
    answer = app.test_client().get("/openapi.json")

    assert answer.status_code == 200
    assert answer.json == described
