"""Declarations, built-in tools and what may be combined with what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..errors import invalid
from ..models import Model
from . import schemas
from .payload import snake
from .protos import Dialect

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
_NAME_TEXT = (
    "Invalid function name. Must start with a letter or an underscore. Must be "
    "alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes "
    "(-), with a maximum length of 64."
)
_OLD_MIX = {
    "vertex": "Built-in tools ({{{0}}}) and Custom tools (Function Calling) cannot be "
    "combined in the same request.",
    "gemini_api": "Tool use with function calling is unsupported",
}
_NEW_MIX = (
    "Please enable tool_config.include_server_side_tool_invocations to use Built-in "
    "tools with Function calling."
)
_JSON_MIX = (
    "Function calling with a response mime type: 'application/json' is unsupported"
)


def check(request: dict[str, Any], model: Model, dialect: Dialect) -> None:
    """Raise the 400 for the first thing wrong with ``tools`` and ``toolConfig``."""
    declarations = list(declared(request))
    for path, declaration in _with_paths(request):
        _check_declaration(declaration, path, dialect)
    _check_duplicates(declarations)
    _check_mix(request, model, dialect, bool(declarations))
    names = {declaration.get("name", "") for declaration in declarations}
    calling = request.get("toolConfig", {}).get("functionCallingConfig", {})
    _check_calling(calling, names)


def declared(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every function declaration of a request."""
    for tool in request.get("tools", []):
        yield from tool.get("functionDeclarations", [])


def builtins(request: dict[str, Any]) -> list[str]:
    """The built-in tools of a request, in camelCase."""
    tools = request.get("tools", [])
    return [name for tool in tools for name in tool if name != "functionDeclarations"]


def _with_paths(request: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for i, tool in enumerate(request.get("tools", [])):
        for j, declaration in enumerate(tool.get("functionDeclarations", [])):
            yield f"tools[{i}].function_declarations[{j}]", declaration


def _check_declaration(
    declaration: dict[str, Any], path: str, dialect: Dialect
) -> None:
    if not _NAME.fullmatch(declaration.get("name", "")):
        prefix = (
            "" if dialect == "vertex" else f"* GenerateContentRequest.{path}.name: "
        )
        raise invalid(prefix + _NAME_TEXT)
    for plain, free in (
        ("parameters", "parametersJsonSchema"),
        ("response", "responseJsonSchema"),
    ):
        if plain in declaration and free in declaration:
            raise invalid(
                f"`{snake(plain)}` and `{snake(free)}` are mutually exclusive. At most "
                f"one of them may be set. ({path})"
            )
    if "parameters" in declaration:
        where = f"{path}.parameters"
        schemas.check_parameters(declaration["parameters"], where, dialect)
    if "parametersJsonSchema" in declaration:
        where = f"{path}.parameters_json_schema"
        schemas.check_free(declaration["parametersJsonSchema"], where, is_object=True)


def _check_duplicates(declarations: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for declaration in declarations:
        name = declaration["name"]
        if name in seen:
            raise invalid(f"Duplicate function declaration found: {name}")
        seen.add(name)


def _check_mix(
    request: dict[str, Any], model: Model, dialect: Dialect, has_functions: bool
) -> None:
    if not has_functions:
        return
    ready_made = builtins(request)
    if ready_made:
        _check_builtins(request, model, dialect, ready_made[0])
    mime = request.get("generationConfig", {}).get("responseMimeType", "text/plain")
    if mime == "application/json" and not model.combines_json_and_tools:
        raise invalid(_JSON_MIX)


def _check_builtins(
    request: dict[str, Any], model: Model, dialect: Dialect, builtin: str
) -> None:
    if dialect == "vertex" or model.generation < 3:
        raise invalid(_OLD_MIX[dialect].format(snake(builtin)))
    config = request.get("toolConfig", {})
    if not config.get("includeServerSideToolInvocations"):
        raise invalid(_NEW_MIX)


def _check_calling(calling: dict[str, Any], names: set[str]) -> None:
    mode = calling.get("mode", "AUTO")
    allowed = calling.get("allowedFunctionNames", [])
    if mode == "ANY" and not names:
        raise invalid("Function calling config is set without function_declarations.")
    if allowed and mode not in ("ANY", "VALIDATED"):
        raise invalid(
            "Allowed function names should only be set when the function calling mode "
            "is ANY or VALIDATED."
        )
    for name in allowed:
        if name not in names:
            raise invalid(
                f"Allowed function name '{name}' is not among the "
                "function declarations."
            )
