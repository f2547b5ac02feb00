"""Who may scrape."""

import pytest
from flask import Flask

from gswarm.keys.api_keys import ApiKeys
from gswarm.monitoring.request_log import RequestLog
from gswarm.settings import Settings
from gswarm.store.sessions import Sessions
from gswarm.web import headers
from gswarm.web.guards import Guard
from gswarm.web.refusals import answer_exception
from gswarm.web.routes import prometheus

TOKEN = "only for scrapers"


@pytest.fixture
def keys(store):
    return ApiKeys(store)


@pytest.fixture
def make_client(store, keys, pool):
    def make(token):
        settings = Settings.from_env({"METRICS_TOKEN": token} if token else {})
        app = Flask("test")
        headers.init_app(app, settings)
        app.register_error_handler(Exception, answer_exception)
        guard = Guard(app, keys, Sessions(store), store, settings)
        ledger = RequestLog(store)
        app.register_blueprint(prometheus.blueprint(guard, ledger, pool, token))
        return app.test_client()

    return make


def status(client, shown):
    headers = {"Authorization": f"Bearer {shown}"} if shown else {}
    return client.get("/metrics", headers=headers).status_code


def test_the_token_opens_metrics(make_client):
    assert status(make_client(TOKEN), TOKEN) == 200
    assert status(make_client(TOKEN), TOKEN + "?") == 401
    assert status(make_client(TOKEN), None) == 401


def test_without_a_token_only_keys_do(make_client, keys):
    client = make_client(None)
    assert status(client, "None") == 401
    assert status(client, "") == 401
    assert status(client, keys.create(name="grafana", scopes=["monitor"])[1]) == 200
    assert status(client, keys.create(name="chat", scopes=["chat"])[1]) == 403


def test_scrapes_are_not_held_against_a_key(make_client, keys):
    _, key = keys.create(name="grafana", rate_limit=1, scopes=["monitor"])
    client = make_client(None)
    assert [status(client, key) for _ in range(3)] == [200] * 3
