"""Credentials taken out of words that are not ours: Google quotes what it was shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

HIDDEN = "[hidden]"
SHORTEST = 8
"""Characters; a shorter secret would be found in ordinary words."""

_SHAPES = re.compile(
    r"""
      \bya29\.[\w.~+/-]{8,}                       # Google's access tokens,
    | \b1//[\w-]{16,}                             # refresh tokens,
    | \b4/[\w-]{20,}                              # codes of a consent,
    | \bAIza[\w-]{16,} | \bAQ\.[\w-]{16,}         # API keys,
    | \bGOCSPX-[\w-]{8,}                          # clients' secrets
    | \bsk-[\w-]{16,}                             # our keys, OpenAI's, Anthropic's
    | \beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?      # JSON Web Tokens
    | -----BEGIN[ ][A-Z ]{0,30}PRIVATE[ ]KEY-----[^"]*
    """,
    re.VERBOSE,
)
_NAMED = re.compile(
    r"""
    ( \b(?: bearer | access_token | refresh_token | id_token | client_secret
          | api_key | x-goog-api-key | private_key | assertion | password )
      ["']? (?: \s*[:=]\s* | \s+ ) ["']? )
    (?= [^\s"'&,;}]{8,} ) [^\s"'&,;}]+
    """,
    re.VERBOSE | re.IGNORECASE,
)


def secrets_in(headers: Mapping[str, str]) -> Iterator[str]:
    """The credentials that a request shows to Google."""
    for name, value in headers.items():
        if name.lower() in ("authorization", "x-goog-api-key"):
            yield value.removeprefix("Bearer ")


def redacted(text: str, known: Iterable[str] = ()) -> str:
    """The text without what looks like a credential, and without the ``known`` ones."""
    for secret in known:
        if len(secret) >= SHORTEST:
            text = text.replace(secret, HIDDEN)
    return _NAMED.sub(_named, _SHAPES.sub(HIDDEN, text))


def _named(found: re.Match[str]) -> str:
    """``password must be`` is no password: one word in small letters stays."""
    value = found[0][len(found[1]) :]
    is_word = value.rstrip(".:!?)").isalpha() and value == value.lower()
    return found[0] if is_word else found[1] + HIDDEN
