"""Room for images: more storage for a task, and a larger or emptier volume for a host."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import World
from diagnostics.faults.host.container_host import (
    RESTART_AGENT,
    HostScript,
    drained,
    has_shell,
    id_of,
    on_host,
    run_on,
)
from diagnostics.faults.revision import revised
from diagnostics.finding import Fix, Ways
from diagnostics.pull import HostOs, host_os
from diagnostics.snapshot import Volume, known_value
from diagnostics.write import chain, code_string, named, quoted, wait_for, yaml_string

DEFAULT_STORAGE_GIB = 20
MOST_STORAGE_GIB = 200
UNPACKED = 3
"""An image on disk, compressed and unpacked, takes about three times its compressed size."""

GIB = 1024**3


def gib(size: float) -> str:
    """A size in bytes, for sentences."""
    return f"{size / GIB:.1f} GiB"


def known_size(world: World) -> int:
    """The compressed size in bytes of those images whose size is known."""
    sizes = [known_value(world.image_facts(image).detail) for image in world.pull.images]
    return sum(item.image_size_in_bytes or 0 for item in sizes if item is not None)


def _large_enough(total: int, volume: Volume) -> int:
    """A size in GiB that is enough for what the images take as the evidence shows it, and no smaller than twice that of now."""
    return max(ceil(total * UNPACKED / GIB) + DEFAULT_STORAGE_GIB // 2, (volume.size or 0) * 2)


def is_too_small(total: int, volume: Volume | None) -> bool:
    """True if the images do not fit on a volume, with everything else removed."""
    return volume is not None and volume.size is not None and total * UNPACKED > volume.size * GIB


def more_storage(world: World, wanted: int, family: str) -> Fix:
    """A Fargate task with more ephemeral storage, in GiB (21 to 200).

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html
    """
    warning = f"Fargate charges for what is over {DEFAULT_STORAGE_GIB} GiB."
    text = f"Give the task {wanted} GiB of ephemeral storage, or make the image smaller."
    if known_size(world) * UNPACKED > MOST_STORAGE_GIB * GIB:
        text = f"Make the image smaller: it takes more than the {MOST_STORAGE_GIB} GiB that a Fargate task can have."
        warning = (
            f"The commands give the task all {MOST_STORAGE_GIB} GiB, which may still be too little. {warning}"
        )
    return revised(
        world,
        title=f"Give the task {wanted} GiB of storage",
        text=text,
        warning=warning,
        change=("", "", (f"{{ephemeralStorage: {{sizeInGiB: `{wanted}`}}}}",)),
        shows="ephemeralStorage.sizeInGiB",
        expect=str(wanted),
        code=(
            f"# In the aws_ecs_task_definition {named(family)}, which exists:\nephemeral_storage {{\n  size_in_gib = {wanted}\n}}",
            f"# In the AWS::ECS::TaskDefinition {named(family)}, which exists:\nEphemeralStorage:\n  SizeInGiB: {wanted}",
        ),
    )


_GROWN: Mapping[HostOs, HostScript] = {
    system: HostScript(
        # https://docs.aws.amazon.com/ebs/latest/userguide/recognize-expanded-volume-linux.html
        (
            "D=$(findmnt -no SOURCE /)",
            # The new size shows on the host some seconds later.
            "for I in 1 2 3 4 5 6; do sleep 10; growpart /dev/$(lsblk -no PKNAME $D) 1 && break; done",
            'if [ "$(findmnt -no FSTYPE /)" = xfs ]; then xfs_growfs /; else resize2fs $D; fi',
            "df -h /",
        ),
        # https://docs.aws.amazon.com/ebs/latest/userguide/recognize-expanded-volume-windows.html
        (
            "Start-Sleep 60",
            "Update-HostStorageCache",
            "Resize-Partition -DriveLetter C -Size (Get-PartitionSupportedSize -DriveLetter C).SizeMax",
        ),
    )
    for system in ("linux", "windows")
}
_PRUNE = HostScript(
    ("docker image prune --all --force", *RESTART_AGENT.linux),
    (
        "docker image prune --all --force",
        "if ($LASTEXITCODE) { exit 1 }",
        *RESTART_AGENT.windows,
    ),
)
"""The ECS agent's own images may go as well, and it loads them again when it starts."""


def _enough(total: int) -> HostScript:
    """The commands that print `enough` where there is room for the images; of images of unknown size, for one GiB."""
    needed = max(total * UNPACKED, GIB)
    return HostScript(
        (
            f"[ $(df -k --output=avail /var/lib/docker | tail -n 1) -ge {ceil(needed / 1024)} ]",
            "echo enough",
        ),
        (f'if ((Get-PSDrive C).Free -ge {needed}) {{ "enough" }}',),
    )


_EARLIER = (
    " Let the agent clean up earlier with ECS_IMAGE_CLEANUP_INTERVAL and ECS_NUM_IMAGES_DELETE_PER_CYCLE."
)


