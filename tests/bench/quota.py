"""How much of what Google's limits allow gets through, and how much is refused.

python -m tests.bench.quota
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click
import httpx

from gswarm.store.config import Config
from tests.gateway_process import Gateway, start_gateway
from tests.simulator_process import Simulator, start_simulator

FLASH, PRO, THIRD = "gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-flash-preview"
ACCOUNTS, PROJECTS = 3, 12

PER_MINUTE = {PRO: 130}
"""Per project. With 36 of them the other models' 250 and 300 are more than two cores
carry for a gateway, a Google and their clients together."""
OFFERED = 1.2
MINUTES = 2

PER_DAY = {FLASH: 168, PRO: 75, THIRD: 196}
"""Per account; a tenth of what it is, where it is more than can be waited for."""

UNKNOWN_PER_MINUTE, UNKNOWN_PER_DAY = 6, 150

BUCKET_RATE, BUCKET_BURST, BUCKET_SECONDS = 2.0, 4, 60
"""Of each account: tokens a second, and how many it holds at most."""
BUCKET_DEMAND = 0.9


@dataclass(frozen=True, slots=True)
class Run:
    """What limits allowed, what came of the requests, and what Google refused."""

    name: str
    allowed: int
    statuses: Counter[int]
    refused: Counter[str]

    @property
    def through(self) -> float:
        """The share of what the limits allow."""
        return self.statuses[200] / self.allowed

    @property
    def refused_share(self) -> float:
        """The share of calls that Google refused."""
        calls = self.statuses[200] + self.refused.total()
        return self.refused.total() / calls if calls else 0.0

    @property
    def failed(self) -> int:
        """Requests that failed otherwise than for a limit."""
        return self.statuses.total() - self.statuses[200] - self.statuses[429]


def limit(per: str, window: str, model: str, number: int) -> dict[str, Any]:
    """A limit as the simulator takes it."""
    return {"per": per, "window": window, "models": [model], "limit": number}


def rates_given(google: Simulator, gateway: Gateway) -> Run:
    """More is asked for than a minute's limits allow, for some real minutes."""
    begin(
        google,
        gateway,
        [limit("project", "minute", *each) for each in PER_MINUTE.items()],
    )
    give(gateway, {m: {"perMinutePerProject": n} for m, n in PER_MINUTE.items()})
    per_minute = sum(PER_MINUTE.values()) * ACCOUNTS * PROJECTS
    models = list(PER_MINUTE) * int(per_minute * MINUTES * OFFERED / len(PER_MINUTE))
    return at_a_pace("minute's limits given", google, gateway, models, per_minute)


def days_given(google: Simulator, gateway: Gateway) -> Run:
    """Everything a day allows, and some more, as fast as it goes."""
    begin(google, gateway, [limit("account", "day", *each) for each in PER_DAY.items()])
    give(gateway, {m: {"perDayPerAccount": n} for m, n in PER_DAY.items()})
    allowed = sum(PER_DAY.values()) * ACCOUNTS
    models = [m for m, n in PER_DAY.items() for _ in range(int(n * ACCOUNTS * OFFERED))]
    statuses = asyncio.run(ask(gateway, models))
    return Run("day's limits given", allowed, statuses, refusals(google, "account"))


def days_unknown(google: Simulator, gateway: Gateway) -> Run:
    """A day's limits that nobody told."""
    begin(google, gateway, [limit("account", "day", FLASH, UNKNOWN_PER_DAY)])
    allowed = UNKNOWN_PER_DAY * ACCOUNTS
    statuses = asyncio.run(ask(gateway, [FLASH] * int(allowed * OFFERED), at_once=1))
    return Run("day's limits unknown", allowed, statuses, refusals(google, "account"))


def rates_unknown(google: Simulator, gateway: Gateway) -> Run:
    """A minute's limits that nobody told, over more than a minute."""
    begin(google, gateway, [limit("project", "minute", PRO, UNKNOWN_PER_MINUTE)])
    per_minute = UNKNOWN_PER_MINUTE * ACCOUNTS * PROJECTS
    models = [PRO] * int(per_minute * MINUTES * OFFERED)
    return at_a_pace("minute's limits unknown", google, gateway, models, per_minute)


