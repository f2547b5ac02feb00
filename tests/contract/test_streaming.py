"""Streams as they flow: each token at once, nobody left waiting, a clean end."""

from __future__ import annotations

import socket
import threading
import time
from itertools import pairwise
from typing import Any

from gswarm.store import names
from tests.contract.asking import FLASH, ask_all, events
from tests.gateway_process import Gateway, wait_for


def test_each_token_comes_when_google_sends_it(gateway, google):
    google.speed(chunk_seconds=0.1, chunk_chars=20)

    arrived = []
    for event in events(gateway.ask("[[words:200]]", model=FLASH, stream=True)):
        if event != "[DONE]" and event["choices"][0]["delta"].get("content"):
            arrived.append(time.monotonic())

    gaps = [late - early for early, late in pairwise(arrived)]
    assert len(gaps) >= 50
    # A machine that stalls for two seconds gathers twenty of them.
    assert sum(0.05 < gap < 0.2 for gap in gaps) >= len(gaps) - 22, gaps


def test_the_first_token_does_not_wait_for_the_second(gateway, google):
    google.speed(chunk_seconds=10.0)

    begun = time.monotonic()
    with gateway.ask("Hello", model=FLASH, stream=True) as reply:
        next(event for event in events(reply) if event["choices"][0]["delta"])
        first = time.monotonic() - begun

    assert first < 6


def test_a_second_request_is_answered_while_the_first_streams(gateway, google):
    google.script({"slow": {"chunk_seconds": 0.3, "chunks": 99}}, times=4, model=FLASH)
    streams = [gateway.ask("Hello", model=FLASH, stream=True) for _ in range(4)]

    assert gateway.ask("Hello", model=FLASH).status_code == 200
    assert google.open_calls() == 4

    for stream in streams:
        stream.close()


def test_a_client_that_leaves_ends_the_call_to_google(gateway, google):
    google.script({"slow": {"chunk_seconds": 0.2, "chunks": 100}}, model=FLASH)
    reply = gateway.ask("Hello", model=FLASH, stream=True)
    flow = events(reply)
    next(flow)

    left = time.monotonic()
    hang_up(reply)
    wait_for(lambda: google.open_calls() == 0, 3)

    assert time.monotonic() - left < 1
    [call] = google.calls(model=FLASH)
    assert call["closed_by_client"]
    wait_for(lambda: in_flight(gateway, call["project"]) == 0)
    record = gateway.record(call["project"], FLASH)
    assert (record["errorCount"], record["cooldownUntil"]) == (0, 0)


def test_a_client_that_leaves_gives_its_place_back(gateway, google):
    gateway.key = gateway.new_key("one at a time", max_concurrent=1)
    [key] = [k for k, _ in gateway.rooms.keys.list() if k.name == "one at a time"]
    google.script({"slow": {"chunk_seconds": 0.2, "chunks": 100}}, model=FLASH)
    reply = gateway.ask("Hello", model=FLASH, stream=True)
    flow = events(reply)
    next(flow)
    assert gateway.ask("Hello", model=FLASH).status_code == 429

    left = time.monotonic()
    hang_up(reply)
    wait_for(lambda: gateway.store.zcard(names.places(key.id)) == 0, 2)

    assert time.monotonic() - left < 0.2
    assert gateway.ask("Hello", model=FLASH).status_code == 200


def test_silence_is_filled_with_comments(gateway, google):
    google.script({"stall": {"before": "first_chunk", "seconds": 19}}, model=FLASH)
    google.script({"stall": {"before": "2", "seconds": 19}}, model=FLASH)
    found: list[list[tuple[float, Any]]] = [[], []]

    def listen(n: int) -> None:
        begun = time.monotonic()
        with gateway.ask("[[words:60]]", model=FLASH, stream=True) as reply:
            for event in events(reply):
                found[n].append((time.monotonic() - begun, event))

    listeners = [threading.Thread(target=listen, args=[n]) for n in range(2)]
    for listener in listeners:
        listener.start()
        time.sleep(0.3)
    for listener in listeners:
        listener.join(60)

    for heard in found:
        assert heard[-1][1] == "[DONE]"
        [quiet] = [after for after, event in heard if event == ":"]
        assert 14 < quiet < 18
    assert sum(event == ":" or bool(event) for _, event in found[0]) > 3


def test_many_streams_at_once_are_all_whole(gateway, google):
    google.speed(chunk_seconds=0.02, chunk_chars=10)

    replies = ask_all(gateway, 60, stream=True)

    assert all(reply.text.endswith("data: [DONE]\n\n") for reply in replies)
    assert len({reply.text.count("data: ") for reply in replies}) <= 3


def hang_up(reply: Any) -> None:
    """Close the connection itself, as a client does that is gone."""
    reply.raw.connection.sock.shutdown(socket.SHUT_RDWR)
    reply.close()


def in_flight(gateway: Gateway, project: str) -> int:
    return int(gateway.store.hget(names.project_status(project), "inFlight") or 0)
