"""The shapes of EventBridge and EventBridge Scheduler answers, as far as they start tasks, by AWS's own names."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, field_validator

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
        if not isinstance(value, dict):
            return value
        return {f"{name[:1].lower()}{name[1:]}": item for name, item in value.items()}


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


class EventTarget(PascalCaseKeys):
    """A target of a rule or schedule; of one that runs tasks the ARN is that of the cluster."""

    arn: str
    ecs_parameters: EcsParameters | None = None


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
