"""Messages of every role, told to a Gemini conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...gemini.contents import Conversation
from ...gemini.request import Body
from ...gemini.tool_names import ToolNames
from ..openai_chat.calls import echoed_signature
from . import fields, signatures, system
from .blocks import Blocks, kind_of, listed
from .thinking import read_effort
from .tool_results import UNANSWERED, read_result
from .tools import name_of


class Messages:
    """Reads the messages of one request into ``conversation``.

    ``model`` is the one that is asked: signatures of any other are of no use to it.
    ``effort`` is what the newest system message of the current turn asks for.
    """

    def __init__(self, blocks: Blocks, names: ToolNames, model: str) -> None:
        self.conversation = Conversation(unanswered=UNANSWERED)
        self.effort: str | None = None
        self._blocks = blocks
        self._names = names
        self._model = model
        self._last_user = -1

    def read(self, messages: list[Any]) -> None:
        self._last_user = _last_user(messages)
        for index, message in enumerate(messages):
            path = f"messages.{index}"
            message = fields.an_object(message, path)
            role = fields.needed_text(message, "role", f"{path}.role")
            tell = ROLES.get(role)
            if tell is None:
                reason = f'Unexpected role "{role[:50]}". Allowed roles are {ALLOWED}'
                raise fields.wrong(f"{path}.role", reason)
            tell(self, message, path, index)

    # -------------------------------------------------------------------- roles

    def _user(self, message: Body, path: str, _index: int) -> None:
        for block, at in listed(message.get("content"), f"{path}.content"):
            if kind_of(block, at) == "tool_result":
                self._result(block, at)
            elif parts := self._blocks.parts(block, at):
                self.conversation.user(parts)

    def _system(self, message: Body, path: str, index: int) -> None:
        self.effort = read_effort(message, f"{path}.output_config") or self.effort
        until = fields.text(message, "clear_at", f"{path}.clear_at")
        is_over = until == "next_user_message" and index < self._last_user
        parts = system.reminder(message.get("content"), f"{path}.content")
        if parts and not is_over:
            self.conversation.user(parts)

    def _assistant(self, message: Body, path: str, _index: int) -> None:
        """A thinking block may carry the signature of the call that comes next."""
        self.effort = None
        carried: str | None = None
        for block, at in listed(message.get("content"), f"{path}.content"):
            kind = kind_of(block, at)
            if kind == "thinking":
                found = signatures.unwrap(block.get("signature"), self._model)
                carried = found or carried
            elif kind == "tool_use":
                self._call(block, at, carried)
                carried = None
            else:
                self.conversation.model(self._blocks.parts(block, at))

    # --------------------------------------------------------- calls and results

    def _call(self, block: Body, path: str, carried: str | None) -> None:
        call_id = fields.text(block, "id", f"{path}.id") or None
        name = self._names.accepted(name_of(block, path))
        given = block.get("input")
        args = given if isinstance(given, dict) else {}
        fields.shallow(args, f"{path}.input")
        signature = carried or echoed_signature(block, call_id)
        self.conversation.call(call_id, name, args, signature)

    def _result(self, block: Body, path: str) -> None:
        result = read_result(block, path, self._blocks)
        self.conversation.result(
            result.call_id, None, result.response, result.media, result.words
        )


ROLES: Mapping[str, Callable[[Messages, Body, str, int], None]] = {
    "user": Messages._user,
    "assistant": Messages._assistant,
    "system": Messages._system,
    "developer": Messages._system,
}

ALLOWED = '"user", "assistant" or "system"'


def messages_of(body: Body) -> list[Any]:
    """The messages of a request, of which there is at least one."""
    messages = fields.members(body, "messages", "messages")
    if messages is None:
        raise fields.missing("messages")
    if not messages:
        raise fields.wrong("messages", "at least one message is required")
    return messages


def _last_user(messages: list[Any]) -> int:
    """Where the user speaks last; -1 where nowhere."""
    for index in range(len(messages) - 1, -1, -1):
        message = messages[index]
        if isinstance(message, dict) and message.get("role") == "user":
            return index
    return -1
