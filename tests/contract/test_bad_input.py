"""Broken, huge, slow and hostile requests: the right 4xx, and no word in a log."""

from __future__ import annotations

import gzip
import json
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import pytest
import requests

from tests.contract.asking import FLASH, question
from tests.contract.conftest import MAX_BODY_MB
from tests.gateway_process import Gateway, wait_for
from tests.multiplying import multiplying

PATH = "/v1/chat/completions"


def send(gateway: Gateway, body: bytes | Iterator[bytes], **headers: str) -> Any:
    """Post these very bytes; an iterator goes in chunks."""
    return gateway.http.post(
        gateway.url + PATH,
        data=body,
        headers={**gateway.headers, "Content-Type": "application/json", **headers},
        timeout=30,
    )


def refusal(reply: requests.Response, status: int) -> dict[str, Any]:
    """The error, which is in OpenAI's shape."""
    assert reply.status_code == status, reply.text[:300]
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["x-request-id"]
    error: dict[str, Any] = reply.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert "Traceback" not in reply.text
    assert "/gswarm/" not in reply.text
    return error


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"properties": {"a": value}, "type": "object"}
    return value


BROKEN = {
    "no body": b"",
    "no JSON": b"hello",
    "half of it": b'{"model": "gemini-2.5-flash", "messages": [',
    "two of it": b'{"messages": []} {"messages": []}',
    "an array": b"[]",
    "a string": b'"hello"',
    "null": b"null",
    "nothing in it": b"{}",
    "invalid UTF-8": b'{"messages": [{"role": "user", "content": "\xff\xfe"}]}',
    "half a surrogate": b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
    "NaN": b'{"messages": [{"role": "user", "content": "a"}], "temperature": NaN}',
    "a huge number": b'{"messages": [{"role": "user", "content": "a"}], "seed": 1e999}',
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "UTF-16": '{"messages": []}'.encode("utf-16"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_request_is_a_400(gateway, google, broken):
    error = refusal(send(gateway, BROKEN[broken]), 400)

    assert error["type"] == "invalid_request_error"
    assert google.calls() == []


def part(kind: str, **fields: Any) -> list[Any]:
    return [{"role": "user", "content": [{"type": kind, **fields}]}]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "messages": ({"messages": {"role": "user"}}, "messages"),
    "no messages": ({"messages": []}, "messages"),
    "a message": ({"messages": ["Hello"]}, "messages[0]"),
    "a role": ({"messages": [{"role": 1, "content": "x"}]}, "messages[0].role"),
    "a content": (
        {"messages": [{"role": "user", "content": 3}]},
        "messages[0].content",
    ),
    "model": ({"model": 3}, "model"),
    "stream": ({"stream": "yes"}, "stream"),
    "temperature": ({"temperature": 3.5}, "temperature"),
    "max_tokens": ({"max_tokens": "many"}, "max_tokens"),
    "stop": ({"stop": [1]}, "stop[0]"),
    "tools": ({"tools": {}}, "tools"),
    "a schema that multiplies": (
        {
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": "f",
                        "parameters": multiplying(12, "properties"),
                    },
                }
            ]
        },
        "tools[0].function.parameters",
    ),
    "an image": (
        {"messages": part("image_url", image_url={"url": "data:image/png;base64,?"})},
        "messages[0].content[0].image_url.url",
    ),
    "a sound": (
        {"messages": part("input_audio", input_audio={"data": "?!", "format": "wav"})},
        "messages[0].content[0].input_audio.data",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_type_is_a_400_that_names_it(gateway, google, wrong):
    fields, param = WRONG[wrong]

    error = refusal(gateway.post(PATH, question(**fields)), 400)

    assert error["param"] == param
    assert google.calls() == []


@pytest.mark.parametrize(
    "model", ["llama-3", "x" * 100_000, "../../etc/passwd", "\U0001d524"]
)
def test_an_unknown_model_is_a_404(gateway, model):
    error = refusal(gateway.post(PATH, question(model=model)), 404)

    assert error["code"] == "model_not_found"
    assert len(error["message"]) < 500


KEYS = {
    "unknown": "sk-gswarm-" + "0" * 32,
    "not ours": "sk-proj-abcdefghijklmnop",
    "odd": "sk-gswarm-' OR 1=1 --",
    "long": "sk-gswarm-" + "0" * 6000,
}


@pytest.mark.parametrize("key", KEYS)
def test_a_bad_key_is_a_401(gateway, google, key):
    gateway.key = KEYS[key]

    error = refusal(gateway.post(PATH, question()), 401)

    assert error["code"] == "invalid_api_key"
    assert KEYS[key] not in error["message"]
    assert google.calls() == []


def test_no_key_is_a_401(gateway):
    reply = requests.post(gateway.url + PATH, json=question(), timeout=5)

    assert "API key" in refusal(reply, 401)["message"]


def test_expired_and_revoked_keys_are_a_401(gateway):
    expired = gateway.new_key("expired", expires_at=time.time() + 0.2)
    revoked = gateway.new_key("revoked")
    gateway.rooms.keys.revoke(gateway.rooms.keys.find("revoked").id)
    time.sleep(0.3)

    for key in (expired, revoked):
        gateway.key = key
        refusal(gateway.post(PATH, question()), 401)


def test_a_body_over_the_limit_is_a_413(gateway, google):
    body = json.dumps(question("x" * (MAX_BODY_MB * 2**20))).encode()

    refusal(send(gateway, body), 413)

    assert google.calls() == []
    assert gateway.ask(model=FLASH).status_code == 200


def test_a_chunked_body_over_the_limit_is_a_413(gateway, google):
    def endless() -> Iterator[bytes]:
        yield b'{"model": "gemini-2.5-flash", "messages": "'
        for _ in range(MAX_BODY_MB * 16 + 2):
            yield b"x" * 65_536

    # The answer may come, and the door close, while we are still talking.
    with suppress(requests.ConnectionError):
        refusal(send(gateway, endless()), 413)

    assert google.calls() == []
    assert gateway.ask(model=FLASH).status_code == 200


def test_a_chunked_body_within_the_limit_is_fine(gateway):
    body = json.dumps(question("Hello " * 1000)).encode()
    pieces = (body[n : n + 700] for n in range(0, len(body), 700))

    assert send(gateway, pieces).status_code == 200


def test_a_malformed_chunked_body_is_a_400(gateway):
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}"
    )

    with sent(gateway, head.encode()) as answer:
        assert answer.readline().startswith(b"HTTP/1.1 400 ")


