"""The machine that pulls has no room for the image."""

from __future__ import annotations

from math import ceil

from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped, unseen
from diagnostics.faults.host.container_host import host_of
from diagnostics.faults.host.layer_not_unpackable import LAYER_NOT_UNPACKABLE, reason_of, unlisted_reason
from diagnostics.faults.host.more_room import (
    DEFAULT_STORAGE_GIB,
    GIB,
    MOST_STORAGE_GIB,
    UNPACKED,
    gib,
    is_too_small,
    known_size,
    more_room,
    more_storage,
)
from diagnostics.faults.image.in_ecr import why_not_ecr
from diagnostics.faults.task_definition import definition_page, family_of
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import TEXT_ONLY, said, text_evidence
from diagnostics.finding import Evidence, Explains, Fault, Outcome, Status
from diagnostics.pull import Launch, image_volume
from diagnostics.snapshot import NOT_ASKED, TaskDefinition, Unavailable, Volume, known_value, need
from diagnostics.stop_reason import Symptom, SymptomId

DISK_FULL = Fault(
    id="disk-full",
    kind="host",
    title="There is room for the image",
    short="the disk is full where it pulls",
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
    refutable=False,
)

DISK_TEXTS = (SymptomId.DISK_FULL, SymptomId.FARGATE_EPHEMERAL_FULL, SymptomId.LAYER_REGISTER_FAILED)


def _judge(world: World, subject: Subject) -> Outcome:
    """Free space cannot be read; of a Fargate task the storage and the size of its images can."""
    symptom = said(world, *DISK_TEXTS)
    if symptom is not None and (reason_of(symptom) or unlisted_reason(symptom)) is not None:
        return skipped(DISK_FULL, f"the error text gives another reason: {LAYER_NOT_UNPACKABLE.id}")
    if _launch(world, symptom) != "fargate":
        small = _small_host(world) if symptom is None else None
        return small or (unseen(DISK_FULL, TEXT_ONLY) if symptom is None else _full_host(world, symptom))
    if symptom is not None:
        return _full_task(world, symptom, _facts(world))
    total = _sizes(world)
    if total is None:
        return unseen(DISK_FULL, "the size of an image that does not exist, or is not in ECR, is not known")
    storage = _storage(world)
    if total * UNPACKED > storage * GIB:
        return _full_task(world, None, _compared(total, storage))
    return passes(
        DISK_FULL, f"The images take about {gib(total * UNPACKED)} of {storage} GiB of ephemeral storage"
    )


def _launch(world: World, symptom: Symptom | None) -> Launch | None:
    """How the task was started; of a task of which only an alert tells, as its error text is worded.

    Raises:
        UnavailableError: neither tells.
    """
    if (
        isinstance(world.pull.launch, Unavailable)
        and world.snapshot.source == "alert"
        and symptom is not None
    ):
        # That something "has been retried" is said on Fargate, since platform version 1.4.0.
        return "fargate" if "has been retried" in symptom.text else "ec2"
    return need(world.pull.launch)


def _sizes(world: World) -> int | None:
    """The compressed size of the task's images together, in bytes; `None` where one of them has none.

    Raises:
        UnavailableError: the size of an image could not be read.
    """
    if world.snapshot.planned is not None:
        # There is no task that would tell its images without it.
        need(world.snapshot.task_definition)
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
    return _defined(need(world.snapshot.task_definition))


def _defined(definition: TaskDefinition | None) -> int:
    """The storage in GiB that a task definition gives its tasks."""
    given = definition.ephemeral_storage if definition else None
    return (given.size_in_gi_b if given else None) or DEFAULT_STORAGE_GIB


def _takes(total: int) -> Evidence:
    return Evidence(
        what=f"the images are {gib(total)} compressed, about {gib(total * UNPACKED)} while they are unpacked",
        source="ecr:DescribeImages",
    )


def _compared(total: int, storage: int) -> tuple[Evidence, ...]:
    return (
        _takes(total),
        Evidence(what=f"the task has {storage} GiB of ephemeral storage", source="ecs:DescribeTasks"),
    )


def _facts(world: World) -> tuple[Evidence, ...]:
    """What is known of sizes, to stand beside the error text. It decides nothing, so that it may be missing."""
    total = known_size(world)
    task, definition = known_value(world.snapshot.task), known_value(world.snapshot.task_definition)
    given = (task.fargate_ephemeral_storage or task.ephemeral_storage) if task else None
    storage = (given.size_in_gi_b or DEFAULT_STORAGE_GIB) if given else _defined(definition)
    return _compared(total, storage) if total else ()


def _wanted(world: World, definition: TaskDefinition | None) -> int:
    """Storage in GiB that is enough: for what the images take as the evidence shows it, and for what the task writes."""
    needed = ceil(known_size(world) * UNPACKED / GIB)
    return max(needed + DEFAULT_STORAGE_GIB // 2 if needed else 0, _defined(definition) * 2, 40)


def _full_task(world: World, symptom: Symptom | None, more: tuple[Evidence, ...]) -> Outcome:
    definition, family = known_value(world.snapshot.task_definition), family_of(world)
    arn = definition.task_definition_arn if definition else family
    enough = _wanted(world, definition)
    wanted = min(MOST_STORAGE_GIB, enough)
    says = "ran out of" if symptom is not None else "may run out of"
    return fails(
        DISK_FULL,
        f"The task {says} ephemeral storage while its images are unpacked.",
        stage="unpack",
        resources=(arn,),
        evidence=(*((text_evidence(symptom),) if symptom else ()), *more),
        fix=more_storage(world, wanted, family),
        console_url=definition_page(world),
        status=Status.WARN,
    )


def _volume(world: World) -> Volume | None:
    """The volume on which the container instance keeps images, where it is known."""
    name = image_volume(world.snapshot)
    return known_value(world.snapshot.volumes.get(name or "", NOT_ASKED))


def _of_volume(volume: Volume) -> Evidence:
    return Evidence(
        what=f"the volume for images, {volume.volume_id}, has {volume.size} GiB", source="ec2:DescribeVolumes"
    )


def _small_host(world: World) -> Outcome | None:
    """The text says that the pull was given up, and no image of this size fits on the host; `None` where that is not so.

    Raises:
        UnavailableError: the volume, or the size of an image, could not be read.
    """
    symptom = said(world, SymptomId.PULL_CONTEXT_CANCELED)
    if symptom is None or world.snapshot.instance == NOT_ASKED:
        return None
    need(world.snapshot.instance)
    name = image_volume(world.snapshot)
    fact = world.snapshot.volumes.get(name or "", NOT_ASKED)
    if fact == NOT_ASKED:
        return None
    volume, total = need(fact), _sizes(world)
    return _full_host(world, symptom) if total is not None and is_too_small(total, volume) else None


def _full_host(world: World, symptom: Symptom) -> Outcome:
    name, link = host_of(world)
    total, volume = known_size(world), _volume(world)
    more = (*((_takes(total),) if total else ()), *((_of_volume(volume),) if volume and volume.size else ()))
    needs = f" The images need about {gib(total * UNPACKED)} free." if total else ""
    if volume is not None and volume.size and total:
        needs = f" The images need about {gib(total * UNPACKED)} free, of the {volume.size} GiB of {volume.volume_id}."
    return shown(
        DISK_FULL,
        symptom,
        f"{name} had no room for the image.",
        more_room(world, name, volume, total, needs),
        *more,
        stage="unpack",
        resources=(name,),
        console_url=link,
        named=True,
    )


ROOM = Room(DISK_FULL, _judge)
