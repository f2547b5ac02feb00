"""How Google's chunks reach a native client: as events, as an array, in one piece."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gswarm.dialects.gemini_native.errors import write_error
from gswarm.dialects.gemini_native.shape import Address, NativeRequest
from gswarm.dialects.served import Served
from gswarm.errors import Refusal, UpstreamError
from gswarm.gemini.reply import Fold
from gswarm.gemini.request import GenerateRequest

from .golden import Case, cases

SERVED = Served("p", 1, "gemini-3.5-flash", 5, "made-up", 1_795_850_910)
BROKEN = UpstreamError("The upstream service failed to answer this request.")


def request(case: dict[str, Any]) -> NativeRequest:
    form, has_numbers = case["form"], case.get("has_numbers", False)
    address = Address("gemini-3.5-flash", form, has_numbers)
    return NativeRequest(GenerateRequest("gemini-3.5-flash", {}), address)


def streamed(case: dict[str, Any]) -> list[str]:
    """The pieces, each as it is written."""
    fold = Fold()
    writer = request(case).writer(fold, lambda: SERVED)
    pieces = [writer.open()]
    for chunk in case["chunks"]:
        if chunk == "silence":
            pieces.append(writer.silence())
        elif "fail" in chunk:
            pieces.append(writer.fail(BROKEN))
            break
        else:
            fold.feed(chunk)
            pieces.append(writer.chunk(chunk))
    else:
        pieces.append(writer.close())
    return [piece.decode() for piece in pieces]


def whole(case: dict[str, Any]) -> dict[str, Any]:
    fold = Fold()
    for chunk in case["chunks"]:
        fold.feed(chunk)
    try:
        return request(case).whole(fold, SERVED)
    except Refusal as refusal:
        return write_error(refusal).body


@pytest.mark.parametrize("case", cases("replies"))
def test_a_reply(case: Case) -> None:
    given = case.given
    case.expect(whole(given) if given["form"] == "whole" else streamed(given))


@pytest.mark.parametrize("case", cases("replies"))
def test_a_stream_is_nothing_but_what_its_readers_know(case: Case) -> None:
    """Lines of go-genai's reader, and an array that is JSON to its last byte."""
    given = case.given
    if given["form"] == "events":
        for event in "".join(streamed(given)).split("\r\n\r\n"):
            assert not event or event.startswith("data: {")
            json.loads(event.removeprefix("data: ") or "{}")
    elif given["form"] == "array":
        assert isinstance(json.loads("".join(streamed(given))), list)
