"""A target, and the error of a text that names none."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EXAMPLE = "arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef"

REGION = r"[a-z]{2,5}(?:-[a-z]{1,20}){1,3}-[0-9]{1,2}"
"""A Region as a pattern. AWS: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"""
CLUSTER = re.compile(
    rf"(?:arn:(?P<partition>aws[a-z-]{{0,20}}):ecs:(?P<region>{REGION}):(?P<account>[0-9]{{12}}):cluster/)?(?P<name>[A-Za-z0-9_-]{{1,255}})"
)
"""A cluster as people name it, matched as a whole: its name or its ARN."""


class TargetError(ValueError):
    """The text names no target; the message is one sentence that says what was understood, with an example."""


class Target(BaseModel):
    """A task, a service whose newest stopped task is meant, a task that is only planned, or a cluster that is audited.

    Whatever the text did not say is `None`: the Region and the account then come from the AWS settings, and an
    old-form task ARN leaves the cluster open. A task's `service` is the one that the text names beside it: a task that is
    gone is read through it. Of a task that is planned (`preflight`), `task_definition` is its ARN, its family with or without a
    revision, or only the family where it is not registered; without one it is that of the service. A `cluster` without a name
    is every one of the account in the Region. No text names these two.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["task", "service", "preflight", "cluster"]
    partition: str | None = Field(None, pattern=r"^aws[a-z-]{0,30}$")
    region: str | None = Field(None, pattern=rf"^{REGION}$")
    account_id: str | None = Field(None, pattern=r"^[0-9]{12}$")
    cluster: str | None = None
    task_id: str | None = None
    service: str | None = None
    task_definition: str | None = Field(None, exclude_if=lambda value: value is None)

    @property
    def _identity(self) -> tuple[str | None, ...]:
        of = self.task_id if self.kind == "task" else self.service
        where = self.kind, self.partition, self.region, self.account_id, self.cluster, of
        return where if self.kind != "preflight" else (*where, self.task_definition)

    def __eq__(self, other: object) -> bool:
        """A task is the same one whether the text names its service or not."""
        return isinstance(other, Target) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def task_arn(self) -> str | None:
        """The task's ARN, if everything that it is made of is known."""
        if self.kind != "task" or not (self.partition and self.region and self.account_id):
            return None
        cluster = f"{self.cluster}/" if self.cluster else ""
        return f"arn:{self.partition}:ecs:{self.region}:{self.account_id}:task/{cluster}{self.task_id}"

    @property
    def _cluster(self) -> str:
        if self.cluster and self.partition and self.region and self.account_id:
            return f"arn:{self.partition}:ecs:{self.region}:{self.account_id}:cluster/{self.cluster}"
        return self.cluster or "every cluster"

    def __str__(self) -> str:
        if self.task_arn:
            return self.task_arn
        if self.kind == "cluster":
            return self._cluster
        if self.kind == "service" and self.partition and self.region and self.account_id:
            cluster = f"{self.cluster}/" if self.cluster else ""
            return f"arn:{self.partition}:ecs:{self.region}:{self.account_id}:service/{cluster}{self.service}"
        cluster = f"{self.cluster}/" if self.cluster else ""
        if self.kind == "preflight" and self.task_definition is not None:
            where = f"{cluster}{self.service}" if self.service else self.cluster
            return f"{self.task_definition.rpartition('/')[2]} in {where or 'default'}"
        return f"{cluster}{self.task_id or self.service}"
