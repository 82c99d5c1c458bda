"""The machine that pulls goes through a proxy that does not work."""

from __future__ import annotations

from diagnostics.faults.host.proxy_unusable import PROXY_UNUSABLE
from tests.build import REGISTRY, ec2, stopped, unavailable
from tests.faults.host.worlds import INSTANCE
from tests.faults.judging import Table, case

PROXY = (
    f'CannotPullContainerError: Error response from daemon: Get "https://{REGISTRY}/v2/": proxyconnect tcp: dial tcp '
    "10.0.9.9:3128: connect: connection refused"
)

TABLE = Table(
    PROXY_UNUSABLE,
    (
        case("the text shows it", "warn", stopped(PROXY), start=ec2, resources=(INSTANCE,), says=REGISTRY),
        case("no text", "skipped", start=ec2),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
