"""Answers given again."""

import pytest

from gswarm.chat import response_cache
from gswarm.chat.response_cache import CacheKey, cache_key
from gswarm.dialects.openai_chat.read import read_request
from gswarm.gemini.reply import Fold
from gswarm.gemini.request import GenerateRequest
from gswarm.store import names
from tests.unit.store.round_trips import round_trips

MODEL = "gemini-3.5-flash"


def request(text="hello", *, model=MODEL, **body):
    contents = [{"role": "user", "parts": [{"text": text}]}]
    generation = {"generationConfig": {"temperature": 0, "seed": 1}}
    return GenerateRequest(model, {"contents": contents, **generation, **body})


def reply(*texts, finish="STOP", **more):
    fold = Fold()
    for text in texts:
        fold.feed({"candidates": [{"content": {"parts": [{"text": text}]}}]})
    fold.feed({"candidates": [{"finishReason": finish}], **more})
    return fold


def keep(store, asked, fold, seconds=300):
    pipe = store.pipeline()
    response_cache.keep(pipe, asked, fold, seconds)
    pipe.execute()


def look_up(store, asked):
    pipe = store.pipeline()
    answer = response_cache.look_up(pipe, asked)
    return answer.among(pipe.execute())


def asked(tenant="alice", mode="deterministic", wish=None, **changes):
    return cache_key(tenant, request(**changes), mode, wish)


@pytest.mark.parametrize(
    ("mode", "body", "is_kept"),
    [
        ("deterministic", {}, True),
        ("deterministic", {"generationConfig": {"temperature": 0.0}}, True),
        ("deterministic", {"generationConfig": {"temperature": 0.1}}, False),
        ("deterministic", {"generationConfig": {}}, False),
        ("deterministic", {"generationConfig": None}, False),
        ("deterministic", {"tools": [{"googleSearch": {}}]}, False),
        ("all", {"generationConfig": {}}, True),
        ("all", {"tools": [{"googleSearch": {}}]}, True),
        ("off", {}, False),
    ],
)
def test_the_mode_says_what_may_be_kept(store, mode, body, is_kept):
    keep(store, asked(mode=mode, **body), reply("hi"))

    answer = look_up(store, asked(mode=mode, **body))
    assert (answer is not None) is is_kept
    assert asked(mode=mode, **body).word(answer) == ("hit" if is_kept else "bypass")


def test_a_stream_comes_back_as_one_chunk(store):
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}
    keep(store, asked(), reply("Hel", "lo", usageMetadata=usage))

    answer = look_up(store, asked())

    [candidate] = answer["candidates"]
    assert candidate["content"]["parts"] == [{"text": "Hello"}]
    assert candidate["finishReason"] == "STOP"
    assert answer["usageMetadata"] == usage


def test_only_the_very_same_question_is_a_hit(store):
    keep(store, asked(), reply("hi"))

    assert look_up(store, asked())
    assert asked().word(None) == "miss"
    for other in (
        asked(tenant="bob"),
        asked(model="gemini-2.5-pro"),
        asked(text="hello "),
        asked(generationConfig={"temperature": 0, "seed": 2}),
        asked(systemInstruction={"parts": [{"text": "Be brief."}]}),
    ):
        assert look_up(store, other) is None


def read(**body):
    """What the cache makes of a chat request with these fields, in this order."""
    messages = [{"content": "hello", "role": "user"}]
    asked = {"model": MODEL, "temperature": 0, **body, "messages": messages}
    read = read_request(asked, aliases={}, default_model=MODEL)
    return cache_key("alice", read.request, "deterministic")


def test_the_order_of_fields_does_not_matter():
    google = {"generation_config": {"speech_config": {}, "audio_timestamp": True}}
    fields = {"stop": ["x"], "seed": 1, "top_p": 0.5, "google": google}
    turned = {"generation_config": dict(reversed(google["generation_config"].items()))}

    again = read(**dict(reversed((fields | {"google": turned}).items())))

    assert again == read(**fields)


def test_the_order_of_a_schemas_properties_matters():
    def shaped(*names):
        schema = {"type": "object", "properties": {name: {} for name in names}}
        form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        return read(response_format=form)

    assert shaped("reasoning", "answer") == shaped("reasoning", "answer")
    assert shaped("reasoning", "answer") != shaped("answer", "reasoning")


def test_a_whole_number_is_the_same_with_a_point():
    assert read(temperature=0.0, top_p=1.0) == read(temperature=0, top_p=1)
    assert read(top_p=0.5) != read(top_p=1)


@pytest.mark.parametrize(
    "fold",
    [
        reply("hi", finish="MAX_TOKENS"),
        reply("hi", finish="SAFETY"),
        reply("hi", finish=None),
        reply(),
        reply(finish=None, promptFeedback={"blockReason": "SAFETY"}),
        reply("x" * 1_000_001),
    ],
    ids=["cut", "filtered", "broken off", "empty", "blocked", "too long"],
)
def test_an_answer_that_is_no_whole_answer_is_not_kept(store, fold):
    keep(store, asked(), fold)

    assert look_up(store, asked()) is None


def test_no_cache_asks_anew_and_refreshes_the_answer(store):
    keep(store, asked(), reply("old"))
    fresh = asked(wish="max-age=0, No-Cache")

    assert look_up(store, fresh) is None
    assert fresh.word(None) == "bypass"
    keep(store, fresh, reply("new"))
    parts = look_up(store, asked())["candidates"][0]["content"]["parts"]
    assert parts == [{"text": "new"}]


def test_no_store_keeps_nothing(store):
    keep(store, asked(wish="no-store"), reply("hi"))

    assert look_up(store, asked()) is None


def test_answers_are_forgotten_after_their_time(store):
    keep(store, asked(), reply("hi"), seconds=300)
    keep(store, asked(text="bye"), reply("hi"), seconds=0)

    assert 0 < store.ttl(names.answer(asked().fingerprint)) <= 300
    assert look_up(store, asked(text="bye")) is None


def test_what_cannot_be_written_down_is_not_cached():
    assert asked(labels={"size": 2**70}) == CacheKey()


def test_a_look_up_is_one_command_and_no_command_when_bypassed(store):
    with round_trips(store) as trips:
        look_up(store, asked())
        look_up(store, asked(wish="no-cache"))

    assert trips == [["GET"]]


def test_answers_are_bounded_however_many_questions_there_are(store, monkeypatch):
    monkeypatch.setattr("gswarm.store.response_cache.MOST_BYTES", 20_000)

    for n in range(40):
        keep(store, asked(text=f"question {n}"), reply("x" * 1_000), seconds=60)

    kept = store.keys("gswarm:answer:*")
    assert 10 <= len(kept) < 20
    assert sum(len(store.get(key)) for key in kept) <= 20_000
    assert look_up(store, asked(text="question 39"))
    assert look_up(store, asked(text="question 0")) is None
    for key in store.keys("gswarm:answer*"):
        assert 0 < store.ttl(key) <= 60
