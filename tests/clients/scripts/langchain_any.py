"""LangChain's chat models: one script, the door named in its first word."""

from __future__ import annotations

import sys
from typing import Any

import run as r
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel


class City(BaseModel):
    """A city and how warm it is there."""

    city: str
    degrees: int


def chat_model(**more: Any) -> Any:
    """ChatOpenAI on either of its doors, ChatAnthropic, ChatGoogleGenerativeAI."""
    import importlib  # noqa: PLC0415 - only one of them is wanted

    package, kind, settings = {
        "chat": ("langchain_openai", "ChatOpenAI", {"base_url": f"{r.URL}/v1"}),
        "responses": (
            "langchain_openai",
            "ChatOpenAI",
            {"base_url": f"{r.URL}/v1", "use_responses_api": True},
        ),
        "messages": ("langchain_anthropic", "ChatAnthropic", {"base_url": r.URL}),
        "gemini": (
            "langchain_google_genai",
            "ChatGoogleGenerativeAI",
            {"base_url": r.URL},
        ),
    }[sys.argv[1]]
    made = getattr(importlib.import_module(package), kind)
    return made(
        **{"model": r.MODEL, "api_key": r.KEY, "max_retries": 1, **settings, **more}
    )


model = chat_model()


def plain() -> None:
    reply = model.invoke(r.PLAIN)
    r.equal(reply.text, r.SAID)
    assert reply.usage_metadata and reply.usage_metadata["output_tokens"] > 0


def stream() -> None:
    r.streamed([chunk.text for chunk in model.stream(r.LONG) if chunk.text])


def tools() -> None:
    able = model.bind_tools([tool(r.get_weather), tool(r.get_time)])
    messages: list[Any] = [HumanMessage(r.TOOLS)]
    made = []
    while True:
        reply = None
        for chunk in able.stream(messages):
            reply = chunk if reply is None else reply + chunk
        assert reply is not None
        messages.append(reply)
        if not reply.tool_calls:
            break
        for call in reply.tool_calls:
            made.append((call["name"], call["args"]))
            said = r.called(call["name"], call["args"])
            messages.append(ToolMessage(said, tool_call_id=call["id"]))
    r.equal(made, r.CALLS)
    r.holds(reply.text, r.TIME)


def schema() -> None:
    found = model.with_structured_output(City).invoke(r.CITY)
    r.equal(found, City(city="Oslo", degrees=21))


def image() -> None:
    picture = {"type": "image", "base64": r.PNG, "mime_type": "image/png"}
    content: list[Any] = [{"type": "text", "text": "What is this?"}, picture]
    r.holds(model.invoke([HumanMessage(content)]).text, r.SEEN)


def errors() -> None:
    r.refused(Exception, lambda: chat_model(api_key="sk-nobody").invoke("Hi"), "key")
    r.refused(Exception, lambda: chat_model(model="nobody-9").invoke("Hi"), "nobody-9")


r.run(
    plain=plain, stream=stream, tools=tools, schema=schema, image=image, errors=errors
)
