"""How long somebody stays signed in, and who may be by Google's word."""

import pytest
from flask import Flask

from gswarm.settings import Settings
from gswarm.store import secret_files
from gswarm.store.audit import Audit
from gswarm.store.sessions import LIFE_SECONDS, Sessions
from gswarm.store.sign_ins import SignIns
from gswarm.web import headers
from gswarm.web.guards import Guard
from gswarm.web.login import Login, network_of
from gswarm.web.refusals import answer_exception
from gswarm.web.routes import admin

ADMIN = {"username": "admin", "password": "open sesame"}


@pytest.fixture
def gateway(store, clock, tmp_path):
    """``gateway(ADMIN_PASSWORD=…)`` is a process of the gateway with these settings,
    as a client sees it; all of them share one store."""

    def start(**environ):
        environ = {"SESSION_SECRET": "only for these tests", **environ}
        settings = Settings.from_env({"GSWARM_DATA_DIR": str(tmp_path), **environ})
        app = Flask("test")
        headers.init_app(app, settings)
        app.register_error_handler(Exception, answer_exception)
        sessions = Sessions(store, clock=clock)
        guard = Guard(app, None, sessions, store, settings)
        login = Login(
            app,
            settings,
            guard,
            sessions,
            SignIns(store, clock=clock),
            Audit(store, clock=clock),
        )
        app.register_blueprint(admin.blueprint(guard, login))

        @app.post("/by-google/<email>")
        def by_google(email):
            return {"user": login.sign_in(email).user}

        return app.test_client()

    return start


def is_in(client, somebody):
    """Whether ``client`` lets in whoever signed in at ``somebody``."""
    cookie = somebody.get_cookie("gswarm_session")
    client.set_cookie(cookie.key, cookie.value)
    return client.get("/api/admin/session").status_code == 200


def test_a_session_ends_after_a_day(gateway, clock):
    client = gateway(ADMIN_PASSWORD="open sesame")
    client.post("/api/admin/login", json=ADMIN)

    clock.pass_(LIFE_SECONDS - 1)
    assert client.get("/api/admin/session").status_code == 200
    clock.pass_(1)
    assert client.get("/api/admin/session").status_code == 401


def test_a_changed_password_ends_its_sessions(gateway):
    before = gateway(ADMIN_PASSWORD="open sesame")
    before.post("/api/admin/login", json=ADMIN)

    assert is_in(gateway(ADMIN_PASSWORD="open sesame"), before)
    assert not is_in(gateway(ADMIN_PASSWORD="shut sesame"), before)
    renamed = gateway(ADMIN_PASSWORD="open sesame", ADMIN_USERNAME="root")
    assert not is_in(renamed, before)


def test_the_password_made_at_the_first_start_signs_in(gateway, tmp_path):
    settings = Settings.from_env({"GSWARM_DATA_DIR": str(tmp_path)})
    password = secret_files.make_admin_password(settings)
    client = gateway()

    right = client.post("/api/admin/login", json=ADMIN | {"password": password})
    assert right.status_code == 200
    wrong = client.post("/api/admin/login", json=ADMIN)
    assert wrong.status_code == 401
    assert is_in(gateway(), client)


def test_without_any_password_nobody_gets_in(gateway):
    for password in ("x", "None", "admin"):
        given = ADMIN | {"password": password}
        assert gateway().post("/api/admin/login", json=given).status_code == 401


def test_google_vouches_for_admins_alone(gateway):
    client = gateway(GSWARM_ADMIN_EMAILS="alice@example.com, bob@example.com")

    assert client.post("/by-google/Alice@Example.com").json["user"] == (
        "alice@example.com"
    )
    assert client.get("/api/admin/session").json["user"] == "alice@example.com"
    stranger = gateway(GSWARM_ADMIN_EMAILS="alice@example.com")
    assert stranger.post("/by-google/mallory@example.com").status_code == 403
    assert stranger.get("/api/admin/session").status_code == 401


def test_google_vouches_for_nobody_where_nobody_is_named(gateway):
    assert gateway().post("/by-google/alice@example.com").status_code == 403


def test_google_does_not_stand_in_for_the_password(gateway):
    client = gateway(ADMIN_USERNAME="root@example.com", ADMIN_PASSWORD="open sesame")

    assert client.post("/by-google/root@example.com").status_code == 403


def test_who_is_taken_off_the_list_is_out(gateway):
    alice = gateway(GSWARM_ADMIN_EMAILS="alice@example.com")
    alice.post("/by-google/alice@example.com")

    assert is_in(gateway(GSWARM_ADMIN_EMAILS="alice@example.com"), alice)
    assert not is_in(gateway(GSWARM_ADMIN_EMAILS="bob@example.com"), alice)


def test_a_cookie_signed_with_another_secret_is_worth_nothing(gateway):
    elsewhere = gateway(
        SESSION_SECRET="somebody else's secret", ADMIN_PASSWORD="open sesame"
    )
    elsewhere.post("/api/admin/login", json=ADMIN)

    assert not is_in(gateway(ADMIN_PASSWORD="open sesame"), elsewhere)


def test_a_new_secret_signs_and_the_old_one_still_opens(gateway):
    old, new = "a secret of the past", "a secret of today"
    before = gateway(SESSION_SECRET=old, ADMIN_PASSWORD="open sesame")
    before.post("/api/admin/login", json=ADMIN)
    both = gateway(SESSION_SECRET=f"{new},{old}", ADMIN_PASSWORD="open sesame")

    assert is_in(both, before)

    both.post("/api/admin/login", json=ADMIN)
    after = gateway(SESSION_SECRET=new, ADMIN_PASSWORD="open sesame")
    assert is_in(after, both)
    assert not is_in(after, before)


def test_the_cookie_is_secure_where_the_gateway_is(gateway):
    client = gateway(
        GLOBAL_URL="https://swarm.example.com", ADMIN_PASSWORD="open sesame"
    )
    answer = client.post("/api/admin/login", json=ADMIN)

    flags = answer.headers["Set-Cookie"].split("; ")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} < set(flags)


def test_answers_to_programs_do_not_vary_by_cookie(gateway):
    answer = gateway().post("/api/admin/login", json={})

    assert "Vary" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("unix:", "unix:"),
    ],
)
def test_what_one_person_holds_of_the_address_space(address, network):
    assert network_of(address) == network
