"""Messages of every role, told to a Gemini conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from ...errors import InvalidRequest
from ...gemini.contents import Conversation, Part
from ...gemini.request import Body
from ...gemini.tool_names import ToolNames
from ..naming import naming
from . import calls, fields
from .parts import Parts


class Messages:
    """Reads the messages of one request.

    ``system`` collects the words of system and developer messages; all else goes to
    ``conversation``.
    """

    def __init__(self, parts: Parts, names: ToolNames) -> None:
        self.conversation = Conversation()
        self.system: list[str] = []
        self._parts = parts
        self._names = names

    def read(self, messages: list[Any], root: str) -> None:
        for index, message in enumerate(messages):
            path = f"{root}[{index}]"
            if not isinstance(message, dict):
                raise fields.wrong_type(path, "an object", message)
            role = message.get("role")
            if role is None:
                raise fields.missing(f"{path}.role")
            tell = ROLES.get(role) if isinstance(role, str) else None
            if tell is None:
                raise fields.wrong_value(f"{path}.role", role, ROLE_NAMES)
            tell(self, message, path)

    # -------------------------------------------------------------------- roles

    def _system(self, message: Body, path: str) -> None:
        parts = self._parts.read(message.get("content"), f"{path}.content")
        for part in parts:
            if "text" not in part:
                raise fields.unsupported(
                    f"{path}.content", f"A {message['role']} message takes text only."
                )
        words = "".join(part["text"] for part in parts)
        if words.strip():
            self.system.append(words)

    def _user(self, message: Body, path: str) -> None:
        content = message.get("content")
        path = f"{path}.content"
        if content is None:
            raise fields.missing(path)
        if isinstance(content, list):
            self._results_in_blocks(content, path)
        self.conversation.user(self._parts.read(content, path, without="tool_result"))

    def _assistant(self, message: Body, path: str) -> None:
        content = message.get("content")
        said = self._parts.read(content, f"{path}.content")
        if refusal := fields.text(message, "refusal", f"{path}.refusal"):
            said.append({"text": refusal})
        self.conversation.model(said)
        if made := fields.members(message, "tool_calls", f"{path}.tool_calls"):
            self._calls(made, message, f"{path}.tool_calls")
        elif legacy := fields.group(message, "function_call", f"{path}.function_call"):
            self._call(None, legacy, f"{path}.function_call", None)
        elif isinstance(content, list):
            self._calls_in_blocks(content, f"{path}.content")

    def _tool(self, message: Body, path: str) -> None:
        call_id = fields.text(message, "tool_call_id", f"{path}.tool_call_id")
        name = fields.text(message, "name", f"{path}.name")
        if not call_id and not name:
            raise fields.missing(f"{path}.tool_call_id")
        self._result(call_id or None, name, message.get("content"), f"{path}.content")

    def _function(self, message: Body, path: str) -> None:
        name = fields.text(message, "name", f"{path}.name")
        if not name:
            raise fields.missing(f"{path}.name")
        self._result(None, name, message.get("content"), f"{path}.content")

    # -------------------------------------------------------------------- calls

    def _calls(self, made: list[Any], message: Body, path: str) -> None:
        signatures = calls.echoed_signatures(message)
        for index, call in enumerate(made):
            where = f"{path}[{index}]"
            if not isinstance(call, dict):
                raise fields.wrong_type(where, "an object", call)
            call_id = fields.text(call, "id", f"{where}.id") or None
            signature = calls.echoed_signature(call, call_id) or signatures.get(
                call_id, signatures.get(index)
            )
            if custom := fields.group(call, "custom", f"{where}.custom"):
                where = f"{where}.custom"
                args = calls.custom_input(custom, where)
                custom = {**custom, "arguments": args}
                self._call(call_id, custom, where, signature)
            elif function := fields.group(call, "function", f"{where}.function"):
                self._call(call_id, function, f"{where}.function", signature)
            else:
                raise fields.missing(f"{where}.function")

    def _call(
        self, call_id: str | None, function: Body, path: str, signature: str | None
    ) -> None:
        name = fields.text(function, "name", f"{path}.name")
        if not name:
            raise fields.missing(f"{path}.name")
        args = calls.arguments(function.get("arguments"), f"{path}.arguments")
        with naming(f"{path}.name"):
            known_as = self._names.accepted(name)
        self.conversation.call(call_id, known_as, args, signature)

    def _calls_in_blocks(self, content: list[Any], path: str) -> None:
        """Anthropic's ``tool_use`` blocks, which some clients send here."""
        for index, block in enumerate(content):
            if isinstance(block, dict) and block.get("type") == "tool_use":
                where = f"{path}[{index}]"
                call_id = fields.text(block, "id", f"{where}.id")
                call = {**block, "arguments": block.get("input")}
                self._call(call_id, call, where, None)

    # ------------------------------------------------------------------ results

    def _result(
        self, call_id: str | None, name: str | None, content: Any, path: str
    ) -> None:
        if isinstance(content, dict):
            response = calls.arguments(content, path)
            words = orjson.dumps(response).decode()
            media: list[Part] = []
        else:
            parts = self._parts.read(content, path)
            words = "\n".join(part["text"] for part in parts if "text" in part)
            media = [part for part in parts if "text" not in part]
            response = calls.response_of(words)
        with naming(path):
            known_as = self._names.accepted(name) if name else None
        self.conversation.result(call_id, known_as, response, media, words)

    def _results_in_blocks(self, content: list[Any], path: str) -> None:
        """Anthropic's ``tool_result`` blocks, which some clients send here."""
        for index, block in enumerate(content):
            if isinstance(block, dict) and block.get("type") == "tool_result":
                where = f"{path}[{index}]"
                call_id = fields.text(block, "tool_use_id", f"{where}.tool_use_id")
                if not call_id:
                    raise fields.missing(f"{where}.tool_use_id")
                self._result(call_id, None, block.get("content"), f"{where}.content")


ROLES: dict[str, Callable[[Messages, Body, str], None]] = {
    "system": Messages._system,
    "developer": Messages._system,
    "user": Messages._user,
    "assistant": Messages._assistant,
    "tool": Messages._tool,
    "function": Messages._function,
}

ROLE_NAMES = ("system", "assistant", "user", "function", "tool", "developer")


def messages_of(body: Body) -> list[Any]:
    """The messages of a request, of which there is at least one."""
    messages = fields.members(body, "messages", "messages")
    if messages is None:
        raise fields.missing("messages")
    if not messages:
        raise InvalidRequest(
            "Invalid 'messages': empty array. Expected an array with minimum length 1,"
            " but got an empty array instead.",
            param="messages",
            code="empty_array",
        )
    return messages
