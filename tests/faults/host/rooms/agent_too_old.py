"""The container instance's ECS agent does not know the form of ECR's host that the image is named with."""

from __future__ import annotations

from diagnostics.faults.host.agent_too_old import AGENT_TOO_OLD
from tests.build import ACCOUNT, ec2, stopped, unavailable
from tests.faults.host.worlds import INSTANCE
from tests.faults.judging import Table, case

OLD = f"CannotPullECRContainerError: ecr auth: AuthorizationData is malformed for {ACCOUNT}.dkr-ecr.us-east-1.on.aws/payments-api:1.4.2"

TABLE = Table(
    AGENT_TOO_OLD,
    (
        case("the text shows it", "warn", stopped(OLD), start=ec2, resources=(INSTANCE,), says="does not know the form"),
        case("no text", "skipped", start=ec2),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
