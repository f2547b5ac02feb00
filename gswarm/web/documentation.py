"""What a route says of itself, where it is declared.

    @api_keys.post("/api-keys")
    @guard.session_required
    @documented(body=NewApiKey, answers={201: MadeApiKey})
    def create_key() -> ...:
        \"\"\"Make an API key. The raw key is shown this once.\"\"\"

`gswarm.web.routes.openapi` makes ``/openapi.json`` of it. Who may call a route is known
from its guard, and a refusal that follows from guard, body or query need not be named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any, TypeAlias, TypeVar

from marshmallow import Schema

from ..errors import Refusal

View = TypeVar("View", bound=Callable[..., Any])

# ``functools.wraps`` hands these on, so decorators come in any order.
DOCUMENTATION = "documentation"
DOOR = "door"


@dataclass(frozen=True, slots=True)
class Media:
    """A body that is not JSON, of this content type: a page, an archive, a stream."""

    type: str


NOTHING = Media("")
"""No body at all: a redirect, for one."""
EVENTS = Media("text/event-stream")
PAGE = Media("text/html")

Shape: TypeAlias = type[Schema] | Media
"""A JSON object as a schema describes it, or something else than JSON."""
Answers: TypeAlias = Shape | tuple[Shape, ...]
"""What the request may choose among."""


@dataclass(frozen=True, slots=True)
class Documentation:
    """A route's own words: what it takes, and what it answers by status."""

    text: str
    query: type[Schema] | None
    body: type[Schema] | None
    takes_list: bool
    answers: Mapping[int, Answers]
    refuses: tuple[type[Refusal], ...]


@dataclass(frozen=True, slots=True)
class Door:
    """Who may call a route: a key of ``scope`` (of ``writes``, for changes), somebody
    who is signed in (``pages``: from a page of ours, also to read), or, where nothing
    is said, anybody."""

    scope: str | None = None
    writes: str | None = None
    sessions: bool = False
    pages: bool = False


def documented(
    *,
    answers: Answers | Mapping[int, Answers],
    query: type[Schema] | None = None,
    body: type[Schema] | None = None,
    takes_list: bool = False,
    refuses: tuple[type[Refusal], ...] = (),
) -> Callable[[View], View]:
    """A decorator: the view's docstring says what it does (the first sentence is its
    title), ``answers`` what comes back: with status 200, or by status.

    With ``takes_list`` the body may be a list of what ``body`` describes, too.
    ``refuses`` names what the view itself refuses, beyond a bad credential, body,
    query, or an unknown thing in the path.
    """

    def note(view: View) -> View:
        by_status = answers if isinstance(answers, Mapping) else {200: answers}
        text = cleandoc(view.__doc__ or "")
        vars(view)[DOCUMENTATION] = Documentation(
            text, query, body, takes_list, by_status, refuses
        )
        return view

    return note


def behind(door: Door, view: View) -> View:
    """The view, with a note that this is its guard."""
    vars(view)[DOOR] = door
    return view


def documentation_of(view: Callable[..., Any]) -> Documentation | None:
    """What a view says of itself; None where it says nothing."""
    found: Documentation | None = vars(view).get(DOCUMENTATION)
    return found


def door_of(view: Callable[..., Any]) -> Door:
    """Who may call a view."""
    found: Door = vars(view).get(DOOR, Door())
    return found
