"""Who may call a path: the API key of a request, its scopes, and its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Literal, ParamSpec, TypeAlias, TypeVar

from flask import Flask, Request, Response, g, request

from ..admission import Admission
from ..api_key import ApiKey
from ..api_keys import ApiKeys
from ..errors import PermissionDenied
from ..settings import Network
from ..store.connection import Store
from .addresses import client_address

Scope: TypeAlias = Literal["chat", "monitor", "admin"]
Given = ParamSpec("Given")
Answer = TypeVar("Answer")

GEMINI_PATH = re.compile(r"/v1(beta|alpha)\w*/.*|/v1/models/[^:]+:\w+")


class KeyGuard:
    """Lets requests with a good API key through to a view.

    The view finds the key as ``flask.g.api_key``. Views that ask the store themselves
    (chat) are not counted here: they queue the admission on their own pipeline and
    hand it to `admit`.
    """

    def __init__(
        self, app: Flask, keys: ApiKeys, store: Store, trusted: Sequence[Network] = ()
    ) -> None:
        self._keys = keys
        self._store = store
        self._trusted = trusted
        app.after_request(_add_limits)

    def needs(
        self, scope: Scope, *, counts: bool = True
    ) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
        """A decorator: only with a key of this scope, counted as one of its requests.

        Raises what `ApiKeys.identify` raises, `PermissionDenied` without the scope,
        `RateLimitExceeded` beyond the limits.
        """

        def guarded(view: Callable[Given, Answer]) -> Callable[Given, Answer]:
            @wraps(view)
            def checked(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
                g.api_key = self.identify(scope)
                if counts:
                    self._count(g.api_key)
                return view(*args, **kwargs)

            return checked

        return guarded

    def identify(self, scope: Scope) -> ApiKey:
        """The key of the current request, which has the scope."""
        key = self._keys.identify(
            shown_key(request),
            address=client_address(
                request.remote_addr or "",
                request.headers.get("X-Forwarded-For"),
                self._trusted,
            ),
            path=request.path,
        )
        if scope not in key.scopes:
            raise PermissionDenied(f"This API key lacks the scope `{scope}`.")
        return key

    def _count(self, key: ApiKey) -> None:
        with self._store.pipeline() as pipe:
            admission = self._keys.admit(pipe, key, generates=False)
            admit(admission.among(pipe.execute()))


def admit(admission: Admission) -> None:
    """Let the answer carry the key's limits; raises the refusal if there is one."""
    g.admission = admission
    admission.check()


def shown_key(shown: Request) -> str | None:
    """The key a request shows, wherever its dialect puts it.

    ``Authorization: Bearer`` (OpenAI), ``x-api-key`` (Anthropic), ``x-goog-api-key``
    and, on Gemini's own paths alone, ``?key=``: queries end up in other people's logs.
    """
    scheme, _, bearer = shown.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return bearer.strip()
    key = shown.headers.get("x-api-key") or shown.headers.get("x-goog-api-key")
    if not key and GEMINI_PATH.fullmatch(shown.path):
        key = shown.args.get("key")
    return key or None


def _add_limits(response: Response) -> Response:
    admission: Admission | None = g.get("admission")
    if admission:
        response.headers.update(admission.headers)
    return response
