"""The machine that pulls cannot unpack the image's layers, for another reason than its disk."""

from __future__ import annotations

from diagnostics.faults.host.layer_not_unpackable import LAYER_NOT_UNPACKABLE
from tests.build import IMAGE, ec2, stopped, unavailable
from tests.faults.judging import Table, case

REGISTER = "CannotPullContainerError: failed to register layer: "
TAR = f"{REGISTER}Error processing tar file(exit status 1): archive/tar: invalid tar header"
ZSTD = (
    f"CannotPullContainerError: failed to extract layer sha256:0123: no processor for media-type: unknown; "
    f"application/vnd.oci.image.layer.v1.tar+zstd, of {IMAGE}"
)
LCHOWN = f'{REGISTER}failed to Lchown "/app" for UID 1000000, GID 1000000: lchown /app: invalid argument'
BUSY = "CannotPullContainerError: failed to extract layer sha256:0123abcd: failed to unmount /var/lib/containerd/tmpmounts/c1: device or resource busy"
DIFF_IDS = (
    "CannotPullContainerError: Error response from daemon: number of layers and diffIDs don't match: 3 != 15"
)

TABLE = Table(
    LAYER_NOT_UNPACKABLE,
    (
        case("a tar header", "warn", stopped(TAR), start=ec2, resources=(IMAGE,), says="zstd"),
        case("zstd", "warn", stopped(ZSTD), says="zstd"),
        case("an owner", "warn", stopped(LCHOWN), start=ec2, says="user or group id"),
        case("layers of another image", "warn", stopped(DIFF_IDS), start=ec2, says="configuration"),
        case("no reason", "skipped", stopped(f"{REGISTER}ApplyLayer exit status 1 stdout: stderr:"), start=ec2),
        case("no room is the disk's", "skipped", stopped(f"{REGISTER}write /a: no space left on device"), start=ec2),
        case("a reason that nobody knows", "unknown", stopped(BUSY), start=ec2, says="device or resource busy"),
        case("a path alone is no reason", "skipped", stopped(f"{REGISTER}Error processing tar file(exit status 1):"), start=ec2),
        case("no text", "skipped", start=ec2),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
