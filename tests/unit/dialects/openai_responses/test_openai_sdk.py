"""The official SDK reads our streams and responses as they are meant."""

import json

import httpx2
import openai
import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from .cases import events_of, load, names, streamed, whole

ASK = {"model": "gemini-3.5-flash", "input": "Hi"}
STREAM_TYPE = {"content-type": "text/event-stream; charset=utf-8"}
EVENT = TypeAdapter(ResponseStreamEvent)
FAILING = {"failed", "incomplete"}


def case_of(name: str) -> tuple[dict, bytes]:
    case = load(name)
    return case["expect"], streamed({**case["request"], "stream": True}, case["chunks"])


def good(*but: str) -> list[str]:
    found = names("replies")
    return [
        name for name in found if load(name)["expect"]["whole"].keys() - {"refusal"}
    ]


def client_of(content: bytes, headers: dict) -> openai.OpenAI:
    transport = httpx2.MockTransport(
        lambda request: httpx2.Response(200, headers=headers, content=content)
    )
    return openai.OpenAI(
        api_key="test",
        base_url="http://gateway.invalid/v1",
        http_client=httpx2.Client(transport=transport),
    )


@pytest.mark.parametrize("name", good())
def test_its_strict_models_accept_a_response(name):
    case = load(name)
    answer = whole(case["request"], case["chunks"])
    Response.model_validate(answer)
    with client_of(json.dumps(answer).encode(), {}) as client:
        read = client.responses.create(**ASK)
    assert read.status == answer["status"]
    assert [item.id for item in read.output] == [
        item["id"] for item in answer["output"]
    ]


@pytest.mark.parametrize("name", names("replies"))
def test_its_strict_models_accept_every_event(name):
    for event in events_of(case_of(name)[1]):
        EVENT.validate_python(event)


@pytest.mark.parametrize("name", good())
def test_its_helper_gathers_the_whole_response(name):
    expected, stream = case_of(name)
    with (
        client_of(stream, STREAM_TYPE) as client,
        client.responses.stream(**ASK) as run,
    ):
        kinds = [event.type for event in run]
        if expected["whole"]["status"] != "completed":
            assert kinds[-1] == "response.incomplete"
            return
        final = run.get_final_response()
    assert kinds[-1] == "response.completed"
    texts = [
        part["text"]
        for item in expected["whole"]["output"]
        if item["type"] == "message"
        for part in item["content"]
    ]
    assert final.output_text == "".join(texts)
