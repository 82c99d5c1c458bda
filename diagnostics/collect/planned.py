"""Reads what tells of a task that nobody has started: its definition, its service, and where it may be placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics import pull
from diagnostics.collect import calls
from diagnostics.collect.ecs import EcsFacts, read_service
from diagnostics.collect.iam import read_profile
from diagnostics.collect.ids import read_instances
from diagnostics.collect.reading import Reader, hanging_on, single
from diagnostics.collect.tasks import BATCH, cluster_arn
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    CapacityProvider,
    ContainerInstance,
    Fact,
    HostFacts,
    Instance,
    Known,
    PlannedTask,
    Service,
    ServiceRevision,
    Snapshot,
    TaskDefinition,
    Unavailable,
    Why,
    known_value,
)
from diagnostics.target import Target


@dataclass(frozen=True)
class PlannedFacts:
    """What ECS says of a planned task, in the fields of the snapshot."""

    ecs: EcsFacts
    service_revision: Fact[ServiceRevision]

    @property
    def fields(self) -> dict[str, Any]:
        """The facts that only a planned task has."""
        return {"service_revision": self.service_revision}


def read_planned(reader: Reader, target: Target, planned: PlannedTask) -> PlannedFacts:
    """The definition of a planned task, and the service that tells where it runs. There is no task, and no error text."""
    service: Fact[Service] = NOT_ASKED
    if target.service is not None:
        service = read_service(reader, target.service, target.cluster)
    elif planned.network is not None and not planned.deployed:
        service = _none_without_cluster(reader, target)
    revision: Fact[ServiceRevision] = NOT_ASKED
    if planned.service_revision is not None:
        revision = _read_revision(reader, planned.service_revision)
    return PlannedFacts(
        EcsFacts(
            source="none",
            task=Absent(),
            service=service,
            task_definition=_read_definition(reader, target, planned, service, revision),
            container_instance=NOT_ASKED,
        ),
        revision,
    )


def _none_without_cluster(reader: Reader, target: Target) -> Fact[Service]:
    """The service of a task that has none: not asked for, or absent where there is no such cluster, of which nothing else would tell."""
    listed = reader.read(calls.LIST_ALL_CLUSTERS)
    name = (target.cluster or "default").rpartition("/")[2]
    if not isinstance(listed, Known) or any(arn.rpartition("/")[2] == name for arn in listed.value):
        return NOT_ASKED
    return Absent(call=calls.LIST_ALL_CLUSTERS.action, without="cluster")


def _read_revision(reader: Reader, arn: str) -> Fact[ServiceRevision]:
    fact = reader.read(calls.DESCRIBE_SERVICE_REVISIONS, {"serviceRevisionArns": [arn]}, about=arn)
    return single(fact, calls.DESCRIBE_SERVICE_REVISIONS.action, arn)


def _read_definition(
    reader: Reader,
    target: Target,
    planned: PlannedTask,
    service: Fact[Service],
    revision: Fact[ServiceRevision],
) -> Fact[TaskDefinition]:
    if planned.document is not None:
        return Known(value=planned.document)
    name = target.task_definition
    if name is None and planned.service_revision is not None:
        known = known_value(revision)
        if known is None:
            return hanging_on(revision, Why.DEFINITION_NOT_NAMED)
        name = known.task_definition
    elif name is None:
        running = known_value(service)
        if running is None:
            return hanging_on(service, Why.DEFINITION_NOT_NAMED)
        task_set = running.primary_task_set
        name = running.task_definition or (task_set.task_definition if task_set else None)
    if name is None:
        return Unavailable(reason=Why.DEFINITION_NOT_NAMED, call=calls.DESCRIBE_SERVICES.action)
    return reader.read(calls.DESCRIBE_TASK_DEFINITION, {"taskDefinition": name}, about=name)


# --- capacity ----------------------------------------------------------------------------------------


def read_capacity_providers(reader: Reader, partial: Snapshot) -> dict[str, Fact[CapacityProvider]]:
    """The capacity providers of which it is not known by their name what they give: AWS's own are Fargate's."""
    names = pull.providers_to_read(partial)
    if not names:
        return {}
    return {name: _read_provider(reader, name) for name in names}


def _read_provider(reader: Reader, name: str) -> Fact[CapacityProvider]:
    fact = reader.read(calls.DESCRIBE_CAPACITY_PROVIDERS, {"capacityProviders": [name]}, about=name)
    return single(fact, calls.DESCRIBE_CAPACITY_PROVIDERS.action, name)


def read_hosts(reader: Reader, partial: Snapshot) -> Fact[tuple[HostFacts, ...]]:
    """Every container instance of the cluster; of those on which the task may be placed also what EC2 and IAM say.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
    """
    if not pull.is_placed_on_host(partial):
        return NOT_ASKED
    cluster = cluster_arn(reader, partial.target.cluster)
    arns = reader.read(calls.LIST_CONTAINER_INSTANCES, {"cluster": cluster}, about=cluster)
    if not isinstance(arns, Known):
        return arns
    found: list[ContainerInstance] = []
    for start in range(0, len(arns.value), BATCH):
        fact = reader.read(
            calls.DESCRIBE_CONTAINER_INSTANCES,
            {"cluster": cluster, "containerInstances": list(arns.value[start : start + BATCH])},
            about=cluster,
        )
        if not isinstance(fact, Known):
            return fact
        found += fact.value.items
    definition = known_value(partial.task_definition)
    fitting = [item for item in found if pull.why_not_placed(partial, definition, item) is None]
    named = [name for item in fitting if (name := pull.instance_to_read(item)) is not None]
    instances = read_instances(reader, named) if definition is not None and named else {}
    return Known(
        value=tuple(
            _of(reader, item, instances) if item in fitting else HostFacts(container_instance=item)
            for item in found
        )
    )


def _of(reader: Reader, host: ContainerInstance, instances: Mapping[str, Fact[Instance]]) -> HostFacts:
    instance = instances.get(pull.instance_to_read(host) or "", NOT_ASKED)
    return HostFacts(
        container_instance=host, instance=instance, instance_profile=read_profile(reader, instance)
    )
