"""A registry that speaks plain HTTP."""

from __future__ import annotations

from diagnostics.faults.registry.registry_without_tls import REGISTRY_WITHOUT_TLS
from tests.build import ec2, stopped, unavailable
from tests.build.images import named
from tests.faults.judging import Table, case

HERE = named("10.2.3.4:5000/acme/shop:1")
PLAIN = 'CannotPullContainerError: Error response from daemon: Get "https://10.2.3.4:5000/v2/": http: server gave HTTP response to HTTPS client'
OTHER = 'CannotPullContainerError: Error response from daemon: Get "https://10.2.3.4:5000/v2/": x509: certificate signed by unknown authority'

TABLE = Table(
    REGISTRY_WITHOUT_TLS,
    (
        case("on a host", "warn", HERE, stopped(PLAIN), start=ec2, resources=("10.2.3.4:5000", "10.2.3.4:5000/acme/shop:1")),
        case("on Fargate", "warn", HERE, stopped(PLAIN), says="plain HTTP"),
        case("a certificate", "skipped", HERE, stopped(OTHER), start=ec2, says="does not speak of plain HTTP"),
        case("no text", "skipped", HERE),
        case("the task is denied", "unknown", HERE, lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
    repairs={"registry": "on a host", "registry/fargate": "on Fargate"},
)  # fmt: skip
