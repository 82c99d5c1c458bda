"""Reads what runs in clusters, and what starts tasks there: services, rules, schedules, and tasks of nobody's.

A cluster is read at once with the others. What cannot be read of one costs only that: it stands in the inventory as a fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from diagnostics.arn import partition_of_region
from diagnostics.collect import calls
from diagnostics.collect.operation import Ask
from diagnostics.collect.parsing import Found
from diagnostics.collect.reading import Reader, is_pending, single
from diagnostics.collect.tasks import BATCH, cluster_arn
from diagnostics.snapshot import (
    NOT_ASKED,
    CallerIdentity,
    EventRule,
    EventTarget,
    Fact,
    Known,
    Schedule,
    ScheduleSummary,
    Service,
    ServiceDeployment,
    ServiceRevision,
    Task,
    Unavailable,
    known_or,
    known_value,
)

T = TypeVar("T")

OFF = "DISABLED"
"""The state of a rule or schedule that starts nothing."""
DEFAULT_BUS = "default"
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus.html"""
DEFAULT_GROUP = "default"
"""https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-group.html"""


@dataclass(frozen=True)
class ClusterFacts:
    """What is in one cluster; `arn` is its name where the account is not known.

    Attributes:
        listed: the ARNs of its services.
        services: each of them, by its ARN.
        tasks: those that run, or are to.
        rules: the names of the EventBridge rules that have it for a target.
        targets: what each of these rules starts, by its name, or by `BUS/RULE` on another bus than the default one; those that are disabled
            are left out.
    """

    arn: str
    listed: Fact[tuple[str, ...]] = NOT_ASKED
    services: Mapping[str, Fact[Service]] = field(default_factory=dict)
    tasks: Fact[tuple[Task, ...]] = NOT_ASKED
    rules: Fact[tuple[str, ...]] = NOT_ASKED
    targets: Mapping[str, Fact[tuple[EventTarget, ...]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the cluster."""
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True)
class Inventory:
    """What is in the clusters of one account and Region.

    Attributes:
        clusters: the ARNs of the clusters, by which they were asked for or found.
        contents: each cluster.
        buses: the event buses beside the default one.
        all_rules: the rules of all buses.
        schedules: those of EventBridge Scheduler that start tasks in one of the clusters, by name, outside of the default group by
            `GROUP/NAME`; `all_schedules` is their list. Of one that calls RunTask by itself only its own answer tells the cluster.
        deployments: the service deployments that are under way, by ARN.
        revisions: the service revisions that are deployed, or that a roll-back would return to, by ARN.
    """

    region: str
    partition: str
    account: str | None
    caller: Fact[CallerIdentity]
    clusters: Fact[tuple[str, ...]]
    contents: tuple[ClusterFacts, ...] = ()
    buses: Fact[tuple[str, ...]] = NOT_ASKED
    all_rules: Fact[tuple[EventRule, ...]] = NOT_ASKED
    all_schedules: Fact[tuple[str, ...]] = NOT_ASKED
    schedules: Mapping[str, Fact[Schedule]] = field(default_factory=dict)
    deployments: Mapping[str, Fact[ServiceDeployment]] = field(default_factory=dict)
    revisions: Mapping[str, Fact[ServiceRevision]] = field(default_factory=dict)


def build_inventory(
    ask: Ask, *, region: str, account: str | None = None, clusters: tuple[str, ...] | None = None
) -> Inventory:
    """The inventory as far as `ask` has answers; like the plan of a diagnosis it is pure.

    Args:
        ask: gives the answer of a call, or notes that it is wanted.
        region: the Region of the clusters.
        account: their account, where it is not that of the credentials.
        clusters: names or ARNs; `None` means all that there are.
    """
    partition = partition_of_region(region)
    reader = Reader(ask, region, account, partition)
    caller = reader.read(calls.GET_CALLER_IDENTITY)
    known = known_value(caller)
    owner = account or (known.account if known else None)
    named: Fact[tuple[str, ...]]
    if clusters is None:
        named = reader.read(calls.LIST_ALL_CLUSTERS)
    else:
        where = Reader(ask, region, owner, partition)
        named = Known(value=tuple(dict.fromkeys(cluster_arn(where, item) for item in clusters)))
    buses, rules = _read_rules(reader)
    contents = tuple(_read_cluster(reader, arn, rules) for arn in known_or(named, ()))
    listed = reader.read(calls.LIST_SCHEDULES)
    here = {item.arn for item in contents}
    wanted = [
        item
        for item in known_or(listed, ())
        if item.state != OFF and (item.target.arn in here or (here and item.target.calls_run_task))
    ]
    facts = [fact for item in contents for fact in item.services.values()]
    services = [value for fact in facts if (value := known_value(fact))]
    # Asked of all at once, they are fewer requests.
    settled = not any(map(is_pending, facts))
    deployments = _read_deployments(reader, services if settled else ())
    return Inventory(
        region=region,
        partition=partition,
        account=owner,
        caller=caller,
        clusters=named,
        contents=contents,
        buses=buses,
        all_rules=_together(rules.values()),
        all_schedules=Known(value=tuple(_schedule_name(item) for item in wanted))
        if isinstance(listed, Known)
        else listed,
        schedules={
            _schedule_name(item): reader.read(
                calls.GET_SCHEDULE,
                {"Name": item.name, **({"GroupName": item.group_name} if item.group_name else {})},
                about=_schedule_name(item),
            )
            for item in wanted
        },
        deployments=deployments,
        revisions=_read_revisions(reader, services if settled else (), deployments.values()),
    )


_Rules = Mapping[str, Fact[tuple[EventRule, ...]]]
"""The rules of each event bus."""


def _read_rules(reader: Reader) -> tuple[Fact[tuple[str, ...]], _Rules]:
    """The event buses beside the default one, and the rules of all."""
    listed = reader.read(calls.LIST_EVENT_BUSES)
    names = tuple(item.name for item in known_or(listed, ()) if item.name != DEFAULT_BUS)
    rules = {
        bus: reader.read(calls.LIST_RULES, _on(bus), about=bus if bus != DEFAULT_BUS else None)
        for bus in (DEFAULT_BUS, *names)
    }
    return Known(value=names) if isinstance(listed, Known) else listed, rules


def _on(bus: str) -> dict[str, str]:
    return {} if bus == DEFAULT_BUS else {"EventBusName": bus}


def _together(facts: Iterable[Fact[tuple[T, ...]]]) -> Fact[tuple[T, ...]]:
    """All of them as one; unavailable where one is."""
    found: list[T] = []
    for fact in facts:
        if isinstance(fact, Unavailable):
            return fact
        if isinstance(fact, Known):
            found += fact.value
    return Known(value=tuple(found))


def _schedule_name(item: ScheduleSummary) -> str:
    """Two groups may have a schedule of one name."""
    group = item.group_name
    return item.name if group in (None, DEFAULT_GROUP) else f"{group}/{item.name}"


def _read_cluster(reader: Reader, arn: str, rules: _Rules) -> ClusterFacts:
    listed = reader.read(calls.LIST_SERVICES, {"cluster": arn}, about=arn)
    by_bus = {
        bus: reader.read(calls.LIST_RULE_NAMES_BY_TARGET, {"TargetArn": arn, **_on(bus)}, about=arn)
        for bus, fact in rules.items()
        # Most buses have no rule that could run anything; of the default one it is asked at once.
        if bus == DEFAULT_BUS or not isinstance(fact, Known) or any(item.state != OFF for item in fact.value)
    }
    started = {
        (bus, name)
        for bus, fact in by_bus.items()
        for name in known_or(fact, ())
        if not any(item.name == name and item.state == OFF for item in known_or(rules[bus], ()))
    }
    return ClusterFacts(
        arn=arn,
        listed=listed,
        services={
            item: single(
                reader.read(
                    calls.DESCRIBE_SERVICES,
                    {"cluster": arn, "services": [item.rpartition("/")[2]]},
                    about=item.rpartition("/")[2],
                ),
                calls.DESCRIBE_SERVICES.action,
                item,
            )
            for item in known_or(listed, ())
        },
        tasks=_read_tasks(reader, arn),
        rules=_together(by_bus.values()),
        targets={
            name if bus == DEFAULT_BUS else f"{bus}/{name}": reader.read(
                calls.LIST_TARGETS_BY_RULE, {"Rule": name, **_on(bus)}, about=name
            )
            for bus, name in sorted(started)
        },
    )


def _read_tasks(reader: Reader, cluster: str) -> Fact[tuple[Task, ...]]:
    """The tasks that run or are to; what ended in between is left out."""
    arns = reader.read(calls.LIST_LIVE_TASKS, {"cluster": cluster}, about=cluster)
    if not isinstance(arns, Known):
        return arns
    found: list[Task] = []
    waits: Unavailable | None = None
    for start in range(0, len(arns.value), BATCH):
        batch = list(arns.value[start : start + BATCH])
        fact = reader.read(calls.DESCRIBE_TASKS, {"cluster": cluster, "tasks": batch}, about=cluster)
        if isinstance(fact, Unavailable):
            waits = fact
        found += known_or(fact, Found((), ())).items
    return Known(value=tuple(found)) if waits is None else waits


def _read_deployments(reader: Reader, services: Iterable[Service]) -> dict[str, Fact[ServiceDeployment]]:
    """The deployments under way: AWS names one of a service as current while it is."""
    action = calls.DESCRIBE_SERVICE_DEPLOYMENTS.action
    return {
        arn: single(
            reader.read(calls.DESCRIBE_SERVICE_DEPLOYMENTS, {"serviceDeploymentArns": [arn]}, about=arn), action, arn
        )
        for arn in (item.current_service_deployment for item in services)
        if arn is not None
    }  # fmt: skip


def _read_revisions(
    reader: Reader, services: Iterable[Service], deployments: Iterable[Fact[ServiceDeployment]]
) -> dict[str, Fact[ServiceRevision]]:
    deployments = tuple(deployments)
    if any(map(is_pending, deployments)):
        return {}
    named = [item.arn for service in services for item in service.current_service_revisions]
    known = (known_value(fact) for fact in deployments)
    named += [item.arn for value in known if value for item in value.source_service_revisions]
    action = calls.DESCRIBE_SERVICE_REVISIONS.action
    return {
        arn: single(
            reader.read(calls.DESCRIBE_SERVICE_REVISIONS, {"serviceRevisionArns": [arn]}, about=arn), action, arn
        )
        for arn in dict.fromkeys(named)
    }  # fmt: skip
