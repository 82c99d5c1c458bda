"""The container instance's ECS agent does not know the form of ECR's host that the image is named with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped, unknown
from diagnostics.faults.host.container_host import container_instance, drained, host_of
from diagnostics.faults.images import containers, reference_of
from diagnostics.faults.task_definition import with_image
from diagnostics.faults.told import said, text_evidence
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Status, Ways
from diagnostics.pull import ContainerImage, host_os
from diagnostics.snapshot import known_value, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import chain, quoted, wait_for

AGENT_TOO_OLD = Fault(
    id="agent-too-old",
    kind="host",
    title="The container instance's ECS agent knows the form of the registry's host",
    short="the ECS agent on its instance is too old",
    why="The image is named with ECR's dual-stack host (dkr-ecr.REGION.on.aws), and the ECS agent of the container instance is older than that form: it cannot read the log-in that ECR gives for it.",
    how="Update the ECS agent of the container instances, or replace them by instances of a current AMI; or name the image with ECR's ordinary host (dkr.ecr.REGION.amazonaws.com).",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-update.html",
    explains=Explains(symptoms=(SymptomId.AGENT_TOO_OLD,)),
)


FIRST_VERSION = (1, 95, 0)
"""The agent's first version that reads these names.

https://github.com/aws/amazon-ecs-agent/blob/master/CHANGELOG.md ("Enable DualStack ECR Image URI")"""

_NUMBERS = re.compile(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})")


def _judge(world: World, subject: Subject) -> Outcome:
    """By the version that the agent reports where an image has such a name; else by the text."""
    launch = need(world.pull.launch)
    if launch in ("fargate", "managed_instances"):
        return skipped(AGENT_TOO_OLD, "AWS runs the agent here")
    symptom, names = said(world, SymptomId.AGENT_TOO_OLD), tuple(_dual_stack(world))
    if symptom is None and not names:
        return skipped(AGENT_TOO_OLD, "no image is named with ECR's dual-stack host")
    fact = world.snapshot.container_instance
    host = known_value(fact) if symptom is not None else need(fact)
    version = host.version_info.agent_version if host and host.version_info else None
    if symptom is not None:
        return _found(world, symptom, names, version)
    if host is None:
        return skipped(AGENT_TOO_OLD, "the container instance is no longer there")
    if _parsed(version) is None:
        return unknown(AGENT_TOO_OLD, "ECS does not say which version the agent has")
    if _is_old(version):
        return _found(world, None, names, version)
    return passes(AGENT_TOO_OLD, f"The ECS agent's version {version} knows the form of the registry's host")


def _dual_stack(world: World) -> Iterator[str]:
    """The dual-stack hosts that the images are named with."""
    for image in world.pull.images:
        if image.in_ecr is not None and image.in_ecr.dual_stack:
            yield image.in_ecr.registry


def _parsed(version: str | None) -> tuple[int, ...] | None:
    found = _NUMBERS.match(version or "")
    return tuple(map(int, found.groups())) if found else None


def _is_old(version: str | None) -> bool:
    parsed = _parsed(version)
    return parsed is not None and parsed < FIRST_VERSION


def _found(world: World, symptom: Symptom | None, names: tuple[str, ...], version: str | None) -> Outcome:
    """Without the text an old version settles it. Beside the text it is evidence: the agent may have been updated since."""
    name, link = host_of(world)
    first = ".".join(map(str, FIRST_VERSION))
    old = f", and such names are known since {first}" if _is_old(version) else ""
    more = (
        (Evidence(what=f"the agent's version is {version}{old}", source="ecs:DescribeContainerInstances"),)
        if version
        else ()
    )
    registry = (symptom.host if symptom else None) or next(iter(names), None)
    return fails(
        AGENT_TOO_OLD,
        f"The ECS agent on {name} does not know the form of the registry's host{f' {registry}' if registry else ''}.",
        stage="login",
        resources=(name,),
        evidence=(*((text_evidence(symptom),) if symptom else ()), *more),
        fix=_ways(world, name, first),
        console_url=link,
        status=Status.WARN if symptom else Status.FAIL,
    )


def _ways(world: World, name: str, first: str) -> Ways:
    """The agent updated where AWS can do that, else another instance; and the image by the name that every agent knows."""
    agent = (
        _updated(world, name)
        if host_os(world.snapshot) == "linux"
        else drained(
            world,
            name,
            f"Replace {name} by an instance of a current AMI, whose ECS agent is {first} or later: drain it, and terminate it once it runs no task.",
        )
    )
    images = [item for item in world.pull.images if item.in_ecr is not None and item.in_ecr.dual_stack]
    return (agent, _ordinary(world, images[0])) if len(images) == 1 else agent


def _updated(world: World, name: str) -> Fix:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-update.html: for Amazon Linux only."""
    asks, cluster, instance = container_instance(world)
    describe = f"aws ecs describe-container-instances {cluster} --container-instances {instance}"
    query = "containerInstances[0].agentUpdateStatus"
    return Fix(
        title=f"Update the ECS agent on {name}",
        text=f"Update the ECS agent on {name}, which stops no container. AWS does that on Amazon Linux; elsewhere replace the instance.",
        cli=chain(asks, f"aws ecs update-container-agent {cluster} --container-instance {instance}"),
        verify=chain(
            asks,
            wait_for(describe, query, "UPDATED"),
            f"{describe} --query {quoted(query)} --output text",
        ),
        expect="UPDATED",
        undo_note="No command puts the former version back; an instance of the former AMI has it.",
        then=then_for(world),
    )


def _ordinary(world: World, image: ContainerImage) -> Fix:
    """The image by ECR's ordinary host.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
    """
    place = reference_of(image)
    suffix = "amazonaws.com.cn" if world.snapshot.partition == "aws-cn" else "amazonaws.com"
    fips = "-fips" if place.fips else ""
    host = f"{place.account_id}.dkr.ecr{fips}.{place.region}.{suffix}"
    return with_image(
        world,
        image,
        image.image.replace(place.registry, host, 1),
        title="Name the image with ECR's ordinary host",
        text=f"Name the image of {containers(image)} with {host}, which every ECS agent knows.",
    )


ROOM = Room(AGENT_TOO_OLD, _judge)
