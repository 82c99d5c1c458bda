"""The container instance that pulls: its operating system, and the volume on which it keeps images.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-optimized_AMI.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-bottlerocket.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from diagnostics.pull.launch import launch_of
from diagnostics.snapshot import Instance, Snapshot, known_value
from diagnostics.stop_reason import SymptomId, classify

HostOs = Literal["linux", "bottlerocket", "windows", "managed"]
"""`managed`: an ECS Managed Instance, in which nobody can run a command."""

_BOTTLEROCKET = "bottlerocket.variant"
"""The attribute with which Bottlerocket registers. https://github.com/bottlerocket-os/bottlerocket-ecs-updater (README.md)"""

_OF_IMAGES: Mapping[HostOs, tuple[str, ...]] = {
    # Of the first Amazon Linux AMI the second volume; of all later ones the root volume.
    "linux": ("/dev/xvdcz",),
    # https://bottlerocket.dev/en/os/latest/#/concepts/components/ (the data volume)
    "bottlerocket": ("/dev/xvdb",),
    # Managed Instances run Bottlerocket.
    "managed": ("/dev/xvdb",),
}
"""Devices that hold the images where they are there; else the root device does."""

_ABOUT_ROOM = (
    SymptomId.DISK_FULL,
    SymptomId.FARGATE_EPHEMERAL_FULL,
    SymptomId.LAYER_REGISTER_FAILED,
    SymptomId.PULL_CONTEXT_CANCELED,
)


def host_os(snapshot: Snapshot) -> HostOs:
    """The operating system of the container instance, by its attributes; Linux where they do not tell.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html (ecs.os-type)
    """
    if known_value(launch_of(snapshot)) == "managed_instances":
        return "managed"
    host = known_value(snapshot.container_instance)
    if host is None:
        return "linux"
    if host.attribute(_BOTTLEROCKET) is not None:
        return "bottlerocket"
    return "windows" if (host.attribute("ecs.os-type") or "").lower() == "windows" else "linux"


def image_volume(snapshot: Snapshot) -> str | None:
    """The id of the volume on which the container instance keeps its images; `None` where the instance does not tell."""
    instance = known_value(snapshot.instance)
    return _volume_of(instance, host_os(snapshot)) if instance is not None else None


def _volume_of(instance: Instance, system: HostOs) -> str | None:
    volumes = {item.device_name: item.ebs.volume_id for item in instance.block_device_mappings if item.ebs}
    found = (volumes[name] for name in _OF_IMAGES.get(system, ()) if name in volumes)
    return next(found, volumes.get(instance.root_device_name))


def volumes_to_read(snapshot: Snapshot) -> tuple[str, ...]:
    """The volume whose size is asked for: only where an error text may be about the room on it."""
    task = known_value(snapshot.task)
    if task is None or known_value(snapshot.instance) is None:
        return ()
    texts = (task.stopped_reason, *(item.reason for item in task.containers))
    if not any(_is_about_room(text) for text in texts if text):
        return ()
    name = image_volume(snapshot)
    return () if name is None else (name,)


@lru_cache(maxsize=256)
def _is_about_room(text: str) -> bool:
    """Remembered, for the plan is built again after each answer."""
    return classify(text).id in _ABOUT_ROOM
