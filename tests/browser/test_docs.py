"""The API's description, as a browser shows it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.gateway_process import start_gateway

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"),
    *("--virtual-time-budget=5000", "--dump-dom"),
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH"),
]


def test_the_docs_show_every_path_without_complaint():
    with start_gateway("http://127.0.0.1:9", workers=1) as gateway:
        paths = gateway.get("/openapi.json").json()["paths"]
        shown = subprocess.run(
            [CHROMIUM, *OPTIONS, f"{gateway.url}/docs"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )

    assert [path for path in paths if f"<code>{path}</code>" not in shown.stdout] == []
    assert "a dashboard session and its X-CSRF-Token" in shown.stdout
    assert [line for line in shown.stderr.splitlines() if "CONSOLE" in line] == []
