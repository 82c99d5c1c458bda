"""Measures an audit of a large account: 500 services in 5 clusters, at 40 ms a call, in a process of its own.

The parent serves the emulated account; the child audits it, counts what it asks, and tells its own memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from moto.ecr.models import ecr_backends

from demo.aws import Account, EmulatedAws, build_account, images, managed_policies
from diagnostics.audit import run_audit
from diagnostics.collect import AwsClients
from diagnostics.collect.budget import bucket_key, published

CLUSTERS, SERVICES, REPOSITORIES, ROLES = 5, 500, 250, 10
LATENCY = 0.040
NETWORKS = ("main", "second", "third")
"""A subnet of each has room for so many tasks."""
KEEP = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50}
POLICY = json.dumps({"rules": [{"rulePriority": 1, "selection": KEEP, "action": {"type": "expire"}}]})


@dataclass(frozen=True)
class Audited:
    """What was measured.

    Attributes:
        requests: in all.
        each: requests for each service, beyond those that one of them alone would take.
        seconds: until the report.
        megabytes: the most memory of the process.
        of_half_a_rate: how near any API came to half of AWS's rate; 1 is there.
        works: how many services were found to work, which is all.
    """

    requests: int
    each: float
    seconds: float
    megabytes: float
    of_half_a_rate: float
    works: int


def audited() -> Audited:
    """An audit of the large account, in a child process, and of one service alone."""
    with EmulatedAws() as aws:
        account = build_account(aws)
        _build(account)
        one, every = (_child(aws, clusters) for clusters in (["alone"], _clusters()))
    return Audited(
        requests=every["requests"],
        each=(every["requests"] - one["requests"]) / (SERVICES - 1),
        seconds=every["seconds"],
        megabytes=every["megabytes"],
        of_half_a_rate=every["of_half_a_rate"],
        works=every["works"],
    )


def _clusters() -> list[str]:
    return [f"fleet-{number}" for number in range(CLUSTERS)]


def _build(account: Account) -> None:
    for number, name in enumerate(NETWORKS[1:], 1):
        account.add_network(name, f"10.{number}.0.0/16")
    roles = [_role(account, number) for number in range(ROLES)]
    for number in range(REPOSITORIES):
        name = f"fleet/{number}"
        account.ecr.create_repository(repositoryName=name)
        images.put(account.ecr, name, images.image(name), "v1")
        ecr_backends[account.account_id][account.region].repositories[name].lifecycle_policy = POLICY
    for cluster in (*_clusters(), "alone"):
        account.ecs.create_cluster(clusterName=cluster)
    for number in range(SERVICES):
        cluster = _clusters()[number % CLUSTERS]
        _service(account, f"service-{number}", cluster, roles[number % ROLES], number)
    _service(account, "service-alone", "alone", roles[0], 0)


def _role(account: Account, number: int) -> str:
    return account.add_role(f"fleet-{number}", managed=[managed_policies.TASK_EXECUTION])


def _service(account: Account, name: str, cluster: str, role: str, number: int) -> None:
    subnets = ("private-a", "private-b")
    account.fargate_task(
        name,
        image=account.image(f"fleet/{number % REPOSITORIES}", "v1"),
        network=account.networks[NETWORKS[number % len(NETWORKS)]],
        subnets=subnets,
        runs_in=subnets[number // len(NETWORKS) % 2],
        execution_role=role,
        cluster=cluster,
    )


def _child(aws: EmulatedAws, clusters: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tools.bench_audit", aws.endpoint_url, aws.region, *clusters]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
        env={**aws.environment(), "PATH": "/usr/bin:/bin"},
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# --- the child ---------------------------------------------------------------------------------------


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
