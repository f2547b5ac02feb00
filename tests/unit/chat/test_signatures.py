"""Thought signatures that clients drop and GSwarm remembers."""

import pytest

from gswarm.chat import signatures
from gswarm.chat.signatures import NOTHING
from gswarm.gemini.calls import NotedCall
from gswarm.gemini.request import GenerateRequest, PastCall
from gswarm.gemini.thoughts import KnownCall, Recalled, id_of_text
from gswarm.store import names
from gswarm.store import signatures as kept
from tests.unit.store.round_trips import round_trips

MODEL = "gemini-3.5-flash"
OSLO = {"city": "Oslo", "days": 3}


def noted(n=1, *, name="weather", args=OSLO, signature="c2lnbmVk", **more):
    call_id = f"call_{n:024x}"
    return NotedCall(call_id, f"native-{n}", name, args, signature, n == 1, **more)


def past(n=1, *, call_id=None, name="weather", args=OSLO, is_current=True):
    call_id = call_id or f"call_{n:024x}"
    return PastCall(1, 0, call_id, name, args, None, n == 1, is_current)


def keep(store, *notes, tenant="alice", model=MODEL, account="a@example.com", **more):
    pipe = store.pipeline()
    signatures.keep(pipe, tenant, notes, model=model, account=account, **more)
    pipe.execute()


def recall(store, *calls, tenant="alice", model=MODEL):
    pipe = store.pipeline()
    request = GenerateRequest(model, {"contents": []}, past_calls=calls)
    recalled = signatures.recall(pipe, tenant, request)
    return recalled.among(pipe.execute())


def recall_texts(store, *texts, tenant="alice", model=MODEL, calls=()):
    """What is known of a conversation in which the model said these."""
    contents = [
        content
        for text in texts
        for content in (
            {"role": "user", "parts": [{"text": "?"}]},
            {"role": "model", "parts": [{"text": text}]},
        )
    ]
    pipe = store.pipeline()
    request = GenerateRequest(model, {"contents": contents}, past_calls=calls)
    return signatures.recall(pipe, tenant, request).among(pipe.execute())


def known(n=1, signature="c2lnbmVk", account="a@example.com"):
    return KnownCall(f"native-{n}", signature, MODEL, account)


def test_a_call_is_known_by_the_id_it_was_given(store):
    keep(store, noted())

    recalled = recall(store, past(args={"city": "Bergen"}))

    call_id = noted().call_id
    assert recalled == Recalled({call_id: known()}, "a@example.com")


@pytest.mark.parametrize(
    "args",
    [
        {"days": 3, "city": "Oslo"},
        {"city": "Oslo", "days": 3.0},
    ],
    ids=["reordered", "as floats"],
)
def test_a_call_with_a_rewritten_id_is_known_by_what_it_calls(store, args):
    keep(store, noted())

    recalled = recall(store, past(call_id="toolu_1", args=args))

    assert recalled.known == {"toolu_1": known()}


def test_a_call_is_known_by_the_id_another_dialect_gave_it(store):
    keep(store, noted())
    call_id = noted().call_id.replace("call_", "toolu_")

    recalled = recall(store, past(call_id=call_id, args={"city": "Bergen"}))

    assert recalled == Recalled({call_id: known()}, "a@example.com")


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": "bob"},
        {"model": "gemini-3.1-pro"},
    ],
)
def test_a_rewritten_id_is_nothing_to_another_key_or_model(store, other):
    keep(store, noted())

    assert recall(store, past(call_id="toolu_1"), **other).known == {}


def test_another_key_does_not_see_what_this_one_was_told(store):
    keep(store, noted())

    assert recall(store, past(), tenant="bob") == NOTHING


def test_the_id_is_believed_before_the_arguments(store):
    keep(store, noted(1, signature="first"))
    keep(store, noted(2, signature="second"))

    recalled = recall(store, past(1), past(2), past(call_id="toolu_3"))

    found = [call.signature for call in recalled.known.values()]
    assert found == ["first", "second", "second"]


def test_one_id_for_several_calls_says_nothing(store):
    keep(store, noted(1, args={"n": 1}), noted(2, args={"n": 2}), noted(3))

    again = [past(call_id="call_0", args={"n": n}) for n in (1, 2)]
    recalled = recall(store, *again, past(3))

    assert recalled.known == {past(3).call_id: known(3)}


def test_siblings_without_a_signature_are_known_to_have_none(store):
    keep(store, noted(1), noted(2, name="time", args={}, signature=None))

    recalled = recall(store, past(1), past(2, name="time", args={}))

    assert list(recalled.known.values()) == [known(1), known(2, signature=None)]