def test_a_body_that_breaks_off_costs_nothing(gateway, google):
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n"
        'Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"messages"'
    )
    with socket.create_connection(("127.0.0.1", gateway.settings.port)) as client:
        client.sendall(head.encode())

    assert gateway.ask(model=FLASH).status_code == 200
    assert len(google.calls(model=FLASH)) == 1


def test_a_slow_body_holds_nobody_else_up(gateway):
    body = json.dumps(question()).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateway.settings.port)) as client:
        client.sendall(head.encode())
        for n in range(len(body)):
            client.sendall(body[n : n + 1])
            if n % 20 == 0:
                assert gateway.ask(model=FLASH).status_code == 200
        client.settimeout(10)
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_ten_thousand_messages_are_carried(gateway, google):
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": f"{n}"} for n in range(10_001)]

    reply = gateway.post(PATH, question(messages=messages), timeout=30)

    assert reply.status_code == 200
    assert "This is turn 5001 of the conversation" in reply.text
    assert len(google.calls(model=FLASH, brief=True)) == 1


@pytest.mark.parametrize("depth", [50, 400, 5_000])
def test_deep_nesting_is_carried_or_refused_but_never_a_crash(gateway, depth):
    function = {"name": "f", "parameters": nested(depth)}
    text = _dumped(question(tools=[{"type": "function", "function": function}]), depth)

    reply = send(gateway, text)

    if reply.status_code != 200:
        refusal(reply, 400)


def _dumped(body: dict[str, Any], depth: int) -> bytes:
    """JSON of any depth: Python's own encoder has a limit."""
    mark = "the deep one"
    deep = '{"type": "object", "properties": {"a": ' * depth + '"x"' + "}}" * depth
    body["tools"][0]["function"]["parameters"] = mark
    return json.dumps(body).replace(json.dumps(mark), deep).encode()


def test_packed_bodies_are_answered(gateway):
    body = json.dumps(question()).encode()

    for coding, packed in [
        ("gzip", gzip.compress(body)),
        ("deflate", zlib.compress(body)),
        ("gzip", iter([gzip.compress(body)])),
    ]:
        reply = send(gateway, packed, **{"Content-Encoding": coding})
        assert reply.status_code == 200, reply.text


def test_packed_bodies_are_refused_in_words(gateway):
    bomb = gzip.compress(b" " * 2**20 * 40)

    def packed(body, coding):
        return send(gateway, body, **{"Content-Encoding": coding})

    assert "Encoding" in refusal(packed(b"\x1f\x8b\x08", "gzip"), 400)["message"]
    assert f"{MAX_BODY_MB:g} MB" in refusal(packed(bomb, "gzip"), 413)["message"]
    unknown = packed(b"{}", "br")
    assert refusal(unknown, 415)["code"] == "unsupported_encoding"
    assert unknown.headers["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    "path",
    ["/v1/nothing", "/v1/chat", "/v1/chat/completions/x", "/chat", "/openai/nothing"],
)
def test_an_unknown_path_is_a_404_in_json(gateway, path):
    refusal(gateway.post(path, question()), 404)


