"""Somebody at the dashboard, without a browser.

admin = sign_in(gateway.url)
admin.post("/api/admin/logout")
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import requests

PASSWORD = "correct horse"


class Dashboard(requests.Session):
    """Keeps its cookies and takes paths of one gateway; each its own person."""

    def __init__(self, home: str) -> None:
        super().__init__()
        self.trust_env = False
        self.home = home

    def request(
        self, method: str, url: str, *args: Any, **options: Any
    ) -> requests.Response:
        return super().request(method, urljoin(self.home, url), *args, **options)

    def log_in(
        self, username: str = "admin", password: str = PASSWORD, **options: Any
    ) -> requests.Response:
        """Try a password; where it was right, every later request shows the token."""
        given = {"username": username, "password": password}
        answer = self.post("/api/admin/login", json=given, **options)
        if answer.ok:
            self.headers["X-CSRF-Token"] = answer.json()["csrfToken"]
        return answer


def sign_in(home: str, password: str = PASSWORD) -> Dashboard:
    """Somebody who is signed in, with their CSRF token."""
    dashboard = Dashboard(home)
    dashboard.log_in(password=password).raise_for_status()
    return dashboard
