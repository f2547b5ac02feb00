"""The assembly: every part of the gateway is made and joined on this page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from gswarm.settings import Settings
from gswarm.store import secret_files
from gswarm.store.connection import Store, connect
from gswarm.store.embedded import socket_url
from gswarm.web import access, headers, health, logs, pages, refusals
from gswarm.web.paths import OneSpelling
from gswarm.web.running import Running


@dataclass(frozen=True)
class Parts:
    """What the worker process needs to know of the app."""

    running: Running

    def pulse(self) -> None: ...

    def leave(self) -> None: ...


def create_app(settings: Settings, *, store: Store | None = None) -> Flask:
    """Make the app. Raises `SettingsError` where it cannot work as it is set up."""
    logs.configure(settings)
    settings = secret_files.complete(settings)
    store = store or connect(settings.redis_url or socket_url(settings.data_dir))
    running = Running()

    app = Flask("gswarm", static_folder=None)
    app.wsgi_app = OneSpelling(app.wsgi_app)  # type: ignore[method-assign]
    headers.init_app(app, settings)
    access.init_app(app)
    refusals.init_app(app)
    app.register_blueprint(health.blueprint(store))
    app.register_blueprint(pages.blueprint())
    app.extensions["gswarm"] = Parts(running)
    return app
