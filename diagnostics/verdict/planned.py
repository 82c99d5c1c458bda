"""What is said of a task that nobody has started: whether there is anything to judge, its name, and what only a pull shows."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.arn import revision_named
from diagnostics.faults.base import World
from diagnostics.finding import Gone
from diagnostics.pull import fitting_hosts, injected_secrets, named_files, unread_constraints
from diagnostics.snapshot import NOT_ASKED, Absent, Snapshot, known_value
from diagnostics.stop_reason import redact

_GIVEN: tuple[tuple[Gone, str], ...] = (
    ("subnet", "subnet"), ("security_group", "security group"), ("capacity_provider", "capacity provider"),
)  # fmt: skip


def missing_of_plan(snapshot: Snapshot) -> Gone | None:
    """What of a planned task AWS says there is none of; `None` where all that it names is there."""
    if isinstance(snapshot.service, Absent):
        return "cluster" if snapshot.service.without == "cluster" else "service"
    if isinstance(snapshot.hosts, Absent):
        return "cluster"
    if isinstance(snapshot.service_revision, Absent):
        return "service_revision"
    if isinstance(snapshot.task_definition, Absent):
        return "task_definition"
    missing = next((kind for kind, _ in _not_there(snapshot)), None)
    return missing or ("common_vpc" if len(_vpcs_of(snapshot)) > 1 else None)


def _vpcs_of(snapshot: Snapshot) -> dict[str, list[str]]:
    """The subnets that were given for a planned task, by their VPC; ECS takes only those of one.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html (subnets)
    """
    found: dict[str, list[str]] = {}
    network = snapshot.planned.network if snapshot.planned is not None else None
    for name in network.subnets if network is not None else ():
        subnet = known_value(snapshot.subnets.get(name, NOT_ASKED))
        if subnet is not None:
            found.setdefault(subnet.vpc_id, []).append(name)
    return found


def _not_there(snapshot: Snapshot) -> Iterator[tuple[Gone, str]]:
    """What of the place that was given does not exist: RunTask refuses it, so that nothing would be pulled at all."""
    planned = snapshot.planned
    if planned is None:
        return
    network = planned.network
    for name in network.subnets if network is not None else ():
        if isinstance(snapshot.subnets.get(name), Absent):
            yield "subnet", name
    groups = {name: fact for vpc in snapshot.vpcs.values() for name, fact in vpc.security_groups.items()}
    for name in network.security_groups if network is not None else ():
        if isinstance(groups.get(name), Absent):
            yield "security_group", name
    provider = planned.capacity_provider
    if provider is not None and isinstance(snapshot.capacity_providers.get(provider), Absent):
        yield "capacity_provider", provider


def planned_name(snapshot: Snapshot) -> str:
    """What a planned task is called: its service where the service runs it already, else its task definition."""
    planned, definition = snapshot.planned, known_value(snapshot.task_definition)
    if planned is not None and planned.deployed and snapshot.target.service is not None:
        return snapshot.target.service
    name = definition.task_definition_arn if definition is not None else snapshot.target.task_definition
    return revision_named(name) if name else snapshot.target.service or "the task"


def gone_in_words(world: World, missing: Gone, where: str) -> str:
    """That what a planned task names does not exist; `where` is the Region and the account that were asked."""
    target = world.snapshot.target
    planned = world.snapshot.planned
    if missing == "service_revision":
        arn = planned.service_revision if planned is not None else None
        return f"There is no service revision {arn or ''} in {where}: ECS keeps those of deployments since October 2024."
    if missing == "common_vpc":
        each = " and ".join(f"{', '.join(names)} of {vpc}" for vpc, names in _vpcs_of(world.snapshot).items())
        return f"The subnets of a task are all of one VPC, and these are {each}, so that ECS would refuse to start the task; give those of one."
    named = dict(_GIVEN).get(missing)
    if named is not None:
        ids = ", ".join(name for kind, name in _not_there(world.snapshot) if kind == missing)
        return f"There is no {named} {ids} in {where}, so that ECS would refuse to start the task there."
    name = revision_named(target.task_definition)
    return f"There is no task definition {name} in {where}, and so nothing to look at."


def only_a_pull_shows(world: World) -> str | None:
    """What no API shows before a pull, once, as far as this task needs it; `None` for a task that is not planned."""
    snapshot = world.snapshot
    if snapshot.planned is None:
        return None
    definition = known_value(snapshot.task_definition)
    containers = definition.container_definitions if definition is not None else ()
    hosts = sorted(
        {
            image.reference.registry
            for image in world.pull.images
            if image.reference is not None and image.in_ecr is None
        }
    )
    of_registry = (
        f"what {' and '.join(hosts)} answers (the image, the credentials, the limits)" if hosts else None
    )
    of_secrets = "what the secrets hold" if any(list(injected_secrets(item)) for item in containers) else None
    of_files = "if the files in S3 are there" if any(named_files(definition)) else None
    of_platform = None if _platforms_read(world) else "if the image is built for this platform"
    said = tuple(
        filter(None, (of_registry, of_secrets, of_files, of_platform, "if there is room to unpack the image"))
    )
    return f"Only a real pull shows {_listed(said)}."


def _platforms_read(world: World) -> bool:
    """True if of every image the platforms were read; of one that is no index nothing but a layer tells its platform."""
    manifests = [known_value(world.image_facts(item).manifest) for item in world.pull.images]
    return bool(manifests) and all(item is not None and item.index for item in manifests)


def _listed(items: tuple[str, ...]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def where_placed(world: World) -> str | None:
    """On how many container instances the task may be placed now; `None` where it is placed on none."""
    hosts = known_value(world.snapshot.hosts)
    if hosts is None:
        return None
    fitting = fitting_hosts(world.snapshot)
    left_out = len(hosts) - len(fitting)
    if not fitting:
        return None
    others = (
        f"; {left_out} others do not take it"
        if left_out > 1
        else "; one other does not take it"
        if left_out
        else ""
    )
    many = (
        "the one container instance that takes"
        if len(fitting) == 1
        else f"each of the {len(fitting)} container instances that take"
    )
    unread = unread_constraints(world.snapshot)
    more = (
        f" What placement constraint '{redact(unread[0])[:120]}' leaves out is not understood here, so that it was judged too."
        if unread
        else ""
    )
    return f"Judged was {many} this task now{others}. Instances that are started later may differ.{more}"
