"""An image that belongs to the ECS agent itself is gone from the container instance."""

from __future__ import annotations

from diagnostics.faults.host.agent_image_missing import AGENT_IMAGE_MISSING
from tests.build import ec2, stopped, unavailable
from tests.faults.host.worlds import INSTANCE
from tests.faults.judging import Table, case

PAUSE = "CannotCreateContainerError: Error response from daemon: No such image: amazon/amazon-ecs-pause:0.1.0"

TABLE = Table(
    AGENT_IMAGE_MISSING,
    (
        case("the text shows it", "warn", stopped(PAUSE), start=ec2, resources=(INSTANCE,), says="pause image"),
        case("no text", "skipped", start=ec2),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
