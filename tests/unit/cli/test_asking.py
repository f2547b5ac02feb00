"""Asking what may be no gateway."""

import pytest

from gswarm.cli.asking import Asker
from tests.unit.google.raw_server import answer, read_request, serving


def sample(body, status=b"200 OK", *, is_stream=False):
    """What comes of one question that is answered with this."""

    def reply(client):
        read_request(client)
        client.sendall(answer(body, status=status))

    with serving(reply) as server:
        return Asker(server.url, "any", "gemini-2.5-flash", is_stream).ask()


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (b"502 Bad Gateway", b'{"error": "bad gateway"}', "502"),
        (b"502 Bad Gateway", b"<html>", "502"),
        (b"429 Slow down", b'{"error": {"code": "rate_limited"}}', "rate_limited"),
        (b"200 OK", b'{"error": ["odd"], "usage": 3}', "200"),
        (b"200 OK", b'{"usage": {"completion_tokens": null}}', None),
    ],
)
def test_any_answer_is_one_sample(status, body, problem):
    heard = sample(body, status)

    assert (heard.problem, heard.tokens) == (problem, 0)


def test_a_stream_may_hold_anything():
    events = b'data: {"choices": "odd"}\n\ndata: {"choices": [1]}\n\ndata: [DONE]\n\n'

    heard = sample(events, is_stream=True)

    assert (heard.problem, heard.first_token_seconds) == (None, None)
