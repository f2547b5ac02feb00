"""The anthropic SDK on Messages."""

from __future__ import annotations

from typing import Any

import anthropic
import run as r

client = anthropic.Anthropic(base_url=r.URL, api_key=r.KEY, max_retries=0)
messages = client.messages
TOOLS: list[Any] = [
    {"name": "get_weather", "input_schema": r.WEATHER_SCHEMA},
    {"name": "get_time", "input_schema": r.TIME_SCHEMA},
]


def user(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


def text_of(reply: Any) -> str:
    return "".join(block.text for block in reply.content if block.type == "text")


def ask(content: Any, **more: Any) -> Any:
    return messages.create(
        model=r.MODEL, max_tokens=4000, messages=user(content), **more
    )


def plain() -> None:
    reply = ask(r.PLAIN)
    r.equal(text_of(reply), r.SAID)
    r.equal(reply.stop_reason, "end_turn")
    assert reply.usage.output_tokens > 0


def stream() -> None:
    with messages.stream(
        model=r.MODEL, max_tokens=4000, messages=user(r.LONG)
    ) as events:
        r.streamed(list(events.text_stream))
        r.equal(len(text_of(events.get_final_message()).split()), r.LONG_WORDS)


def loop(**more: Any) -> list[Any]:
    history, made, replies = user(r.TOOLS), [], []
    while True:
        with messages.stream(
            model=r.MODEL, max_tokens=8000, messages=history, tools=TOOLS, **more
        ) as events:
            reply = events.get_final_message()
        replies.append(reply)
        calls = [block for block in reply.content if block.type == "tool_use"]
        if not calls:
            break
        made += [(call.name, call.input) for call in calls]
        results = [
            {
                "type": "tool_result",
                "tool_use_id": call.id,
                "content": r.called(call.name, call.input),
            }
            for call in reversed(calls)
        ]
        history += [{"role": "assistant", "content": reply.content}, *user(results)]
    r.equal(made, r.CALLS)
    r.holds(text_of(reply), r.TIME)
    return replies


def tools() -> None:
    loop()


def thoughts() -> None:
    thinking = {"type": "adaptive", "display": "summarized"}
    reply = ask(r.THINK, thinking=thinking)
    [found] = [block for block in reply.content if block.type == "thinking"]
    r.holds(found.thinking, r.THOUGHT)
    r.equal(text_of(reply), "Green.")
    replies = loop(thinking={"type": "enabled", "budget_tokens": 2000})
    blocks = [block for reply in replies for block in reply.content]
    assert any(block.type == "thinking" and block.signature for block in blocks)


def schema() -> None:
    wanted = {"format": {"type": "json_schema", "schema": r.CITY_SCHEMA}}
    r.holds(text_of(ask(r.CITY, output_config=wanted)), "Oslo")


def image() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": r.PNG}
    picture = {"type": "image", "source": source}
    r.holds(text_of(ask([{"type": "text", "text": "What is this?"}, picture])), r.SEEN)


def errors() -> None:
    stranger = client.with_options(api_key="sk-gswarm-nobody")

    def by(who: anthropic.Anthropic, model: str) -> Any:
        return who.messages.create(model=model, max_tokens=9, messages=user("Hi"))

    r.refused(anthropic.AuthenticationError, lambda: by(stranger, r.MODEL))
    r.refused(anthropic.NotFoundError, lambda: by(client, "nobody-9"), "nobody-9")
    odd: Any = [{"role": "nobody", "content": "Hi"}]
    r.refused(
        anthropic.BadRequestError,
        lambda: messages.create(model=r.MODEL, max_tokens=9, messages=odd),
        "messages.0.role",
    )


def models() -> None:
    assert [model.id for model in client.models.list()]


def count() -> None:
    counted = messages.count_tokens(model=r.MODEL, messages=user("Hello you"))
    more = messages.count_tokens(
        model=r.MODEL, messages=user("Hello you, all of you out there"), tools=TOOLS
    )
    assert 0 < counted.input_tokens < more.input_tokens


r.run(
    plain=plain,
    stream=stream,
    tools=tools,
    schema=schema,
    thoughts=thoughts,
    image=image,
    errors=errors,
    models=models,
    count=count,
)
