"""What an honest client of Google does, in a few lines."""

from __future__ import annotations

from typing import Any

import requests

from tests.simulator_process import Simulator

GREETING = {"contents": [{"role": "user", "parts": [{"text": "Say hello"}]}]}


class Client:
    """An account's own view of Google: it signs in once, then just asks."""

    def __init__(
        self, google: Simulator, http: requests.Session, entry: dict[str, Any]
    ) -> None:
        self.google = google
        self.http = http
        self.entry = entry
        self.headers = {"Authorization": f"Bearer {self.refresh()['access_token']}"}

    def token(self, **form: str) -> requests.Response:
        """Ask the token endpoint."""
        ours = {name: self.entry[name] for name in ("client_id", "client_secret")}
        return self.http.post(f"{self.google.url}/token", data=ours | form, timeout=5)

    def refresh(self) -> dict[str, Any]:
        """A fresh access token with all that comes with it."""
        reply = self.token(
            grant_type="refresh_token", refresh_token=self.entry["refresh_token"]
        )
        reply.raise_for_status()
        answer: dict[str, Any] = reply.json()
        return answer

    def get(self, path: str, **params: Any) -> requests.Response:
        """GET with the access token."""
        url = self.google.url + path
        return self.http.get(url, params=params, headers=self.headers, timeout=5)

    def post(self, path: str, body: Any, **options: Any) -> requests.Response:
        """POST JSON with the access token."""
        url = self.google.url + path
        return self.http.post(
            url, json=body, headers=self.headers, timeout=5, **options
        )

    def generate(
        self,
        request: dict[str, Any] | None = None,
        *,
        model: str = "gemini-2.5-flash",
        project: str = "alice-01",
    ) -> requests.Response:
        """One unary call through Code Assist."""
        body = {"model": model, "project": project, "request": request or GREETING}
        return self.post("/v1internal:generateContent", body)

    def stream(
        self,
        request: dict[str, Any] | None = None,
        *,
        model: str = "gemini-2.5-flash",
        project: str = "alice-01",
    ) -> requests.Response:
        """One streamed call through Code Assist, its body unread."""
        body = {"model": model, "project": project, "request": request or GREETING}
        path = "/v1internal:streamGenerateContent?alt=sse"
        return self.post(path, body, stream=True)
