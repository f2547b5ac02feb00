"""Requests in few words, and what the simulator makes of them."""

from __future__ import annotations

from typing import Any

from gswarm.simulator import models, wire
from gswarm.simulator.answers import Manner, Script, answer
from gswarm.simulator.models import Api
from gswarm.simulator.signatures import Scope, Signer
from gswarm.simulator.validation import validate

SIGNER = Signer()
ALICE = Scope("alice@example.com", "alice-01")
PLAIN = Manner(ending="text", floats=False)


def user(*texts: str) -> dict[str, Any]:
    return {"role": "user", "parts": [{"text": text} for text in texts]}


def model(*texts: str) -> dict[str, Any]:
    return {"role": "model", "parts": [{"text": text} for text in texts]}


def call(name: str, signature: str | None = None, **args: Any) -> dict[str, Any]:
    part: dict[str, Any] = {"functionCall": {"name": name, "args": args}}
    return part | ({"thoughtSignature": signature} if signature else {})


def calls(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


def response(name: str, **said: Any) -> dict[str, Any]:
    return {"functionResponse": {"name": name, "response": said}}


def responses(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "parts": list(parts)}


def function(name: str, description: str = "", **kinds: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in kinds.items()},
        "required": list(kinds),
    }
    found: dict[str, Any] = {"name": name, "description": description}
    return found | ({"parametersJsonSchema": schema} if kinds else {})


def request(*contents: dict[str, Any], **members: Any) -> dict[str, Any]:
    functions = members.pop("functions", None)
    mode = members.pop("mode", None)
    found: dict[str, Any] = {"contents": list(contents), **members}
    if functions:
        found["tools"] = [{"functionDeclarations": functions}]
    if mode:
        found["toolConfig"] = {"functionCallingConfig": mode}
    return found


def checked(
    body: Any, name: str = "gemini-3.5-flash", api: Api = "gemini_api", **how: Any
) -> dict[str, Any]:
    """Validate as the frame does."""
    return validate(
        body,
        models.find(name, api),
        dialect="gemini_api" if api == "gemini_api" else "vertex",
        signer=SIGNER,
        scope=how.get("scope", ALICE),
    )


def answered(
    body: dict[str, Any],
    name: str = "gemini-3.5-flash",
    *,
    api: Api = "gemini_api",
    manner: Manner = PLAIN,
    serial: int = 0,
) -> Script:
    """Validate and answer."""
    found = checked(body, name, api)
    chosen = models.find(name, api)
    return answer(
        found, chosen, signer=SIGNER, scope=ALICE, manner=manner, serial=serial
    )


def parts_of(script: Script) -> list[dict[str, Any]]:
    candidate = wire.unary(script, wrap=False)["candidates"][0]
    found: list[dict[str, Any]] = candidate["content"].get("parts", [])
    return found


def text_of(script: Script) -> str:
    return "".join(p["text"] for p in parts_of(script) if "text" in p)


def calls_of(script: Script) -> list[tuple[str, dict[str, Any]]]:
    found = [p["functionCall"] for p in parts_of(script) if "functionCall" in p]
    return [(made["name"], made["args"]) for made in found]


def finish_of(script: Script) -> str | None:
    candidate = script.chunks[-1]["candidates"][0]
    return candidate.get("finishReason")
