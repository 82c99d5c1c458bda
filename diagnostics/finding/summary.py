"""What a report says beside the answer: the task, the network, what could not be read, how the service is doing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from diagnostics.finding.value import Value
from diagnostics.pull import LegName, StarterKind
from diagnostics.snapshot import BEFORE_THE_PULL_ENDS, Reason, has_pulled, reasons


class TaskContainer(Value):
    """A container of the task and what ECS said about it."""

    name: str
    image: str | None
    reason: str | None


class StartedBy(Value):
    """Who started a task, by its `startedBy`, its group and its cluster.

    Attributes:
        name: the service that is deployed, the rule or the schedule, or what the caller gave as `startedBy`; null where it is not told.
        text: the same in words, to stand after "started by".
        then: what that means for the repair: what must change, and who starts the next task.
    """

    kind: StarterKind
    name: str | None
    text: str
    then: str


class TaskSummary(Value):
    """The task, or the service where there was none. `source` says where these facts come from.

    `started_by` is left out where the service's own deployment started it, and where nothing tells who did. `task_definition` is
    told of a task that nobody has started, by its ARN, or by its family where it is not registered.
    """

    arn: str | None
    cluster: str | None
    account_id: str | None
    region: str | None
    partition: str | None
    service: str | None
    launch_type: str | None
    platform_version: str | None
    last_status: str | None
    stop_code: str | None
    stopped_reason: str | None
    stopped_at: datetime | None
    containers: tuple[TaskContainer, ...]
    source: Literal["live", "saved", "sibling", "service_events", "alert", "none"]
    started_by: StartedBy | None = Field(None, exclude_if=lambda value: value is None)
    task_definition: str | None = Field(None, exclude_if=lambda value: value is None)

    @property
    def is_starting(self) -> bool:
        """True where ECS has the task, and whether it pulls is still open."""
        return self.source == "live" and self.last_status in BEFORE_THE_PULL_ENDS

    @property
    def has_pulled(self) -> bool:
        """True where ECS has the task and its containers started, so that it has pulled."""
        return self.source == "live" and has_pulled(self.last_status, self.stop_code)


class PulledBy(Value):
    """The role and the interface that pull. Null where the facts do not settle it."""

    principal: str | None
    principal_kind: Literal["execution_role", "instance_role"] | None
    interface: str | None
    subnet: str | None


Disposition = Literal["reachable", "blocked", "insufficient_information"]
_WORST_FIRST: tuple[Disposition, ...] = ("blocked", "insufficient_information", "reachable")


class LegSummary(Value):
    """One network leg of one subnet and the hops that were followed, up to the one that stopped it.

    `used` tells whether the task in hand pulled from this subnet; `stopped_at` is the hop where the leg ended or where
    nothing more is known, and `faults` are the causes found on it.
    """

    name: LegName
    host: str
    subnet: str
    disposition: Disposition
    hops: tuple[str, ...]
    availability_zone: str | None = None
    used: bool = True
    stopped_at: str | None = None
    faults: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The subnet, with its Availability Zone where that is known."""
        return f"{self.subnet} ({self.availability_zone})" if self.availability_zone else self.subnet


class NetworkSummary(Value):
    """All legs that were traced. `headline` says where a pull works, where that is not the same in every subnet."""

    legs: tuple[LegSummary, ...]
    headline: str | None = None

    @property
    def subnets(self) -> tuple[str, ...]:
        """The subnets, in the order of their legs."""
        return tuple(dict.fromkeys(leg.subnet for leg in self.legs))

    @property
    def names(self) -> tuple[LegName, ...]:
        """The names of the legs, in their order."""
        return tuple(dict.fromkeys(leg.name for leg in self.legs))

    def worst(self, subnet: str, name: LegName) -> Disposition | None:
        """What became of the legs of one name from one subnet; `None` where there is none."""
        found = {leg.disposition for leg in self.legs if leg.subnet == subnet and leg.name == name}
        return next((item for item in _WORST_FIRST if item in found), None)


class UnavailableSummary(Value):
    """One thing that could not be read. `needed_by` are the faults that stay unknown because of it."""

    call: str | None
    why: str
    resource: str | None
    needed_by: tuple[str, ...]
    reason: Reason = Field(exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _read_reason(cls, values: Any) -> Any:
        """A report that was kept as JSON holds the reason in words only."""
        if isinstance(values, dict) and "reason" not in values and isinstance(values.get("why"), str):
            return {**values, "reason": reasons.read(values["why"])}
        return values


class DeniedReads(Value):
    """What the credentials that pullcheck reads with may not do.

    Attributes:
        by: the ARN of who was denied; null where AWS did not tell.
        actions: each action once, in alphabetical order.
        policy: the file of this project that allows all that is read.
        text: the same in words.
    """

    by: str | None
    actions: tuple[str, ...]
    policy: str
    text: str


class Impact(Value):
    """How the service is doing, from DescribeServices. Counts are tasks.

    Attributes:
        notes: which deployment fails and since when, what is not affected, and what ECS will do by itself: a sentence each.
        failed_tasks: how many tasks of the failing deployment failed in a row; left out where none is known to fail.
        deployment: the failing deployment's id.
        deployed_at: when it began.
    """

    desired: int | None
    running: int | None
    pending: int | None
    headline: str | None
    notes: tuple[str, ...] = ()
    failed_tasks: int | None = Field(None, exclude_if=lambda value: value is None)
    deployment: str | None = Field(None, exclude_if=lambda value: value is None)
    deployed_at: datetime | None = Field(None, exclude_if=lambda value: value is None)


class SecondOpinion(Value):
    """AWS's own runbook for a task that did not start: it probes from the task's subnet, which no reader can. We start nothing.

    Attributes:
        text: what it does, what it makes and needs, and for which task it works.
        cli: the command that starts it.
        console_url: the page on which it is started by hand.
        source: the page of AWS that describes it.
    """

    text: str
    cli: str
    console_url: str | None
    source: str


class SnapshotSummary(Value):
    """When and how the facts were read. `seconds` is wall time, `depth` the longest chain of dependent calls.

    `reused` answers were read for another run, the oldest of them `reused_age` seconds earlier; `waited` are the seconds for
    which the budget for automatic work held this run back.
    """

    taken_at: datetime
    seconds: float
    api_calls: int
    depth: int
    reused: int = Field(0, exclude_if=lambda value: not value)
    reused_age: float | None = Field(None, exclude_if=lambda value: value is None)
    waited: float = Field(0.0, exclude_if=lambda value: not value)

    @property
    def shared_in_words(self) -> str | None:
        """What was not read for this run, and how long it was held back, as the rest of a sentence; `None` where there is nothing
        to say."""
        said = []
        if self.reused:
            answers = "1 answer was" if self.reused == 1 else f"{self.reused} answers were"
            age = (
                f" up to {self.reused_age:.0f} s earlier"
                if self.reused_age and self.reused_age >= 0.5
                else ""
            )
            said.append(f"{answers} read for another check{age}")
        if self.waited >= 0.5:
            said.append(f"held back for {self.waited:.0f} s to spare the account's API rates")
        return "; ".join(said) or None
