"""The models Google serves here, and how each of them differs from the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .errors import GoogleError, named

Api: TypeAlias = Literal["cloudcode", "gemini_api", "vertex"]

EVERY_LEVEL = ("minimal", "low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Model:
    """One model as one or more APIs serve it.

    ``budget`` is the range a positive thinkingBudget may have, None for models that
    think in ``levels``; ``thinks_by_default`` whether it thinks unasked. Prefill is a
    last content of the model's own. ``reported`` is the modelVersion of its replies
    where that is another name.
    """

    name: str
    apis: frozenset[Api]
    generation: float
    tier: str
    levels: tuple[str, ...] = EVERY_LEVEL
    budget: tuple[int, int] | None = None
    can_stop_thinking: bool = False
    thinks_by_default: bool = True
    accepts_prefill: bool = True
    accepts_penalties: bool = False
    enforces_signatures: bool = True
    gives_call_ids: bool = True
    makes_images: bool = False
    max_input_tokens: int = 1_048_576
    max_output_tokens: int = 65_536
    reported: str | None = None

    @property
    def family(self) -> str:
        """Models that read each other's thought signatures share one."""
        return f"gemini-{int(self.generation)}-{self.tier}"

    @property
    def combines_json_and_tools(self) -> bool:
        """Whether JSON output and functions may be asked for together."""
        return self.generation >= 3

    @property
    def thinks(self) -> bool:
        """Whether the model can think at all."""
        return bool(self.levels or self.budget)

    @property
    def version(self) -> str:
        """The ``modelVersion`` of its replies."""
        return self.reported or self.name


def find(name: str, api: Api) -> Model:
    """The model called ``name`` (``models/`` allowed); 404 where it is not served."""
    model = TABLE.get((api, name.removeprefix("models/")))
    if model is None:
        raise _not_found(name, api)
    return model


def served_by(api: Api) -> tuple[Model, ...]:
    """Every model of an API, in catalogue order."""
    return tuple(model for (known, _), model in TABLE.items() if known == api)


def _not_found(name: str, api: Api) -> GoogleError:
    if api == "gemini_api":
        return named("gemini_not_found", model=name.removeprefix("models/"))
    return named("not_found", model=name)


_EVERYWHERE: frozenset[Api] = frozenset({"cloudcode", "gemini_api", "vertex"})
_CODE_ASSIST: frozenset[Api] = frozenset({"cloudcode"})
_PUBLIC: frozenset[Api] = frozenset({"gemini_api", "vertex"})
_KEYED: frozenset[Api] = frozenset({"gemini_api"})

_CATALOGUE = (
    Model(
        "gemini-2.5-pro",
        _EVERYWHERE,
        2.5,
        "pro",
        levels=(),
        budget=(128, 32_768),
        enforces_signatures=False,
        gives_call_ids=False,
    ),
    Model(
        "gemini-2.5-flash",
        _EVERYWHERE,
        2.5,
        "flash",
        levels=(),
        budget=(1, 24_576),
        can_stop_thinking=True,
        enforces_signatures=False,
        gives_call_ids=False,
    ),
    Model(
        "gemini-2.5-flash-lite",
        _EVERYWHERE,
        2.5,
        "flash-lite",
        levels=(),
        budget=(512, 24_576),
        can_stop_thinking=True,
        thinks_by_default=False,
        enforces_signatures=False,
        gives_call_ids=False,
    ),
    Model(
        "gemini-2.5-flash-image",
        _PUBLIC,
        2.5,
        "flash-image",
        levels=(),
        thinks_by_default=False,
        enforces_signatures=False,
        gives_call_ids=False,
        makes_images=True,
        max_input_tokens=65_536,
    ),
    Model("gemini-3-pro-preview", _CODE_ASSIST, 3.0, "pro", levels=("low", "high")),
    Model(
        "gemini-3.1-pro-preview",
        _EVERYWHERE,
        3.1,
        "pro",
        levels=("low", "medium", "high"),
    ),
    Model("gemini-3-flash-preview", _EVERYWHERE, 3.0, "flash"),
    Model("gemini-3-flash", _CODE_ASSIST, 3.5, "flash", reported="gemini-3-flash-a"),
    Model("gemini-3.1-flash-lite", _EVERYWHERE, 3.1, "flash-lite"),
    Model("gemini-3.1-flash-lite-preview", _CODE_ASSIST, 3.1, "flash-lite"),
    Model(
        "gemini-3-pro-image",
        _PUBLIC,
        3.0,
        "pro-image",
        levels=("low", "high"),
        enforces_signatures=False,
        makes_images=True,
    ),
    Model(
        "gemini-3.1-flash-image",
        _PUBLIC,
        3.1,
        "flash-image",
        enforces_signatures=False,
        makes_images=True,
    ),
    Model("gemini-3.5-flash", _PUBLIC, 3.5, "flash"),
    Model("gemini-3.5-flash-lite", _PUBLIC, 3.5, "flash-lite", accepts_prefill=False),
    Model("gemini-3.6-flash", _PUBLIC, 3.6, "flash", accepts_prefill=False),
    Model(
        "gemini-3.7-flash",
        _PUBLIC,
        3.7,
        "flash",
        levels=("low", "medium", "high"),
        accepts_prefill=False,
    ),
    Model(
        "gemini-3.8-flash",
        _PUBLIC,
        3.8,
        "flash",
        levels=("low", "medium", "high"),
        accepts_prefill=False,
    ),
    Model("gemini-4-argon", _PUBLIC, 4.0, "argon", accepts_prefill=False),
    Model(
        "gemini-2.0-flash",
        _PUBLIC,
        2.0,
        "flash",
        levels=(),
        thinks_by_default=False,
        accepts_penalties=True,
        enforces_signatures=False,
        gives_call_ids=False,
        max_output_tokens=8_192,
    ),
    Model(
        "gemma-4-31b-it",
        _KEYED,
        2.0,
        "gemma",
        levels=(),
        thinks_by_default=False,
        enforces_signatures=False,
        gives_call_ids=False,
        max_input_tokens=256_000,
        max_output_tokens=8_192,
    ),
)

TABLE: dict[tuple[Api, str], Model] = {
    (api, model.name): model for model in _CATALOGUE for api in sorted(model.apis)
}
