"""Amazon ECS's event about a task, as far as it is used, and what of it can be kept as facts.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from diagnostics.arn import partition_of_region
from diagnostics.collect.cleaning import clean
from diagnostics.snapshot import Known, Snapshot, Task
from diagnostics.stop_reason import classify
from diagnostics.target import Target, TargetError, parse
from handlers.saved_run import SavedRun

DETAIL_TYPE = "ECS Task State Change"


class TaskEvent(BaseModel):
    """The envelope of EventBridge around a task."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    source: Literal["aws.ecs"]
    detail_type: Literal["ECS Task State Change"] = Field(alias="detail-type")
    account: str
    region: str
    time: datetime
    detail: Task
    tags: Mapping[str, str] = {}

    @field_validator("detail", mode="before")
    @classmethod
    def _cleaned(cls, value: Any) -> Any:
        """Like an answer of ECS: pre-signed URLs lose their secrets."""
        return clean(value)

    @property
    def target(self) -> Target | None:
        """The task; `None` where the ARN is none, or belongs to another account or Region than the event."""
        try:
            target = parse(self.detail.task_arn)
        except TargetError:
            return None
        if target.kind != "task" or (target.account_id, target.region) != (self.account, self.region):
            return None
        if target.cluster is None and self.detail.cluster_arn:
            target = target.model_copy(update={"cluster": self.cluster})
        return target.model_copy(update={"service": self.detail.service_name})

    @property
    def cluster(self) -> str:
        """The name of the cluster."""
        return cluster_of(self.detail)

    @property
    def service(self) -> str:
        """The service, or for a task of none its group, such as `family:report`."""
        return service_of(self.detail)

    def facts(self, target: Target) -> SavedRun:
        """What the event says, as a run without a report: it stands in for the task once ECS has forgotten it."""
        snapshot = Snapshot(
            target=target,
            taken_at=self.time,
            partition=target.partition or partition_of_region(self.region),
            region=self.region,
            account_id=self.account,
            source="saved",
            task=Known(value=self.detail),
        )
        return SavedRun(
            run_id=f"event-{self.id}",
            target=target,
            channel="",
            user="",
            taken_at=self.time,
            snapshot=snapshot,
        )


def cluster_of(task: Task) -> str:
    """The name of a task's cluster."""
    return (task.cluster_arn or "default").rpartition("/")[2]


def service_of(task: Task) -> str:
    """A task's service, or for a task of none its group, such as `family:report`."""
    return task.service_name or task.group or ""


class PullFailure(NamedTuple):
    """Why a task's pull failed: the symptom, and the container and image that it is about."""

    symptom: str
    container: str
    image: str


def failure_of(task: Task) -> PullFailure | None:
    """The failed pull of a stopped task, read from the event alone; `None` where it is none.

    Several containers may have failed: the first one, in the order of their names, stands for all of them.
    """
    if task.last_status != "STOPPED":
        return None
    containers = sorted(task.containers, key=lambda item: item.name)
    for container in containers:
        found = classify(container.reason) if container.reason else None
        if found is not None and found.about_pull:
            return PullFailure(found.id, container.name, container.image or "")
    found = classify(task.stopped_reason) if task.stopped_reason else None
    if found is None or not found.about_pull:
        return None
    of = next((item for item in containers if found.image and item.image == found.image), None)
    if of is None and len(containers) == 1:
        of = containers[0]
    image = of.image if of else found.image
    return PullFailure(found.id, of.name if of else "", image or "")
