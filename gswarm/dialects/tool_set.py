"""The tools of one request as Gemini takes them, whatever dialect declared them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..gemini.generation import Generation
from ..gemini.model import Model
from ..gemini.request import Body


@dataclass(slots=True)
class ToolSet:
    """``declared`` holds functions by the names Gemini knows them by, ``built_in``
    Google's own tools, ``choice`` is the ``functionCallingConfig``."""

    declared: dict[str, Body] = field(default_factory=dict)
    built_in: dict[str, Body] = field(default_factory=dict)
    choice: Body | None = None

    def __bool__(self) -> bool:
        return bool(self.declared or self.built_in)

    @property
    def are_off(self) -> bool:
        """Whether the client wants none of them used."""
        return self.choice is not None and self.choice["mode"] == "NONE"

    def parameters(self) -> dict[str, Body]:
        """The declared schemas of the functions that have parameters."""
        return {
            name: declaration["parametersJsonSchema"]
            for name, declaration in self.declared.items()
            if "parametersJsonSchema" in declaration
        }

    def search_unasked(self, form: Body, model: Model, defaults: Generation) -> None:
        """The operator's search is for requests that it does not get in the way of;
        ``form`` is the structured output that is asked for, if any."""
        fits = not form or model.mixes_json_and_tools
        wanted = defaults.google_search and not self and not self.are_off
        if wanted and fits and model.family == "gemini":
            self.built_in["googleSearch"] = {}

    def as_body(self) -> Body:
        """``tools`` and ``toolConfig``.

        Functions go without the built-in tools: Google refuses both together before
        Gemini 3, and afterwards on all upstreams but its public API.
        """
        if not self.declared:
            built_in = [{name: setup} for name, setup in self.built_in.items()]
            return {"tools": built_in} if built_in else {}
        declared = {"tools": [{"functionDeclarations": list(self.declared.values())}]}
        if self.choice is None:
            return declared
        return {**declared, "toolConfig": {"functionCallingConfig": self.choice}}
