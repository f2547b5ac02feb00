"""The demo that clients are put in front of: a gateway, and a Google to look into."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.gateway_process import Gateway, start_gateway
from tests.simulator_process import Simulator, start_simulator

MODEL = "gemini-3.5-flash"


@dataclass(frozen=True, slots=True)
class Stage:
    """``folder`` is empty, and another for each client."""

    gateway: Gateway
    google: Simulator
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        """What every client is told."""
        return {
            "GSWARM_URL": self.gateway.url,
            "GSWARM_KEY": self.gateway.key,
            "GSWARM_MODEL": MODEL,
        }

    def access_token(self) -> str:
        """One of the simulator's first account."""
        account = self.google.accounts()[0]
        names = ("client_id", "client_secret", "refresh_token")
        form = {name: account[name] for name in names}
        form["grant_type"] = "refresh_token"
        reply = self.gateway.http.post(f"{self.google.url}/token", data=form)
        token: str = reply.json()["access_token"]
        return token

    def complaints(self, since: int) -> list[str]:
        """What Google had to refuse, or took with a bypass, since that call."""
        calls = self.google.calls(since)
        found = [
            f"Google refused {call['method']} with {call['status']}"
            for call in calls
            if call["status"] == 400
        ]
        stood: Counter[str] = Counter()
        for call in calls:
            stood.update(call["signatures"])
        found += [
            f"{n} calls signed {kind}" for kind, n in stood.items() if kind != "real"
        ]
        return found

    def calls_so_far(self) -> int:
        """The number of Google's last call."""
        return max((call["n"] for call in self.google.calls(brief=True)), default=0)


@contextlib.contextmanager
def set_stage() -> Iterator[tuple[Gateway, Simulator]]:
    """Start both; two workers, so that nothing is only remembered in one."""
    with start_simulator() as google, start_gateway(google, workers=2) as gateway:
        problems = gateway.import_entries(google.api_keys())
        assert not any(problems), problems
        yield gateway, google


@contextlib.contextmanager
def stage_for(gateway: Gateway, google: Simulator) -> Iterator[Stage]:
    """A fresh folder for one client."""
    with tempfile.TemporaryDirectory(prefix="gswarm-client-") as folder:
        yield Stage(gateway, google, Path(folder))
