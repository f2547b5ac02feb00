"""Which models there are, and which of them the pool can serve now."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from ..gemini.aliases import own_names
from ..gemini.models import CATALOGUE, Model, find, resolve
from ..store.accounts import Accounts
from .config import ChatConfig

FRESH_SECONDS = 2.0
"""How long what the accounts can serve is taken for granted."""


class Models:
    """The catalogue, as far as the operator shows it."""

    def __init__(
        self,
        accounts: Accounts,
        preferences: Callable[[], ChatConfig],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = accounts
        self._preferences = preferences
        self._clock = clock
        self._upstreams: frozenset[str] = frozenset()
        self._read_at = 0.0

    @property
    def default(self) -> str:
        """The model of a request that names none."""
        return self._preferences().default_model

    def known(self) -> list[Model]:
        """Every model that is not hidden."""
        hidden = self._preferences().hidden
        return [model for model in CATALOGUE if model.id not in hidden]

    def available(self) -> list[Model]:
        """Those that some usable account's upstream serves."""
        return [model for model in self.known() if self._is_available(model)]

    def own_aliases(self) -> dict[str, Model]:
        """The operator's names for what is available, though it may be hidden itself;
        no patterns."""
        own = own_names(self._preferences().aliases)
        named = {name: find(model) for name, model in own.items()}
        return {
            name: model for name, model in named.items() if self._is_available(model)
        }

    def serving(self, name: str) -> Model | None:
        """The available model that this name, or alias, stands for."""
        if own := self.own_aliases().get(name):
            return own
        model_id = resolve(name, self._preferences().aliases)
        return next((m for m in self.available() if m.id == model_id), None)

    def _is_available(self, model: Model) -> bool:
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        return bool(self._usable_upstreams() & {*model.upstreams_on(today)})

    def _usable_upstreams(self) -> frozenset[str]:
        now = self._clock()
        if now - self._read_at > FRESH_SECONDS:
            self._upstreams = frozenset(
                account.upstream
                for account in self._accounts.all()
                if account.enabled and not account.is_invalid
            )
            self._read_at = now
        return self._upstreams
