"""Addresses that clients name."""

from __future__ import annotations

import urllib.parse

import pytest

from gswarm import urls


@pytest.mark.parametrize(
    ("origin", "is_here"),
    [
        ("http://localhost:3000", True),
        ("http://127.0.0.1:3000", True),
        ("http://[::1]:3000", True),
        ("https://localhost", False),
        ("http://localhost.example:3000", False),
        ("http://127.0.0.1@evil.example", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_usual_names(origin, is_here):
    assert urls.is_loopback(origin) is is_here


def test_an_address_is_bounded_and_forgotten():
    urls.forget()

    assert urls.split("http://e.example/a?b").path == "/a"
    assert urls.join("http://e.example/a/b", "../c") == "http://e.example/c"
    with pytest.raises(ValueError):
        urls.split("http://e.example/" + "a" * urls.LONGEST_URL)
    with pytest.raises(ValueError):
        urls.join("http://e.example/", "a" * (urls.LONGEST_URL + 1))

    assert urllib.parse.urlsplit.cache_info().currsize == 0
