"""Every way Google writes a delay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gswarm.gemini.durations import (
    find_delay,
    read_instant,
    read_retry_after,
    read_seconds,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0.53s", 0.53),
        ("539.477544ms", 0.539477544),
        ("539ms", 0.539),
        ("68940s", 68940),
        ("1.5s", 1.5),
        ("15722.874982605s", 15722.874982605),
        ("4h22m2.874982605s", 15722.874982605),
        ("143h4m52.730699158s", 515092.730699158),
        ("21h10m20s", 76220),
        ("10m", 600),
        ("2h", 7200),
        ("2h5s", 7205),
        ("1d2h", 93600),
        ("250us", 0.00025),
        ("250µs", 0.00025),
        ("100ns", 1e-7),
        ("56", 56),
        ("2 minutes", 120),
        ("1 hour, 5 min", 3900),
        (" 7s ", 7),
        ("0s", 0),
        (7, 7),
        (0.5, 0.5),
    ],
)
def test_a_duration_is_read(text, seconds):
    assert read_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "s", "-3s", "1h2", "soon", "5 steps", None, [], {}, "9" * 400 + "s"]
)
def test_what_is_no_duration_is_none(text):
    assert read_seconds(text) is None


@pytest.mark.parametrize(
    ("message", "delay"),
    [
        ("Your quota will reset after 21h10m20s.", "21h10m20s"),
        ("Your quota will reset after 0s.", "0s"),
        ("increase your limits. Resets in 28h48m25s", "28h48m25s"),
        ("Please retry in 56.185908122s.", "56.185908122s"),
        ("Please retry in 900ms", "900ms"),
        ("Try again in 2 minutes, please.", "2 minutes"),
        ("the 5. content in 5 steps", None),
        ("Resource has been exhausted (e.g. check quota).", None),
    ],
)
def test_a_delay_is_found_in_a_sentence(message, delay):
    assert find_delay(message) == delay


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-06-17T00:18:36Z", 1781655516),
        ("2026-06-17T02:18:36+02:00", 1781655516),
        ("2026-06-17T00:18:36.123456789Z", 1781655516.123456),
        ("2026-06-17T00:18:36", 1781655516),
        ("tomorrow", None),
        (None, None),
    ],
)
def test_an_instant_is_read(text, instant):
    assert read_instant(text) == instant


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("1.5", 1.5),
        ("Wed, 17 Jun 2026 00:20:00 GMT", 84),
        ("Wed, 17 Jun 2026 00:00:00 GMT", -1116),
        ("", None),
        ("later", None),
        ("Wed, 99 Jun 2026 00:20:00 GMT", None),
    ],
)
def test_a_retry_after_header_is_read(value, seconds):
    assert read_retry_after(value, 1781655516) == seconds


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text):
    for read in (read_seconds, find_delay, read_instant):
        read(text)
    read_retry_after(text, 0.0)
