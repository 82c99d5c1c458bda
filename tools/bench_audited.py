"""The process of its own in which `tools.bench_audit` audits: it loads nothing of the emulated account.

`python -m tools.bench_audited URL REGION CLUSTER …` prints what was asked, how long it took, and how much memory.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from diagnostics.audit import run_audit
from diagnostics.collect import AwsClients
from diagnostics.collect.budget import bucket_key, published
from diagnostics.collect.clients import THREADS

LATENCY = 0.040
"""Seconds that each answer takes."""


class _RawBody:
    """The body of an answer, as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


class _ReplayedClients(AwsClients):
    """Clients whose answers are kept from a first audit; in a second one each takes `LATENCY`, and none asks the emulator."""

    def __init__(self, url: str) -> None:
        super().__init__(lambda account: boto3.Session())
        self._url = url
        self._noting = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}
        self._http = URLLib3Session(max_pool_connections=THREADS)
        self._kept: dict[tuple[str, bytes], tuple[int, dict[str, str], bytes]] = {}
        self.began = time.monotonic()
        self.at: dict[str, list[float]] = defaultdict(list)
        self.missed = 0

    def start(self) -> None:
        """What follows is measured."""
        self.began, self.missed = time.monotonic(), 0
        self.at.clear()

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        with self._noting:
            if (service, region) not in self._made:
                client = boto3.Session().client(
                    service, region_name=region, endpoint_url=self._url, config=self._config
                )
                client.meta.events.register("before-send", self._answer)
                self._made[service, region] = client
            return self._made[service, region]

    def _answer(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        service, operation = event_name.split(".")[1:]
        region = request.headers.get("Authorization", b"").decode().split("/")[2]
        with self._noting:
            self.at[bucket_key(f"{service}:{operation}", region, None).name].append(
                time.monotonic() - self.began
            )
        key = (f"{service} {operation} {region} {request.url}", request.body or b"")
        kept = self._kept.get(key)
        if kept is None:
            self.missed += 1
            sent = self._http.send(request)
            kept = self._kept[key] = (sent.status_code, dict(sent.headers), sent.content)
        else:
            time.sleep(LATENCY)
        status, headers, body = kept
        return AWSResponse(request.url, status, headers, _RawBody(body))

    def of_half_a_rate(self) -> tuple[float, str]:
        """The most that any API was asked in any span of time, as a part of what half of AWS's rate allows in it; and which."""
        worst = (0.0, "")
        for name, moments in self.at.items():
            rate = published(name)
            for first, start in enumerate(moments):
                for last in range(first, len(moments)):
                    allowed = (rate.burst + rate.rate * (moments[last] - start)) / 2 + 1
                    worst = max(worst, ((last - first + 1) / allowed, name))
        return worst


def _most_megabytes() -> float:
    """The most memory that this process had. What `getrusage` tells counts that of the process that started it, too.

    https://man7.org/linux/man-pages/man5/proc_pid_status.5.html (VmHWM), https://man7.org/linux/man-pages/man2/getrusage.2.html
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text("utf-8"), re.MULTILINE)
        if peak is not None:
            return int(peak[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _audit(url: str, region: str, clusters: list[str]) -> dict[str, Any]:
    clients = _ReplayedClients(url)
    # Without its budget, for this one is not measured.
    run_audit(aws=clients, clusters=clusters, region=region, urgent=True)
    clients.start()
    report = run_audit(aws=clients, clusters=clusters, region=region)
    nearest, name = clients.of_half_a_rate()
    return {
        "requests": sum(map(len, clients.at.values())),
        "by_api": {name: len(moments) for name, moments in sorted(clients.at.items())},
        "seconds": report.seconds,
        "megabytes": _most_megabytes(),
        "of_half_a_rate": nearest,
        "nearest": name,
        "missed": clients.missed,
        "works": len(report.standing("works")),
        "subjects": len(report.subjects),
        "not": [item.headline for item in report.subjects if item.standing != "works"][:3],
    }


if __name__ == "__main__":
    print(json.dumps(_audit(sys.argv[1], sys.argv[2], sys.argv[3:])))
