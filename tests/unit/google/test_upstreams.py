"""What both upstreams send, and what they make of odd replies."""

from __future__ import annotations

import json
import time
from contextlib import closing

import pytest

from gswarm import __version__
from gswarm.cancellation import Cancellation
from gswarm.errors import (
    AccessExpired,
    CallersMistake,
    CapacityExhausted,
    EmptyReply,
    QuotaExhausted,
    ServerFailure,
    Verdict,
)
from gswarm.google.cloudcode import CloudCode
from gswarm.google.endpoints import Endpoints
from gswarm.google.gemini_api import GeminiApi
from gswarm.google.http.client import HttpClient, Timeouts
from gswarm.google.upstream import Call, Upstream
from tests.gateway_process import wait_for

from .raw_server import RawServer, answer, chunked, read_request, serving

BODY = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}], "labels": {"a": "b"}}
PART = {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hel"}]}}]}
LAST = {
    "candidates": [{"content": {"parts": [{"text": "lo"}]}, "finishReason": "STOP"}]
}
USAGE = {"usageMetadata": {"totalTokenCount": 3}}
EXHAUSTED = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "…"}}


@pytest.fixture
def wire():
    with closing(HttpClient(Timeouts(connect=10, first_byte=10, stall=10))) as wire:
        yield wire


@pytest.fixture(params=[CloudCode, GeminiApi])
def kind(request):
    return request.param


def call(body=BODY, model="gemini-3.5-flash") -> Call:
    return Call(model, body, "alpha", "s3cret", time.monotonic() + 30)


def ask(wire: HttpClient, kind: type, server: RawServer) -> list:
    upstream: Upstream = kind(wire, Endpoints.at(server.url))
    with closing(upstream.stream(call(), Cancellation())) as chunks:
        return list(chunks)


def events(kind: type, *chunks: dict) -> list[bytes]:
    """Chunks as the lines this upstream would send."""
    if kind is CloudCode:
        chunks = tuple(c if "error" in c else {"response": c} for c in chunks)
    return [b"data: " + json.dumps(c).encode() + b"\r\n\r\n" for c in chunks]


def saying(reply: bytes, *, then_seconds: float = 0.0):
    def script(sock):
        read_request(sock)
        sock.sendall(reply)
        time.sleep(then_seconds)

    return script


def test_code_assist_is_asked_in_an_envelope(wire):
    got = []

    def script(sock):
        got.append(read_request(sock))
        sock.sendall(chunked(*events(CloudCode, LAST)))

    with serving(script) as server:
        ask(wire, CloudCode, server)

    head, _, body = got[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1internal:streamGenerateContent?alt=sse HTTP/1.1"
    assert "Authorization: Bearer s3cret" in lines
    assert f"User-Agent: gswarm/{__version__}" in lines
    assert not any("goog-user-project" in line.lower() for line in lines)
    assert json.loads(body) == {
        "model": "gemini-3-flash",
        "project": "alpha",
        "request": BODY,
    }


def test_the_gemini_api_is_asked_with_the_bare_request(wire):
    got = []

    def script(sock):
        got.append(read_request(sock))
        sock.sendall(answer(json.dumps(LAST).encode()))

    with serving(script) as server:
        upstream = GeminiApi(wire, Endpoints.at(server.url))
        chunk = upstream.generate(call(model="gemini-x/../y"), Cancellation())

    head, _, body = got[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    target = "/v1beta/models/gemini-x%2F..%2Fy:generateContent"
    assert lines[0] == f"POST {target} HTTP/1.1"
    assert "x-goog-api-key: s3cret" in lines
    assert json.loads(body) == {"contents": BODY["contents"]}
    assert chunk == LAST


def test_every_chunk_comes_out_of_its_envelope(wire, kind):
    reply = chunked(*events(kind, PART, LAST, USAGE))

    with serving(saying(reply)) as server:
        assert ask(wire, kind, server) == [PART, LAST, USAGE]


def test_a_blocked_prompt_is_an_answer(wire, kind):
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}}

    with serving(saying(chunked(*events(kind, blocked)))) as server:
        assert ask(wire, kind, server) == [blocked]


@pytest.mark.parametrize(
    "reply",
    [
        chunked(),
        chunked(b"data: {not json}\r\n\r\n"),
        chunked(b"data: 42\r\n\r\n"),
        chunked(b'data: {"response": [1]}\r\n\r\n'),
        answer(b"<html>502</html>", status=b"502 Bad Gateway"),
        answer(b"<html>hello</html>"),
    ],
)
def test_nonsense_is_the_servers_failure(wire, reply):
    with serving(saying(reply)) as server, pytest.raises(ServerFailure):
        ask(wire, CloudCode, server)


@pytest.mark.parametrize("nothing", [USAGE, {"candidates": []}, {}])
def test_a_reply_that_ends_well_without_a_candidate_is_empty(wire, kind, nothing):
    with (
        serving(saying(chunked(*events(kind, nothing)))) as server,
        pytest.raises(EmptyReply),
    ):
        ask(wire, kind, server)


def test_a_reply_that_is_cut_before_its_first_candidate_is_not_just_empty(wire, kind):
    cut = chunked(*events(kind, USAGE)).removesuffix(b"0\r\n\r\n")

    with serving(saying(cut)) as server, pytest.raises(ServerFailure):
        ask(wire, kind, server)


@pytest.mark.parametrize("end", [b"0\r\n\r\n", b""])
def test_a_stream_without_a_finish_is_cut(wire, kind, end):
    reply = chunked(*events(kind, PART)).removesuffix(b"0\r\n\r\n") + end

    with serving(saying(reply)) as server:
        upstream = kind(wire, Endpoints.at(server.url))
        chunks = upstream.stream(call(), Cancellation())
        assert next(chunks) == PART
        with pytest.raises(ServerFailure):
            next(chunks)


