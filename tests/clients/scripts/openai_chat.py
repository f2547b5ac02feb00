"""openai-python on chat completions, and on the older completions."""

from __future__ import annotations

import json
from typing import Any

import openai
import run as r
from pydantic import BaseModel

client = openai.OpenAI(base_url=f"{r.URL}/v1", api_key=r.KEY, max_retries=0)
chat = client.chat.completions
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": name, "parameters": schema}}
    for name, schema in (
        ("get_weather", r.WEATHER_SCHEMA),
        ("get_time", r.TIME_SCHEMA),
    )
]


class City(BaseModel):
    city: str
    degrees: int


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def plain() -> None:
    reply = chat.create(model=r.MODEL, messages=user(r.PLAIN))
    r.equal(reply.choices[0].message.content, r.SAID)
    assert reply.usage and reply.usage.completion_tokens > 0


def stream() -> None:
    events = chat.create(model=r.MODEL, messages=user(r.LONG), stream=True)
    texts = [e.choices[0].delta.content for e in events if e.choices]
    r.streamed([text for text in texts if text])


def tools() -> None:
    messages, made = user(r.TOOLS), []
    while True:
        reply = chat.create(model=r.MODEL, messages=messages, tools=TOOLS)
        message = reply.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            name, args = call.function.name, json.loads(call.function.arguments)
            made.append((name, args))
            said = r.called(name, args)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": said})
    r.equal(made, r.CALLS)
    r.holds(message.content, r.TIME)


def schema() -> None:
    reply = chat.parse(model=r.MODEL, messages=user(r.CITY), response_format=City)
    r.equal(reply.choices[0].message.parsed, City(city="Oslo", degrees=21))


def image() -> None:
    url = f"data:image/png;base64,{r.PNG}"
    picture = {"type": "image_url", "image_url": {"url": url}}
    content = [{"type": "text", "text": "What is this?"}, picture]
    reply = chat.create(model=r.MODEL, messages=[{"role": "user", "content": content}])
    r.holds(reply.choices[0].message.content, r.SEEN)


def errors() -> None:
    ask = lambda c, m: c.chat.completions.create(model=m, messages=user("Hi"))  # noqa: E731
    stranger = client.with_options(api_key="sk-gswarm-nobody")
    r.refused(openai.AuthenticationError, lambda: ask(stranger, r.MODEL))
    r.refused(openai.NotFoundError, lambda: ask(client, "nobody-9"), "nobody-9")


def legacy() -> None:
    reply = client.completions.create(model=r.MODEL, prompt=r.PLAIN)
    r.equal(reply.choices[0].text, r.SAID)
    events = client.completions.create(model=r.MODEL, prompt=r.LONG, stream=True)
    r.streamed([e.choices[0].text for e in events if e.choices and e.choices[0].text])


def models() -> None:
    assert r.MODEL in [model.id for model in client.models.list()]


r.run(
    plain=plain,
    stream=stream,
    tools=tools,
    schema=schema,
    image=image,
    errors=errors,
    models=models,
    legacy=legacy,
)
