"""The assembly: the web is made here, upon the rooms below it."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Flask

from gswarm.chat.media import Fetcher
from gswarm.gateway import build_gateway
from gswarm.google.http.resolver import Resolver
from gswarm.settings import Settings
from gswarm.store import claims, secret_files
from gswarm.store.connection import Store, connect
from gswarm.store.embedded import socket_url
from gswarm.web import headers, pages
from gswarm.web.bodies import UnreadBodies
from gswarm.web.chat import Answers
from gswarm.web.chat_requests import Questions
from gswarm.web.guards import Guard
from gswarm.web.login import Login
from gswarm.web.oauth import SignInByGoogle
from gswarm.web.paths import OneSpelling
from gswarm.web.recording import Recording
from gswarm.web.refusals import answer_exception
from gswarm.web.routes import (
    account_files,
    accounts,
    admin,
    anthropic,
    api_keys,
    audit_log,
    auth,
    bench,
    config,
    credentials,
    dashboard,
    errors,
    gemini,
    gemini_refused,
    gswarm_api,
    health,
    jobs,
    metrics,
    metrics_export,
    model_list,
    openai,
    openapi,
    project_jobs,
    projects,
    prometheus,
    request_log,
    responses,
    status,
    stored_responses,
)
from gswarm.web.routes.jobs import Starter
from gswarm.web.server import access_log, logs
from gswarm.web.server.in_flight import InFlight
from gswarm.web.server.shutdown import Parts


def create_app(
    settings: Settings,
    *,
    store: Store | None = None,
    clock: Callable[[], float] = time.time,
) -> Flask:
    """Make the app. Raises `SettingsError` where it cannot work as it is set up."""
    logs.configure(settings)
    settings = secret_files.complete(settings)
    store = store or connect(settings.redis_url or socket_url(settings.data_dir))
    claims.claim_secrets(store, settings)
    gateway = build_gateway(settings, store, clock=clock)
    audit, ledger, models = gateway.audit, gateway.ledger, gateway.models
    preferences, in_flight = gateway.preferences, InFlight()

    app = Flask("gswarm", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.wsgi_app = OneSpelling(app.wsgi_app)  # type: ignore[method-assign]
    app.register_error_handler(Exception, answer_exception)
    headers.init_app(app, settings)
    access_log.init_app(app)
    guard = Guard(app, gateway.keys, gateway.sessions, store, settings)
    login = Login(app, settings, guard, gateway.sessions, gateway.sign_ins, audit)
    visiting = SignInByGoogle(
        guard, login, gateway.visits, gateway.linking, audit, settings
    )
    recording = Recording(store, ledger)
    answers = Answers(app, gateway.chat, in_flight)
    questions = Questions(
        settings,
        gateway.keys,
        preferences,
        Fetcher(resolve=Resolver()),
        answers,
        recording,
    )
    memory_of = responses.memories(gateway.memories, preferences)
    starter = Starter(gateway.jobs, audit)
    for blueprint in (
        openai.blueprint(guard, questions),
        responses.blueprint(guard, questions, memory_of),
        stored_responses.blueprint(guard, memory_of),
        anthropic.blueprint(guard, questions),
        model_list.blueprint(guard, models),
        gemini.blueprint(guard, questions, models, gateway.token_count),
        gemini_refused.blueprint(guard),
        gswarm_api.blueprint(guard, questions, models),
        admin.blueprint(guard, login),
        audit_log.blueprint(guard, audit),
        api_keys.blueprint(guard, gateway.keys, audit),
        auth.blueprint(guard, login, visiting),
        accounts.blueprint(guard, gateway, audit),
        account_files.blueprint(guard, gateway, audit),
        credentials.blueprint(guard, gateway, audit),
        projects.blueprint(guard, gateway, preferences, audit),
        project_jobs.blueprint(guard, gateway, preferences, starter),
        bench.blueprint(guard, preferences, starter),
        jobs.blueprint(guard, gateway.jobs),
        metrics.blueprint(guard, ledger, gateway.quotas.describe),
        metrics_export.blueprint(guard, ledger, gateway.quotas.describe),
        request_log.blueprint(guard, ledger),
        dashboard.blueprint(guard, ledger, gateway.pool, models),
        prometheus.blueprint(guard, ledger, gateway.pool, settings.metrics_token),
        status.blueprint(
            guard, gateway.watch, gateway.events, in_flight, gateway.quotas
        ),
        config.blueprint(guard, gateway.config, audit),
        errors.blueprint(guard, gateway.incidents, audit),
        health.blueprint(store),
        openapi.blueprint(),
        pages.blueprint(),
    ):
        app.register_blueprint(blueprint)

    app.extensions["gswarm"] = Parts(
        in_flight,
        gateway.tasks,
        gateway.slow_tasks,
        gateway.lease,
        UnreadBodies(int(settings.max_body_mb * 2**20)),
    )
    return app
