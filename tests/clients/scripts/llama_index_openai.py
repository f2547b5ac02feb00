"""LlamaIndex's OpenAI class: chat, and the older completions it uses by default."""

from __future__ import annotations

from typing import Any

import run as r
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai import OpenAI
from pydantic import BaseModel


class City(BaseModel):
    """A city and how warm it is there."""

    city: str
    degrees: int


def llm(model: str = "gpt-4o", **more: Any) -> OpenAI:
    settings = {"api_base": f"{r.URL}/v1", "api_key": r.KEY, "max_retries": 0}
    return OpenAI(model=model, **{**settings, **more})


def plain() -> None:
    r.equal(str(llm().complete(r.PLAIN)), r.SAID)


def legacy() -> None:
    """With a limit, or it wants to fetch a tokenizer first."""
    older = llm("gpt-3.5-turbo-instruct", max_tokens=2000)
    r.equal(older.complete(r.PLAIN).text, r.SAID)


def stream() -> None:
    r.streamed([chunk.delta for chunk in llm().stream_complete(r.LONG) if chunk.delta])


def tools() -> None:
    able = [FunctionTool.from_defaults(fn) for fn in (r.get_weather, r.get_time)]
    history: list[Any] = [ChatMessage(role="user", content=r.TOOLS)]
    made: list[Any] = []
    while True:
        reply = llm().chat_with_tools(
            able, chat_history=history, allow_parallel_tool_calls=True
        )
        calls = llm().get_tool_calls_from_response(reply, error_on_no_tool_call=False)
        history.append(reply.message)
        if not calls:
            break
        for call in calls:
            made.append((call.tool_name, call.tool_kwargs))
            history.append(
                ChatMessage(
                    role="tool",
                    content=r.called(call.tool_name, call.tool_kwargs),
                    additional_kwargs={"tool_call_id": call.tool_id},
                )
            )
    r.equal(made, r.CALLS)
    r.holds(reply.message.content, r.TIME)


def schema() -> None:
    found = llm().as_structured_llm(City).complete(r.CITY)
    r.equal(found.raw, City(city="Oslo", degrees=21))


r.run(plain=plain, stream=stream, tools=tools, schema=schema, legacy=legacy)
