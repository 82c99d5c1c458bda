"""Has the image a variant for the operating system and architecture that the task runs on?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from diagnostics.faults.base import Subject, World, check, fails, passes, skipped
from diagnostics.faults.image.faults import DIGEST_NOT_FOUND, PLATFORM_MISMATCH, REPO_NOT_FOUND, TAG_NOT_FOUND
from diagnostics.faults.image.wording import (
    Place,
    back_to_old,
    containers,
    image_of,
    other_image,
)
from diagnostics.faults.told import quoted as text_of
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Fix, Outcome, Status, UndecidedError
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageManifest, Platform, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import code_string, quoted, yaml_string

PLATFORM_TEXTS = (SymptomId.PLATFORM_MISMATCH, SymptomId.WINDOWS_OS_MISMATCH)

WINDOWS_BUILDS = {
    "2016": "10.0.14393",
    "2019": "10.0.17763",
    "2004": "10.0.19041",
    "20H2": "10.0.19042",
    "2022": "10.0.20348",
    "2025": "10.0.26100",
}
"""https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility"""

_NEWER = ("10.0.26100",)
"""Hosts that also run the containers of some earlier build, which is not told apart here."""

Fit = Literal["yes", "no", "perhaps"]


@check("image.platform", "image", PLATFORM_MISMATCH)
def platform(world: World, subject: Subject) -> Iterator[Outcome]:
    """An index without the task's platform fails everywhere; a single image of another platform fails on Fargate only.

    The platforms are read only where the error is about them, since reading a manifest counts as a pull.
    """
    image = image_of(subject)
    symptom = told(world, image, *PLATFORM_TEXTS)
    if symptom is None or image.reference is None:
        yield skipped(
            PLATFORM_MISMATCH,
            "a manifest is read only where the error is about the platform, since ECR counts it as a pull",
        )
        return
    wanted = platform_of(world)
    if not image.reference.is_ecr:
        yield _mismatch(world, image, wanted, symptom, None, Status.WARN)
        return
    facts = world.image_facts(image)
    if need(facts.detail) is None:
        yield skipped(
            PLATFORM_MISMATCH,
            f"there is no such image: {TAG_NOT_FOUND.id}, {DIGEST_NOT_FOUND.id} or {REPO_NOT_FOUND.id}",
        )
        return
    manifest = need(facts.manifest)
    if manifest is None:
        yield skipped(
            PLATFORM_MISMATCH, f"there is no such image: {TAG_NOT_FOUND.id} or {DIGEST_NOT_FOUND.id}"
        )
        return
    if not manifest.index:
        if need(world.pull.launch) == "ec2":
            yield passes(
                PLATFORM_MISMATCH,
                "The manifest is that of one image, which Docker on a container instance pulls whatever its platform",
            )
        else:
            yield _mismatch(world, image, wanted, symptom, manifest, Status.WARN)
        return
    fit = best_fit(wanted, manifest.platforms)
    if fit == "yes":
        yield passes(PLATFORM_MISMATCH, f"The image has a variant for {wanted}")
    elif fit == "no":
        yield _mismatch(world, image, wanted, symptom, manifest, Status.FAIL)
    else:
        offered = ", ".join(str(item) for item in manifest.platforms)
        raise UndecidedError(
            f"the image index offers {offered}, and whether {wanted} can use one is not certain"
        )


def platform_of(world: World) -> Platform:
    """What the task runs on: its task definition's platform; on a container instance the instance's own.

    AWS: X86_64 and LINUX are the defaults.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html

    Raises:
        UnavailableError: what decides it could not be read.
    """
    snapshot = world.snapshot
    definition = need(snapshot.task_definition)
    given = definition.runtime_platform if definition else None
    family = (given.operating_system_family if given else None) or "LINUX"
    machine = (given.cpu_architecture if given else None) or "X86_64"
    if need(world.pull.launch) == "ec2":
        instance = need(snapshot.instance)
        machine = (instance.architecture if instance else None) or machine
    arm = machine.upper() in ("ARM64", "AARCH64", "ARM64_MAC")
    system = "windows" if family.upper().startswith("WINDOWS") else "linux"
    release = re.search(r"SERVER_(\w+?)_", f"{family.upper()}_")
    build = WINDOWS_BUILDS.get(release[1]) if system == "windows" and release else None
    return Platform(os=system, architecture="arm64" if arm else "amd64", os_version=build)


def best_fit(wanted: Platform, offered: tuple[Platform, ...]) -> Fit:
    """Whether one of the offered platforms is the wanted one."""
    fits = {_fit(wanted, item) for item in offered}
    return "yes" if "yes" in fits else "perhaps" if "perhaps" in fits else "no"


def _fit(wanted: Platform, item: Platform) -> Fit:
    """Whether a runtime on the wanted platform takes this one.

    A descriptor without a platform is looked into by the runtime, and 32-bit variants are taken where the processor
    can run them. https://github.com/containerd/platforms
    """
    if item.os is None or item.architecture is None:
        return "perhaps"
    if item.os != wanted.os:
        return "no"
    if item.architecture != wanted.architecture:
        related = {"amd64": "386", "arm64": "arm"}.get(wanted.architecture or "")
        return "perhaps" if item.architecture == related else "no"
    if item.os == "windows":
        return _windows_fit(wanted.os_version, item.os_version)
    if item.variant in (None, "", {"amd64": "v1", "arm64": "v8"}[wanted.architecture or "amd64"]):
        return "yes"
    return "perhaps"


def _windows_fit(host: str | None, image: str | None) -> Fit:
    if host is None or image is None:
        return "perhaps"
    if image == host or image.startswith(f"{host}."):
        return "yes"
    return "perhaps" if host in _NEWER else "no"


def _mismatch(
    world: World,
    image: ContainerImage,
    wanted: Platform,
    symptom: Symptom,
    manifest: ImageManifest | None,
    status: Status,
) -> Outcome:
    reference = image.reference
    assert reference is not None
    place = Place.of(reference) if reference.is_ecr else None
    name = f"{wanted.os}/{wanted.architecture}"
    known = (
        f"; it has {', '.join(str(item) for item in manifest.platforms)}"
        if manifest and manifest.platforms
        else ""
    )
    offered = tuple(str(item) for item in manifest.platforms) if manifest else ()
    evidence = [
        text_of(symptom),
        Evidence(what=f"the task runs on {wanted}", source="ecs:DescribeTaskDefinition"),
    ]
    if manifest is not None and manifest.index:
        what = f"the image index offers {', '.join(offered) or 'no platform'}"
        evidence.append(Evidence(what=what, source="ecr:BatchGetImage"))
    elif manifest is not None:
        what = "the tag names one image, not an index of several platforms"
        evidence.append(Evidence(what=what, source="ecr:BatchGetImage"))
    tag = f"{image.image.partition('@')[0]}" if reference.digest else image.image
    build = f"docker buildx build --platform {name} --tag {quoted(tag)} --push ."
    if reference.digest:
        build += f"\n# then name the new image:\n{other_image(world, image, tag)}"
    verify = f"docker buildx imagetools inspect {quoted(image.image)}"
    if place is not None:
        which = (
            f"imageDigest={reference.digest}" if reference.digest else f"imageTag={reference.tag_or_digest}"
        )
        verify = (
            f"aws ecr batch-get-image {place.flags} --image-ids {quoted(which)} --accepted-media-types"
            " application/vnd.oci.image.index.v1+json application/vnd.docker.distribution.manifest.list.v2+json"
            " --query 'images[].imageManifest' --output text"
        )
    return fails(
        PLATFORM_MISMATCH,
        f"The image of {containers(image)} has no variant for {wanted}{known}.",
        stage="manifest",
        resources=(place.arn if place else image.image, reference.tag_or_digest),
        evidence=tuple(evidence),
        fix=Fix(
            text=f"Build the image for {name} (or for all platforms that run it) and push it, or set runtimePlatform in the task definition to a platform that the image has.",
            cli=build,
            terraform=_runtime_platform(wanted, manifest, "terraform"),
            cloudformation=_runtime_platform(wanted, manifest, "cloudformation"),
            verify=verify,
            undo=back_to_old(world) if reference.digest else None,
        ),
        console_url=place.link if place else None,
        status=status,
    )


def _runtime_platform(wanted: Platform, manifest: ImageManifest | None, language: str) -> str | None:
    """The task definition's platform that the image has, where it has just one of the same operating system."""
    names = {"amd64": "X86_64", "arm64": "ARM64"}
    offered = {
        names[item.architecture]
        for item in (manifest.platforms if manifest else ())
        if item.os == wanted.os == "linux" and item.architecture in names
    }
    if len(offered) != 1:
        return None
    (machine,) = offered
    if language == "terraform":
        return f'# In the aws_ecs_task_definition, if the image is to stay as it is:\nruntime_platform {{\n  cpu_architecture        = {code_string(machine)}\n  operating_system_family = "LINUX"\n}}'
    return f"# In the AWS::ECS::TaskDefinition, if the image is to stay as it is:\nRuntimePlatform:\n  CpuArchitecture: {yaml_string(machine)}\n  OperatingSystemFamily: LINUX"
