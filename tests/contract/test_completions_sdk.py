"""Legacy completions by the official Python SDK and by LangChain's own class."""

from __future__ import annotations

import openai
import pytest
from langchain_openai import OpenAI as LangChainOpenAI

from tests.contract.test_openai_sdk import MODEL, connect


@pytest.fixture
def client(gateway):
    with connect(gateway) as client:
        yield client


def test_a_prompt_is_completed(client, google):
    reply = client.completions.create(model=MODEL, prompt="Hello Ember", echo=True)

    assert reply.object == "text_completion"
    assert reply.id.startswith("cmpl-")
    [choice] = reply.choices
    assert choice.text.startswith(f"Hello EmberSimulated {MODEL} heard: Hello Ember")
    assert choice.finish_reason == "stop"
    assert reply.usage.total_tokens > 0


def test_a_stream(client):
    chunks = list(
        client.completions.create(
            model=MODEL,
            prompt=["Tell me a long story"],
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[-1].usage.total_tokens > 0
    assert chunks[-2].choices[0].finish_reason == "stop"
    text = "".join(chunk.choices[0].text for chunk in chunks[:-1])
    assert text.startswith(f"Simulated {MODEL} heard: Tell me a long story")


def test_stop_ends_it(client):
    reply = client.completions.create(
        model=MODEL, prompt="[[say:one two three four]]", stop=["three"]
    )
    assert reply.choices[0].text.strip() == "one two"


def test_what_cannot_be_served_is_refused(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(model=MODEL, prompt="a", suffix="b")
    assert refused.value.param == "suffix"


def model_for(gateway):
    return LangChainOpenAI(
        model=MODEL, base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0
    )


def test_langchain_s_class_for_prompts(gateway):
    model = model_for(gateway)
    assert "heard: Hello Ember" in model.invoke("Hello Ember")
    assert "heard: Hello Ember" in "".join(model.stream("Hello Ember"))


def test_several_prompts_are_completed_in_their_order(client, gateway, google):
    reply = client.completions.create(model=MODEL, prompt=["Hello Ada", "Hello Eve"])

    assert [choice.index for choice in reply.choices] == [0, 1]
    heard = [choice.text for choice in reply.choices]
    assert "heard: Hello Ada" in heard[0]
    assert "heard: Hello Eve" in heard[1]
    assert len(google.calls(model=MODEL)) == 2
    admin = gateway.sign_in()
    rows = admin.get("/api/gswarm/requests").json()["requests"]
    assert [row["status"] for row in rows] == ["success"] * 2
    assert len(model_for(gateway).generate(["One", "Two"]).generations) == 2
