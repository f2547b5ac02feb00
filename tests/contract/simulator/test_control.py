"""The simulator's own API: the scene, the script, the log, the clock."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.simulator.client import GREETING, Client
from tests.simulator_process import Simulator, start_simulator


def until_closed(google: Simulator) -> dict[str, object]:
    """The last call, once it is no longer open; AssertionError after 0.3 s."""
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:
        if not google.open_calls():
            return google.calls(brief=True)[-1]
        time.sleep(0.01)
    raise AssertionError("the call is still open")


def test_a_reset_makes_the_world_asked_for(google: Simulator) -> None:
    entries = google.reset(accounts=4, projects=1, api_keys=1)

    emails = [entry["email"] for entry in entries["accounts"]]
    assert emails == [
        f"{name}@example.com" for name in ("alice", "bob", "carol", "user4")
    ]
    assert entries["accounts"][3]["projects"] == ["user4-01"]
    assert set(entries["api_keys"][0]) == {"upstream", "name", "api_key", "project"}
    assert google.calls() == []


def test_a_setting_that_makes_no_sense_is_refused(google: Simulator) -> None:
    for path, body in (
        ("reset", {"acounts": 3}),
        ("accounts", {"email": "x@example.com", "kind": "odd"}),
        ("accounts", {}),
        ("script", {"do": {"error": "no_such_error"}}),
        ("script", {"match": {"projct": "x"}, "do": {}}),
        ("options", {"weather": "fine"}),
        ("projects/nowhere", {"iam_denied": True}),
    ):
        with pytest.raises(AssertionError, match="400"):
            google.control("POST", path, body)


def test_calls_are_logged_with_what_was_sent(google: Simulator, alice: Client) -> None:
    alice.headers["User-Agent"] = "tester/1"
    google.forget_calls()

    alice.generate().raise_for_status()
    alice.generate(project="bob-01")

    first, second = google.calls(method="generateContent")
    assert first["account"] == "alice@example.com"
    assert first["project"] == "alice-01"
    assert first["model"] == first["request"]["model"] == "gemini-2.5-flash"
    assert first["user_agent"] == "tester/1"
    assert (first["status"], first["finished"]) == (200, True)
    assert second["status"] == 403
    assert google.calls(since=first["n"]) == [second]
    assert "request" not in google.calls(brief=True)[0]
    assert google.counts(method="generateContent", status=403, project="bob-01") == 1


def test_request_bodies_can_be_left_out_of_the_log(
    google: Simulator, alice: Client
) -> None:
    google.control("POST", "calls", {"keeps_bodies": False})

    alice.generate()

    assert google.calls()[-1]["request"] is None
    google.control("POST", "calls", {"keeps_bodies": True})


def test_a_client_that_leaves_a_stalled_call_is_noticed(
    google: Simulator, alice: Client
) -> None:
    google.script({"stall": {"before": "headers", "seconds": 30}})

    with pytest.raises(requests.Timeout):
        alice.http.post(
            f"{google.url}/v1internal:generateContent",
            json={"model": "gemini-2.5-flash", "project": "alice-01", "request": {}},
            headers=alice.headers,
            timeout=0.1,
        )

    call = until_closed(google)
    assert call["closed_by_client"] is True
    assert call["finished"] is False


def test_a_client_that_leaves_a_stream_is_noticed(
    google: Simulator, alice: Client
) -> None:
    google.speed(chunk_seconds=10, chunk_chars=5)

    reply = alice.stream()
    next(reply.iter_lines())
    reply.close()

    call = until_closed(google)
    assert call["status"] == 200
    assert call["closed_by_client"] is True
    assert call["finished"] is False


def test_a_finished_stream_says_so(google: Simulator, alice: Client) -> None:
    assert alice.stream().text

    call = google.calls(brief=True)[-1]
    assert (call["finished"], call["closed_by_client"]) == (True, False)
    assert google.open_calls() == 0


def test_scripts_act_in_order_on_the_calls_they_match(
    google: Simulator, alice: Client
) -> None:
    google.script({"error": "rate_limit"}, project="alice-01")
    google.script({"error": "daily_quota", "reset_after": "21h10m20s"}, times=2)

    replies = [alice.generate(project=f"alice-0{n}") for n in (2, 1, 1, 1)]

    assert [reply.status_code for reply in replies] == [429, 429, 429, 200]
    assert "21h10m20s" in replies[0].text
    assert "RATE_LIMIT_EXCEEDED" in replies[1].text


def test_a_script_may_last_until_it_is_cleared(
    google: Simulator, alice: Client
) -> None:
    google.script({"error": "overloaded"}, times=None, model="gemini-2.5-flash")

    assert {alice.generate().status_code for _ in range(3)} == {503}
    assert alice.generate(model="gemini-2.5-pro").status_code == 200
    google.clear_scripts()
    assert alice.generate().status_code == 200


def test_any_status_and_body_can_be_scripted(google: Simulator, alice: Client) -> None:
    google.script({"status": 418, "body": {"a": 1}, "headers": {"Retry-After": "7"}})
    google.script({"status": 502, "body": "<html>"})

    teapot, page = alice.generate(), alice.generate()

    assert (teapot.status_code, teapot.json()) == (418, {"a": 1})
    assert teapot.headers["Retry-After"] == "7"
    assert (page.status_code, page.text) == (502, "<html>")
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("how", ["eof", "rst"])
def test_a_stream_can_be_cut(google: Simulator, alice: Client, how: str) -> None:
    google.script({"cut": {"after": 1, "how": how}})

    reply = alice.stream()

    assert reply.status_code == 200
    with pytest.raises(
        (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
    ):
        _ = reply.content
    call = until_closed(google)
    assert (call["finished"], call["closed_by_client"]) == (False, False)


def test_a_slow_stream_arrives_piece_by_piece(google: Simulator, alice: Client) -> None:
    google.script({"slow": {"chunk_seconds": 0.05, "chunks": 4}})

    begun = time.monotonic()
    times = [time.monotonic() - begun for line in alice.stream().iter_lines() if line]

    assert len(times) >= 4
    assert times[-1] - times[0] >= 0.12


def test_speed_delays_the_first_chunk_not_the_headers(
    google: Simulator, alice: Client
) -> None:
    google.speed(ttft_seconds=0.3)

    begun = time.monotonic()
    reply = alice.stream()
    headers_after = time.monotonic() - begun
    next(reply.iter_lines())
    first_after = time.monotonic() - begun
    reply.close()

    assert headers_after < 0.25
    assert first_after >= 0.3


def test_capacity_and_limits_are_set_from_outside(
    google: Simulator, alice: Client
) -> None:
    limit = {"per": "project", "window": "minute", "models": "*", "limit": 2}
    google.quota(limits=[limit | {"reset": "fixed"}])
    google.quota(capacity={"gemini-2.5-pro": False})

    replies = [alice.generate() for _ in range(3)]
    elsewhere = alice.generate(project="alice-02")
    crowded = alice.generate(model="gemini-2.5-pro", project="alice-02")

    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert elsewhere.status_code == 200
    assert "MODEL_CAPACITY_EXHAUSTED" in crowded.text
    assert google.quota()["limits"]
    google.clock(advance=61)
    assert alice.generate().status_code == 200


def test_many_slow_streams_run_side_by_side(google: Simulator, alice: Client) -> None:
    google.script({"slow": {"chunk_seconds": 0.05, "chunks": 4}}, times=None)
    texts: list[str] = []

    def ask() -> None:
        with requests.Session() as http:
            texts.append(Client(google, http, alice.entry).stream().text)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(texts) == 20
    assert all("finishReason" in text for text in texts)
    assert time.monotonic() - begun < 2


def test_it_ends_with_the_program_that_started_it() -> None:
    running = start_simulator(accounts=1, projects=1)
    assert running.process.stdin is not None

    running.process.stdin.close()

    assert running.process.wait(timeout=3) == 0
    assert running.process.stdout is not None
    running.process.stdout.close()


def test_limits_can_be_read_from_a_file_at_the_start(tmp_path: Path) -> None:
    limit = {"per": "account", "window": "day", "models": "*", "limit": 1}
    quota = tmp_path / "quota.json"
    quota.write_text(json.dumps({"limits": [limit]}))

    with (
        start_simulator(1, 1, options=["--quota", str(quota)]) as google,
        requests.Session() as http,
    ):
        alice = Client(google, http, google.accounts()[0])
        assert [alice.generate().status_code for _ in range(2)] == [200, 429]


def test_signatures_are_bound_as_the_options_say(
    google: Simulator, alice: Client
) -> None:
    tools = [{"functionDeclarations": [{"name": "get_time", "description": "Time"}]}]
    question = [{"role": "user", "parts": [{"text": "call get_time"}]}]
    model = "gemini-3-flash-preview"
    asked = {"contents": question, "tools": tools}
    reply = alice.generate(asked, model=model).json()["response"]
    result: dict[str, Any] = {
        "functionResponse": {"name": "get_time", "response": {"output": "12"}}
    }
    content = reply["candidates"][0]["content"]
    call_id = content["parts"][-1]["functionCall"].get("id")
    if call_id:
        result["functionResponse"]["id"] = call_id
    second = {
        "contents": [*question, content, {"role": "user", "parts": [result]}],
        "tools": tools,
    }

    def statuses() -> list[int]:
        return [
            alice.generate(second, model=model, project=project).status_code
            for project in ("alice-01", "alice-02")
        ]

    assert statuses() == [200, 200]
    assert [call["signatures"] for call in google.calls()[-2:]] == [{"real": 1}] * 2
    google.options(signature_binding="project")
    assert statuses() == [400, 400]
    assert google.calls()[-1]["signatures"] == {"foreign": 1}


def test_every_prompt_is_an_agents_as_the_options_say(
    google: Simulator, alice: Client
) -> None:
    tools = [{"functionDeclarations": [{"name": "look", "description": "Looks."}]}]
    asked = GREETING | {"tools": tools}
    google.options(agent="")

    [candidate] = alice.generate(asked).json()["response"]["candidates"]

    calls = [part["functionCall"]["name"] for part in candidate["content"]["parts"]]
    assert calls == ["look"]


def test_a_chunked_request_body_is_read_whole(google: Simulator, alice: Client) -> None:
    body = {"model": "gemini-2.5-flash", "project": "alice-01", "request": GREETING}

    reply = alice.http.post(
        f"{google.url}/v1internal:generateContent",
        data=iter([piece.encode() for piece in json.dumps(body)]),
        headers=alice.headers,
        timeout=5,
    )

    assert reply.status_code == 200
    assert google.calls()[-1]["request"] == body


def test_a_prompt_scripts_its_own_call(google: Simulator, alice: Client) -> None:
    def ask(prompt: str) -> requests.Response:
        parts = [{"text": prompt}]
        return alice.stream({"contents": [{"role": "user", "parts": parts}]})

    refused = ask('[[do:{"error": "rate_limit"}]]')
    assert (refused.status_code, ask("Hello").status_code) == (429, 200)
    broken = ask('[[do:{"midstream_error": {"after": 1, "error": "high_demand"}}]]')
    assert b'"code":503' in broken.content
    for nonsense in ('[[do:{"cuts": 1}]]', "[[do:{]]", "[[do:1]]", "[[odd:round]]"):
        assert ask(nonsense).status_code == 400