def more_room(world: World, name: str, volume: Volume | None, total: int, needs: str) -> Ways:
    """What is unused removed, where that can be enough; a larger volume, where it is known; another instance."""
    system = host_os(world.snapshot)
    if system == "managed":
        if volume is not None and is_too_small(total, volume):
            return _other_storage(world, volume, total)
        return drained(world, name)
    larger = _larger(world, name, volume, total, needs) if volume is not None and volume.size else None
    if volume is not None and is_too_small(total, volume):
        return _either(larger, _replaced(world, name, volume, total))
    if not has_shell(world):
        return _either(drained(world, name, f"The new instance holds no images yet.{needs}"), larger)
    prune = on_host(
        world,
        name,
        _PRUNE,
        title=f"Remove unused images from {name}",
        text=f"Remove the images that no container uses from {name}.{needs}{_EARLIER}",
        warning=f"Tasks that start on {name} later pull their images again.",
        seen=(run_on(world, name, _enough(total)), "enough"),
        undo_note="What was removed is pulled again when a task needs it.",
        long=True,
    )
    return _either(prune, larger or drained(world, name))


def _either(first: Fix | None, other: Fix | None) -> Ways:
    found = [item for item in (first, other) if item is not None]
    return found[0], *found[1:]


def _other_storage(world: World, volume: Volume, total: int) -> Fix:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_InstanceLaunchTemplate.html (storageConfiguration)"""
    size = _large_enough(total, volume)
    return Fix(
        title=f"Give the Managed Instances {size} GiB",
        text=f"Give the Managed Instances a volume of at least {size} GiB by the capacity provider's storageConfiguration, and start the task again: {volume.size} GiB are too little for the images, which take about {gib(total * UNPACKED)}.",
        then=then_for(world),
    )


def _replaced(world: World, name: str, volume: Volume, total: int) -> Fix:
    size = _large_enough(total, volume)
    return drained(
        world,
        name,
        f"Give the launch template of {name} a volume of {size} GiB first; then drain {name}, and terminate it once it runs no task: the instance that takes its place has the larger volume.",
    )


def _larger(world: World, name: str, volume: Volume, total: int, needs: str) -> Fix | None:
    """A larger volume. `None` where how its file system grows is not known."""
    size, system = _large_enough(total, volume), host_os(world.snapshot)
    device = _device(world, volume)
    instance = known_value(world.snapshot.instance)
    if system == "linux" and instance is not None and device != instance.root_device_name:
        return None
    script = _GROWN.get(system)
    which = f"--volume-ids {quoted(volume.volume_id)} --region {world.region}"
    restart = f"aws ec2 reboot-instances --instance-ids {id_of(name)} --region {world.region}"
    then = "let its file system grow" if script else "restart it, which lets its file system grow"
    little = (
        f": {volume.size} GiB are too little for the images, which take about {gib(total * UNPACKED)}"
        if is_too_small(total, volume)
        else ""
    )
    return Fix(
        title=f"Give {name} a volume of {size} GiB",
        text=f"Give {name} a volume of {size} GiB, {then}, and set the size in its launch template as well{little}.{'' if little else needs}",
        warning=None if script else f"The restart stops all tasks that run on {name}.",
        cli=chain(
            f"aws ec2 modify-volume --volume-id {quoted(volume.volume_id)} --size {size} --region {world.region}",
            wait_for(f"aws ec2 describe-volumes-modifications {which}", _REACHED, "True"),
            run_on(world, name, script, long=True) if script else restart,
        ),
        verify=f"aws ec2 describe-volumes {which} --query 'Volumes[].Size' --output text",
        expect=str(size),
        undo_note="A volume cannot be made smaller again.",
        terraform=f"# In the aws_launch_template of {named(name)}, which exists:\nblock_device_mappings {{\n  device_name = {code_string(device or '/dev/xvda')}\n  ebs {{\n    volume_size = {size}\n  }}\n}}",
        cloudformation=f"# In LaunchTemplateData of the AWS::EC2::LaunchTemplate of {named(name)}, which exists:\nBlockDeviceMappings:\n  - DeviceName: {yaml_string(device or '/dev/xvda')}\n    Ebs:\n      VolumeSize: {size}",
        then=then_for(world),
    )


_REACHED = 'contains(`["optimizing","completed"]`, VolumesModifications[0].ModificationState)'
"""https://docs.aws.amazon.com/ebs/latest/userguide/monitoring-volume-modifications.html"""


def _device(world: World, volume: Volume) -> str | None:
    """The device by which the instance has a volume."""
    instance = known_value(world.snapshot.instance)
    mappings = instance.block_device_mappings if instance is not None else ()
    found = (item.device_name for item in mappings if item.ebs and item.ebs.volume_id == volume.volume_id)
    return next(found, None)
