"""The shapes of EventBridge and EventBridge Scheduler answers, as far as they start tasks, by AWS's own names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field, field_validator, model_validator

from diagnostics.snapshot.ecs import AwsvpcConfiguration
from diagnostics.snapshot.facts import Model, PascalCaseKeys


class EventBus(PascalCaseKeys):
    """An event bus. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EventBus.html"""

    name: str


class EventRule(PascalCaseKeys):
    """A rule of an event bus. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html"""

    name: str
    state: str | None = None
    schedule_expression: str | None = None


class StartedNetwork(Model):
    """The network configuration of a task that EventBridge starts; Scheduler writes its members otherwise."""

    awsvpc_configuration: AwsvpcConfiguration | None = None

    @field_validator("awsvpc_configuration", mode="before")
    @classmethod
    def _in_any_case(cls, value: object) -> object:
        return _small(value)


class CapacityItem(Model):
    """One capacity provider of a strategy, as EventBridge and Scheduler write it."""

    provider: str = Field(alias="capacityProvider")


class EcsParameters(PascalCaseKeys):
    """How a rule or schedule runs tasks.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html and
    https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EcsParameters.html
    """

    task_definition_arn: str
    launch_type: str | None = None
    platform_version: str | None = None
    network_configuration: StartedNetwork | None = None
    capacity_provider_strategy: tuple[CapacityItem, ...] = ()
    execution_role: str | None = Field(None, alias="ExecutionRoleArn")
    """In place of that of the task definition; only a universal target tells it."""

    @field_validator("network_configuration", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {"awsvpc_configuration": value.get("awsvpcConfiguration")}

    @property
    def network(self) -> AwsvpcConfiguration | None:
        """Where in the VPC a task of network mode awsvpc runs."""
        return self.network_configuration.awsvpc_configuration if self.network_configuration else None

    @property
    def providers(self) -> tuple[str, ...]:
        """The capacity providers that may give a task its room."""
        return tuple(item.provider for item in self.capacity_provider_strategy)


_UNIVERSAL = re.compile(r"arn:aws[a-z-]{0,20}:scheduler:::aws-sdk:ecs:runTask", re.IGNORECASE)
_DEFAULT_CLUSTER = "default"
"""Of a RunTask that names none. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"""


class EventTarget(PascalCaseKeys):
    """A target of a rule or schedule; of one that runs tasks the ARN is that of the cluster.

    A schedule may also call RunTask by itself (a universal target): its input is that of the API, of which `cluster` is kept, and the
    rest as `ecs_parameters`. https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
    """

    arn: str
    ecs_parameters: EcsParameters | None = None
    cluster: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_run_task(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or not _UNIVERSAL.fullmatch(str(value.get("Arn"))):
            return value
        return {"Arn": value["Arn"], **(_run_task(value["Input"]) if value.get("Input") else {})}

    @property
    def calls_run_task(self) -> bool:
        """True of a universal target, whose input alone tells the cluster."""
        return bool(_UNIVERSAL.fullmatch(self.arn))

    def runs_in(self, cluster: str) -> bool:
        """True if it starts tasks in a cluster.

        Args:
            cluster: its ARN.
        """
        return cluster in (self.arn, self.cluster) or self.cluster == cluster.rpartition("/")[2]


def _run_task(text: str) -> dict[str, Any]:
    """What the input of RunTask says, in the form of a target that names a cluster. Its members are written in any case."""
    told = _small(json.loads(text))
    if not isinstance(told, dict):
        raise ValueError("the input of RunTask is no object")
    overrides = told.get("overrides")
    parameters = {
        "TaskDefinitionArn": told.get("taskDefinition"),
        "LaunchType": told.get("launchType"),
        "PlatformVersion": told.get("platformVersion"),
        "NetworkConfiguration": told.get("networkConfiguration"),
        "CapacityProviderStrategy": told.get("capacityProviderStrategy") or (),
        "ExecutionRoleArn": overrides.get("executionRoleArn") if isinstance(overrides, dict) else None,
    }
    return {"Cluster": told.get("cluster") or _DEFAULT_CLUSTER, "EcsParameters": parameters}


def _small(value: Any) -> Any:
    """The members with a small first letter, as the API of ECS has them."""
    if isinstance(value, dict):
        return {f"{name[:1].lower()}{name[1:]}": _small(item) for name, item in value.items()}
    return [_small(item) for item in value] if isinstance(value, list) else value


class ScheduleSummary(PascalCaseKeys):
    """A schedule in a list. https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ScheduleSummary.html"""

    name: str
    group_name: str | None = None
    state: str | None = None
    target: EventTarget


class Schedule(ScheduleSummary):
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html"""

    schedule_expression: str | None = None
    end_date: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """True if it starts nothing any more: its end has passed, or the only moment that it has."""
        if self.end_date is not None and self.end_date <= now:
            return True
        once = _ONCE.fullmatch(self.schedule_expression or "")
        if once is None:
            return False
        try:
            moment = datetime.fromisoformat(once[1]).replace(tzinfo=UTC)
        except ValueError:
            return False
        return moment + _AT_LATEST <= now


_ONCE = re.compile(r"at\(([0-9T:-]{10,30})\)")
_AT_LATEST = timedelta(days=3)
"""Behind the moment of a schedule that runs once: its time zone, its flexible window of up to a day, and a day of retries.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_FlexibleTimeWindow.html and API_RetryPolicy.html
"""
