"""Words and commands that the image checks share."""

from __future__ import annotations

import json
from dataclasses import dataclass

from diagnostics import console
from diagnostics.faults.base import Subject, World
from diagnostics.faults.image.faults import INVALID_REFERENCE
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import known_value
from diagnostics.write import code_string, named, quoted, yaml_string

READ_ONLY_FIELDS = "taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy, .deregisteredAt"
"""What DescribeTaskDefinition answers and RegisterTaskDefinition refuses."""


def image_of(subject: Subject) -> ContainerImage:
    """The image that a subject is about."""
    assert subject.image is not None
    return subject.image


def containers(image: ContainerImage) -> str:
    """`container app`, `containers app and worker`."""
    names = image.containers
    if len(names) == 1:
        return f"container {names[0]}"
    return f"containers {', '.join(names[:-1])} and {names[-1]}"


def why_not_ecr(image: ContainerImage) -> str | None:
    """Why nothing can be asked about an image; `None` where it is in private ECR."""
    if image.injected:
        return "AWS adds this container to the task, with an image of its own"
    if image.reference is None:
        return f"the image reference is not valid: {INVALID_REFERENCE.id}"
    if not image.reference.is_ecr:
        return f"{image.reference.registry} is not a private ECR registry"
    return None


@dataclass(frozen=True)
class Place:
    """A repository of private ECR and how commands name it."""

    account: str
    region: str
    repository: str
    arn: str
    base: str

    @classmethod
    def of(cls, reference: ImageReference) -> Place:
        """The repository that an image reference names.

        Raises:
            ValueError: the reference is not one of private ECR.
        """
        if reference.account_id is None or reference.region is None or reference.repository_arn is None:
            raise ValueError(f"{reference.text} is not in private ECR")
        return cls(
            account=reference.account_id,
            region=reference.region,
            repository=reference.repository,
            arn=reference.repository_arn,
            base=f"{reference.registry}/{reference.repository}",
        )

    @property
    def flags(self) -> str:
        """The options that name the repository in an `aws ecr` command."""
        return (
            f"--registry-id {self.account} --repository-name {quoted(self.repository)} --region {self.region}"
        )

    @property
    def link(self) -> str | None:
        """The repository's page of the console."""
        return console.repository(self.region, self.account, self.repository)


def other_image(world: World, image: ContainerImage, new: str) -> str:
    """Commands that register a revision of the task definition with another image, and deploy it."""
    return new_revision(world, f"({container_of(image)} | .image) = {json.dumps(new)}")


def container_of(image: ContainerImage) -> str:
    """The containers of an image in a program for jq."""
    names = " or ".join(f".name == {json.dumps(name)}" for name in image.containers)
    return f".containerDefinitions[] | select({names})"


def new_revision(world: World, change: str, options: str = "") -> str:
    """Commands that register a revision of the task definition, changed by a program for jq, and deploy it."""
    definition = known_value(world.snapshot.task_definition)
    family = definition.family if definition and definition.family else "FAMILY"
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
    """The command that deploys the task's service anew; `None` where no service started the task."""
    named = service_of(world)
    if named is None:
        return None
    cluster, service = named
    return f"aws ecs update-service --cluster {quoted(cluster)} --service {quoted(service)} {options} --region {world.region}"


def service_of(world: World) -> tuple[str, str] | None:
    """The cluster and the service that started the task."""
    task, service = known_value(world.snapshot.task), known_value(world.snapshot.service)
    name = (task.service_name if task else None) or (service.service_name if service else None)
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
    definition = known_value(world.snapshot.task_definition)
    family = definition.family if definition and definition.family else "FAMILY"
    which = named(f"{containers(image)} of task definition {family}")
    terraform = (
        f"# In container_definitions of the aws_ecs_task_definition, {which}:\nimage = {code_string(new)}"
    )
    cloudformation = (
        f"# In ContainerDefinitions of the AWS::ECS::TaskDefinition, {which}:\nImage: {yaml_string(new)}"
    )
    return terraform, cloudformation


def new_secret(name: str, region: str) -> str:
    """A command that keeps the content of `credentials.json` in a new secret, whose ARN is then `$secret`."""
    return (
        f"secret=$(aws secretsmanager create-secret --name {quoted(name)} --secret-string file://credentials.json"
        f" --region {region} --query ARN --output text)"
    )
