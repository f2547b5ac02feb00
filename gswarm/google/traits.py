"""What each upstream is like, for those who deal with its accounts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traits:
    """``uses_oauth``: its credential is a Google account's, whose access tokens end and
    are refreshed; else it is an API key for good. ``has_projects``: they are listed,
    made and enabled at Google. ``tells_quota``: it says how much of its quotas is left.
    """

    name: str
    uses_oauth: bool
    has_projects: bool
    tells_quota: bool


CLOUDCODE = Traits("cloudcode", uses_oauth=True, has_projects=True, tells_quota=True)
GEMINI_API = Traits(
    "gemini_api", uses_oauth=False, has_projects=False, tells_quota=False
)

TRAITS = {each.name: each for each in (CLOUDCODE, GEMINI_API)}


def traits_of(upstream: str) -> Traits:
    """The traits of an upstream, by its name."""
    return TRAITS[upstream]
