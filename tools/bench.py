"""Measures the promises: `make bench`. Prints a table and exits with 1 where one is not kept.

AWS's answers come from an emulated account, recorded once and then replayed with a set latency, so that what is
measured is our own waiting and not the emulator's.
"""

from __future__ import annotations

import json
import logging
import statistics
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.table import Table

from bot.stores.dynamodb import LARGEST
from demo.aws import Account, EmulatedAws, TaskHandle, build_account
from diagnostics.collect import AwsClients, collect
from diagnostics.report import build
from diagnostics.snapshot import Known, Snapshot
from diagnostics.target import Target, parse
from tests.build.large import MISSING, ON_THE_WAY, LargeAccount
from tests.build.names import TASK_ARN

LATENCIES = (0.040, 0.150)


@dataclass(frozen=True)
class Row:
    """One promise: what was measured, and what was promised."""

    what: str
    measured: float
    budget: float
    unit: str

    @property
    def kept(self) -> bool:
        return self.measured <= self.budget


# --- answers, recorded and replayed ------------------------------------------------------------------

Recorded = dict[tuple[str, str, str, str], Any]


class Replayed(AwsClients):
    """Clients that ask the emulated AWS once for each question, and answer from memory after `latency` seconds."""

    def __init__(self, aws: EmulatedAws) -> None:
        super().__init__(lambda account: SimpleNamespace(region_name=aws.region))
        self._aws = aws
        self._recorded: Recorded = {}
        self.latency = 0.0

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        return _Client(self, self._aws.client(service, region), (service, region))

    def answer(self, key: tuple[str, str, str, str], ask: Callable[[], Any]) -> Any:
        """The recorded answer, or a new one."""
        if key not in self._recorded:
            try:
                self._recorded[key] = ask()
            except ClientError as error:
                self._recorded[key] = error
        elif self.latency:
            time.sleep(self.latency)
        found = self._recorded[key]
        if isinstance(found, Exception):
            raise found
        return found


class _Client:
    """As much of a botocore client as reading needs."""

    def __init__(self, clients: Replayed, real: Any, where: tuple[str, str]) -> None:
        self._clients, self._real, self._where = clients, real, where

    def can_paginate(self, method: str) -> bool:
        return bool(self._real.can_paginate(method))

    def get_paginator(self, method: str) -> Any:
        real = self._real.get_paginator(method)

        def paginate(**kwargs: Any) -> Iterator[Any]:
            text = json.dumps(kwargs, sort_keys=True, default=str)
            pages = self._clients.answer((*self._where, method, text), lambda: list(real.paginate(**kwargs)))
            yield from pages

        return SimpleNamespace(paginate=paginate)

    def __getattr__(self, method: str) -> Any:
        real = getattr(self._real, method)

        def call(**kwargs: Any) -> Any:
            text = json.dumps(kwargs, sort_keys=True, default=str)
            return self._clients.answer((*self._where, method, text), lambda: real(**kwargs))

        return call


# --- what is measured --------------------------------------------------------------------------------


def allowance(snapshot: Snapshot) -> int:
    """The promised number of calls for one task with one image."""
    roles = snapshot.roles.values()
    managed = sum(len(role.attached_policies) + isinstance(role.boundary_policy, Known) for role in roles)
    inline = sum(len(role.inline_policies) for role in roles)
    return 36 + 2 * managed + inline + len(snapshot.secrets) + len(snapshot.secret_policies)


def collecting(name: str, clients: Replayed, target: Target, depth: int) -> Iterator[Row]:
    """Depth, calls, and wall time at each latency."""
    first = collect(target, clients)
    yield Row(f"{name}: dependent calls in a row", first.depth, depth, "calls")
    service = 1 if target.kind == "service" else 0
    yield Row(f"{name}: calls", first.api_calls, allowance(first) + service, "calls")
    for latency in LATENCIES:
        clients.latency = latency
        seconds = min(collect(target, clients).seconds for _ in range(3))
        clients.latency = 0.0
        budget = 1.5 * first.depth * latency + 0.3
        yield Row(f"{name}: collection at {latency * 1000:.0f} ms a call", seconds, budget, "s")


def judging(clients: Replayed, target: Target) -> Iterator[Row]:
    """From facts to report; no promise stands behind it but that nobody waits for it."""
    snapshot = collect(target, clients)
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        build(snapshot)
        taken.append(time.perf_counter() - start)
    yield Row("Fargate: facts to report", statistics.median(taken), 0.5, "s")


def large_accounts() -> Iterator[Row]:
    """What is left to do when the last answer of a large account has come, and how much of a store its run takes."""
    accounts = {
        "with NAT gateways": LargeAccount(),
        "with endpoints": LargeAccount(default_route=False, endpoints_for=ON_THE_WAY),
        "with a missing tag": LargeAccount(tag="v20001", reason=MISSING),
    }
    for name, account in accounts.items():
        runs = [_after_the_last_answer(account.clients()) for _ in range(5)]
        yield Row(
            f"large account {name}: last answer to report", min(seconds for seconds, _ in runs), 1.0, "s"
        )
        yield Row(f"large account {name}: a kept run, packed", runs[0][1] / 1024, LARGEST / 1024, "KB")


def _after_the_last_answer(clients: AwsClients) -> tuple[float, int]:
    """Seconds from AWS's last answer to the report, and the bytes that facts and report take in a store."""
    answered: list[float] = []
    snapshot = collect(parse(TASK_ARN), clients, progress=lambda *_: answered.append(time.perf_counter()))
    report = build(snapshot)
    seconds = time.perf_counter() - answered[-1]
    texts = (item.model_dump_json(by_alias=True) for item in (snapshot, report))
    return seconds, sum(len(zlib.compress(text.encode())) for text in texts)


