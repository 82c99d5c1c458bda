"""A task that nobody has started yet, and the container instances on which it may be placed."""

from __future__ import annotations

from typing import Literal

from diagnostics.snapshot.ec2 import Instance
from diagnostics.snapshot.ecs import AwsvpcConfiguration, ContainerInstance, TaskDefinition
from diagnostics.snapshot.facts import NOT_ASKED, Fact, Model
from diagnostics.snapshot.iam import InstanceProfile

PlannedLaunch = Literal["FARGATE", "EC2"]


class PlannedTask(Model):
    """The task whose pull is asked about before it starts.

    What it does not say comes from the target's service: from its revision `service_revision`, else as it is now. The target names
    the cluster, the service and the task definition that is registered.

    Attributes:
        document: a task definition that is not registered; without it and without the target's, the service's own is meant.
        service_revision: the ARN of a revision of the service, which tells all of it: its task definition too.
        launch_type: how it is started; `None` where a capacity provider or the service tells.
        capacity_provider: the one that gives it room.
        network: the subnets, security groups and public address of a task with an interface of its own.
        deployed: the service runs this already, so that a repair deploys the service again; else nothing of it is deployed yet.
        reads_manifests: the manifest of an image index is read to compare its platforms: ECR counts that as a pull.
    """

    document: TaskDefinition | None = None
    service_revision: str | None = None
    launch_type: PlannedLaunch | None = None
    capacity_provider: str | None = None
    network: AwsvpcConfiguration | None = None
    deployed: bool = False
    reads_manifests: bool = False


class HostFacts(Model):
    """A container instance of the cluster, with what EC2 and IAM say of it; these are read only where the task may be placed on it."""

    container_instance: ContainerInstance
    instance: Fact[Instance] = NOT_ASKED
    instance_profile: Fact[InstanceProfile] = NOT_ASKED

    @property
    def name(self) -> str:
        """The EC2 instance's id; of one outside of EC2 the ARN."""
        return self.container_instance.ec2_instance_id or self.container_instance.container_instance_arn
