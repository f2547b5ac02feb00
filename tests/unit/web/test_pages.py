"""The static pages and their files."""

from __future__ import annotations

import re
from functools import partial

import pytest
from flask import Flask

from gswarm.settings import Settings
from gswarm.web import headers, pages
from gswarm.web.refusals import answer_exception


@pytest.fixture(scope="module")
def get():
    """Asks for a path and reads the answer to its end, as a file must be closed."""
    app = Flask("test", static_folder=None)
    headers.init_app(app, Settings())
    app.register_error_handler(Exception, answer_exception)
    app.register_blueprint(pages.blueprint())
    return partial(app.test_client().get, buffered=True)


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_is_html_under_a_strict_policy(get, path):
    answer = get(path)

    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", answer.text)


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_needs_nothing_from_elsewhere(get, path):
    wanted = re.findall(r'<(?:link|script)[^>]*(?:href|src)="([^"]+)"', get(path).text)

    assert all(each.startswith("/static/") for each in wanted)
    assert all(get(each).status_code == 200 for each in wanted)


def test_modules_come_with_the_type_that_browsers_insist_on(get):
    assert get("/static/docs/docs.js").mimetype == "text/javascript"
    assert get("/static/docs/docs.css").mimetype == "text/css"


def test_an_unchanged_file_is_not_sent_again(get):
    first = get("/static/docs/docs.js")
    again = get(
        "/static/docs/docs.js", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert first.headers["Cache-Control"] == "no-cache"
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["none.js", "../app.py", "%2e%2e/app.py", "docs", ""])
def test_nothing_else_is_given_out(get, name):
    answer = get(f"/static/{name}")

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
