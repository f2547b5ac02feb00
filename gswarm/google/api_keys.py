"""Ask the Gemini API whether an API key is good."""

from __future__ import annotations

from .endpoints import Endpoints
from .json_client import JsonClient


class ApiKeyCheck:
    """Lists one model: the cheapest thing that needs a key."""

    def __init__(self, rest: JsonClient, endpoints: Endpoints) -> None:
        self._rest = rest
        self._models = f"{endpoints.gemini_api}/v1beta/models"

    def check(self, api_key: str) -> None:
        """Raises the `Verdict` of a key that is refused."""
        self._rest.get_with_key(self._models, api_key, pageSize="1")
