"""What looks like a failed pull and is none: said as such, with the one next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnostics.stop_reason import SymptomId


@dataclass(frozen=True)
class Neighbour:
    """A failure right before or after a pull. `says` completes "X did not stop because of its image: …"."""

    says: str
    step: str


NEIGHBOURS: Mapping[SymptomId, Neighbour] = {
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    SymptomId.ENI_OR_IP_EXHAUSTED: Neighbour(
        "no network interface could be made for the task, so that no pull began",
        "Look at the free addresses of the task's subnets (AvailableIpAddressCount of aws ec2 describe-subnets), and on "
        "EC2 at how many interfaces the instance type has left (awsvpcTrunking gives it more); add a subnet or an instance.",
    ),
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-profile.html
    SymptomId.PASSROLE_MANAGED_INSTANCES: Neighbour(
        "ECS could not start a managed instance for the task, since the infrastructure role may not pass the instance's role",
        "Allow the infrastructure role iam:PassRole on the role of the capacity provider's instance profile, or give that "
        "role a name that begins with ecsInstanceRole, as AWS's managed policy expects.",
    ),
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html (runtimePlatform)
    SymptomId.EXEC_FORMAT_ERROR: Neighbour(
        "the image was pulled, and its program is built for another processor architecture",
        "Build the image for the task's architecture (docker buildx build --platform), or set runtimePlatform in the task "
        "definition to the image's.",
    ),
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
    SymptomId.CREATE_TIMEOUT: Neighbour(
        "the image was there, and Docker did not create the container in time",
        "Look at the load and the disk of the container instance: many tasks that start at once make it slow. A faster "
        "volume helps, and ECS_CONTAINER_CREATE_TIMEOUT lets the agent wait longer.",
    ),
}
"""By what the error text shows. A task that was stopped before its pull has a fault of its own, which says so."""
