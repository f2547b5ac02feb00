"""openai-python on Responses: items, the stream helper, what is stored."""

from __future__ import annotations

import json
from typing import Any

import openai
import run as r
from pydantic import BaseModel

client = openai.OpenAI(base_url=f"{r.URL}/v1", api_key=r.KEY, max_retries=0)
responses = client.responses
TOOLS: list[Any] = [
    {"type": "function", "name": name, "parameters": schema, "strict": True}
    for name, schema in (
        ("get_weather", r.WEATHER_SCHEMA),
        ("get_time", r.TIME_SCHEMA),
    )
]


class City(BaseModel):
    city: str
    degrees: int


def plain() -> None:
    reply = responses.create(model=r.MODEL, input=r.PLAIN)
    r.equal(reply.output_text, r.SAID)
    assert reply.usage and reply.usage.output_tokens > 0


def stream() -> None:
    events = responses.create(model=r.MODEL, input=r.LONG, stream=True)
    r.streamed([e.delta for e in events if e.type == "response.output_text.delta"])


def helper() -> None:
    with responses.stream(model=r.MODEL, input=r.LONG) as events:
        r.streamed([e.delta for e in events if e.type == "response.output_text.delta"])
        r.equal(len(events.get_final_response().output_text.split()), r.LONG_WORDS)


def loop(*, stored: bool) -> None:
    """Three steps; what is not stored is sent again, as it came."""
    items: list[Any] = [{"role": "user", "content": r.TOOLS}]
    made, more = [], {} if stored else {"store": False}
    if not stored:
        more["include"] = ["reasoning.encrypted_content"]
    while True:
        reply = responses.create(model=r.MODEL, input=items, tools=TOOLS, **more)
        calls = [item for item in reply.output if item.type == "function_call"]
        if not calls:
            break
        made += [(call.name, json.loads(call.arguments)) for call in calls]
        results = [
            {
                "type": "function_call_output",
                "call_id": call.call_id,
                "output": r.called(call.name, json.loads(call.arguments)),
            }
            for call in reversed(calls)
        ]
        if stored:
            more["previous_response_id"], items = reply.id, results
        else:
            items += [*reply.output, *results]
    r.equal(made, r.CALLS)
    r.holds(reply.output_text, r.TIME)


def schema() -> None:
    reply = responses.parse(model=r.MODEL, input=r.CITY, text_format=City)
    r.equal(reply.output_parsed, City(city="Oslo", degrees=21))


def thoughts() -> None:
    wanted: Any = {"effort": "low", "summary": "auto"}
    reply = responses.create(model=r.MODEL, input=r.THINK, reasoning=wanted)
    [found] = [item for item in reply.output if item.type == "reasoning"]
    r.holds(found.summary[0].text, r.THOUGHT)
    r.equal(reply.output_text, "Green.")


def image() -> None:
    content: Any = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{r.PNG}"},
    ]
    reply = responses.create(
        model=r.MODEL, input=[{"role": "user", "content": content}]
    )
    r.holds(reply.output_text, r.SEEN)


def errors() -> None:
    ask = lambda c, m: c.responses.create(model=m, input="Hi")  # noqa: E731
    stranger = client.with_options(api_key="sk-gswarm-nobody")
    r.refused(openai.AuthenticationError, lambda: ask(stranger, r.MODEL))
    r.refused(openai.NotFoundError, lambda: ask(client, "nobody-9"), "nobody-9")
    gone = "resp_" + "0" * 48
    r.refused(openai.NotFoundError, lambda: responses.retrieve(gone))


def state() -> None:
    first = responses.create(model=r.MODEL, input=r.PLAIN)
    r.equal(responses.retrieve(first.id).output_text, r.SAID)
    second = responses.create(
        model=r.MODEL, input="And now?", previous_response_id=first.id
    )
    r.holds(second.output_text, "turn 2 of the conversation")
    responses.delete(first.id)
    r.refused(openai.NotFoundError, lambda: responses.retrieve(first.id))


r.run(
    plain=plain,
    stream=stream,
    helper=helper,
    tools=lambda: loop(stored=True),
    replayed=lambda: loop(stored=False),
    schema=schema,
    thoughts=thoughts,
    image=image,
    errors=errors,
    state=state,
)
