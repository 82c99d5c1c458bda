"""Commands and code that change the task definition, and deploy the service with the new revision."""

from __future__ import annotations

import json

from diagnostics import console
from diagnostics.faults.base import World
from diagnostics.faults.images import containers
from diagnostics.faults.job_definition import new_job_definition, of_batch
from diagnostics.finding import Fix
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import known_value
from diagnostics.write import code_string, named, quoted, yaml_string

READ_ONLY_FIELDS = "taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy, .deregisteredAt"
"""What DescribeTaskDefinition answers and RegisterTaskDefinition refuses."""


def family_of(world: World) -> str:
    """The family of the task definition, a placeholder where it is not known."""
    definition = known_value(world.snapshot.task_definition)
    return (definition.family if definition else None) or "FAMILY"


def definition_page(world: World) -> str | None:
    """The page of the console that shows the task definition."""
    definition = known_value(world.snapshot.task_definition)
    if definition is None or not definition.family or not definition.revision:
        return None
    return console.task_definition(world.region, definition.family, definition.revision)


def with_image(
    world: World,
    image: ContainerImage,
    new: str,
    text: str,
    verify: str | None,
    *,
    placeholder: bool = False,
    more: str = "",
) -> Fix:
    """Another image in the task definition; what is only a `placeholder` does not stand in code. `more` follows the commands."""
    terraform, cloudformation = (None, None) if placeholder else as_code(world, image, new)
    return Fix(
        text=text,
        cli=f"{other_image(world, image, new)}{more}",
        terraform=terraform,
        cloudformation=cloudformation,
        verify=verify,
        undo=back_to_old(world),
    )


def other_image(world: World, image: ContainerImage, new: str) -> str:
    """Commands that register a revision of the task definition with another image, and deploy it."""
    return new_revision(world, f"({container_of(image)} | .image) = {json.dumps(new)}")


def container_of(image: ContainerImage) -> str:
    """The containers of an image in a program for jq."""
    names = " or ".join(f".name == {json.dumps(name)}" for name in image.containers)
    names = names or f".image == {json.dumps(image.image)}"
    return f".containerDefinitions[] | select({names})"


def new_revision(world: World, change: str, options: str = "") -> str:
    """Commands that register a revision of the task definition, changed by a program for jq, and deploy it.

    Of a task of AWS Batch they register one of the job definition.
    """
    if of_batch(world):
        return new_job_definition(world, change, options)
    definition, family = known_value(world.snapshot.task_definition), family_of(world)
    arn = definition.task_definition_arn if definition else family
    region = world.region
    program = quoted(f"del(.{READ_ONLY_FIELDS}) | {change}")
    deploy = update_service(world, f"--task-definition {quoted(family)}")
    lines = (
        f"aws ecs describe-task-definition --task-definition {quoted(arn)} --region {region} --query taskDefinition --output json > taskdef.json",
        f"jq {options}{program} taskdef.json > new-taskdef.json",
        f"aws ecs register-task-definition --cli-input-json file://new-taskdef.json --region {region}",
        *((deploy,) if deploy else ()),
    )
    return "\n".join(lines)


def update_service(world: World, options: str) -> str | None:
    """The command that deploys the task's service again; `None` where no service started the task."""
    named = service_of(world)
    if named is None:
        return None
    cluster, service = named
    return f"aws ecs update-service --cluster {quoted(cluster)} --service {quoted(service)} {options} --region {world.region}"


def service_of(world: World) -> tuple[str, str] | None:
    """The cluster and the service that started the task."""
    task, name = known_value(world.snapshot.task), world.snapshot.service_name
    cluster = world.snapshot.target.cluster or (task.cluster_arn if task else None)
    return (cluster.rsplit("/", 1)[-1], name) if name and cluster else None


def back_to_old(world: World) -> str | None:
    """The command that deploys the revision that ran before."""
    definition = known_value(world.snapshot.task_definition)
    if definition is None:
        return None
    return update_service(world, f"--task-definition {quoted(definition.task_definition_arn)}")


def as_code(world: World, image: ContainerImage, new: str) -> tuple[str, str]:
    """The other image as Terraform and as CloudFormation: the one line of the container's definition that changes."""
    which = named(f"{containers(image)} of task definition {family_of(world)}")
    terraform = (
        f"# In container_definitions of the aws_ecs_task_definition, {which}:\nimage = {code_string(new)}"
    )
    cloudformation = (
        f"# In ContainerDefinitions of the AWS::ECS::TaskDefinition, {which}:\nImage: {yaml_string(new)}"
    )
    return terraform, cloudformation
