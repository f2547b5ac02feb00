"""A prompt in, the text that follows it out."""

import json

import pytest

from gswarm.dialects.dialect import Reading
from gswarm.dialects.openai_completions.read import read_request
from gswarm.dialects.openai_completions.several import one_by_one, together
from gswarm.dialects.served import Served
from gswarm.errors import InvalidRequest, UpstreamError
from gswarm.gemini.generation import Generation
from gswarm.gemini.models import DEFAULT_ALIASES
from gswarm.gemini.reply import Fold

SERVED = Served("p", 1, "gemini-2.5-flash", 9, "ab" * 12, 1_795_300_000)
READING = Reading(DEFAULT_ALIASES, "gemini-3.5-flash", Generation())


def read(reading: Reading = READING, **fields):
    return read_request(
        {"model": "gemini-2.5-flash", "prompt": "Once", **fields}, reading
    )


def fold_of(*parts: dict, finish: str | None = "STOP") -> tuple[Fold, list[dict]]:
    chunks = [{"candidates": [{"content": {"parts": [part]}}]} for part in parts]
    chunks.append(
        {
            "candidates": [{"finishReason": finish}],
            "usageMetadata": {
                "promptTokenCount": 3,
                "candidatesTokenCount": 2,
                "totalTokenCount": 5,
            },
        }
    )
    fold = Fold()
    for chunk in chunks:
        fold.feed(chunk)
    return fold, chunks


@pytest.mark.parametrize("prompt", ["Once upon", ["Once upon"]])
def test_a_prompt_is_one_turn_of_the_user(prompt):
    asked = read(prompt=prompt, max_tokens=9, stop="END", seed=1, temperature=0)

    assert asked.request.body["contents"] == [
        {"role": "user", "parts": [{"text": "Once upon"}]}
    ]
    config = asked.request.body["generationConfig"]
    assert config["maxOutputTokens"] == 9
    assert config["stopSequences"] == ["END"]
    assert config["thinkingConfig"]["thinkingBudget"] == 1_024


def test_without_a_limit_there_is_none():
    assert "maxOutputTokens" not in read().request.body["generationConfig"]


def test_the_operator_s_effort_wins_over_the_least():
    defaults = Generation(thinking_level="high")
    asked = read(Reading({}, "gemini-2.5-flash", defaults))
    thinking = asked.request.body["generationConfig"]["thinkingConfig"]
    assert thinking["thinkingBudget"] == 24_576


def test_a_fallback_reads_the_same_prompt_for_another_model():
    asked = read(Reading({}, "x", Generation(), model="gemini-2.5-pro"))
    assert asked.request.model == "gemini-2.5-pro"
    assert asked.model == "gemini-2.5-flash"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": [1, 2]}, "prompt"),
        ({"prompt": [[1, 2]]}, "prompt"),
        ({"prompt": {"a": 1}}, "prompt"),
        ({"prompt": ["a", 7]}, "prompt"),
        ({"suffix": "end"}, "suffix"),
        ({"best_of": 2}, "best_of"),
        ({"n": 2}, "n"),
        ({"logprobs": 1}, "logprobs"),
        ({"echo": "yes"}, "echo"),
        ({"max_tokens": "many"}, "max_tokens"),
    ],
)
def test_what_cannot_be_served_is_refused_by_its_field(fields, param):
    with pytest.raises(InvalidRequest) as refused:
        read(**fields)
    assert refused.value.param == param


def test_null_and_unknown_fields_are_nothing():
    read(suffix=None, best_of=1, n=1, logprobs=None, user="u", frobnicate=1)


@pytest.mark.parametrize(
    ("finish", "word"),
    [("STOP", "stop"), ("MAX_TOKENS", "length"), ("SAFETY", "content_filter")],
)
def test_a_reply(finish, word):
    fold, _ = fold_of(
        {"text": "hm", "thought": True}, {"text": " a time"}, finish=finish
    )

    assert read(echo=True).whole(fold, SERVED) == {
        "id": f"cmpl-{'ab' * 12}",
        "object": "text_completion",
        "created": 1_795_300_000,
        "model": "gemini-2.5-flash",
        "choices": [
            {
                "text": "Once a time",
                "index": 0,
                "logprobs": None,
                "finish_reason": word,
            }
        ],
        "usage": read().whole(fold, SERVED)["usage"],
    }


def streamed(asked, chunks, fold) -> list:
    writer = asked.writer(fold, lambda: SERVED)
    events = writer.open() + b"".join(map(writer.chunk, chunks)) + writer.close()
    data = [line.removeprefix("data: ") for line in events.decode().split("\n\n")[:-1]]
    return [each if each == "[DONE]" else json.loads(each) for each in data]


def test_a_stream():
    fold, chunks = fold_of({"text": " a"}, {"text": " time"})
    asked = read(echo=True, stream=True, stream_options={"include_usage": True})

    *told, last, usage, done = streamed(asked, chunks, fold)

    assert [event["choices"][0]["text"] for event in told] == ["Once", " a", " time"]
    assert {event["choices"][0]["finish_reason"] for event in told} == {None}
    assert last["choices"][0] == {
        "text": "",
        "index": 0,
        "logprobs": None,
        "finish_reason": "stop",
    }
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 5
    assert done == "[DONE]"
    assert {event["object"] for event in (*told, last, usage)} == {"text_completion"}


def test_a_reply_that_is_no_use_is_no_reply():
    fold, chunks = fold_of({"text": "half"}, finish=None)
    with pytest.raises(UpstreamError):
        read().whole(fold, SERVED)
    *_, error = streamed(read(stream=True), chunks, fold)
    assert error["error"]["code"] == "upstream_error"


def test_several_prompts_are_questions_of_their_own():
    body = {"prompt": ["a", "b"], "max_tokens": 5}
    assert one_by_one(body) == [
        {"prompt": "a", "max_tokens": 5},
        {"prompt": "b", "max_tokens": 5},
    ]
    for one in ("a", ["a"], [1, 2], [["a"]], None, []):
        assert one_by_one({"prompt": one}) == []
    assert one_by_one([]) == []


@pytest.mark.parametrize(
    "body", [{"prompt": ["a"] * 21}, {"prompt": ["a", "b"], "stream": True}]
)
def test_of_several_prompts_there_are_bounds(body):
    with pytest.raises(InvalidRequest) as refused:
        one_by_one(body)
    assert refused.value.param == "prompt"


def test_several_completions_come_together():
    fold, _ = fold_of({"text": " a time"})
    reply = read().whole(fold, SERVED)
    both = together([reply, reply])
    assert [choice["index"] for choice in both["choices"]] == [0, 1]
    assert both["usage"]["total_tokens"] == 10
    assert both["usage"]["prompt_tokens_details"]["cached_tokens"] == 0
