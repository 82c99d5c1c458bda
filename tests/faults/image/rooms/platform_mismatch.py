"""The image has no variant for the operating system and architecture that the task runs on."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.image.platform_mismatch import PLATFORM_MISMATCH
from tests.build import IMAGE, REPOSITORY_ARN, definition_of, ec2, known, stopped, unavailable
from tests.build.images import facts, named, no_image
from tests.faults.image.worlds import immutable
from tests.faults.judging import Table, case

WRONG_PLATFORM = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {0}: image Manifest "
    "does not contain descriptor matching platform 'linux/arm64'"
)


def index(*platforms: dict[str, Any]) -> dict[str, Any]:
    media = "application/vnd.oci.image.index.v1+json"
    return known({"mediaType": media, "index": True, "platforms": list(platforms)})


def asked_for(machine: str, family: str = "LINUX") -> Any:
    platform_of = {"cpuArchitecture": machine, "operatingSystemFamily": family}
    return lambda world: definition_of(world).update(runtimePlatform=platform_of)


def on_arm(world: dict[str, Any]) -> None:
    world["instance"]["value"]["Architecture"] = "arm64"


AMD64 = {"os": "linux", "architecture": "amd64"}
ARM64 = {"os": "linux", "architecture": "arm64", "variant": "v8"}
SINGLE = known({"mediaType": "application/vnd.oci.image.manifest.v1+json", "index": False})
PLATFORM_TEXT = stopped(WRONG_PLATFORM.format(IMAGE))
ARM_TASK = (asked_for("ARM64"), PLATFORM_TEXT)
WINDOWS = "10.0.20348.1970"


def windows(build: str | None) -> dict[str, Any]:
    return {"os": "windows", "architecture": "amd64", "osVersion": build}


TABLE = Table(
    PLATFORM_MISMATCH,
    (
        case("no such text", "skipped", facts(manifest=index(ARM64))),
        case("the index has it", "pass", *ARM_TASK, facts(manifest=index(AMD64, ARM64))),
        case(
            "the index lacks it", "fail", *ARM_TASK, facts(manifest=index(AMD64)),
            resources=(REPOSITORY_ARN, "1.4.2"), says="it has linux/amd64",
        ),
        case("X86_64 is the default", "fail", PLATFORM_TEXT, asked_for(""), facts(manifest=index(ARM64))),
        case("an empty index", "fail", *ARM_TASK, facts(manifest=index())),
        case("32-bit Arm", "unknown", *ARM_TASK, facts(manifest=index({"os": "linux", "architecture": "arm"}))),
        case("a newer variant", "unknown", *ARM_TASK, facts(manifest=index({**ARM64, "variant": "v9"}))),
        case("no platform in the index", "unknown", *ARM_TASK, facts(manifest=index({}))),
        case("one image on Fargate", "warn", *ARM_TASK, facts(manifest=SINGLE)),
        case("one image on EC2", "pass", PLATFORM_TEXT, on_arm, facts(manifest=SINGLE), start=ec2),
        case("EC2: the host decides", "fail", PLATFORM_TEXT, on_arm, facts(manifest=index(AMD64)), start=ec2),
        case("denied", "unknown", *ARM_TASK, facts(manifest=unavailable("denied", "ecr:BatchGetImage"))),
        case("the image is gone since", "skipped", *ARM_TASK, no_image),
        case("outside ECR", "warn", named("nginx:1.27"), *ARM_TASK[:1], stopped(WRONG_PLATFORM.format("nginx:1.27"))),
        case(
            "Windows of the same build", "pass", PLATFORM_TEXT, asked_for("X86_64", "WINDOWS_SERVER_2022_CORE"),
            facts(manifest=index(windows(WINDOWS))),
        ),
        case(
            "Windows of another build", "fail", PLATFORM_TEXT, asked_for("X86_64", "WINDOWS_SERVER_2019_FULL"),
            facts(manifest=index(windows(WINDOWS), AMD64)),
        ),
        case(
            "Windows 2025 and an earlier build", "unknown", PLATFORM_TEXT,
            asked_for("X86_64", "WINDOWS_SERVER_2025_CORE"), facts(manifest=index(windows(WINDOWS))),
        ),
        case(
            "Windows of no build", "unknown", PLATFORM_TEXT, asked_for("X86_64", "WINDOWS_SERVER_2022_CORE"),
            facts(manifest=index(windows(None))),
        ),
        case("an image index in a repository of immutable tags", "fail", PLATFORM_TEXT, asked_for("X86_64", "WINDOWS_SERVER_2019_FULL"),
             facts(manifest=index(windows(WINDOWS), AMD64)), immutable),
    ),
    repairs={"image": "the index lacks it", "image/windows": "Windows of another build", "image/immutable": "an image index in a repository of immutable tags"},
)  # fmt: skip
