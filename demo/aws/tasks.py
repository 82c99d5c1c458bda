"""One ECS task of the emulated account: what it is, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.ecs.models import ecs_backends

from demo.aws.server import EmulatedAws
from demo.aws.truth.ecs import end

HOST_STOPPED_REASON = "Task failed to start"


@dataclass(frozen=True)
class TaskHandle:
    """A task that was started. Its facts are those of the moment it started; `describe` asks again."""

    aws: EmulatedAws
    region: str
    account_id: str
    cluster: str
    arn: str
    launch_type: str
    task_definition_arn: str
    images: Mapping[str, str] = field(hash=False)
    subnet: str | None = None
    private_address: str | None = None
    execution_role_arn: str | None = None
    instance_id: str | None = None
    instance_role_name: str | None = None
    service: str | None = None

    @property
    def id(self) -> str:
        """The task id: 32 hexadecimal digits, and the name of the role session that pulls its images."""
        return self.arn.rpartition("/")[2]

    @property
    def partition(self) -> str:
        """The partition in the task's ARNs: `aws`, or another one in China and for governments."""
        return self.arn.split(":")[1]

    @property
    def container(self) -> str:
        """The name of the first container."""
        return next(iter(self.images))

    @property
    def image(self) -> str:
        """The image of the first container, as the task definition writes it."""
        return self.images[self.container]

    @property
    def session_arn(self) -> str:
        """The principal of an execution role as AWS names it in a denial: the session is the task id."""
        if self.execution_role_arn is None:
            raise ValueError(f"the task {self.arn} has no execution role")
        role = self.execution_role_arn.rpartition("/")[2]
        return f"arn:{self.partition}:sts::{self.account_id}:assumed-role/{role}/{self.id}"

    @property
    def host_session_arn(self) -> str:
        """The principal of the container instance's role: the session is the instance id."""
        if self.instance_role_name is None:
            raise ValueError(f"the container instance of {self.arn} has no role")
        role = self.instance_role_name
        return f"arn:{self.partition}:sts::{self.account_id}:assumed-role/{role}/{self.instance_id}"

    def describe(self) -> dict[str, Any]:
        """What DescribeTasks says now: the task, or the failure."""
        ecs = self.aws.client("ecs", self.region, self.account_id)
        answer = ecs.describe_tasks(cluster=self.cluster, tasks=[self.arn])
        found: list[dict[str, Any]] = answer["tasks"] or answer["failures"]
        return found[0] if found else {}

    def stop(
        self,
        reason: str,
        stop_code: str = "TaskFailedToStart",
        container_reasons: Mapping[str, str] | None = None,
    ) -> None:
        """End the task with this reason, in the fields where its launch type shows it.

        Fargate puts the error into `stoppedReason` and copies it to the container that failed (the first one,
        unless `container_reasons` says which; none of them where it is empty); on EC2 `stoppedReason` only says
        that the task failed to start, and the error stands on the container. On plain moto only what a test in
        the same process would set is set: the interface stays, and the service does not hear of it.
        AWS: Stopped tasks error messages
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
        """
        failed_to_start = stop_code == "TaskFailedToStart"
        reasons = (
            {self.container: reason} if container_reasons is None and failed_to_start else container_reasons
        )
        task = self._backend().tasks[self.cluster][self.arn]
        task.stopped_reason = (
            HOST_STOPPED_REASON if self.launch_type == "EC2" and failed_to_start and reasons else reason
        )
        for container in task.containers:
            container.exitCode = None if failed_to_start else 1
            container.reason = (reasons or {}).get(container.name)
        if not self.aws.truth:
            task.desired_status = task.last_status = "STOPPED"
            task.stop_code = stop_code
            task.stopped_at = task.created_at = datetime.now(UTC)
            return
        end(task, stop_code)
        if failed_to_start:
            task.started_at = None
            # Login and secrets come before the pull; only a failed pull leaves pull times behind.
            if not reason.startswith("CannotPullContainerError"):
                task.pull_started_at = task.pull_stopped_at = None
        self._tell_service(reason)

    def expire(self) -> None:
        """Forget the task, as ECS does about an hour after it stopped."""
        del self._backend().tasks[self.cluster][self.arn]

    def _backend(self) -> Any:
        return ecs_backends[self.account_id][self.region]

    def _tell_service(self, reason: str) -> None:
        if self.service is None:
            return
        service = self._backend().services[f"{self.cluster}:{self.service}"]
        service.running_count = 0
        deployment = service.deployments[0]
        deployment["runningCount"] = 0
        deployment["failedTasks"] += 1
        deployment["rolloutState"] = "IN_PROGRESS"
        add_service_event(
            self.aws,
            self.account_id,
            self.region,
            self.cluster,
            self.service,
            (f"(service {self.service}) was unable to place a task. Reason: {reason}."),
        )


def add_service_event(
    aws: EmulatedAws, account_id: str, region: str, cluster: str, service: str, message: str
) -> None:
    """Put an event in front of a service's events, where DescribeServices shows the newest.

    AWS: ServiceEvent https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceEvent.html
    Does nothing on plain moto, which has no events.
    """
    if not aws.truth:
        return
    events = ecs_backends[account_id][region].services[f"{cluster}:{service}"].events
    events.insert(0, {"id": str(uuid4()), "createdAt": datetime.now(UTC), "message": message})
