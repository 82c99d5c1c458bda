"""The container instance's ECS agent does not know the form of ECR's host that the image is named with."""

from __future__ import annotations

from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import host_of
from diagnostics.faults.revision import service_of
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.snapshot import known_value
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
    text_only=True,
    refutable=False,
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    """Which version is old enough is written on no page, so that the version only stands beside the text."""
    name, link = host_of(world)
    host, named = known_value(world.snapshot.container_instance), service_of(world)
    version = host.version_info.agent_version if host and host.version_info else None
    more = (
        (Evidence(what=f"the agent's version is {version}", source="ecs:DescribeContainerInstances"),)
        if version
        else ()
    )
    cluster = named[0] if named else world.snapshot.target.cluster or "default"
    arn = host.container_instance_arn if host else "CONTAINER-INSTANCE"
    which = f"--cluster {quoted(cluster)} --region {world.region}"
    return shown(
        AGENT_TOO_OLD,
        symptom,
        f"The ECS agent on {name} does not know the form of the registry's host{f' {symptom.host}' if symptom.host else ''}.",
        Fix(
            text=f"Update the ECS agent on {name}, or name the image with ECR's ordinary host.",
            cli=f"aws ecs update-container-agent --container-instance {quoted(arn)} {which}",
            verify=f"aws ecs describe-container-instances --container-instances {quoted(arn)} {which} --query 'containerInstances[].versionInfo.agentVersion'",
        ),
        *more,
        stage="login",
        resources=(name,),
        console_url=link,
    )


ROOM = text_room(AGENT_TOO_OLD, (SymptomId.AGENT_TOO_OLD,), _tell)
