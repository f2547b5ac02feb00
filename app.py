"""The assembly: every part of the gateway is made and joined on this page."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Flask

from gswarm.admission import limits_in
from gswarm.api_keys import ApiKeys
from gswarm.credentials import Credentials
from gswarm.gemini.models import DEFAULT_ALIASES
from gswarm.google.cloudcode import CloudCode
from gswarm.google.endpoints import Endpoints
from gswarm.google.gemini_api import GeminiApi
from gswarm.google.oauth import OAuth, OAuthClient
from gswarm.google.rest import Rest
from gswarm.google.wire import Timeouts, Wire
from gswarm.media import Fetcher
from gswarm.pool import Pool
from gswarm.relay import Relay
from gswarm.settings import Settings
from gswarm.store import claims, leases, secret_files
from gswarm.store.accounts import Accounts
from gswarm.store.audit import Audit
from gswarm.store.config import Config, defaults
from gswarm.store.connection import Store, connect
from gswarm.store.embedded import socket_url
from gswarm.store.locks import Locks
from gswarm.store.pulse import Pulse
from gswarm.store.sealing import Seal
from gswarm.store.sessions import Sessions
from gswarm.store.sign_ins import SignIns
from gswarm.web import (
    access,
    admin,
    api_keys,
    audit_log,
    gswarm_api,
    headers,
    health,
    logs,
    openai,
    openapi,
    pages,
)
from gswarm.web.chat import Chat
from gswarm.web.guards import Guard
from gswarm.web.lifecycle import Parts
from gswarm.web.login import Login
from gswarm.web.models import Models
from gswarm.web.paths import OneSpelling
from gswarm.web.preferences import following
from gswarm.web.questions import Questions
from gswarm.web.refusals import answer_exception
from gswarm.web.running import Running


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
    config = Config(store, defaults(settings, DEFAULT_ALIASES))
    lease = leases.Lease(store, clock=clock)
    seal = Seal(settings.encryption_key)
    accounts = Accounts(store, seal, clock=clock)
    keys = ApiKeys(
        store, limits=lambda: limits_in(config.values["rateLimit"]), clock=clock
    )

    google = Endpoints.at(settings.google_base_url, settings.code_assist_endpoint)
    oauth, client = OAuth(Rest(), google, clock), OAuthClient.of(settings)
    wire = Wire(Timeouts.of(settings))
    upstreams = {u.name: u for u in (CloudCode(wire, google), GeminiApi(wire, google))}
    relay = Relay(
        Pool(
            store,
            lease,
            cooldown=lambda: config.cooldown,
            quota_scope=settings.quota_scope,
            max_wait_seconds=settings.max_wait_seconds,
            clock=clock,
        ),
        Credentials(accounts, Locks(store), seal, oauth, client=client, clock=clock),
        upstreams,
        max_attempts=settings.max_attempts,
        request_timeout=settings.request_timeout,
        max_wait_seconds=settings.max_wait_seconds,
        clock=clock,
    )

    app = Flask("gswarm", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.wsgi_app = OneSpelling(app.wsgi_app)  # type: ignore[method-assign]
    app.register_error_handler(Exception, answer_exception)
    headers.init_app(app, settings)
    access.init_app(app)
    running, preferences = Running(), following(config)
    guard = Guard(app, keys, store, settings)
    audit = Audit(store, clock=clock)
    sessions, sign_ins = Sessions(store, clock=clock), SignIns(store, clock=clock)
    login = Login(app, settings, guard, sessions, sign_ins, audit)
    chat = Chat(app, store, keys, relay, running, preferences)
    questions = Questions(settings, keys, preferences, Fetcher(), chat)
    models = Models(accounts, preferences, clock=clock)
    for blueprint in (
        openai.blueprint(guard, questions, models),
        gswarm_api.blueprint(guard, questions, models),
        admin.blueprint(guard, login),
        audit_log.blueprint(guard, audit),
        api_keys.blueprint(guard, keys, audit),
        health.blueprint(store),
        openapi.blueprint(),
        pages.blueprint(),
    ):
        app.register_blueprint(blueprint)

    pulse = Pulse()
    pulse.every(leases.RENEW_SECONDS, lease.renew)
    pulse.every(leases.RENEW_SECONDS, keys.renew)
    pulse.every(1.0, config.refresh)
    app.extensions["gswarm"] = Parts(running, pulse, lease)
    return app
