"""What is counted agrees, to the last request, with what clients and Google saw."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from gswarm.gemini.models import find
from gswarm.keys.api_keys import ApiKeys
from tests.contract.asking import until_day_is_young
from tests.gateway_process import Gateway, wait_for
from tests.simulator_process import Simulator

CLIENTS = 20
EACH = 50
PATH = "/v1/chat/completions"

MAIN, FAILING, REFUSED, SPENT, CACHED, SLOW = (
    "gemini-3.5-flash",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gemini-2.5-pro",
    "gemini-3.1-flash-lite",
    "gemini-3-flash-preview",
)
NAMES = {find(MAIN).wire_names["cloudcode"]: MAIN}
"""What Code Assist calls it."""


@dataclass
class Seen:
    """What one client saw, or all of them together."""

    status: Counter[int] = field(default_factory=Counter)
    model: Counter[str] = field(default_factory=Counter)
    key: Counter[str] = field(default_factory=Counter)
    project: Counter[str] = field(default_factory=Counter)
    error: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    cache: Counter[str] = field(default_factory=Counter)

    def add(self, other: Seen) -> None:
        for name, counts in vars(self).items():
            counts.update(getattr(other, name))


class Client:
    """One of many, with a session of its own."""

    def __init__(self, gateway: Gateway, number: int, small_key: str) -> None:
        self.url = gateway.url + PATH
        self.number = number
        self.keys = {"seer": gateway.key, "small": small_key}
        self.http = requests.Session()
        self.http.trust_env = False
        self.seen = Seen()

    def run(self) -> Seen:
        with self.http:
            for n in range(EACH):
                self.ask(n)
        return self.seen

    def ask(self, n: int) -> None:
        """A mix that is the same for every client."""
        if n == 7:
            self.hang_up()
        elif n in (3, 23):
            self.send(MAIN, temperature="hot")
        elif n % 10 == 4:
            self.send(MAIN, key="small")
        elif n % 10 == 5:
            self.send(FAILING, stream=n == 25)
        elif n in (16, 36):
            self.send(REFUSED)
        elif n in (18, 38, 48):
            self.send(SPENT)
        elif n in (9, 19, 29):
            self.send(CACHED, temperature=0)
        else:
            self.send(MAIN, stream=n % 2 == 0)

    def send(
        self, model: str, *, key: str = "seer", stream: bool = False, **more: Any
    ) -> None:
        reply = self.post(model, key=key, stream=stream, **more)
        self.note(reply, model, key)
        if reply.ok:
            usage = _usage_of(reply) if stream else reply.json()["usage"]
            if reply.headers["x-gswarm-cache"] != "hit":
                self.seen.tokens[model] += usage["total_tokens"]
        else:
            error = reply.json()["error"]
            self.seen.error[error["code"] or error["type"]] += 1

    def hang_up(self) -> None:
        """Leave when the answer has begun."""
        reply = self.post(SLOW, stream=True)
        lines = reply.iter_lines(chunk_size=1)
        while b'"content"' not in next(lines):
            pass
        self.note(reply, SLOW, "seer", status=499)
        self.seen.error["abandoned"] += 1
        reply.close()

    def post(
        self, model: str, *, key: str = "seer", stream: bool = False, **more: Any
    ) -> requests.Response:
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "Hello"}],
            "stream": stream,
            **({"stream_options": {"include_usage": True}} if stream else {}),
            **more,
        }
        headers = {"Authorization": f"Bearer {self.keys[key]}"}
        return self.http.post(
            self.url, json=body, headers=headers, stream=stream, timeout=60
        )

    def note(
        self, reply: requests.Response, model: str, key: str, status: int = 0
    ) -> None:
        seen = self.seen
        seen.status[status or reply.status_code] += 1
        seen.model[model] += 1
        seen.key[key] += 1
        seen.cache[reply.headers.get("x-gswarm-cache", "")] += 1
        if project := reply.headers.get("x-gswarm-project"):
            seen.project[project] += 1


def _usage_of(reply: requests.Response) -> dict[str, int]:
    data = [
        line.removeprefix(b"data: ")
        for line in reply.iter_lines()
        if line.startswith(b"data: {")
    ]
    usage: dict[str, int] = json.loads(data[-1])["usage"]
    return usage


@pytest.fixture
def crowd(gateway: Gateway, google: Simulator) -> Seen:
    """Twenty clients have asked a thousand things, and all of it is settled."""
    until_day_is_young()
    google.speed(ttft_seconds=0, chunk_seconds=0)
    google.script({"error": "internal"}, times=6, model=FAILING)
    google.script({"error": "rate_limit"}, times=3, model=FAILING)
    google.script({"error": "invalid_argument"}, times=25, model=REFUSED)
    google.script({"error": "daily_quota"}, times=None, model=SPENT)
    google.script(
        {"slow": {"chunk_seconds": 0.05, "chunks": 400}}, times=None, model=SLOW
    )
    keys = ApiKeys(gateway.store)
    _, gateway.key = keys.create(name="seer", may_see_projects=True)
    small_key = gateway.new_key("small", rate_limit=30, may_see_projects=True)
    clients = [Client(gateway, number, small_key) for number in range(CLIENTS)]
    together = Seen()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for seen in pool.map(Client.run, clients):
            together.add(seen)
    wait_for(lambda: google.open_calls() == 0)
    wait_for(lambda: metrics(gateway)["total_requests"] >= CLIENTS * EACH)
    return together


def record_of(gateway: Gateway, answer: requests.Response) -> dict[str, Any]:
    path = f"/api/gswarm/requests/{answer.headers['x-request-id']}"
    found: dict[str, Any] = gateway.look(path).json()
    return found


def metrics(gateway: Gateway, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = gateway.look("/api/gswarm/metrics", params=query).json()
    return found


def totals(parts: dict[str, Any]) -> dict[str, int]:
    return {name: part["total"] for name, part in parts.items()}


def samples(gateway: Gateway) -> Iterator[tuple[str, dict[str, str], float]]:
    text = gateway.look("/metrics").text
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


def test_a_thousand_mixed_requests_are_counted_exactly(
    crowd: Seen, gateway: Gateway, google: Simulator
) -> None:
    assert {200, 400, 429, 499} <= set(crowd.status), crowd.status
    whole = metrics(gateway)
    rows = read_csv(export(gateway, "csv"))

    assert_clients_agree(crowd, whole)
    assert_google_agrees(google, gateway)
    assert_prometheus_agrees(gateway, whole)
    assert_rows_agree(rows, crowd, whole)
    assert_exports_agree(gateway, rows, whole)
    for project, part in whole["by_project"].items():
        narrowed = metrics(gateway, project=project)
        assert narrowed["total_requests"] == part["total"]


def assert_clients_agree(seen: Seen, whole: dict[str, Any]) -> None:
    """The sums are what the clients counted."""
    succeeded = seen.status[200]
    assert whole["total_requests"] == CLIENTS * EACH
    assert whole["successful_requests"] == succeeded
    assert whole["failed_requests"] == CLIENTS * EACH - succeeded
    assert whole["error_breakdown"] == seen.error
    assert totals(whole["by_endpoint"]) == {PATH: CLIENTS * EACH}
    assert totals(whole["by_model"]) == seen.model
    assert totals(whole["by_key"]) == seen.key
    assert totals(whole["by_project"]) == seen.project
    assert totals(whole["by_account"]) == by_account(seen.project)
    assert whole["cache"]["hits"] == seen.cache["hit"]
    assert whole["cache"]["misses"] == seen.cache["miss"]
    for model in (MAIN, FAILING, CACHED):
        assert whole["by_model"][model]["tokens_used"] == seen.tokens[model]


def assert_google_agrees(google: Simulator, gateway: Gateway) -> None:
    """Each project was asked as often as Google says."""
    calls = google.calls(brief=True, method="streamGenerateContent")
    attempts = Counter[tuple[str, str]]()
    for name, labels, value in samples(gateway):
        if name == "gswarm_attempts_total":
            attempts[labels["project"], labels["model"]] += int(value)
    assert attempts == Counter(
        (call["project"], NAMES.get(call["model"], call["model"])) for call in calls
    )


def assert_prometheus_agrees(gateway: Gateway, whole: dict[str, Any]) -> None:
    """Whichever worker is asked."""
    found, lengths = Counter[tuple[str, str]](), 0.0
    for name, labels, value in samples(gateway):
        if name == "gswarm_requests_total":
            found.update({label: int(value) for label in labels.items()})
        if name == "gswarm_request_duration_seconds_count":
            lengths += value
    assert lengths == whole["total_requests"]
    for label in ("endpoint", "account", "project", "model", "key"):
        parts = {name: n for (of, name), n in found.items() if of == label and name}
        assert parts == totals(whole[f"by_{label}"])
    errors = {name: n for (of, name), n in found.items() if of == "error" and name}
    assert errors == whole["error_breakdown"]


def assert_rows_agree(
    rows: list[dict[str, str]], seen: Seen, whole: dict[str, Any]
) -> None:
    """Every request has its line, and the lines have the sums."""
    for column, counts in (
        ("model", seen.model),
        ("key_name", seen.key),
        ("project_id", seen.project),
        ("error_type", seen.error),
        ("status_code", Counter({str(k): n for k, n in seen.status.items()})),
    ):
        assert Counter(row[column] for row in rows if row[column]) == counts, column
    assert sum(int(row["tokens_used"]) for row in rows) == whole["tokens_used"]
    times = sorted(float(row["duration_ms"]) for row in rows)
    assert sum(times) == pytest.approx(whole["total_duration_ms"], abs=0.01)
    for share in (50, 95, 99):
        true = times[math.ceil(share / 100 * len(times)) - 1]
        assert whole[f"p{share}_ms"] == pytest.approx(true, rel=0.05)


def assert_exports_agree(
    gateway: Gateway, rows: list[dict[str, str]], whole: dict[str, Any]
) -> None:
    """JSON and ZIP hold the same as the CSV and the metrics."""
    archive = zipfile.ZipFile(io.BytesIO(export(gateway, "zip")))
    assert archive.testzip() is None
    assert read_csv(archive.read("requests.csv")) == rows
    told = json.loads(export(gateway, "json"))
    assert [each["id"] for each in told["requests"]] == [row["id"] for row in rows]
    of_the_moment = {"period_end": "", "quota": []}
    for found in (told["metrics"], json.loads(archive.read("metrics.json"))):
        assert found | of_the_moment == whole | of_the_moment


def by_account(projects: Counter[str]) -> Counter[str]:
    accounts = Counter[str]()
    for project, count in projects.items():
        accounts[f"{project.rpartition('-')[0]}@example.com"] += count
    return accounts


def export(gateway: Gateway, form: str) -> bytes:
    reply = gateway.look("/api/gswarm/metrics/export", params={"format": form})
    reply.raise_for_status()
    return reply.content


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


# ---------------------------------------------------------------- one by one


def test_a_record_shows_how_a_request_was_routed(
    gateway: Gateway, google: Simulator
) -> None:
    google.script({"error": "internal"})
    answer = gateway.ask(model=MAIN)
    found = gateway.look(
        f"/api/gswarm/requests/{answer.headers['x-request-id']}"
    ).json()

    assert (found["status"], found["attempts"]) == ("success", 2)
    assert found["tokens_used"] == answer.json()["usage"]["total_tokens"]
    failed, answered = found["route"]["attempts"]
    assert (failed["verdict"], answered["verdict"]) == ("server", "success")
    assert answered["project_id"] == found["project_id"] != failed["project_id"]
    assert answered["passed_over"] == {"server": 1}
    assert answered["candidates"] == 12
    assert set(answered["health_terms"]) == {"success", "recency", "cooldown"}
    assert 0 < found["ttft_ms"] <= found["duration_ms"]


def test_a_record_shows_why_nobody_was_left(
    gateway: Gateway, google: Simulator
) -> None:
    google.script({"error": "daily_quota"}, times=None)
    answer = gateway.ask(model=SPENT)
    assert answer.status_code == 429
    found = gateway.look(
        f"/api/gswarm/requests/{answer.headers['x-request-id']}"
    ).json()

    assert found["error_type"] == answer.json()["error"]["code"] == "insufficient_quota"
    assert found["account_id"] and found["project_id"]
    assert found["route"]["nothing"]["reason"] == "quota_exhausted"
    assert found["route"]["nothing"]["passed_over"] == {"quota_exhausted": 12}


def test_a_model_the_catalogue_lacks_is_counted_as_itself_once_it_was_served(
    gateway: Gateway, google: Simulator
) -> None:
    unlisted = "gemini-3.1-flash-lite-preview"
    answers = [gateway.ask(model=unlisted).status_code for _ in range(3)]
    google.script({"error": "invalid_argument"}, times=2, model=unlisted)
    answers += [gateway.ask(model=unlisted).status_code for _ in range(2)]
    assert gateway.ask(model="gemini-99-ultra").status_code == 404

    assert answers == [200, 200, 200, 400, 400]
    counted = metrics(gateway)["by_model"]
    assert {
        name: (part["total"], part["failed"]) for name, part in counted.items()
    } == {
        unlisted: (5, 2),
        "other": (1, 1),
    }


def test_requests_are_paged_and_filtered(gateway: Gateway) -> None:
    good = [gateway.ask().headers["x-request-id"] for _ in range(3)]
    bad = gateway.ask(temperature="hot").headers["x-request-id"]

    def ids(**query: Any) -> list[str]:
        page = gateway.look("/api/gswarm/requests", params=query).json()
        return [each["id"] for each in page["requests"]]

    assert ids() == [bad, *good[::-1]]
    assert ids(status="error") == ids(type="invalid_type") == [bad]
    assert ids(status="success", key="test", model=MAIN) == good[::-1]
    assert ids(account="nobody@example.com") == []
    assert ids(dialect="openai_chat") == ids()
    assert ids(dialect="anthropic_messages") == []
    assert ids(endDate="2020-01-01T00:00:00Z") == []
    seen, cursor = [], {}
    while True:
        query = {"limit": 3} | cursor
        page = gateway.look("/api/gswarm/requests", params=query).json()
        seen += [each["id"] for each in page["requests"]]
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert seen == [bad, *good[::-1]]


def test_a_request_without_a_good_key_is_recorded_too(gateway: Gateway) -> None:
    gateway.http.post(gateway.url + PATH, json={}).close()

    assert metrics(gateway)["error_breakdown"] == {"invalid_request_error": 1}
    assert metrics(gateway)["by_key"] == {}


def test_no_spreadsheet_runs_what_somebody_called_their_key(gateway: Gateway) -> None:
    gateway.key = gateway.new_key('=HYPERLINK("http://example.com")')
    gateway.ask()

    [row] = read_csv(export(gateway, "csv"))
    assert row["key_name"] == '\'=HYPERLINK("http://example.com")'


def test_trends_and_dashboard_tell_the_same(gateway: Gateway) -> None:
    until_day_is_young()
    tokens = gateway.ask().json()["usage"]["total_tokens"]
    gateway.ask(temperature="hot")
    admin = gateway.sign_in()

    for metric, value in (("requests", 2), ("errors", 1), ("tokens", tokens)):
        query = {"metric": metric, "days": "14"}
        trend = gateway.get("/api/gswarm/metrics/trends", params=query).json()
        assert [point["value"] for point in trend["dataPoints"]] == [0] * 13 + [value]
        assert (trend["peak"], trend["trend"]) == (value, "increasing")
    stats = admin.get("/api/dashboard/stats").json()
    assert (stats["apiRequestsToday"], stats["errorRate"]) == (2, 0.5)
    assert (stats["totalAccounts"], stats["activeProjects"]) == (3, 12)
    assert (stats["tokensToday"], stats["status"]) == (tokens, "connected")
    for query in ({"hours": "2"}, {"days": "2"}):
        found = admin.get("/api/dashboard/metrics", params=query).json()
        assert sum(point["total"] for point in found["series"]) == 2
        assert len(found["series"]) == 2
        assert totals(found["by_model"]) == {MAIN: 2}
        assert "parts" not in found


def test_a_series_is_split_into_the_largest_parts_and_the_rest(
    gateway: Gateway,
) -> None:
    for n, model in enumerate((MAIN, FAILING, REFUSED, SPENT, CACHED, SLOW)):
        for _ in range(8 - n if n < 5 else 1):
            gateway.ask(model=model)

    query = {"hours": "2", "split": "model"}
    found = gateway.sign_in().get("/api/dashboard/metrics", params=query).json()

    names = [part["name"] for part in found["parts"]]
    assert names == [MAIN, FAILING, REFUSED, SPENT, CACHED, None]
    sums = [sum(point["total"] for point in part["series"]) for part in found["parts"]]
    assert sums == [8, 7, 6, 5, 4, 1]
    assert {len(part["series"]) for part in found["parts"]} == {2}


def test_the_parts_of_a_split_are_the_whole(
    gateway: Gateway, google: Simulator
) -> None:
    gateway.ask(model=MAIN)
    for account in gateway.rooms.accounts.all():
        gateway.rooms.accounts.enable(account.email, False)
    for _ in range(3):
        assert gateway.ask(model=MAIN).status_code == 503

    query = {"hours": "2", "split": "account"}
    found = gateway.sign_in().get("/api/dashboard/metrics", params=query).json()

    one, nobody = found["parts"]
    assert (one["kind"], nobody["kind"], nobody["name"]) == ("named", "nobody", None)
    last = nobody["series"][-1]
    assert (last["total"], last["failed"]) == (3, 3)
    for n, point in enumerate(found["series"]):
        parts = [part["series"][n]["total"] for part in found["parts"]]
        assert sum(parts) == point["total"]


# ---------------------------------------------------------------- refusals

BOTH = (
    "/api/gswarm/metrics",
    "/api/gswarm/metrics/export",
    "/api/gswarm/metrics/trends",
    "/api/gswarm/requests",
    "/api/gswarm/requests/req_1",
)
SESSION = ("/api/dashboard/stats", "/api/dashboard/metrics")


@pytest.mark.parametrize("path", [*BOTH, *SESSION, "/metrics"])
def test_nobody_is_told_without_a_credential(gateway: Gateway, path: str) -> None:
    reply = gateway.http.get(gateway.url + path)
    assert reply.status_code == 401
    assert set(reply.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize("path", SESSION)
def test_a_key_does_not_open_the_dashboard(gateway: Gateway, path: str) -> None:
    assert gateway.get(path).status_code == 401


@pytest.mark.parametrize("path", [*BOTH, "/metrics"])
def test_a_key_needs_the_scope_monitor(gateway: Gateway, path: str) -> None:
    gateway.key = gateway.new_key("chatter", scopes=["chat"])
    assert gateway.get(path).status_code == 403


@pytest.mark.parametrize("path", BOTH[:4])
def test_a_session_opens_what_a_key_opens(gateway: Gateway, path: str) -> None:
    assert gateway.sign_in().get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/gswarm/metrics?startDate=yesterday", "startDate"),
        ("/api/gswarm/metrics?startDate=2026-01-02&endDate=2026-01-01", "endDate"),
        ("/api/gswarm/metrics?colour=red", "colour"),
        ("/api/gswarm/metrics/export?format=exe", "format"),
        ("/api/gswarm/metrics/trends?days=8", "days"),
        ("/api/gswarm/metrics/trends?metric=joy", "metric"),
        ("/api/gswarm/requests?limit=0", "limit"),
        ("/api/gswarm/requests?cursor=abc", "cursor"),
        ("/api/gswarm/requests?cursor=2026-01-31/0-0", "cursor"),
        ("/api/gswarm/requests?status=maybe", "status"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    gateway: Gateway, path: str, field: str
) -> None:
    reply = gateway.get(path)
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "validation"
    assert field in reply.json()["error"]["details"]


def test_the_dashboard_takes_days_and_hours_within_bounds(gateway: Gateway) -> None:
    admin = gateway.sign_in()
    for query in ("days=31", "days=0", "hours=49", "hours=x", "split=colour"):
        assert admin.get(f"/api/dashboard/metrics?{query}").status_code == 400


def test_unknown_requests_and_methods_are_refused_in_json(gateway: Gateway) -> None:
    unknown = gateway.get("/api/gswarm/requests/req_unknown")
    wrong = gateway.post("/api/gswarm/metrics", {})
    assert (unknown.status_code, wrong.status_code) == (404, 405)
    assert unknown.json()["error"]["code"] == "not_found"


def test_a_key_that_only_watches_sees_its_own_requests_and_no_names(
    gateway: Gateway, google: Simulator
) -> None:
    own = gateway.ask(model=MAIN).headers["x-request-id"]
    watcher = gateway.headers
    gateway.key = gateway.new_key("test")
    other = gateway.ask(model=FAILING).headers["x-request-id"]

    def seen(path: str) -> requests.Response:
        return gateway.http.get(gateway.url + path, headers=watcher)

    rows = seen("/api/gswarm/requests").json()["requests"]
    assert [row["id"] for row in rows] == [own]
    assert seen(f"/api/gswarm/requests/{own}").status_code == 200
    assert seen(f"/api/gswarm/requests/{other}").status_code == 404
    assert other not in seen("/api/gswarm/metrics/export?format=csv").text
    config = seen("/api/gswarm/config").json()
    assert "systemPrompts" not in config and config["models"]
    assert gateway.look("/api/gswarm/config").json()["systemPrompts"] == {"default": ""}
    paths = (
        *("/api/gswarm/accounts", "/api/gswarm/status", "/api/gswarm/metrics"),
        *("/api/gswarm/metrics/export", f"/api/gswarm/requests/{own}", "/metrics"),
    )
    for path in paths:
        reply = seen(path)
        assert reply.status_code == 200, path
        for account in google.accounts():
            assert account["email"].partition("@")[0] not in reply.text, path