def test_an_error_event_ends_a_stream(wire, kind):
    error = {"error": {"code": 503, "message": "The model is overloaded."}}

    with serving(saying(chunked(*events(kind, PART, error)))) as server:
        chunks = kind(wire, Endpoints.at(server.url)).stream(call(), Cancellation())
        assert next(chunks) == PART
        with pytest.raises(CapacityExhausted):
            next(chunks)


def test_a_bare_error_ends_a_stream(wire, kind):
    tail = json.dumps([EXHAUSTED]).encode()

    with serving(saying(chunked(*events(kind, PART), tail))) as server:
        chunks = kind(wire, Endpoints.at(server.url)).stream(call(), Cancellation())
        assert next(chunks) == PART
        with pytest.raises(Verdict) as caught:
            next(chunks)

    assert caught.value.status == 429


@pytest.mark.parametrize("after", [b"", b"5\r\nda", b"3\r\n{{{\r\n0\r\n\r\n"])
def test_whatever_follows_a_whole_answer_does_not_spoil_it(wire, kind, after):
    reply = chunked(*events(kind, PART, LAST)).removesuffix(b"0\r\n\r\n") + after

    with serving(saying(reply)) as server:
        assert ask(wire, kind, server) == [PART, LAST]


def test_a_whole_answer_is_not_held_up_by_a_missing_end(wire, kind, monkeypatch):
    monkeypatch.setattr("gswarm.google.chunks.LINGER_SECONDS", 0.1)
    reply = chunked(*events(kind, LAST)).removesuffix(b"0\r\n\r\n")
    started = time.monotonic()

    with serving(saying(reply, then_seconds=8)) as server:
        assert ask(wire, kind, server) == [LAST]

    assert time.monotonic() - started < 6


def test_an_error_is_judged_even_when_its_body_is_cut(wire, kind):
    body = json.dumps({"error": {"code": 401, "message": "…"}}).encode()
    reply = answer(body, status=b"401 Unauthorized")[:-5]

    with serving(saying(reply)) as server, pytest.raises(AccessExpired):
        ask(wire, kind, server)


def test_an_error_keeps_its_connection(wire, kind):
    def script(sock):
        while read_request(sock):
            sock.sendall(answer(json.dumps(EXHAUSTED).encode(), status=b"429 No"))

    with serving(script, script) as server:
        for _ in range(2):
            with pytest.raises(Verdict):
                ask(wire, kind, server)
        assert server.connections == 1


def test_a_daily_quota_is_told_from_its_body(wire, kind):
    body = {
        "error": {
            "code": 429,
            "message": "You have exhausted your capacity on this model.",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "QUOTA_EXHAUSTED",
                    "domain": "cloudcode-pa.googleapis.com",
                    "metadata": {"quotaResetDelay": "21h10m20s"},
                }
            ],
        }
    }
    reply = answer(json.dumps([body]).encode(), status=b"429 Too Many Requests")

    with serving(saying(reply)) as server, pytest.raises(QuotaExhausted) as caught:
        ask(wire, kind, server)

    assert caught.value.seconds == pytest.approx(76220, abs=1)


def test_closing_the_stream_closes_the_connection(wire, kind):
    left = []

    def script(sock):
        read_request(sock)
        sock.sendall(chunked(*events(kind, PART)).removesuffix(b"0\r\n\r\n"))
        left.append(sock.recv(1))

    with serving(script) as server:
        chunks = kind(wire, Endpoints.at(server.url)).stream(call(), Cancellation())
        assert next(chunks) == PART
        chunks.close()
        wait_for(lambda: left == [b""])


def test_what_json_cannot_hold_is_the_callers_mistake(wire, kind):
    upstream = kind(wire, Endpoints.at("http://127.0.0.1:1"))

    with pytest.raises(CallersMistake, match="cannot be sent"):
        upstream.stream(call({"contents": [], "labels\ud800": 1}), Cancellation())


def test_a_unary_reply_that_is_no_object_is_the_servers_failure(wire, kind):
    with serving(saying(answer(b"[]"))) as server:
        upstream = kind(wire, Endpoints.at(server.url))
        with pytest.raises(ServerFailure):
            upstream.generate(call(), Cancellation())


def test_one_address_can_stand_in_for_all_of_google():
    endpoints = Endpoints.at("http://127.0.0.1:9/", "http://127.0.0.1:10")

    assert endpoints.token_url == "http://127.0.0.1:9/token"
    assert endpoints.service_usage == "http://127.0.0.1:9"
    assert endpoints.code_assist == "http://127.0.0.1:10"


def test_no_secret_shows_in_a_call():
    assert "s3cret" not in repr(call())


@pytest.mark.parametrize("is_late", [False, True], ids=["at once", "in the stream"])
def test_what_google_quotes_of_a_credential_is_hidden(wire, kind, is_late):
    error = {
        "error": {"code": 403, "status": "PERMISSION_DENIED", "message": "S3CRET12"}
    }
    body = json.dumps(error).encode()
    said = (
        chunked(*events(kind, PART, error))
        if is_late
        else answer(body, status=b"403 No")
    )
    with serving(saying(said)) as server:
        upstream: Upstream = kind(wire, Endpoints.at(server.url))
        asked = Call("gemini-3.5-flash", BODY, "alpha", "S3CRET12", call().deadline)
        with (
            pytest.raises(Verdict) as refused,
            closing(upstream.stream(asked, Cancellation())) as chunks,
        ):
            list(chunks)

    assert "S3CRET12" not in f"{refused.value} {refused.value.message}"
    assert "[hidden]" in refused.value.message