def test_a_wrong_method_is_a_405_in_json(gateway):
    refusal(gateway.get(PATH), 405)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + b"x" * 20_000 + b"\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["long header", "nonsense", "negative length", "smuggling"],
)
def test_what_is_no_http_is_a_4xx(gateway, head):
    with sent(gateway, head) as answer:
        assert answer.readline().startswith(b"HTTP/1.1 4")
    assert gateway.ask(model=FLASH).status_code == 200


@contextmanager
def sent(gateway: Gateway, message: bytes) -> Iterator[BinaryIO]:
    """What these bytes are answered, as it comes."""
    address = ("127.0.0.1", gateway.settings.port)
    with (
        socket.create_connection(address, timeout=30) as client,
        client.makefile("rb") as answer,
    ):
        client.sendall(message)
        yield answer


@pytest.mark.parametrize(
    "head",
    [
        b"POST /v1/models HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
        b'{}xyzzy-the-tail"}]}\r\n\r\n',
        b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization Bearer xyzzy-the-key\r\n\r\n",
        b"GET /?key=xyzzy HTTP/1.1\r\nHost: x\r\nExpect: xyzzy\r\n\r\n",
        b"GET /" + b"xyzzy" * 900 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["a body longer than it says", "a header without a colon", "expects", "long"],
)
def test_what_is_no_http_is_neither_shown_nor_written_down(gateway, head):
    before = len(gateway.log())

    with sent(gateway, head) as reply:
        answer = reply.read()

    assert b"HTTP/1.1 4" in answer
    assert b"The request could not be read." in answer
    assert b"xyzzy" not in answer
    wait_for(lambda: "Unreadable request from 127.0.0.1" in gateway.log()[before:])
    assert "xyzzy" not in gateway.log()[before:]


UNREADABLE = {
    "a header without a colon": (b"{} HTTP/1.1\r\nHost x\r\n\r\n", 400),
    "a negative length": (b"{} HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    "another version": (b"{} HTTP/9.1\r\nHost: x\r\n\r\n", 400),
    "a long address": (b"{}?" + b"x" * 8200 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "expects": (b"{} HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\n\r\n", 417),
    "many headers": (b"{} HTTP/1.1\r\n" + b"x-a: 1\r\n" * 200 + b"\r\n", 431),
    "a coding": (b"{} HTTP/1.1\r\nTransfer-Encoding: banana\r\n\r\n", 501),
}
SHAPES = {
    "/v1/chat/completions": {"message", "type", "param", "code"},
    "/v1/responses": {"message", "type", "param", "code"},
    "/completions/": {"message", "type", "param", "code"},
    "/v1/v1/messages": {"type", "message"},
    "/v1beta/models/m:generateContent": {"code", "message", "status", "details"},
    "/api/gswarm/status": {"code", "message"},
}


@pytest.mark.parametrize("path", SHAPES)
@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_http_is_refused_in_the_words_of_its_path(gateway, what, path):
    head, status = UNREADABLE[what]

    with sent(gateway, head.replace(b"{}", b"POST " + path.encode())) as reply:
        headers, _, body = reply.read().partition(b"\r\n\r\n")

    assert headers.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nx-request-id: req_" in headers
    assert (b"Access-Control-Allow-Origin" in headers) == ("/api" not in path)
    assert set(json.loads(body)["error"]) == SHAPES[path]


def test_no_log_line_holds_a_prompt_or_a_credential(gateway, google):
    secret = "xyzzy-the-prompt"
    entries, before = google.accounts(), len(gateway.log())
    google.script({"error": "internal"}, times=3, model=FLASH)
    google.account("bob@example.com", revoked=True)
    gateway.ask(secret, model=FLASH)
    gateway.ask(f"[[block:SAFETY]] {secret}", model=FLASH)
    list(gateway.ask(secret, model=FLASH, stream=True).iter_lines())
    send(gateway, f'{{"messages": ["{secret}"'.encode())
    gateway.post(PATH, question(messages=secret))
    gateway.post(f"{PATH}?key={secret}", question())
    gateway.get(f"/v1/models/{secret}?key={gateway.key}")

    log = gateway.log()[before:]

    assert PATH in log
    assert "Traceback" not in log
    assert secret not in log.replace(f"/models/{secret}", "")
    assert gateway.key not in log
    assert "sim-access-" not in log
    for entry in entries:
        assert entry["refresh_token"] not in log
        assert entry["client_secret"] not in log
