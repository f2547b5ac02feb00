"""The description of the API, made of what the routes say of themselves."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from flask import Flask

from app import create_app
from gswarm.dialects.table import spoken_at
from gswarm.keys.api_keys import ApiKeys
from gswarm.settings import Settings
from gswarm.store.connection import connect
from gswarm.web.documentation import documentation_of
from gswarm.web.routes.openapi import describe

OPEN = {
    ("GET", "/"),
    ("GET", "/docs"),
    ("GET", "/static/{name}"),
    ("GET", "/openapi.json"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/api/admin/login"),
    ("POST", "/api/admin/login"),
    ("GET", "/api/auth/google"),
    ("GET", "/api/auth/callback"),
    ("POST", "/api/auth/login"),
}
"""Where anybody may come in. Everything else has a guard."""


@pytest.fixture(scope="module")
def kept(embedded_store):
    """The app's store, empty."""
    with closing(connect(embedded_store.url)) as kept:
        kept.flushall()
        yield kept


@pytest.fixture(scope="module")
def app(kept, tmp_path_factory) -> Flask:
    folder = str(tmp_path_factory.mktemp("openapi"))
    settings = {"GSWARM_DATA_DIR": folder, "ADMIN_PASSWORD": "open sesame"}
    return create_app(Settings.from_env(settings), store=kept)


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
        {"session": [], "csrfToken": []},
    ]
    assert operations["GET", "/api/gswarm/models"]["security"] == [
        {"apiKey": ["monitor"]},
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
        *("200", "400", "401", "403", "404", "408", "413", "414", "415", "503")
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


def test_a_body_may_be_one_or_a_list(operations):
    body = operations["POST", "/api/accounts/import"]["requestBody"]
    one = {"$ref": "#/components/schemas/Import"}

    assert body["content"]["application/json"]["schema"] == {
        "oneOf": [one, {"type": "array", "items": one}]
    }


def test_it_is_served_to_anybody(app, described):
    answer = app.test_client().get("/openapi.json")

    assert answer.status_code == 200
    assert answer.json == described


# ------------------------------------------------------------- held to by every route


def error_of(answer):
    assert answer.mimetype == "application/json"
    return answer.status_code, answer.json["error"]["code"]


def ask(app, method, path, client=None, **options):
    path = re.sub(r"{\w+}", "some", path)
    body = {} if method in ("POST", "PATCH", "PUT") else None
    return (client or app.test_client()).open(path, method=method, json=body, **options)


def refused_with(path):
    """Google's clients are told of a missing key as Google tells them."""
    spoken = spoken_at(path, {})
    return 403 if spoken and spoken.name == "gemini" else 401


def test_nothing_is_open_by_mistake(operations):
    unguarded = {
        where for where, operation in operations.items() if not operation["security"]
    }

    assert unguarded == OPEN


def test_nobody_enters_without_a_credential(app, operations):
    answers = {
        where: ask(app, *where)
        for where, operation in operations.items()
        if operation["security"]
    }

    assert {
        where: answer.status_code
        for where, answer in answers.items()
        if answer.status_code != refused_with(where[1])
    } == {}
    assert all(body_of(answer)["error"]["message"] for answer in answers.values())


def body_of(answer):
    """An array of one is how Google answers where the answer is an array."""
    [body] = answer.json if isinstance(answer.json, list) else [answer.json]
    return body


def test_no_key_enters_where_a_session_is_needed(app, operations, kept):
    _, key = ApiKeys(kept).create(name="all", scopes=["chat", "monitor", "admin"])
    shown = {"Authorization": f"Bearer {key}"}
    answers = {
        where: error_of(ask(app, *where, headers=shown))
        for where, operation in operations.items()
        if operation["security"]
        and not any("apiKey" in way for way in operation["security"])
    }

    assert set(answers.values()) == {(401, "not_signed_in")}


def test_no_session_changes_anything_without_its_csrf_token(app, operations):
    admin = app.test_client()
    given = {"username": "admin", "password": "open sesame"}
    assert admin.post("/api/admin/login", json=given).status_code == 200
    answers = {
        where: ask(app, *where, client=admin).status_code
        for where, operation in operations.items()
        if any("csrfToken" in way for way in operation["security"])
    }

    assert answers
    assert set(answers.values()) == {403}


def test_a_method_that_a_path_does_not_take_is_refused_in_json(app, operations):
    paths = {path for _, path in operations if path.startswith(("/api/", "/v1/"))}
    taken = {
        (method, path)
        for path in paths
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if (method, path) not in operations
    }
    answers = {where: ask(app, *where) for where in taken}

    assert {
        where: answer.status_code
        for where, answer in answers.items()
        if answer.status_code != 405 or answer.mimetype != "application/json"
    } == {}
    assert all(answer.headers["Allow"] for answer in answers.values())


@pytest.mark.parametrize("path", ["/api", "/api/none", "/api/gswarm/none", "/v1/none"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_refused_in_json(app, method, path):
    assert error_of(ask(app, method, path)) == (404, "unknown_url")


def test_no_management_body_takes_a_field_that_nobody_knows(app, described):
    asked = [
        (method, re.sub(r"{\w+}", "none", path))
        for path, methods in described["paths"].items()
        for method in methods.keys() & {"post", "patch", "put"}
        if path.startswith("/api/") and path != "/api/gswarm/chat"
    ]
    client = app.test_client()
    given = {"username": "admin", "password": "open sesame"}
    token = client.post("/api/admin/login", json=given).json["csrfToken"]

    def refused(method: str, path: str) -> bool:
        headers = {"X-CSRF-Token": token}
        reply = client.open(path, method=method, headers=headers, json={"nobodys": 1})
        details = reply.json["error"].get("details") or {}
        return reply.status_code == 400 and "nobodys" in details

    assert len(asked) > 20
    assert [each for each in asked if not refused(*each)] == []
