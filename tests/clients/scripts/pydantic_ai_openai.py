"""pydantic-ai: ``openai-chat:`` or ``openai:`` (Responses), named in its first word."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import run as r
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

provider = OpenAIProvider(base_url=f"{r.URL}/v1", api_key=r.KEY)
KIND = {"chat": OpenAIChatModel, "responses": OpenAIResponsesModel}[sys.argv[1]]


class City(BaseModel):
    """A city and how warm it is there."""

    city: str
    degrees: int


def agent(**more: Any) -> Any:
    return Agent(KIND(r.MODEL, provider=provider), **more)


def plain() -> None:
    found = agent(instructions="Be brief.").run_sync(r.PLAIN)
    r.equal(found.output, r.SAID)


def stream() -> None:
    async def pieces() -> list[str]:
        async with agent().run_stream(r.LONG) as found:
            return [
                text async for text in found.stream_text(delta=True, debounce_by=None)
            ]

    r.streamed(asyncio.run(pieces()))


def tools() -> None:
    made: list[Any] = []

    def get_weather(city: str) -> str:
        made.append(("get_weather", {"city": city}))
        return r.get_weather(city)

    def get_time(zone: str, hours: int) -> str:
        made.append(("get_time", {"zone": zone, "hours": hours}))
        return r.get_time(zone, hours)

    found = agent(tools=[get_weather, get_time]).run_sync(r.TOOLS)
    r.equal(sorted(made, key=str), sorted(r.CALLS, key=str))
    r.holds(found.output, r.TIME)
    again = agent().run_sync(r.PLAIN, message_history=found.all_messages())
    r.equal(again.output, r.SAID)


def schema() -> None:
    found = agent(output_type=City).run_sync(r.CITY)
    r.equal(found.output, City(city="Oslo", degrees=21))


r.run(plain=plain, stream=stream, tools=tools, schema=schema)
