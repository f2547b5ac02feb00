"""Input items of every type, told to a Gemini conversation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from ...errors import InvalidRequest
from ...gemini import media_types
from ...gemini.contents import Conversation, Part
from ...gemini.models import Model
from ...gemini.request import Body
from ..naming import naming
from ..openai_chat import calls, fields
from ..openai_chat.parts import Parts
from .carried import read_token
from .memory import Memory, response_of
from .tools import Tools

Placed: TypeAlias = tuple[Body, str]
"""An item, and the field it stands in."""

LONGEST_CALL_ID = 64

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)


class Items:
    """Reads the items of one request.

    ``system`` collects the words of system and developer messages; all else goes to
    ``conversation``.
    """

    def __init__(
        self, parts: Parts, tools: Tools, model: Model, memory: Memory
    ) -> None:
        self.conversation = Conversation()
        self.system: list[str] = []
        self._parts = parts
        self._tools = tools
        self._model = model
        self._memory = memory
        self._signed: dict[str, str] = {}

    def read(self, items: Sequence[Placed]) -> None:
        for item, path in regrouped(items):
            kind = kind_of(item, path)
            tell = KINDS.get(kind)
            if tell is None:
                raise fields.wrong_value(f"{path}.type", kind, KINDS)
            tell(self, item, path)

    # ----------------------------------------------------------------- messages

    def _message(self, item: Body, path: str) -> None:
        role = item.get("role")
        if role is None:
            raise fields.missing(f"{path}.role")
        tell = ROLES.get(role) if isinstance(role, str) else None
        if tell is None:
            raise fields.wrong_value(f"{path}.role", role, ROLES)
        tell(self, item, f"{path}.content")

    def _system(self, item: Body, path: str) -> None:
        parts = self._read(item.get("content"), path)
        if any("text" not in part for part in parts):
            words = f"A {item['role']} message takes text only."
            raise fields.unsupported(path, words)
        words = "".join(part["text"] for part in parts)
        if words.strip():
            self.system.append(words)

    def _user(self, item: Body, path: str) -> None:
        content = item.get("content")
        if content is None:
            raise fields.missing(path)
        self.conversation.user(self._read(content, path))

    def _assistant(self, item: Body, path: str) -> None:
        parts = self._read(item.get("content"), path)
        if parts and "text" in parts[0]:
            # Some clients send thoughts back as words of the answer.
            parts[0] = {"text": _THOUGHTS.sub("", parts[0]["text"], count=1)}
        self.conversation.model(parts)

    def _read(self, content: Any, path: str) -> list[Part]:
        return self._parts.read(content, path)

    # -------------------------------------------------------------------- calls

    def _reasoning(self, item: Body, path: str) -> None:
        """Thoughts are never sent back; what they carry for calls is."""
        self._signed |= read_token(
            self._memory, self._model, item.get("encrypted_content")
        )

    def _function_call(self, item: Body, path: str) -> None:
        args = calls.arguments(item.get("arguments"), f"{path}.arguments")
        self._call(item, _name(item, path), args, path)

    def _custom_call(self, item: Body, path: str) -> None:
        args = {"input": fields.text(item, "input", f"{path}.input") or ""}
        self._call(item, _name(item, path), args, path)

    def _tool_search_call(self, item: Body, path: str) -> None:
        args = calls.arguments(item.get("arguments"), f"{path}.arguments")
        self._call(item, "tool_search", args, path)

    def _local_shell_call(self, item: Body, path: str) -> None:
        action = fields.group(item, "action", f"{path}.action") or {}
        kept = ("command", "working_directory", "timeout_ms")
        self._call(item, "local_shell", _picked(action, kept), path)

    def _shell_call(self, item: Body, path: str) -> None:
        action = fields.group(item, "action", f"{path}.action") or {}
        kept = ("commands", "timeout_ms", "max_output_length")
        self._call(item, "shell", _picked(action, kept), path)

    def _apply_patch_call(self, item: Body, path: str) -> None:
        operation = fields.group(item, "operation", f"{path}.operation") or {}
        args = _picked(operation, ("type", "path", "diff"))
        self._call(item, "apply_patch", args, path)

    def _call(self, item: Body, name: str, args: Body, path: str) -> None:
        call_id = fields.text(item, "call_id", f"{path}.call_id")
        if not call_id:
            raise fields.missing(f"{path}.call_id")
        if len(call_id) > LONGEST_CALL_ID:
            raise _too_long(f"{path}.call_id", len(call_id))
        namespace = fields.text(item, "namespace", f"{path}.namespace")
        with naming(f"{path}.name"):
            known_as = self._tools.name_of(namespace, name)
        self.conversation.call(call_id, known_as, args, self._signed.get(call_id))

    # ------------------------------------------------------------------ results

    def _output(self, item: Body, path: str) -> None:
        name = fields.text(item, "name", f"{path}.name")
        call_id = fields.text(item, "call_id", f"{path}.call_id")
        if not call_id and not name:
            raise fields.missing(f"{path}.call_id")
        self._result(call_id or None, name, item.get("output"), f"{path}.output")

    def _shell_output(self, item: Body, path: str) -> None:
        output = item.get("output")
        response = {"output": output} if isinstance(output, list) else output
        call_id = fields.text(item, "call_id", f"{path}.call_id")
        self._result(call_id, "shell", response, f"{path}.output")

    def _local_shell_output(self, item: Body, path: str) -> None:
        """Its ``id`` is that of the call (openai-python's types)."""
        call_id = fields.text(item, "call_id", f"{path}.call_id")
        call_id = call_id or fields.text(item, "id", f"{path}.id")
        self._result(call_id, "local_shell", item.get("output"), f"{path}.output")

    def _apply_patch_output(self, item: Body, path: str) -> None:
        call_id = fields.text(item, "call_id", f"{path}.call_id")
        response = _picked(item, ("status", "output"))
        self._result(call_id, "apply_patch", response, f"{path}.output")

    def _tool_search_output(self, item: Body, path: str) -> None:
        """The tools themselves have joined the declarations."""
        call_id = fields.text(item, "call_id", f"{path}.call_id")
        found = fields.members(item, "tools", f"{path}.tools") or []
        names = [tool.get("name") for tool in found if isinstance(tool, dict)]
        self._result(call_id, "tool_search", {"tools": names}, f"{path}.tools")

    def _result(
        self, call_id: str | None, name: str | None, output: Any, path: str
    ) -> None:
        media: list[Part] = []
        if isinstance(output, dict):
            response = calls.arguments(output, path)
            words = orjson.dumps(response).decode()
        else:
            parts = self._read(output, path)
            words = "\n".join(part["text"] for part in parts if "text" in part)
            media = [part for part in parts if "text" not in part]
            response = calls.response_of(words)
        with naming(path):
            known_as = self._tools.name_of(None, name) if name else None
        self.conversation.result(call_id, known_as, response, media, words)

    # ---------------------------------------------------- what Google or others ran

    def _image_call(self, item: Body, path: str) -> None:
        data = fields.text(item, "result", f"{path}.result")
        if not data:
            return
        try:
            data = media_types.checked_base64(data)
        except ValueError:
            raise InvalidRequest(
                f"Invalid base64 data in '{path}.result'.",
                param=f"{path}.result",
                code="invalid_base64",
            ) from None
        kind = media_types.sniffed_type(media_types.head_of(data)) or "image/png"
        self.conversation.model([media_types.inline_data(kind, data)])

    def _code_call(self, item: Body, path: str) -> None:
        """Code that Google ran is told only where it may run more."""
        code = fields.text(item, "code", f"{path}.code")
        if not code or "codeExecution" not in self._tools.built_in:
            return
        outputs = fields.members(item, "outputs", f"{path}.outputs") or []
        logs = [out.get("logs") for out in outputs if isinstance(out, dict)]
        output = "".join(words for words in logs if isinstance(words, str))
        result = {"outcome": "OUTCOME_OK", "output": output}
        ran = {"executableCode": {"language": "PYTHON", "code": code}}
        self.conversation.model([ran, {"codeExecutionResult": result}])

    def _mcp_call(self, item: Body, path: str) -> None:
        name = fields.text(item, "name", f"{path}.name") or "mcp"
        output = fields.text(item, "output", f"{path}.output")
        if output:
            self.conversation.model([{"text": f"[{name}] {output}"}])

    def _screenshot(self, item: Body, path: str) -> None:
        output = fields.group(item, "output", f"{path}.output") or {}
        if output.get("image_url"):
            seen = {**output, "type": "input_image"}
            self.conversation.user(self._read([seen], f"{path}.output"))

    def _nothing(self, item: Body, path: str) -> None:
        """What it brought stands in the answer's text, or was never Google's."""

    def _sealed_elsewhere(self, item: Body, path: str) -> None:
        raise InvalidRequest(
            "This item's encrypted content was made elsewhere and cannot be read here.",
            param=f"{path}.encrypted_content",
            code="invalid_encrypted_content",
        )


def kind_of(item: Any, path: str) -> str:
    """An item's type; one with a role and no type is a message."""
    if not isinstance(item, dict):
        raise fields.wrong_type(path, "an object", item)
    kind = fields.text(item, "type", f"{path}.type")
    if kind is None and "role" in item:
        return "message"
    if kind is None:
        raise fields.missing(f"{path}.type")
    return kind


def regrouped(items: Sequence[Placed]) -> list[Placed]:
    """Parallel calls that a client told one by one, each with its result, put back
    into the one step they came in: Gemini signed only the first of them.

    Their ids say which response they belong to.
    """
    told: list[Placed] = []
    results: list[Placed] = []
    step: str | None = None
    for placed in items:
        item = placed[0]
        kind = item.get("type") if isinstance(item, dict) else None
        if isinstance(kind, str) and kind in RESULTS:
            results.append(placed)
            continue
        own = response_of(item.get("id")) if _is_models(item) else None
        if not (own and own == step):
            told += results
            results = []
            step = own
        told.append(placed)
    return told + results


def _is_models(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    kind = item.get("type")
    if kind in (None, "message"):
        return item.get("role") == "assistant"
    return isinstance(kind, str) and (kind == "reasoning" or kind in CALLS)


def _name(item: Body, path: str) -> str:
    name = fields.text(item, "name", f"{path}.name")
    if not name:
        raise fields.missing(f"{path}.name")
    return name


def _picked(given: Mapping[str, Any], names: Sequence[str]) -> Body:
    return {name: given[name] for name in names if given.get(name) is not None}


def _too_long(path: str, length: int) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid '{path}': string too long. Expected a string with maximum length"
        f" {LONGEST_CALL_ID}, but got a string with length {length} instead.",
        param=path,
        code="string_above_max_length",
    )


Tell: TypeAlias = Callable[[Items, Body, str], None]

ROLES: dict[str, Tell] = {
    "user": Items._user,
    "assistant": Items._assistant,
    "system": Items._system,
    "developer": Items._system,
}

CALLS: dict[str, Tell] = {
    "function_call": Items._function_call,
    "custom_tool_call": Items._custom_call,
    "tool_search_call": Items._tool_search_call,
    "local_shell_call": Items._local_shell_call,
    "shell_call": Items._shell_call,
    "apply_patch_call": Items._apply_patch_call,
}

RESULTS: dict[str, Tell] = {
    "function_call_output": Items._output,
    "custom_tool_call_output": Items._output,
    "tool_search_output": Items._tool_search_output,
    "local_shell_call_output": Items._local_shell_output,
    "shell_call_output": Items._shell_output,
    "apply_patch_call_output": Items._apply_patch_output,
}

KINDS: dict[str, Tell] = {
    "message": Items._message,
    **CALLS,
    **RESULTS,
    "reasoning": Items._reasoning,
    "image_generation_call": Items._image_call,
    "code_interpreter_call": Items._code_call,
    "mcp_call": Items._mcp_call,
    "computer_call_output": Items._screenshot,
    **dict.fromkeys(
        (
            "web_search_call",
            "file_search_call",
            "computer_call",
            "mcp_list_tools",
            "mcp_approval_request",
            "mcp_approval_response",
            "additional_tools",
            "configuration_update",
            "program",
            "program_output",
        ),
        Items._nothing,
    ),
    "compaction": Items._sealed_elsewhere,
}
