"""The container instance's ECS agent does not know the form of ECR's host that the image is named with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped, unknown
from diagnostics.faults.host.container_host import cluster_of, host_of
from diagnostics.faults.told import said, text_evidence
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Status
from diagnostics.pull import host_os
from diagnostics.snapshot import known_value, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import quoted

AGENT_TOO_OLD = Fault(
    id="agent-too-old",
    kind="host",
    title="The container instance's ECS agent knows the form of the registry's host",
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
    host = known_value(world.snapshot.container_instance)
    first = ".".join(map(str, FIRST_VERSION))
    old = f", and such names are known since {first}" if _is_old(version) else ""
    more = (
        (Evidence(what=f"the agent's version is {version}{old}", source="ecs:DescribeContainerInstances"),)
        if version
        else ()
    )
    arn = host.container_instance_arn if host else "CONTAINER-INSTANCE"
    which = f"--cluster {quoted(cluster_of(world))} --region {world.region}"
    registry = (symptom.host if symptom else None) or next(iter(names), None)
    update = f"aws ecs update-container-agent --container-instance {quoted(arn)} {which}"
    fix = Fix(
        text=f"Update the ECS agent on {name}, or name the image with ECR's ordinary host.",
        cli=update,
        verify=f"aws ecs describe-container-instances --container-instances {quoted(arn)} {which} --query 'containerInstances[].versionInfo.agentVersion'",
    )
    if host_os(world.snapshot) != "linux":
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-update.html: for Amazon Linux only.
        fix = Fix(
            text=f"Replace {name} by an instance of a current AMI, whose ECS agent is {first} or later, or name the image with ECR's ordinary host.",
            cli=f"aws ecs update-container-instances-state --container-instances {quoted(arn)} {which} --status DRAINING",
            verify=fix.verify,
            undo=f"aws ecs update-container-instances-state --container-instances {quoted(arn)} {which} --status ACTIVE",
        )
    return fails(
        AGENT_TOO_OLD,
        f"The ECS agent on {name} does not know the form of the registry's host{f' {registry}' if registry else ''}.",
        stage="login",
        resources=(name,),
        evidence=(*((text_evidence(symptom),) if symptom else ()), *more),
        fix=fix,
        console_url=link,
        status=Status.WARN if symptom else Status.FAIL,
    )


ROOM = Room(AGENT_TOO_OLD, _judge)
