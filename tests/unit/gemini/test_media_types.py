from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gswarm.gemini.media_types import (
    checked_base64,
    known_type,
    settled_type,
    sniffed_type,
    split_data_url,
    type_of_name,
)

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("text", "mime_type"),
    [
        ("image/PNG; charset=binary", "image/png"),
        ("image/jpg", "image/jpeg"),
        ("audio/x-wav", "audio/wav"),
        ("image", None),
        ("", None),
        ("a b/c", None),
    ],
)
def test_a_type_is_spelled_as_google_does(text, mime_type):
    assert known_type(text) == mime_type


@pytest.mark.parametrize(
    ("head", "mime_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF1234WEBP", "image/webp"),
        (b"RIFF1234WAVE", "audio/wav"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (b"hello", None),
        (b"", None),
    ],
)
def test_the_first_bytes_give_a_file_away(head, mime_type):
    assert sniffed_type(head) == mime_type


def test_an_extension_stands_for_a_type():
    assert type_of_name("a/b/Report.PDF") == "application/pdf"
    assert type_of_name("noextension") is None


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("data:image/png;base64,aGk=", ("image/png", "aGk=")),
        ("data:image/png;name=x;base64,aGk=", ("image/png", "aGk=")),
        ("data:;base64,aGk=", (None, "aGk=")),
        ("data:,h%69", ("text/plain", "aGk=")),
        ("data:image/png;base64,a Gk\n=", ("image/png", "aGk=")),
        ("data:image/png;base64,aGk", ("image/png", "aGk=")),
        ("data:image/png;base64,aGk%3D", ("image/png", "aGk=")),
        ("data:image/png;base64,_-8=", ("image/png", "/+8=")),
    ],
)
def test_a_data_url_is_taken_apart(url, parts):
    assert split_data_url(url) == parts


@pytest.mark.parametrize(
    "url", ["data:image/png", "data:;base64,", "data:;base64,@@", "data:;base64,A"]
)
def test_a_broken_data_url_is_an_error(url):
    with pytest.raises(ValueError):
        split_data_url(url)


@given(st.binary(min_size=1))
def test_good_base64_is_the_very_same_string(content):
    data = base64.b64encode(content).decode()

    assert checked_base64(data) is data
    assert (
        checked_base64(base64.urlsafe_b64encode(content).decode().rstrip("=")) == data
    )


@given(st.text())
def test_whatever_is_accepted_can_be_decoded(text):
    try:
        data = checked_base64(text)
    except ValueError:
        return
    assert base64.b64decode(data, validate=True)


@pytest.mark.parametrize(
    ("label", "content", "settled"),
    [
        (None, PNG, "image/png"),
        ("", PNG, "image/png"),
        ("application/octet-stream", PNG, "image/png"),
        ("image/jpeg", PNG, "image/png"),
        ("image/jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("audio/webm", b"\x1aE\xdf\xa3", "audio/webm"),
        ("audio/mp4", b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        ("video/mp4", b"%PDF-1.7", "application/pdf"),
        ("text/csv", b"a,b", "text/csv"),
        ("x", b"a,b", "x"),
        (None, b"a,b", None),
    ],
)
def test_the_bytes_decide_where_the_label_does_not(label, content, settled):
    data = base64.b64encode(content).decode()

    assert settled_type(label, data) == settled
