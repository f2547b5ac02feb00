"""openai-agents, which speaks Responses."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
import run as r
from agents import (
    Agent,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from pydantic import BaseModel

set_tracing_disabled(True)


class City(BaseModel):
    """A city and how warm it is there."""

    city: str
    degrees: int


def agent(**more: Any) -> Any:
    """With a client of its own, as each run has a loop of its own."""
    client = openai.AsyncOpenAI(base_url=f"{r.URL}/v1", api_key=r.KEY, max_retries=0)
    model = OpenAIResponsesModel(model=r.MODEL, openai_client=client)
    return Agent(name="Tester", instructions="Be brief.", model=model, **more)


def ask(prompt: Any, **more: Any) -> Any:
    return asyncio.run(Runner.run(agent(**more), prompt))


def plain() -> None:
    r.equal(ask(r.PLAIN).final_output, r.SAID)


def stream() -> None:
    async def pieces() -> list[str]:
        events = Runner.run_streamed(agent(), r.LONG).stream_events()
        raw = [e.data async for e in events if e.type == "raw_response_event"]
        return [e.delta for e in raw if e.type == "response.output_text.delta"]

    r.streamed(asyncio.run(pieces()))


def tools() -> None:
    able = [function_tool(r.get_weather), function_tool(r.get_time)]
    found = ask(r.TOOLS, tools=able)
    r.holds(found.final_output, r.TIME)
    again = [*found.to_input_list(), {"role": "user", "content": r.PLAIN}]
    r.equal(ask(again).final_output, r.SAID)


def schema() -> None:
    r.equal(ask(r.CITY, output_type=City).final_output, City(city="Oslo", degrees=21))


r.run(plain=plain, stream=stream, tools=tools, schema=schema)
