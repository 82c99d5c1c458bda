"""Who starts tasks in the clusters, and what each needs for the next one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from diagnostics.audit.model import AuditedKind
from diagnostics.collect.inventory import OFF, ClusterFacts, Inventory
from diagnostics.collect.needed import NeedsOf, by_digest
from diagnostics.snapshot import (
    EcsParameters,
    Fact,
    Known,
    PlannedTask,
    Schedule,
    Service,
    ServiceRevision,
    Task,
    Unavailable,
    known_or,
    known_value,
)
from diagnostics.snapshot.planned import PlannedLaunch
from diagnostics.target import Target

GOING_ON = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
"""The statuses of a deployment that is not over.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html (status)
"""


@dataclass(frozen=True)
class AuditSubject:
    """One service, rule, schedule or family.

    Attributes:
        needs: what to ask about it; `None` where it could not be read itself.
        unread: why.
        idle: it runs nothing now.
        parked: it is a service that is scaled to zero: until somebody changes that, it starts nothing.
        deploying: a deployment is under way, so that a roll-back may come by itself.
        open: facts that were not to be had and would tell which image it starts next.
    """

    key: str
    kind: AuditedKind
    cluster: str
    name: str
    needs: NeedsOf | None
    unread: Unavailable | None = None
    idle: bool = False
    parked: bool = False
    deploying: bool = False
    open: tuple[Unavailable, ...] = field(default=())


def subjects_of(inventory: Inventory, now: datetime) -> tuple[AuditSubject, ...]:
    """Every subject of an inventory, by cluster: its services, rules, schedules and families.

    Args:
        now: the moment of the audit; a schedule that is over by then starts nothing.
    """
    inventory = replace(inventory, schedules=_that_go_on(inventory.schedules, now))
    found: list[AuditSubject] = []
    for cluster in inventory.contents:
        found += _services(inventory, cluster)
        found += _rules(inventory, cluster)
        found += _families(inventory, cluster)
    found += _schedules(inventory)
    return tuple({item.key: item for item in found}.values())


def _target(inventory: Inventory, cluster: str, **more: str | None) -> Target:
    return Target(
        kind="preflight",
        partition=inventory.partition,
        region=inventory.region,
        account_id=inventory.account,
        cluster=cluster,
        **more,
    )


# --- services ----------------------------------------------------------------------------------------


def _services(inventory: Inventory, cluster: ClusterFacts) -> Iterator[AuditSubject]:
    running = _by_service(known_or(cluster.tasks, ()))
    for arn, fact in cluster.services.items():
        name = arn.rpartition("/")[2]
        key = f"{cluster.name}/{name}"
        if isinstance(fact, Unavailable):
            yield AuditSubject(key, "service", cluster.name, name, None, unread=fact)
        elif isinstance(fact, Known) and fact.value.status in (None, "ACTIVE"):
            yield _service(inventory, cluster, key, fact.value, running.get(name, ()))


def _service(
    inventory: Inventory, cluster: ClusterFacts, key: str, service: Service, tasks: tuple[Task, ...]
) -> AuditSubject:
    task_set = service.primary_task_set
    definition = service.task_definition or (task_set.task_definition if task_set else None)
    named = [(item.arn, inventory.revisions.get(item.arn)) for item in service.current_service_revisions]
    unread = tuple(fact for _, fact in named if isinstance(fact, Unavailable))
    current = [value for _, fact in named if fact and (value := known_value(fact))]
    newest = [item for item in current if item.task_definition == definition]
    digests = _digests_of(newest) if newest else _digests_running(service, tasks)
    deployment = known_value(
        inventory.deployments.get(service.current_service_deployment or "", Unavailable())
    )
    back = [
        value
        for item in (deployment.source_service_revisions if deployment else ())
        if (value := known_value(inventory.revisions.get(item.arn, Unavailable())))
    ]
    others = [item for item in (*current, *back) if item.service_revision_arn not in {x.service_revision_arn for x in newest}]  # fmt: skip
    return AuditSubject(
        key,
        "service",
        cluster.name,
        service.service_name,
        NeedsOf(
            _target(inventory, cluster.name, service=service.service_name),
            PlannedTask(deployed=True),
            definition,
            digests,
            tuple(dict.fromkeys(image for item in others for image in _images(item))),
        ),
        idle=not service.running_count and not service.pending_count,
        parked=service.desired_count == 0,
        deploying=deployment is not None and (deployment.status or "") in GOING_ON,
        # The digests of what runs stand in for those of a revision that cannot be read.
        open=unread if not newest and not digests else (),
    )


def _digests_of(revisions: Iterable[ServiceRevision]) -> dict[str, str]:
    """The digest of each container; the newest of several revisions of one task definition comes last."""
    return {
        item.container_name: item.image_digest
        for revision in revisions
        for item in revision.container_images
        if item.container_name and item.image_digest
    }


def _digests_running(service: Service, tasks: tuple[Task, ...]) -> dict[str, str]:
    """The digests with which the service's newest deployment runs, where all its tasks have the same."""
    primary = next((item.id for item in service.deployments if item.status == "PRIMARY"), None)
    found: dict[str, set[str]] = {}
    for task in tasks:
        if primary is not None and task.started_by == primary:
            for item in task.containers:
                if item.image_digest:
                    found.setdefault(item.name, set()).add(item.image_digest)
    return {name: next(iter(digests)) for name, digests in found.items() if len(digests) == 1}


