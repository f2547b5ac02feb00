"""Runs the scenarios of one client and says of each, as a line of JSON, how it went."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable

URL = os.environ["GSWARM_URL"]
KEY = os.environ["GSWARM_KEY"]
MODEL = os.environ["GSWARM_MODEL"]

PLAIN = "[[say:Bonjour from the simulator.]] Say hello."
SAID = "Bonjour from the simulator."
LONG = "[[words:200]] Tell me a story."
LONG_WORDS = 200
THINK = "[[thought:**Pondering**\n\nIt is green.]] [[say:Green.]] Which colour?"
THOUGHT = "It is green."
TOOLS = (
    '[[call:get_weather {"city": "Oslo"}]] [[call:get_weather {"city": "Rome"}]] '
    '[[then]] [[call:get_time {"zone": "CET", "hours": 24.0}]] '
    "Where is it warmer, and what time is it?"
)
"""Two calls at once, then one more, then text that repeats what the last one said."""
CALLS = [
    ("get_weather", {"city": "Oslo"}),
    ("get_weather", {"city": "Rome"}),
    ("get_time", {"zone": "CET", "hours": 24}),
]
TIME = "half past twelve"
CITY = "It is 21 degrees in Oslo. Give me the city and the degrees."
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAA"
    "AABJRU5ErkJggg=="
)
SEEN = "image/png of 70 bytes"
CITY_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}
WEATHER_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TIME_SCHEMA = {
    "type": "object",
    "properties": {"zone": {"type": "string"}, "hours": {"type": "integer"}},
    "required": ["zone", "hours"],
    "additionalProperties": False,
}


def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"{city}: {len(city)} degrees"


def get_time(zone: str, hours: int) -> str:
    """The time in a zone, on a clock of so many hours."""
    return f"It is {TIME} in {zone}, of {hours} hours"


def called(name: str, arguments: dict[str, object]) -> str:
    """What a tool answers."""
    tool: Callable[..., str] = {"get_weather": get_weather, "get_time": get_time}[name]
    return tool(**arguments)


def equal(found: object, wanted: object) -> None:
    """Fails with both shown."""
    if found != wanted:
        raise AssertionError(f"found {found!r}, wanted {wanted!r}")


def holds(text: object, part: object) -> None:
    """Fails unless the text holds the part."""
    if str(part) not in str(text):
        raise AssertionError(f"no {part!r} in {str(text)[:300]!r}")


def streamed(pieces: list[str]) -> None:
    """Fails unless a long answer came whole, in several pieces."""
    equal(len("".join(pieces).split()), LONG_WORDS)
    if len(pieces) < 5:
        raise AssertionError(f"only {len(pieces)} pieces")


def refused(kind: type[Exception], ask: Callable[[], object], *words: str) -> None:
    """Fails unless asking raises this very kind, with these words."""
    try:
        ask()
    except kind as error:
        for word in words:
            holds(error, word)
    else:
        raise AssertionError(f"no {kind.__name__}")


def run(**scenarios: Callable[[], None]) -> None:
    """Run them one after the other."""
    for name, scenario in scenarios.items():
        try:
            scenario()
            found = {"scenario": name, "ok": True, "why": ""}
        except Exception as error:  # noqa: BLE001 - whatever a client throws is told
            traceback.print_exc()
            why = f"{type(error).__name__}: {error}"
            found = {"scenario": name, "ok": False, "why": why}
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
