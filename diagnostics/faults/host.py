"""The machine that pulls: has it room for the image, and does the pull end in time?"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Check, Subject, World, check, fails, passes, skipped
from diagnostics.faults.image.wording import (
    back_to_old,
    new_revision,
    service_of,
    update_service,
    why_not_ecr,
)
from diagnostics.faults.told import TEXT_ONLY, said
from diagnostics.faults.told import quoted as text_of
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Status
from diagnostics.snapshot import known_value, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import named, quoted

DISK_FULL = Fault(
    id="disk-full",
    kind="host",
    title="There is room for the image",
    why="The machine that pulls holds the compressed layers and what they unpack to at the same time, usually three times the size that ECR shows, beside all images that are there already. On Fargate that is the task's ephemeral storage, 20 GiB unless the task definition says more.",
    how="On Fargate give the task more ephemeral storage (up to 200 GiB); on a container instance remove unused images or enlarge the volume. A smaller image helps everywhere.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html",
    explains=Explains(
        symptoms=(
            SymptomId.PULL_CONTEXT_CANCELED,
            SymptomId.LAYER_VERIFICATION_FAILED,
            SymptomId.DISK_FULL,
            SymptomId.FARGATE_EPHEMERAL_FULL,
            SymptomId.LAYER_REGISTER_FAILED,
            SymptomId.PULL_TIMEOUT,
        )
    ),
    text_only=True,
)
PULL_TIMEOUT = Fault(
    id="pull-timeout",
    kind="host",
    title="The pull ends before the ECS agent gives up",
    why="The ECS agent waits for a pull to begin, for its manifest, and for progress; a registry that does not answer, a slow disk or too many pulls at once make it give up.",
    how="Look at the network first; then raise ECS_IMAGE_PULL_INACTIVITY_TIMEOUT or ECS_MANIFEST_PULL_TIMEOUT on the container instances, or give them a faster volume.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html",
    explains=Explains(
        symptoms=(SymptomId.CONNECTION_REFUSED_RESET, SymptomId.PULL_CONTEXT_CANCELED, SymptomId.PULL_TIMEOUT)
    ),
    text_only=True,
)

DEFAULT_STORAGE_GIB = 20
UNPACKED = 3
"""An image on disk, compressed and unpacked, takes about three times its compressed size."""

_GIB = 1024**3
DISK_TEXTS = (SymptomId.DISK_FULL, SymptomId.FARGATE_EPHEMERAL_FULL, SymptomId.LAYER_REGISTER_FAILED)


@check("host.disk", "task", DISK_FULL)
def disk(world: World, subject: Subject) -> Iterator[Outcome]:
    """Free space cannot be read; of a Fargate task the storage and the size of its images can."""
    symptom = said(world, *DISK_TEXTS)
    launch = need(world.pull.launch)
    if launch != "fargate":
        yield skipped(DISK_FULL, TEXT_ONLY) if symptom is None else _full_host(world, symptom)
        return
    if symptom is not None:
        yield _full_task(world, symptom, _facts(world))
        return
    total = _sizes(world)
    if total is None:
        yield skipped(DISK_FULL, "the size of an image that does not exist, or is not in ECR, is not known")
        return
    storage = _storage(world)
    if total * UNPACKED > storage * _GIB:
        yield _full_task(world, None, _compared(total, storage))
    else:
        yield passes(
            DISK_FULL, f"The images take about {_gib(total * UNPACKED)} of {storage} GiB of ephemeral storage"
        )


def _gib(size: float) -> str:
    return f"{size / _GIB:.1f} GiB"


def _sizes(world: World) -> int | None:
    """The compressed size of the task's images together, in bytes; `None` where one of them has none.

    Raises:
        UnavailableError: the size of an image could not be read.
    """
    total = 0
    for image in world.pull.images:
        if why_not_ecr(image) is not None:
            continue
        detail = need(world.image_facts(image).detail)
        if detail is None or detail.image_size_in_bytes is None:
            return None
        total += detail.image_size_in_bytes
    return total or None


def _storage(world: World) -> int:
    """The task's ephemeral storage in GiB.

    Raises:
        UnavailableError: neither the task nor its definition could be read.
    """
    task = need(world.snapshot.task)
    for given in (task.fargate_ephemeral_storage, task.ephemeral_storage) if task else ():
        if given is not None and given.size_in_gi_b:
            return given.size_in_gi_b
    definition = need(world.snapshot.task_definition)
    given = definition.ephemeral_storage if definition else None
    return (given.size_in_gi_b if given else None) or DEFAULT_STORAGE_GIB


def _compared(total: int, storage: int) -> tuple[Evidence, ...]:
    return (
        Evidence(
            what=f"the images are {_gib(total)} compressed, about {_gib(total * UNPACKED)} while they are unpacked",
            source="ecr:DescribeImages",
        ),
        Evidence(what=f"the task has {storage} GiB of ephemeral storage", source="ecs:DescribeTasks"),
    )


def _facts(world: World) -> tuple[Evidence, ...]:
    """What is known of sizes, to stand beside the error text. It decides nothing, so that it may be missing."""
    sizes = [known_value(world.image_facts(image).detail) for image in world.pull.images]
    total = sum(item.image_size_in_bytes or 0 for item in sizes if item is not None)
    task, definition = known_value(world.snapshot.task), known_value(world.snapshot.task_definition)
    given = (task.fargate_ephemeral_storage or task.ephemeral_storage) if task else None
    given = given or (definition.ephemeral_storage if definition else None)
    storage = (given.size_in_gi_b if given else None) or DEFAULT_STORAGE_GIB
    return _compared(total, storage) if total else ()


def _full_task(world: World, symptom: Symptom | None, more: tuple[Evidence, ...]) -> Outcome:
    definition = known_value(world.snapshot.task_definition)
    family = definition.family if definition and definition.family else "FAMILY"
    arn = definition.task_definition_arn if definition else family
    region = world.region
    given = definition.ephemeral_storage if definition else None
    now = (given.size_in_gi_b if given else None) or DEFAULT_STORAGE_GIB
    wanted = min(200, max(now * 2, 40))
    says = "ran out of" if symptom is not None else "may run out of"
    return fails(
        DISK_FULL,
        f"The task {says} ephemeral storage while its images are unpacked.",
        stage="unpack",
        resources=(arn,),
        evidence=(*((text_of(symptom),) if symptom else ()), *more),
        fix=Fix(
            text=f"Give the task {wanted} GiB of ephemeral storage, or make the image smaller.",
            cli=new_revision(world, f".ephemeralStorage = {{sizeInGiB: {wanted}}}"),
            terraform=f"# In the aws_ecs_task_definition {named(family)}:\nephemeral_storage {{\n  size_in_gib = {wanted}\n}}",
            cloudformation=f"# In the AWS::ECS::TaskDefinition {named(family)}:\nEphemeralStorage:\n  SizeInGiB: {wanted}",
            verify=f"aws ecs describe-task-definition --task-definition {quoted(family)} --region {region} --query taskDefinition.ephemeralStorage",
            undo=back_to_old(world),
        ),
        console_url=console.task_definition(region, definition.family, definition.revision)
        if definition and definition.family and definition.revision
        else None,
        status=Status.WARN,
    )


def _host(world: World) -> tuple[str, str | None]:
    """What to call the host, and its page of the console."""
    instance, host = known_value(world.snapshot.instance), known_value(world.snapshot.container_instance)
    name = instance.instance_id if instance else host.ec2_instance_id if host else None
    if name:
        return name, console.instance(world.region, name)
    task = known_value(world.snapshot.task)
    return (task.container_instance_arn if task else None) or "the container instance", None


def _full_host(world: World, symptom: Symptom) -> Outcome:
    name, link = _host(world)
    return fails(
        DISK_FULL,
        f"{name} had no room for the image.",
        named=True,
        stage="unpack",
        resources=(name,),
        evidence=(text_of(symptom),),
        fix=Fix(
            text=f"Remove unused images from {name}, or replace it by one with a larger volume. Let the agent clean up earlier with ECS_IMAGE_CLEANUP_INTERVAL and ECS_NUM_IMAGES_DELETE_PER_CYCLE.",
            cli=f'aws ssm send-command --instance-ids {quoted(name)} --document-name AWS-RunShellScript --parameters \'{{"commands":["docker image prune --all --force","df -h /var/lib/docker"]}}\' --region {world.region}',
            verify=f"aws ssm list-command-invocations --instance-id {quoted(name)} --details --max-results 1 --region {world.region} --query 'CommandInvocations[].CommandPlugins[].Output' --output text",
        ),
        console_url=link,
        status=Status.WARN,
    )


@check("host.timeout", "task", PULL_TIMEOUT)
def timeout(world: World, subject: Subject) -> Iterator[Outcome]:
    """How long the agent waits stands in its own configuration, which no API shows."""
    symptom = said(world, SymptomId.PULL_TIMEOUT)
    if symptom is None:
        yield skipped(PULL_TIMEOUT, TEXT_ONLY)
        return
    name, link = _host(world)
    named = service_of(world)
    again = update_service(world, "--force-new-deployment") if named else None
    yield fails(
        PULL_TIMEOUT,
        f"The ECS agent on {name} gave up waiting for the pull.",
        stage=symptom.stage or "layers",
        resources=(name,),
        evidence=(text_of(symptom),),
        fix=Fix(
            text=f"If nothing on the network is wrong, let the agent on {name} wait longer and start the task again.",
            cli="\n".join(
                (
                    f'aws ssm send-command --instance-ids {quoted(name)} --document-name AWS-RunShellScript --parameters \'{{"commands":["echo ECS_IMAGE_PULL_INACTIVITY_TIMEOUT=10m >> /etc/ecs/ecs.config","systemctl restart --no-block ecs"]}}\' --region {world.region}',
                    *((again,) if again else ()),
                )
            ),
            verify=f"aws ssm list-command-invocations --instance-id {quoted(name)} --details --max-results 1 --region {world.region} --query 'CommandInvocations[].Status' --output text",
            undo=f'aws ssm send-command --instance-ids {quoted(name)} --document-name AWS-RunShellScript --parameters \'{{"commands":["sed -i /ECS_IMAGE_PULL_INACTIVITY_TIMEOUT/d /etc/ecs/ecs.config","systemctl restart --no-block ecs"]}}\' --region {world.region}',
        ),
        console_url=link,
        status=Status.WARN,
    )


CHECKS: tuple[Check, ...] = (disk, timeout)
