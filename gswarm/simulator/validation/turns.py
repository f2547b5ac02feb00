"""The order of a conversation: roles, calls and their responses, signatures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from ..errors import invalid, named
from ..models import Model
from ..signatures import Scope, Signer
from .protos import Dialect

Content = dict[str, Any]

_ROLES = frozenset({"user", "model", "function"})
_DATA = (
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
)

_EMPTY_PART = {
    "vertex": "Unable to submit request because it must have a text parameter. Add a "
    "text parameter and try again.",
    "gemini_api": "* GenerateContentRequest.contents[{0}].parts[{1}].data: required "
    "oneof field 'data' must have one initialized field",
}
_NO_PARTS = {
    "vertex": "Unable to submit request because it must include at least one parts "
    "field, which describes the prompt input.",
    "gemini_api": "* GenerateContentRequest.contents[{0}].parts: contents.parts must "
    "not be empty.",
}
_NO_CONTENTS = {
    "vertex": "Unable to submit request because at least one contents field is "
    "required.",
    "gemini_api": "* GenerateContentRequest.contents: contents is not specified",
}
_COUNT = (
    "Please ensure that the number of function response parts is equal to the number "
    "of function call parts of the function call turn."
)
_CALL_ORDER = (
    "Please ensure that function call turn comes immediately after a user turn or "
    "after a function response turn."
)
_RESPONSE_ORDER = (
    "Please ensure that function response turn comes immediately after a function "
    "call turn."
)
_ALTERNATE = "Please ensure that multiturn requests alternate between user and model."
_LAST = (
    "Please ensure that multiturn requests end with a user turn or a function response."
)


def check(request: dict[str, Any], model: Model, dialect: Dialect) -> None:
    """Raise the 400 for the first thing out of order in ``contents``."""
    contents: list[Content] = request.get("contents", [])
    if not contents:
        raise invalid(_NO_CONTENTS[dialect])
    for index, content in enumerate(contents):
        _check_content(content, index, dialect)
        _check_media(content, model)
    _check_roles(contents, model)
    _check_pairs(contents)
    instruction = request.get("systemInstruction")
    if instruction is not None and not instruction.get("parts"):
        raise invalid(
            "* GenerateContentRequest.system_instruction.parts: contents.parts must "
            "not be empty."
        )


def check_signatures(
    request: dict[str, Any],
    model: Model,
    dialect: Dialect,
    signer: Signer,
    scope: Scope,
) -> None:
    """In the current turn, the first call of every model content must be signed by
    us, for that call; older turns are not looked at (Gemini API docs, "Thought
    signatures"), nor is anything for models that do not insist."""
    if not model.enforces_signatures:
        return
    for index, calls in _current_calls(request["contents"]):
        if "thoughtSignature" not in calls[0]:
            raise _unsigned(calls[0], index, dialect)
        for part in calls:
            worth = _worth(part, model, signer, scope)
            if worth in _REFUSED:
                raise named(_REFUSED[worth])


def tally(
    request: dict[str, Any], model: Model, signer: Signer, scope: Scope
) -> dict[str, int]:
    """What stands on the calls of the current turn that need a signature:
    ``real``, ``bypass``, ``stale``, ``foreign`` or ``bare``, each with its count."""
    current = _current_calls(request.get("contents", []))
    return dict(Counter(_worth(calls[0], model, signer, scope) for _, calls in current))


def _worth(part: dict[str, Any], model: Model, signer: Signer, scope: Scope) -> str:
    signature = part.get("thoughtSignature")
    if not signature:
        return "bare"
    return signer.worth(signature, model, scope, part["functionCall"])


_REFUSED = {"foreign": "signature_corrupted", "stale": "signature_stale"}


def calls_in(content: Content) -> list[dict[str, Any]]:
    """The functionCalls of a content."""
    parts = content.get("parts", [])
    return [part["functionCall"] for part in parts if "functionCall" in part]


def responses_in(content: Content) -> list[dict[str, Any]]:
    """The functionResponses of a content."""
    parts = content.get("parts", [])
    return [part["functionResponse"] for part in parts if "functionResponse" in part]


def turn_start(contents: list[Content]) -> int:
    """Where the current turn begins: the last user content that is no response."""
    for index in range(len(contents) - 1, -1, -1):
        content = contents[index]
        if content.get("role", "user") == "user" and not responses_in(content):
            return index
    return 0


def _current_calls(
    contents: list[Content],
) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    start = turn_start(contents)
    for index in range(start, len(contents)):
        parts = contents[index].get("parts", [])
        calls = [part for part in parts if "functionCall" in part]
        if calls:
            yield index, calls


def _unsigned(part: dict[str, Any], index: int, dialect: Dialect) -> Exception:
    kind = {"vertex": "signature_missing_vertex", "gemini_api": "signature_missing"}
    name = part["functionCall"].get("name", "")
    return named(kind[dialect], function=name, position=index + 1)


def _check_content(content: Content, index: int, dialect: Dialect) -> None:
    assumed = "user" if dialect == "gemini_api" else ""
    if content.get("role", assumed) not in _ROLES:
        raise invalid("Please use a valid role: user, model.")
    parts = content.get("parts") or []
    if not parts:
        raise invalid(_NO_PARTS[dialect].format(index))
    for place, part in enumerate(parts):
        _check_part(part, index, place, dialect)


def _check_part(part: dict[str, Any], index: int, place: int, dialect: Dialect) -> None:
    data = [name for name in _DATA if name in part]
    if len(data) > 1:
        raise invalid(
            f"Invalid value at 'contents[{index}].parts[{place}]' (oneof), oneof field "
            f"'data' is already set. Cannot set '{data[1]}'"
        )
    # A stream may end with a signature on an empty text; Gemini CLI sends back the
    # signature alone, and works.
    is_signed = "thoughtSignature" in part
    if not is_signed and (not data or part.get("text") == ""):
        raise invalid(_EMPTY_PART[dialect].format(index, place))
    for name in ("functionCall", "functionResponse"):
        if name in part and not part[name].get("name"):
            raise invalid(
                f"* GenerateContentRequest.contents[{index}].parts[{place}]."
                f"{_SNAKE[name]}.name: Name cannot be empty."
            )


_SNAKE = {"functionCall": "function_call", "functionResponse": "function_response"}


def _check_media(content: Content, model: Model) -> None:
    for response in responses_in(content):
        if response.get("parts") and model.generation < 3:
            raise invalid(
                "Multimodal function responses are not supported by this model."
            )
    for part in content["parts"]:
        _check_file(part.get("fileData"))
        if "inlineData" in part and not part["inlineData"].get("mimeType"):
            raise invalid("Unsupported MIME type: ")


def _check_file(file: dict[str, Any] | None) -> None:
    if file and not file.get("fileUri", "").startswith(_FILE_HOSTS):
        raise invalid("Cannot fetch content from the provided URL.")


_FILE_HOSTS = (
    "gs://",
    "https://generativelanguage.googleapis.com/",
    "https://www.youtube.com/",
    "https://youtu.be/",
)


def _check_roles(contents: list[Content], model: Model) -> None:
    roles = [_side(content) for content in contents]
    if roles[0] == "model":
        raise invalid(_CALL_ORDER if calls_in(contents[0]) else _ALTERNATE)
    for before, after in pairwise(contents):
        if _side(before) == _side(after) and not _are_two_prompts(before, after):
            raise invalid(_order_text(before, after))
    last = contents[-1]
    if roles[-1] == "model" and (calls_in(last) or not model.accepts_prefill):
        raise invalid(_LAST)


def _are_two_prompts(before: Content, after: Content) -> bool:
    """What Google's own CLI sends when it has a task rated: user after user."""
    is_users = _side(after) == "user"
    return is_users and not responses_in(before) and not responses_in(after)


def _order_text(before: Content, after: Content) -> str:
    if calls_in(after):
        return _CALL_ORDER
    if responses_in(after) and not calls_in(before):
        return _RESPONSE_ORDER
    return _ALTERNATE


def _check_pairs(contents: list[Content]) -> None:
    before: Content = {}
    for content in contents:
        _check_pair(calls_in(before), content)
        if calls_in(content) and _side(content) != "model":
            raise invalid(_CALL_ORDER)
        if responses_in(content) and _side(content) == "model":
            raise invalid(_RESPONSE_ORDER)
        before = content


def _check_pair(calls: list[dict[str, Any]], content: Content) -> None:
    responses = responses_in(content)
    if responses and not calls:
        raise invalid(_RESPONSE_ORDER)
    if len(responses) != len(calls):
        raise invalid(_COUNT)
    for call, response in zip(calls, responses, strict=True):
        _check_match(call, response)
    places = [i for i, p in enumerate(content["parts"]) if "functionResponse" in p]
    if places != list(range(len(places))):
        raise invalid(_RESPONSE_ORDER)


def _check_match(call: dict[str, Any], response: dict[str, Any]) -> None:
    same_id = call.get("id", "") == response.get("id", "") or not response.get("id")
    if call["name"] != response["name"] or not same_id:
        raise invalid(
            "Please ensure that function response parts are in the order of the "
            f"function call parts: expected `{call['name']}` {call.get('id', '')}, got "
            f"`{response['name']}` {response.get('id', '')}."
        )
    if "response" not in response:
        raise invalid("Request contains an invalid argument.")


def _side(content: Content) -> str:
    return "model" if content.get("role", "user") == "model" else "user"
