"""The Docker daemon of the container instance does not answer."""

from __future__ import annotations

from diagnostics.faults.host.daemon_unavailable import DAEMON_UNAVAILABLE
from tests.build import ec2, stopped, unavailable
from tests.faults.host.worlds import INSTANCE
from tests.faults.judging import Table, case

DOWN = "CannotGetDockerClientError: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"

TABLE = Table(
    DAEMON_UNAVAILABLE,
    (
        case("the text shows it", "warn", stopped(DOWN), start=ec2, resources=(INSTANCE,), says="did not answer"),
        case("no text", "skipped", start=ec2),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
