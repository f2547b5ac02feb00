"""What Google may fetch for a request."""

from __future__ import annotations

import pytest

from gswarm.errors import InvalidRequest
from gswarm.gemini.file_addresses import FILES_API, check_files

FILE = f"https://{FILES_API}/v1beta/files/abc"


def body(uri, data="fileData", name="fileUri"):
    return {"contents": [{"role": "user", "parts": [{data: {name: uri}}]}]}


def is_allowed(given, *allowed, fetched=()):
    try:
        check_files(given, allowed, fetched)
    except InvalidRequest as refusal:
        assert refusal.code == "media_not_allowed"
        return False
    return True


@pytest.mark.parametrize(
    "uri",
    [
        "gs://secret/a.png",
        "GS://secret/a.png",
        "https://storage.googleapis.com/secret/a.png",
        "https://storage.cloud.google.com/secret/a.png",
        "https://secret.storage.googleapis.com/a.png",
        FILE,
        FILE.upper(),
        "files/abc",
        "http://[",
        "gs://" + "a" * 9_000,
    ],
)
def test_nothing_of_the_operators_is_read_unless_allowed(uri):
    for data in ("fileData", "file_data"):
        for name in ("fileUri", "file_uri"):
            assert not is_allowed(body(uri, data, name))
            assert not is_allowed(body(uri, data, name), "other")


def test_what_is_allowed_is_read():
    for uri in ("gs://mine/a", "https://storage.googleapis.com/mine/a"):
        assert is_allowed(body(uri), "mine")
        assert is_allowed(body(uri), "*")
        assert not is_allowed(body(uri), FILES_API)
    assert is_allowed(body(FILE), FILES_API) and is_allowed(body("files/a"), FILES_API)
    assert not is_allowed(body(FILE), "*")


def test_what_is_public_or_fetched_here_is_not_googles_secret():
    assert is_allowed(body("https://www.youtube.com/watch?v=x"))
    public = "https://storage.googleapis.com/public/a.png"
    assert is_allowed(body(public), fetched={public: "messages[0]"})


@pytest.mark.parametrize(
    "given",
    [
        {"contents": {"parts": {"fileData": {"fileUri": "gs://a/b"}}}},
        {"systemInstruction": {"parts": [{"fileData": {"fileUri": "gs://a/b"}}]}},
        {
            "contents": [
                {
                    "parts": [
                        {
                            "functionResponse": {
                                "parts": [{"fileData": {"fileUri": "gs://a/b"}}]
                            }
                        }
                    ]
                }
            ]
        },
    ],
    ids=["one for a list", "instruction", "result"],
)
def test_it_is_found_wherever_google_would(given):
    assert not is_allowed(given)


def test_odd_shapes_are_googles_to_refuse():
    assert is_allowed({"contents": [None, {"parts": ["x", {"fileData": 1}]}]})
