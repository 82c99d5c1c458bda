"""The process of its own in which `tools.bench_audit` audits: it loads nothing of the emulated account.

`python -m tools.bench_audited URL REGION CLUSTER …` prints what was asked, how long it took, and how much memory.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from collections import defaultdict
from typing import Any

import boto3

from diagnostics.audit import run_audit
from diagnostics.collect import AwsClients
from diagnostics.collect.budget import bucket_key, published

LATENCY = 0.040
"""Seconds that each request takes more than the emulated account does."""


class _Slow(AwsClients):
    """Clients whose requests take `LATENCY` more, and are noted."""

    def __init__(self, url: str) -> None:
        super().__init__(lambda account: boto3.Session())
        self._url = url
        self._noting = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}
        self.began = time.monotonic()
        self.at: dict[str, list[float]] = defaultdict(list)

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        with self._noting:
            if (service, region) not in self._made:
                client = boto3.Session().client(
                    service, region_name=region, endpoint_url=self._url, config=self._config
                )

                def note(model: Any, service: str = service, region: str = region, **_: Any) -> None:
                    with self._noting:
                        name = bucket_key(f"{service}:{model.name}", region, None).name
                        self.at[name].append(time.monotonic() - self.began)
                    time.sleep(LATENCY)

                client.meta.events.register("before-call", note)
                self._made[service, region] = client
            return self._made[service, region]

    def of_half_a_rate(self) -> float:
        """The most that any API was asked in any span of time, as a part of what half of AWS's rate allows in it."""
        worst = 0.0
        for name, moments in self.at.items():
            rate = published(name)
            for first, start in enumerate(moments):
                for last in range(first, len(moments)):
                    allowed = (rate.burst + rate.rate * (moments[last] - start)) / 2 + 1
                    worst = max(worst, (last - first + 1) / allowed)
        return worst


def _audit(url: str, region: str, clusters: list[str]) -> dict[str, Any]:
    clients = _Slow(url)
    report = run_audit(aws=clients, clusters=clusters, region=region)
    return {
        "requests": sum(map(len, clients.at.values())),
        "by_api": {name: len(moments) for name, moments in sorted(clients.at.items())},
        "seconds": report.seconds,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "of_half_a_rate": clients.of_half_a_rate(),
        "works": len(report.standing("works")),
        "subjects": len(report.subjects),
        "not": [item.headline for item in report.subjects if item.standing != "works"][:3],
    }


if __name__ == "__main__":
    print(json.dumps(_audit(sys.argv[1], sys.argv[2], sys.argv[3:])))