def _images(revision: ServiceRevision) -> Iterator[str]:
    for item in revision.container_images:
        image = by_digest(item.image, item.image_digest)
        if image is not None and item.image_digest is not None:
            yield image


def _by_service(tasks: tuple[Task, ...]) -> dict[str, tuple[Task, ...]]:
    found: dict[str, tuple[Task, ...]] = {}
    for task in tasks:
        if task.service_name is not None:
            found[task.service_name] = (*found.get(task.service_name, ()), task)
    return found


# --- what EventBridge starts -------------------------------------------------------------------------


def _rules(inventory: Inventory, cluster: ClusterFacts) -> Iterator[AuditSubject]:
    for name, fact in cluster.targets.items():
        if isinstance(fact, Unavailable):
            yield AuditSubject(f"{cluster.name}/rule {name}", "rule", cluster.name, name, None, unread=fact)
            continue
        started = [
            item.ecs_parameters
            for item in known_or(fact, ())
            if item.arn == cluster.arn and item.ecs_parameters is not None
        ]
        for number, item in enumerate(started, 1):
            key = f"{cluster.name}/rule {name}" + (f" ({number})" if len(started) > 1 else "")
            yield _started(inventory, cluster.name, key, "rule", name, item)


def _that_go_on(schedules: Mapping[str, Fact[Schedule]], now: datetime) -> dict[str, Fact[Schedule]]:
    return {
        name: fact
        for name, fact in schedules.items()
        if not (value := known_value(fact)) or (value.state != OFF and not value.is_over(now))
    }


def _schedules(inventory: Inventory) -> Iterator[AuditSubject]:
    for name, fact in inventory.schedules.items():
        if isinstance(fact, Unavailable):
            yield AuditSubject(f"schedule {name}", "schedule", "", name, None, unread=fact)
        elif isinstance(fact, Known) and fact.value.target.ecs_parameters is not None:
            target = fact.value.target
            where = next((item.name for item in inventory.contents if target.runs_in(item.arn)), None)
            # Else it calls RunTask in a cluster that is not looked at.
            if where is not None:
                key = f"{where}/schedule {name}"
                yield _started(inventory, where, key, "schedule", name, fact.value.target.ecs_parameters)


def _started(
    inventory: Inventory, cluster: str, key: str, kind: AuditedKind, name: str, how: EcsParameters
) -> AuditSubject:
    launches: dict[str | None, PlannedLaunch] = {"FARGATE": "FARGATE", "EC2": "EC2"}
    network = how.network
    planned = PlannedTask(
        launch_type=launches.get(how.launch_type),
        capacity_provider=next(iter(how.providers), None),
        network=network,
        deployed=True,
    )
    return AuditSubject(
        key,
        kind,
        cluster,
        name,
        NeedsOf(
            _target(inventory, cluster),
            planned,
            how.task_definition_arn,
            execution_role=how.execution_role,
        ),
        idle=True,
    )


# --- tasks of nobody's -------------------------------------------------------------------------------


def _families(inventory: Inventory, cluster: ClusterFacts) -> Iterator[AuditSubject]:
    """The newest running task of each family that no service runs, and no rule or schedule that is looked at."""
    newest: dict[str, Task] = {}
    scheduled = _scheduled(inventory, cluster)
    for task in known_or(cluster.tasks, ()):
        family = (task.task_definition_arn or "").rpartition("/")[2].rpartition(":")[0]
        if task.service_name is None and family and family not in scheduled:
            before = newest.get(family)
            if before is None or _started_at(task) > _started_at(before):
                newest[family] = task
    for family, task in newest.items():
        target = Target(
            kind="task",
            partition=inventory.partition,
            region=inventory.region,
            account_id=inventory.account,
            cluster=cluster.name,
            task_id=task.task_arn.rpartition("/")[2],
        )
        yield AuditSubject(f"{cluster.name}/family {family}", "family", cluster.name, family, NeedsOf(target))


def _started_at(task: Task) -> tuple[str, str]:
    return task.created_at.isoformat() if task.created_at else "", task.task_arn


def _scheduled(inventory: Inventory, cluster: ClusterFacts) -> set[str]:
    """The families that rules and schedules start in the cluster."""
    targets = [item for fact in cluster.targets.values() for item in known_or(fact, ())]
    targets += [value.target for fact in inventory.schedules.values() if (value := known_value(fact))]
    return {
        item.ecs_parameters.task_definition_arn.rpartition("/")[2].partition(":")[0]
        for item in targets
        if item.runs_in(cluster.arn) and item.ecs_parameters is not None
    }
