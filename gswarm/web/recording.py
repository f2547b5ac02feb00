"""Every question gets its record, however early it is refused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g, request

from ..errors import StoreUnavailable
from ..monitoring.record import Entry
from ..monitoring.request_log import RequestLog
from ..store.connection import Store
from .spoken import spoken_here

logger = logging.getLogger(__name__)

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

OWN_DIALECT = "gswarm"
"""Of ``/api/gswarm/generate``."""


class Recording:
    """Opens an entry in the log for each request, and closes it if nobody else does.

    Whoever answers (chat) closes it in a round trip that has to be made anyway.
    """

    def __init__(self, store: Store, ledger: RequestLog) -> None:
        self._store = store
        self._ledger = ledger

    def recorded(self, view: Callable[Given, Answer]) -> Callable[Given, Answer]:
        """A decorator, outside of the guard: the view finds its entry as
        ``flask.g.entry``."""

        @wraps(view)
        def noted(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            g.entry = self._ledger.open(
                g.request_id, str(request.url_rule), request.method
            )
            spoken = spoken_here()
            g.entry.dialect = spoken.name if spoken else OWN_DIALECT
            try:
                return view(*args, **kwargs)
            except BaseException as error:
                self._close(g.entry, error)
                raise

        return noted

    def _close(self, entry: Entry, error: BaseException) -> None:
        """A store that is gone costs the record, never the answer."""
        if entry.is_written or isinstance(error, StoreUnavailable):
            return
        entry.key, entry.key_id = g.get("key_name"), g.get("key_id")
        try:
            with self._store.pipeline() as pipe:
                self._ledger.close(pipe, entry, error=error)
                pipe.execute()
        except StoreUnavailable:
            logger.warning("The store is gone: a request was not recorded.")
