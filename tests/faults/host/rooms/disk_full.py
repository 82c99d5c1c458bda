"""The machine that pulls has no room for the image."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.host.disk_full import DISK_FULL
from tests.build import absent, definition_of, ec2, image_of, stopped, task_of, unavailable
from tests.build.images import detail
from tests.faults.host.worlds import INSTANCE, VOLUME, bottlerocket, managed, volume, windows
from tests.faults.judging import Table, case

NO_SPACE = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:0123: write /usr/lib/x: no space left on device"
NO_SPACE_HOST = (
    "CannotPullContainerError: write /var/lib/docker/tmp/GetImageBlob102484030: no space left on device"
)
APPLY = "CannotPullContainerError: failed to register layer: ApplyLayer exit status 1 stdout: stderr:"
GIB = 1024**3
DEFINITION = "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api:7"


def storage(size: int) -> Any:
    return lambda world: task_of(world).update(fargateEphemeralStorage={"sizeInGiB": size})


def defined_storage(size: int) -> Any:
    return lambda world: definition_of(world).update(ephemeralStorage={"sizeInGiB": size})


def image_denied(world: dict[str, Any]) -> None:
    image_of(world)["detail"] = unavailable("denied", "ecr:DescribeImages")


def image_gone(world: dict[str, Any]) -> None:
    image_of(world)["detail"] = absent()


LARGE = detail(imageSizeInBytes=12 * GIB)
CANCELED = "CannotPullContainerError: context canceled"


def volume_denied(world: dict[str, Any]) -> None:
    world["volumes"] = {VOLUME: unavailable("denied", "ec2:DescribeVolumes")}


TABLE = Table(
    DISK_FULL,
    (
        case("a small image", "pass"),
        case("a large image", "warn", detail(imageSizeInBytes=8 * GIB), resources=(DEFINITION,), says="may run out"),
        case("a large image and more storage", "pass", detail(imageSizeInBytes=8 * GIB), storage(100)),
        case("more storage in the definition", "pass", detail(imageSizeInBytes=8 * GIB), defined_storage(100)),
        case("the text shows it", "warn", stopped(NO_SPACE), says="ran out of"),
        case("the image is denied", "unknown", image_denied),
        case("the image is denied and the text shows it", "warn", image_denied, stopped(NO_SPACE)),
        case("the image is gone", "skipped", image_gone),
        case("EC2", "skipped", start=ec2),
        case("a layer that is not unpacked, without a reason", "warn", stopped(APPLY), start=ec2, resources=(INSTANCE,)),
        case(
            "a layer that is not unpacked, for another reason", "skipped", stopped(f"{APPLY} archive/tar: invalid tar header"),
            start=ec2, says="layer-not-unpackable",
        ),
        case("EC2 and the text", "warn", stopped(NO_SPACE_HOST), start=ec2, resources=(INSTANCE,)),
        case("a volume that is too small", "warn", stopped(NO_SPACE_HOST), LARGE, volume(30), start=ec2, resources=(INSTANCE,)),
        case("Bottlerocket", "warn", stopped(NO_SPACE_HOST), LARGE, volume(20, "/dev/xvdb"), bottlerocket, start=ec2),
        case("Windows", "warn", stopped(NO_SPACE_HOST), LARGE, volume(30, "/dev/sda1", "/dev/sda1"), windows, start=ec2),
        case("Managed Instances", "warn", stopped(NO_SPACE_HOST), managed, start=ec2),
        case("given up, and the volume is too small", "warn", stopped(CANCELED), LARGE, volume(30), start=ec2),
        case("given up, and the volume is large enough", "skipped", stopped(CANCELED), LARGE, volume(100), start=ec2),
        case("given up, and the volume is denied", "unknown", stopped(CANCELED), LARGE, volume(30), volume_denied, start=ec2),
    ),
    repairs={
        "host": "EC2 and the text", "host/fargate": "a large image", "host/volume": "a volume that is too small",
        "host/bottlerocket": "Bottlerocket", "host/windows": "Windows", "host/managed": "Managed Instances",
    },
)  # fmt: skip