def growth(account: Account, clients: Replayed) -> Iterator[Row]:
    """100 failed tasks of one service against one."""
    task = account.fargate_task("busy")
    task.stop("CannotPullContainerError: context canceled")
    target = parse(f"{task.cluster}/busy")
    one = collect(target, Replayed(account.aws), region=account.region)
    for _ in range(99):
        account.start_again(task).stop("CannotPullContainerError: context canceled")
    many = collect(target, clients, region=account.region)
    yield Row("100 failed tasks cost more than one", many.api_calls - one.api_calls, 5, "calls")


def acknowledging() -> Iterator[Row]:
    """How long a command waits for its acknowledgement, with an idle and with a full queue."""
    from tools.bench_slack import acknowledgements

    for name, seconds in acknowledgements():
        taken = sorted(seconds)
        yield Row(f"acknowledgement, {name}, 99th percentile", taken[int(len(taken) * 0.99) - 1], 0.050, "s")


def refusing() -> Iterator[Row]:
    """What the dearest of the requests that anybody may send to the function's address costs, and of those that Slack signs."""
    from tools.bench_slack import oddities, strangers

    yield Row("a request that Slack did not sign, processor time", max(strangers()), 0.050, "s")
    name, taken = max(oddities(), key=lambda oddity: oddity[1])
    yield Row(f"a signed one of an odd shape ({name}), processor time", taken, 0.050, "s")


def storming() -> Iterator[Row]:
    """What many services that fail at once ask of AWS and say in Slack, in simulated time and within AWS's published rates."""
    from tools.bench_storm import storms

    for name, found in storms():
        if found.diagnosed == found.services:
            yield Row(f"{name}: requests for each after the first", found.each, 7, "calls")
        else:
            yield Row(f"{name}: requests in all", found.requests, 1500, "calls")
            yield Row(f"{name}: seconds until a person who asks sees something", found.visible, 1.0, "s")
        yield Row(f"{name}: messages", found.messages, 1, "")
        yield Row(f"{name}: services that it does not name", found.services - found.named, 0, "")
        yield Row(f"{name}: lost, or diagnosed in vain", found.lost, 0, "")
        yield Row(f"{name}: wrong verdicts", found.wrong, 0, "")
        yield Row(f"{name}: of what AWS allows, at most", found.drawn, 0.5, "")
        yield Row(f"{name}: requests that were too many for AWS", found.throttled, 0, "")
        yield Row(f"{name}: a person's diagnosis begins after", found.begun, 3.0, "s")
        most = ", ".join(f"{api} {peak}" for api, peak in found.most(5))
        print(
            f"{name}: {found.requests} requests in {found.seconds:.0f} s; most in one second: {most}",
            file=sys.stderr,
        )


def auditing() -> Iterator[Row]:
    """What an audit of a large account asks of AWS, and how long it takes."""
    from tools.bench_audit import CLUSTERS, SERVICES, audited

    found, of = audited(), f"an audit of {SERVICES} services in {CLUSTERS} clusters"
    yield Row(f"{of}: requests for each after the first", found.each, 3, "calls")
    yield Row(f"{of}: of half of what AWS allows, at most", found.of_half_a_rate, 1.0, "")
    yield Row(f"{of} at 40 ms a call", found.seconds, 60.0, "s")
    yield Row(f"{of}: memory", found.megabytes, 400.0, "MB")


def starting() -> Iterator[Row]:
    """What starts cost: of the command line, and of the function that has to start while Slack waits for three seconds."""
    from tools.bench_lambda import cold_starts
    from tools.bench_start import command_line, ingress

    for name, ratio in command_line().items():
        yield Row(f"command line, {name}: processor time against `aws --version`", ratio, 1.2, "x")
    yield Row("Lambda: start of the ingress against a plain Bolt app with boto3", ingress(), 1.5, "x")
    yield Row("Lambda: cold start and acknowledgement", statistics.median(cold_starts()), 2.0, "s")


def arn(task: TaskHandle) -> Target:
    """The task's target."""
    return parse(task.arn)


def rows() -> Iterator[Row]:
    """All that is measured."""
    with EmulatedAws() as aws:
        account = build_account(aws)
        fargate, host = account.fargate_task("bench"), account.ec2_task("bench-host")
        clients = Replayed(aws)
        yield from collecting("Fargate", clients, arn(fargate), 5)
        yield from collecting("EC2", clients, arn(host), 7)
        service = Target(
            kind="service", partition="aws", region=account.region, account_id=account.account_id,
            cluster=fargate.cluster, service="bench",
        )  # fmt: skip
        yield from collecting("service", clients, service, 6)
        yield from judging(clients, arn(fargate))
        yield from growth(account, clients)
    yield from large_accounts()
    yield from storming()
    yield from auditing()
    yield from acknowledging()
    yield from refusing()
    yield from starting()


def main() -> int:
    """Measure, print, and say by the exit status whether every promise is kept."""
    # What the app logs about a Slack that is not there is not what is measured.
    logging.disable(logging.CRITICAL)
    console = Console()
    table = Table("promise", "measured", "budget", "")
    kept = True
    for row in rows():
        digits = 0 if row.unit == "calls" else 3
        table.add_row(
            row.what,
            f"{row.measured:.{digits}f} {row.unit}",
            f"{row.budget:.{digits}f} {row.unit}",
            "kept" if row.kept else "NOT KEPT",
        )
        kept = kept and row.kept
    console.print(table)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
