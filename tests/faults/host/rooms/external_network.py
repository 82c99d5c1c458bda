"""An external instance (ECS Anywhere) that a registry does not answer."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.host.external_network import EXTERNAL_NETWORK
from tests.build import ec2, stopped, task_of, unavailable
from tests.faults.judging import Table, case

HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
NO_ANSWER = f'CannotPullContainerError: Error response from daemon: Get "https://{HOST}/v2/": dial tcp 52.94.1.1:443: i/o timeout'
NO_NAME = f'CannotPullContainerError: Error response from daemon: Get "https://{HOST}/v2/": dial tcp: lookup {HOST} on 192.168.1.1:53: no such host'


def external(world: dict[str, Any]) -> None:
    """As ECS describes it: EC2 knows no such instance."""
    task_of(world)["launchType"] = "EXTERNAL"
    world["container_instance"]["value"]["ec2InstanceId"] = "mi-0123456789abcdef0"
    world["instance"] = unavailable()


TABLE = Table(
    EXTERNAL_NETWORK,
    (
        case(
            "no answer", "warn", external, stopped(NO_ANSWER), start=ec2, resources=("mi-0123456789abcdef0", HOST),
            says="ECS Anywhere",
        ),
        case("no name", "warn", external, stopped(NO_NAME), start=ec2),
        case("no text", "skipped", external, start=ec2),
        case("EC2", "skipped", stopped(NO_ANSWER), start=ec2, says="does not run on an external"),
        case("Fargate", "skipped", stopped(NO_ANSWER)),
    ),
)  # fmt: skip
