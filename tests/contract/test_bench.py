"""The verb `bench`, against a running gateway."""

from __future__ import annotations

import json

import pytest

from gswarm.cli.asking import Asker
from tests.contract.asking import FLASH


@pytest.fixture
def bench(gateway):
    """One second of 600 requests a minute: ten of them."""

    def run(*words):
        pace = ("--model", FLASH, "--duration", "1", "--rpm", "600")
        return gateway.run("bench", *pace, *words)

    return run


def reported(ended):
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_it_paces_requests_and_reports(bench, gateway, google):
    report = reported(bench("--json"))

    assert (report["sent"], report["succeeded"], report["failed"]) == (10, 10, {})
    assert 0.85 < report["seconds"] < 6
    assert report["firstTokenMs"] is None
    assert report["tokensPerSecond"] > 0
    assert sum(report["projects"].values()) == 10
    assert any(name.startswith("alice-") for name in report["projects"])
    assert google.counts(status=200, method="streamGenerateContent") == 10
    [key] = [key for key, _ in gateway.rooms.keys.list() if "bench" in key.name]
    assert not key.is_active


def test_streams_have_first_tokens(bench, google):
    google.speed(ttft_seconds=0.2)

    report = reported(bench("--stream", "--json", "--concurrency", "20"))

    first, whole = report["firstTokenMs"], report["latencyMs"]
    assert 200 <= first["p50"] <= first["p99"] <= whole["p99"]


def test_people_read_lines(bench, google):
    google.script({"error": "invalid_argument"}, times=2)

    ended = bench("--stream")

    said = ended.stdout.decode()
    assert "succeeded    8" in said
    assert "failed       2  " in said
    assert "latency      p50 " in said
    assert "first token  p50 " in said
    assert "project " in said
    assert "Asking" in ended.stderr.decode()


def test_another_gateway_takes_its_own_key(bench, gateway):
    other = ("--url", f"{gateway.url}/v1/")
    assert bench(*other).returncode == 2

    assert reported(bench(*other, "--key", gateway.key, "--json"))["succeeded"] == 10
    refused = bench(*other, "--key", "sk-gswarm-" + "0" * 32, "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["failed"] == {"invalid_api_key": 10}


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "gateway", "ftp://localhost"])
def test_without_a_gateway_it_ends_in_one_line(bench, url):
    ended = bench("--url", url, "--key", "any")

    assert ended.returncode == 1
    assert ended.stderr.startswith(b"Error: ")
    assert ended.stderr.count(b"\n") == 1


def test_a_stream_that_is_cut_short_is_no_answer(gateway, google):
    google.script({"cut": {"after": 1, "how": "rst"}}, times=1)

    sample = Asker(gateway.url, gateway.key, FLASH, True).ask()

    assert sample.problem
    assert sample.first_token_seconds is not None
