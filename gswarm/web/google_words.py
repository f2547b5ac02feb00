"""Google's refusals in the words of this API, for people who look after accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import AuthFailure, Conflict, UpstreamError, Verdict


@contextmanager
def in_googles_words() -> Iterator[None]:
    """Tell whoever is signed in what Google said; clients never hear it."""
    try:
        yield
    except AuthFailure as refusal:
        raise Conflict(refusal.message, code="account_refused") from None
    except Verdict as verdict:
        raise UpstreamError(verdict.message, code="google_unavailable") from None