def buckets(google: Simulator, gateway: Gateway, seed: int | None) -> Run:
    """Nine tenths of what the accounts' token buckets give, evenly or by chance (with a
    ``seed``); "allowed" is what was asked for."""
    bucket = {
        "per": "account",
        "window": "bucket",
        "models": [PRO],
        "limit": BUCKET_BURST,
        "rate": BUCKET_RATE,
    }
    begin(google, gateway, [bucket])
    per_second = BUCKET_RATE * ACCOUNTS * BUCKET_DEMAND
    number = int(per_second * BUCKET_SECONDS)
    dice = seed and random.Random(seed)
    pauses = [
        dice.expovariate(per_second) if dice else 1 / per_second for _ in range(number)
    ]
    statuses = asyncio.run(ask(gateway, [PRO] * number, pauses=pauses))
    name = "buckets, by chance" if seed else "buckets, evenly"
    return Run(name, number, statuses, refusals(google, "account"))


def at_a_pace(
    name: str, google: Simulator, gateway: Gateway, models: list[str], per_minute: int
) -> Run:
    """Ask evenly for `MINUTES`, or as much longer as it takes."""
    started = time.monotonic()
    pauses = [MINUTES * 60 / len(models)] * len(models)
    statuses = asyncio.run(ask(gateway, models, pauses=pauses))
    seconds = time.monotonic() - started
    allowed = allowed_in(seconds, per_minute, len(models) / seconds)
    return Run(name, allowed, statuses, refusals(google, "project"))


def allowed_in(seconds: float, per_minute: int, per_second: float) -> int:
    """How many of those asked for evenly any minute's limit lets through."""
    whole, rest = divmod(seconds, 60)
    minute = min(per_minute, per_second * 60)
    return int(whole * minute + min(minute, rest * per_second))


def begin(google: Simulator, gateway: Gateway, limits: list[dict[str, Any]]) -> None:
    """A fresh world under these limits; nobody knows of them yet."""
    google.reset(accounts=ACCOUNTS, projects=PROJECTS)
    google.control("POST", "calls", {"keeps_bodies": False})
    google.quota(limits=limits)
    gateway.begin_anew(google.accounts())
    gateway.wait_for_pulses()


def give(gateway: Gateway, limits: dict[str, dict[str, int]]) -> None:
    """Tell the gateway, as an operator would."""
    Config(gateway.store, {}).change({"quotaManagement": {"limits": limits}}, version=0)
    gateway.wait_for_pulses()


async def ask(
    gateway: Gateway,
    models: Iterable[str],
    *,
    pauses: Sequence[float] = (),
    at_once: int = 40,
) -> Counter[int]:
    """Ask once for each model, so many seconds after the one before, or as many at
    once; answers by status."""
    gate, statuses = asyncio.Semaphore(at_once), Counter[int]()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=400)
    async with httpx.AsyncClient(
        headers=gateway.headers, limits=limits, timeout=60, trust_env=False
    ) as client:

        async def one(serial: int, model: str) -> None:
            messages = [{"role": "user", "content": f"Hello {serial}"}]
            body = {"model": model, "messages": messages}
            reply = await client.post(f"{gateway.url}/v1/chat/completions", json=body)
            statuses[reply.status_code] += 1
            gate.release()

        due = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for serial, model in enumerate(models):
                if pauses:
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
                    due += pauses[serial]
                else:
                    await gate.acquire()
                tasks.create_task(one(serial, model))
    return statuses


def refusals(google: Simulator, owner: str) -> Counter[str]:
    """The calls that Google refused, by whose limit it was, and for which model."""
    found = Counter[str]()
    for each in google.quota()["refused"]:
        found[f"{each[owner]} {each['model']}"] += each["count"]
    return found


def run_all() -> Iterator[Run]:
    """Every run, as it ends; about six minutes."""
    with (
        start_simulator(ACCOUNTS, PROJECTS) as google,
        start_gateway(google, workers=2) as gateway,
    ):
        for run in (days_given, days_unknown, rates_unknown, rates_given):
            yield run(google, gateway)
        for seed in (None, 7):
            yield buckets(google, gateway, seed)


def main() -> None:
    head = ("run", "allowed", "through", "refused", "most per limit", "other failures")
    click.echo("".join(f"{each:>24}" for each in head))
    for run in run_all():
        most = max(run.refused.values(), default=0)
        shown = (f"{run.through:.1%}", f"{run.refused_share:.2%}", most, run.failed)
        click.echo("".join(f"{each:>24}" for each in (run.name, run.allowed, *shown)))


if __name__ == "__main__":
    main()
