"""Where a planned task runs: on Fargate or on which of the cluster's container instances.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html
"""

from __future__ import annotations

import re

from diagnostics.pull.model import Launch
from diagnostics.snapshot import (
    Absent,
    ContainerInstance,
    Fact,
    HostFacts,
    Known,
    Reason,
    Snapshot,
    TaskDefinition,
    Unavailable,
    Why,
    known_value,
)

_OF_FARGATE = ("FARGATE", "FARGATE_SPOT")
"""AWS's own capacity providers. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html"""


def planned_launch(snapshot: Snapshot) -> Fact[Launch] | None:
    """How a planned task is started, by the plan, else by the service; `None` where neither tells.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html (launchType, capacityProviderStrategy)
    """
    planned = snapshot.planned
    if planned is None:
        return None
    if planned.launch_type is not None and planned.capacity_provider is None:
        return Known(value="fargate" if planned.launch_type == "FARGATE" else "ec2")
    found: dict[Launch, None] = {}
    for name in providers_of(snapshot):
        fact = _of_provider(snapshot, name)
        if not isinstance(fact, Known):
            return fact
        found[fact.value] = None
    if len(found) == 1:
        return Known(value=next(iter(found)))
    return None


def providers_of(snapshot: Snapshot) -> tuple[str, ...]:
    """The capacity providers that may give a planned task its room: the plan's, else the service's."""
    planned = snapshot.planned
    if planned is None or (planned.launch_type is not None and planned.capacity_provider is None):
        return ()
    if planned.capacity_provider is not None:
        return (planned.capacity_provider,)
    told = known_value(snapshot.service_revision) or known_value(snapshot.service)
    return told.providers if told is not None else ()


def providers_to_read(snapshot: Snapshot) -> tuple[str, ...]:
    """Those of which their name does not tell what they give."""
    return tuple(item for item in providers_of(snapshot) if item not in _OF_FARGATE)


def _of_provider(snapshot: Snapshot, name: str) -> Fact[Launch]:
    if name in _OF_FARGATE:
        return Known(value="fargate")
    fact = snapshot.capacity_providers.get(name, Unavailable(call="ecs:DescribeCapacityProviders"))
    if isinstance(fact, Unavailable):
        return fact
    if isinstance(fact, Absent):
        return Unavailable(
            reason=Reason.about(Why.PROVIDER_ABSENT, name), call="ecs:DescribeCapacityProviders"
        )
    if fact.value.managed_instances_provider is not None:
        return Known(value="managed_instances")
    return Known(value="ec2")


# --- the container instances -------------------------------------------------------------------------


def why_not_placed(
    snapshot: Snapshot, definition: TaskDefinition | None, host: ContainerInstance
) -> str | None:
    """Why ECS places no task of this definition on a container instance, in words; `None` where it may.

    Room for it is not looked at: that changes from one moment to the next.
    """
    if host.status != "ACTIVE":
        return f"its status is {host.status or 'not told'}"
    if host.agent_connected is False:
        return "its agent is not connected"
    wanted = providers_of(snapshot)
    if wanted and host.capacity_provider_name not in wanted:
        return f"it is not of capacity provider {' or '.join(wanted)}"
    if definition is None:
        return None
    platform = definition.runtime_platform
    family = (platform.operating_system_family if platform else None) or ""
    system = (host.attribute("ecs.os-type") or "").lower()
    if family and system and family.upper().startswith("WINDOWS") is not (system == "windows"):
        return f"it runs {system}"
    for expression in _constraints(snapshot, definition):
        if _holds(expression, host) is False:
            return f"placement constraint '{expression}' leaves it out"
    for item in definition.requires_attributes:
        value = host.attribute(item.name)
        if value is None or (item.value is not None and value != item.value):
            return f"it has no attribute {item.name}{f' = {item.value}' if item.value else ''}"
    return None


def unread_constraints(snapshot: Snapshot) -> tuple[str, ...]:
    """The placement constraints that are not understood here, so that what they leave out is judged too."""
    definition = known_value(snapshot.task_definition)
    found = _constraints(snapshot, definition) if definition is not None else ()
    return tuple(item for item in found if _EXPRESSION.fullmatch(item) is None)


def _constraints(snapshot: Snapshot, definition: TaskDefinition) -> tuple[str, ...]:
    """The expressions that a container instance must fit, of the task definition and of the service."""
    service = known_value(snapshot.service)
    of_service = service.placement_constraints if service is not None else ()
    every = (*definition.placement_constraints, *of_service)
    return tuple(item.expression.strip() for item in every if item.type == "memberOf" and item.expression)


_EXPRESSION = re.compile(
    r"attribute:(?P<name>[A-Za-z0-9._/-]+)\s*"
    r"(?:(?P<operator>==|!=|equals|not_equals)\s*(?P<value>[A-Za-z0-9._/:-]+)"
    r"|(?P<inside>in|not_in)\s*\[(?P<values>[^\]]*)\]|(?P<there>exists|!exists|not_exists))"
)
"""One condition on an attribute; what is put together of several is not read.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html
"""


def _holds(expression: str, host: ContainerInstance) -> bool | None:
    """True if a container instance fits an expression; `None` where that is not understood."""
    found = _EXPRESSION.fullmatch(expression)
    if found is None:
        return None
    value = host.attribute(found["name"])
    if found["there"]:
        return (value is not None) is (found["there"] == "exists")
    if found["inside"]:
        values = {item.strip() for item in found["values"].split(",")}
        return (value in values) is (found["inside"] == "in")
    return (value == found["value"]) is (found["operator"] in ("==", "equals"))


def fitting_hosts(snapshot: Snapshot) -> tuple[HostFacts, ...]:
    """The container instances on which a planned task may be placed."""
    definition = known_value(snapshot.task_definition)
    return tuple(
        item
        for item in known_value(snapshot.hosts) or ()
        if why_not_placed(snapshot, definition, item.container_instance) is None
    )


def no_host(snapshot: Snapshot) -> Unavailable | None:
    """Why nothing is known of the host of a planned task: the hosts could not be read, or none takes it."""
    if isinstance(snapshot.hosts, Unavailable):
        return snapshot.hosts
    hosts = known_value(snapshot.hosts) or ()
    if fitting_hosts(snapshot):
        return None
    definition = known_value(snapshot.task_definition)
    why = [why_not_placed(snapshot, definition, item.container_instance) for item in hosts]
    said = "; ".join(f"{why.count(item)} × {item}" for item in dict.fromkeys(filter(None, why)))
    return Unavailable(
        reason=Reason.about(Why.NO_HOST_FITS, said or "the cluster has none"),
        call="ecs:ListContainerInstances",
    )
