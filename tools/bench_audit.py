"""Measures an audit of a large account: 500 services in 5 clusters, at 40 ms a call, in a process of its own.

The parent serves the emulated account; the child audits it once to keep the answers, and once more from those, counts what it
asks, and tells its own memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.ecr.models import ecr_backends

from demo.aws import Account, EmulatedAws, build_account, images, managed_policies

CLUSTERS, SERVICES, REPOSITORIES, ROLES = 5, 500, 250, 10
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
    command = [sys.executable, "-m", "tools.bench_audited", aws.endpoint_url, aws.region, *clusters]
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