def test_the_account_of_the_newest_signature_is_named(store):
    keep(store, noted(1), account="a@example.com")
    keep(store, noted(2), account="b@example.com")
    keep(store, noted(3, signature=None), account="c@example.com")

    assert recall(store, past(1), past(2), past(3)).account == "b@example.com"
    assert recall(store, past(2), past(1)).account == "a@example.com"
    assert recall(store, past(9, args={})).account is None


def test_only_the_current_turn_is_asked_for(store):
    keep(store, noted())

    with round_trips(store) as trips:
        assert recall(store, past(is_current=False)) == NOTHING
        assert recall(store) == NOTHING
    assert trips == []


def test_memory_and_look_up_are_one_command_each(store):
    with round_trips(store) as trips:
        keep(store)
        keep(store, noted(1), noted(2))
        recall(store, past(1), past(2))

    assert trips == [["EVALSHA"], ["MGET"]]


def test_a_very_long_turn_asks_for_its_newest_calls(store):
    calls = [past(n, args={"n": n}) for n in range(300)]
    for start in range(0, 300, 100):
        batch = range(start, start + 100)
        keep(store, *(noted(n, args={"n": n}) for n in batch))

    recalled = recall(store, *calls)

    assert list(recalled.known) == [call.call_id for call in calls[-128:]]


def test_what_is_kept_is_forgotten_after_a_day(store):
    keep(store, noted(1))

    [index] = store.keys(names.known_calls("*"))
    found = store.keys(names.known_call("*"))
    assert len(found) == 2
    assert all(0 < store.ttl(name) <= 86_400 for name in [index, *found])


def test_a_tenants_oldest_calls_make_room(store, monkeypatch):
    monkeypatch.setattr(kept, "MOST_CALLS", 6)
    for n in range(5):
        keep(store, noted(n, args={"n": n}), now=1000.0 + n)

    recalled = recall(store, *(past(n, args={"n": n}) for n in range(5)))

    assert list(recalled.known) == [past(n).call_id for n in (2, 3, 4)]
    assert len(store.keys(names.known_call("*"))) == 6


@pytest.mark.parametrize("args", [{"size": 2**70}, {"deep": None}])
def test_arguments_that_cannot_be_written_down_leave_the_id(store, args):
    if "deep" in args:
        nested = args["deep"] = []
        for _ in range(600):
            nested.append(nested := [])
    keep(store, noted(args=args))

    assert recall(store, past(args={})).known == {past().call_id: known()}


def test_a_signature_beyond_all_measure_is_not_kept(store):
    keep(store, noted(signature="x" * 40_000))

    assert recall(store, past()) == NOTHING


SAID = "Hello there, answer."
TEXT = {"signed_text": (SAID, "c2lnbmVk")}


def test_a_text_is_known_by_what_it_says(store):
    keep(store, **TEXT)

    recalled = recall_texts(store, " Hello there, answer.\n")

    turn = KnownCall(None, "c2lnbmVk", MODEL, "a@example.com")
    assert recalled == Recalled({id_of_text(SAID): turn})
    assert recall_texts(store, "Hello there.") == NOTHING


@pytest.mark.parametrize("other", [{"tenant": "bob"}, {"model": "gemini-3.1-pro"}])
def test_a_text_is_nothing_to_another_key_or_model(store, other):
    keep(store, **TEXT)

    assert recall_texts(store, SAID, **other) == NOTHING


@pytest.mark.parametrize("nothing", [None, (" ", "c2lnbmVk"), (SAID, "x" * 40_000)])
def test_a_text_without_words_or_a_bearable_signature_is_not_kept(store, nothing):
    with round_trips(store) as trips:
        keep(store, signed_text=nothing)

    assert trips == []


def test_only_the_latest_texts_are_asked_for(store):
    for n in range(9):
        keep(store, signed_text=(f"Text {n}", f"sig{n}"))

    recalled = recall_texts(store, *(f"Text {n}" for n in range(9)))

    found = {turn.signature for turn in recalled.known.values()}
    assert found == {"sig5", "sig6", "sig7", "sig8"}


def test_who_signed_a_text_is_not_asked_again_for_it(store):
    keep(store, noted(), account="a@example.com")
    keep(store, **TEXT, account="b@example.com")

    assert recall_texts(store, SAID).account is None
    recalled = recall_texts(store, SAID, calls=(past(),))
    assert (len(recalled.known), recalled.account) == (2, "a@example.com")


def test_calls_and_texts_are_one_command_each_way(store):
    with round_trips(store) as trips:
        keep(store, noted(), **TEXT)
        recall_texts(store, SAID, calls=(past(),))

    assert trips == [["EVALSHA"], ["MGET"]]
