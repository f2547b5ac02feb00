"""google-genai on Gemini's own API."""

from __future__ import annotations

import base64
from typing import Any

import run as r
from google import genai
from google.genai import errors as google_errors
from google.genai import types
from pydantic import BaseModel


class City(BaseModel):
    city: str
    degrees: int


def client_for(key: str) -> genai.Client:
    return genai.Client(api_key=key, http_options={"base_url": r.URL})


client = client_for(r.KEY)
models = client.models
TOOLS = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(name=name, parameters_json_schema=schema)
        for name, schema in (
            ("get_weather", r.WEATHER_SCHEMA),
            ("get_time", r.TIME_SCHEMA),
        )
    ]
)


def plain() -> None:
    reply = models.generate_content(model=r.MODEL, contents=r.PLAIN)
    r.equal(reply.text, r.SAID)
    assert reply.usage_metadata and reply.usage_metadata.candidates_token_count


def stream() -> None:
    chunks = models.generate_content_stream(model=r.MODEL, contents=r.LONG)
    r.streamed([chunk.text for chunk in chunks if chunk.text])


def tools() -> None:
    contents: list[Any] = [types.UserContent(r.TOOLS)]
    made, config = [], types.GenerateContentConfig(tools=[TOOLS])
    while True:
        reply = models.generate_content(model=r.MODEL, contents=contents, config=config)
        if not reply.function_calls:
            break
        contents.append(reply.candidates[0].content)
        made += [(call.name, call.args) for call in reply.function_calls]
        parts = [
            types.Part(
                function_response=types.FunctionResponse(
                    id=call.id,
                    name=call.name,
                    response={"output": r.called(call.name, call.args)},
                )
            )
            for call in reply.function_calls
        ]
        contents.append(types.UserContent(parts))
    r.equal(made, r.CALLS)
    r.holds(reply.text, r.TIME)


def automatic() -> None:
    """Its own loop over python functions, in a chat that streams."""
    config = types.GenerateContentConfig(tools=[r.get_weather, r.get_time])
    chat = client.chats.create(model=r.MODEL, config=config)
    r.holds(chat.send_message(r.TOOLS).text, r.TIME)


def schema() -> None:
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=City
    )
    reply = models.generate_content(model=r.MODEL, contents=r.CITY, config=config)
    r.equal(reply.parsed, City(city="Oslo", degrees=21))


def thoughts() -> None:
    thinking = types.ThinkingConfig(include_thoughts=True, thinking_level="LOW")
    config = types.GenerateContentConfig(thinking_config=thinking)
    reply = models.generate_content(model=r.MODEL, contents=r.THINK, config=config)
    found = [part.text for part in reply.candidates[0].content.parts if part.thought]
    r.holds(found, "Pondering")
    r.equal(reply.text, "Green.")


def image() -> None:
    data = base64.b64decode(r.PNG)
    picture = types.Part.from_bytes(data=data, mime_type="image/png")
    reply = models.generate_content(model=r.MODEL, contents=["What is this?", picture])
    r.holds(reply.text, r.SEEN)


def errors() -> None:
    def ask(who: genai.Client, model: str) -> Any:
        return who.models.generate_content(model=model, contents="Hi")

    kind = google_errors.ClientError
    r.refused(kind, lambda: ask(client_for("sk-gswarm-nobody"), r.MODEL))
    r.refused(kind, lambda: ask(client, "nobody-9"), "404", "nobody-9")


def listed() -> None:
    assert f"models/{r.MODEL}" in [model.name for model in models.list()]
    r.equal(models.get(model=r.MODEL).name, f"models/{r.MODEL}")


def count() -> None:
    assert models.count_tokens(model=r.MODEL, contents="Hello").total_tokens


r.run(
    plain=plain,
    stream=stream,
    tools=tools,
    automatic=automatic,
    schema=schema,
    thoughts=thoughts,
    image=image,
    errors=errors,
    models=listed,
    count=count,
)
