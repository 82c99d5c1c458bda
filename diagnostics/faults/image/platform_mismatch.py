"""The image has no variant for the operating system and architecture that the task runs on."""

from __future__ import annotations

import re
from typing import Literal

from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped
from diagnostics.faults.image.no_such_image import NO_IMAGE, NO_MANIFEST
from diagnostics.faults.image.tag_rules import built_anew
from diagnostics.faults.images import Place, containers, image_of, reference_of
from diagnostics.faults.revision import revised
from diagnostics.faults.told import text_evidence, told
from diagnostics.finding import Evidence, Explains, Fault, Outcome, Status, UndecidedError, Ways
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import NOT_ASKED, ImageManifest, Platform, Unavailable, Why, known_value, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import code_string, literal, quoted, yaml_string

PLATFORM_MISMATCH = Fault(
    id="platform-mismatch",
    kind="platform",
    title="The image has a variant for the task's operating system and architecture",
    short="its image is not built for its CPU or system",
    why="The task runs on one operating system and processor architecture, and the image was built for another one: typically on an ARM laptop for X86_64 tasks, or for X86_64 only.",
    how="Build and push the image for the task's platform (docker buildx build --platform), or set runtimePlatform in the task definition to a platform that the image has.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#runtime-platform",
    explains=Explains(
        symptoms=(
            SymptomId.PLATFORM_MISMATCH,
            SymptomId.WINDOWS_OS_MISMATCH,
            SymptomId.UNSUPPORTED_ARTIFACT,
            SymptomId.MANIFEST_UNSUPPORTED,
        )
    ),
)

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

LONG_TERM = ("2016", "2019", "2022", "2025")
"""Releases whose base images have a tag of their own, `ltsc2022`. https://mcr.microsoft.com/artifact/mar/windows/servercore/tags"""

_NEWER = ("10.0.26100",)
"""Hosts that also run the containers of some earlier build, which is not told apart here."""

_AMD64 = ("X86_64", "X86_64_MAC", "I386", "AMD64")

Fit = Literal["yes", "no", "perhaps"]


def _judge(world: World, subject: Subject) -> Outcome:
    """An index without the task's platform fails everywhere; a single image of another platform fails on Fargate only.

    The platforms are read only where the error is about them, since reading a manifest counts as a pull.
    """
    image = image_of(subject)
    symptom = told(world, image, *PLATFORM_TEXTS)
    if (symptom is None and not _is_read_before(world, image)) or image.reference is None:
        return skipped(
            PLATFORM_MISMATCH,
            "a manifest is read only where the error is about the platform, since ECR counts it as a pull",
        )
    wanted = platform_of(world)
    if symptom is not None and not image.reference.is_ecr:
        return _mismatch(world, image, wanted, symptom, None, Status.WARN)
    facts = world.image_facts(image)
    if need(facts.detail) is None:
        return skipped(PLATFORM_MISMATCH, NO_IMAGE)
    manifest = need(facts.manifest)
    if manifest is None:
        return skipped(PLATFORM_MISMATCH, NO_MANIFEST)
    if not manifest.index:
        if need(world.pull.launch) != "ec2":
            return _mismatch(world, image, wanted, symptom, manifest, Status.WARN)
        return passes(
            PLATFORM_MISMATCH,
            "The manifest is that of one image, which Docker on a container instance pulls whatever its platform",
        )
    fit = best_fit(wanted, manifest.platforms)
    if fit == "yes":
        return passes(PLATFORM_MISMATCH, f"The image has a variant for {wanted}")
    if fit == "no":
        return _mismatch(world, image, wanted, symptom, manifest, Status.FAIL)
    offered = ", ".join(str(item) for item in manifest.platforms)
    raise UndecidedError(f"the image index offers {offered}, and whether {wanted} can use one is not certain")


def _is_read_before(world: World, image: ContainerImage) -> bool:
    """True for a planned task where the manifest was asked for; not of an image that a cache rule would import for that."""
    fact = world.image_facts(image).manifest
    cached = isinstance(fact, Unavailable) and fact.reason.why is Why.SERVED_BY_CACHE
    return world.snapshot.planned is not None and fact != NOT_ASKED and not cached


def platform_of(world: World) -> Platform:
    """What the task runs on: its task definition's platform; on a container instance the instance's own.

    AWS: X86_64 and LINUX are the defaults.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html

    Raises:
        UnavailableError: what decides it could not be read.
        UndecidedError: it is a platform that is not known here.
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
    if not arm and machine.upper() not in _AMD64:
        raise UndecidedError(f"which images run on the processor architecture {machine} is not known here")
    if not family.upper().startswith(("LINUX", "WINDOWS")):
        raise UndecidedError(f"which images run on the operating system {family} is not known here")
    system = "windows" if family.upper().startswith("WINDOWS") else "linux"
    release = re.search(r"SERVER_(\w+?)_", f"{family.upper()}_")
    build = WINDOWS_BUILDS.get(release[1]) if system == "windows" and release else None
    return Platform(os=system, architecture="arm64" if arm else "amd64", os_version=build)


def best_fit(wanted: Platform, offered: tuple[Platform, ...]) -> Fit:
    """Does one of the offered platforms fit the wanted one?"""
    fits = {_fit(wanted, item) for item in offered}
    return "yes" if "yes" in fits else "perhaps" if "perhaps" in fits else "no"


def _fit(wanted: Platform, item: Platform) -> Fit:
    """Does a runtime on the wanted platform take this one?

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
    symptom: Symptom | None,
    manifest: ImageManifest | None,
    status: Status,
) -> Outcome:
    reference = reference_of(image)
    place = Place.of(reference) if reference.is_ecr else None
    offered = ", ".join(str(item) for item in manifest.platforms) if manifest else ""
    known = f"; it has {offered}" if offered else ""
    evidence = [
        *((text_evidence(symptom),) if symptom else ()),
        Evidence(what=f"the task runs on {wanted}", source="ecs:DescribeTaskDefinition"),
    ]
    if manifest is not None and manifest.index:
        what = f"the image index offers {offered or 'no platform'}"
        evidence.append(Evidence(what=what, source="ecr:BatchGetImage"))
    elif manifest is not None:
        what = "the tag names one image, not an index of several platforms"
        evidence.append(Evidence(what=what, source="ecr:BatchGetImage"))
    return fails(
        PLATFORM_MISMATCH,
        f"The image of {containers(image)} has no variant for {wanted}{known}.",
        stage="manifest",
        resources=(place.arn if place else image.image, reference.tag_or_digest),
        evidence=tuple(evidence),
        fix=_ways(world, image, wanted, manifest),
        console_url=place.link if place else None,
        status=status,
    )


def _windows_advice(wanted: Platform) -> str:
    """A Windows container needs the build of its host: which release that is, and how Microsoft calls the base images of it."""
    release = next(name for name, build in WINDOWS_BUILDS.items() if build == wanted.os_version)
    tag = f"ltsc{release}" if release in LONG_TERM else release
    return (
        f"A Windows container needs the build of its host, here Windows Server {release} ({wanted.os_version}): the base images "
        f"that fit have the tag {tag}, such as mcr.microsoft.com/windows/servercore:{tag}; or run the task on the operatingSystemFamily of the image's build."
    )


def _ways(world: World, image: ContainerImage, wanted: Platform, manifest: ImageManifest | None) -> Ways:
    """The platform that the image has, on Fargate, where it has just one; or an image of the task's platform."""
    reference, name = reference_of(image), f"{wanted.os}/{wanted.architecture}"
    advice = ""
    if wanted.os == "windows" and wanted.os_version in WINDOWS_BUILDS.values():
        advice = f"{_windows_advice(wanted)} "
    offered = [f"{item.os}/{item.architecture}" for item in manifest.platforms if item.os] if manifest else []
    # Who runs the tag elsewhere may move to the new one, so that it has the index's platforms as well.
    platforms = ",".join(dict.fromkeys((*(item for item in offered if item.startswith("linux/")), name)))
    build = built_anew(
        world,
        image,
        reference,
        ending=wanted.architecture or "image",
        build=f"--platform {quoted(platforms if wanted.os == 'linux' else name)}",
        title=f"Build the image for {name}",
        text=f"{advice}Build the image for {name} and push it under the tag",
    )
    machine = _offered_machine(wanted, manifest)
    if machine is None or known_value(world.pull.launch) != "fargate":
        return build
    platform = f"{{cpuArchitecture: {literal(machine)}, operatingSystemFamily: {literal('LINUX')}}}"
    moved = revised(
        world,
        title=f"Run the task on {machine}",
        text=f"Set runtimePlatform in the task definition to LINUX/{machine}, which the image has. All containers of the task then need an image for it.",
        change=("", "", (f"{{runtimePlatform: {platform}}}",)),
        shows="runtimePlatform.cpuArchitecture",
        expect=machine,
        code=(
            f'# In the aws_ecs_task_definition that exists:\nruntime_platform {{\n  cpu_architecture        = {code_string(machine)}\n  operating_system_family = "LINUX"\n}}',
            f"# In the AWS::ECS::TaskDefinition that exists:\nRuntimePlatform:\n  CpuArchitecture: {yaml_string(machine)}\n  OperatingSystemFamily: LINUX",
        ),
    )
    # Of another container's image it is not known for which platforms it is built.
    return (moved, build) if len(world.pull.images) == 1 else (build, moved)


def _offered_machine(wanted: Platform, manifest: ImageManifest | None) -> str | None:
    """The processor architecture that the image has, where it has just one for the same operating system."""
    names = {"amd64": "X86_64", "arm64": "ARM64"}
    offered = {
        names[item.architecture]
        for item in (manifest.platforms if manifest else ())
        if item.os == wanted.os == "linux" and item.architecture in names
    }
    return offered.pop() if len(offered) == 1 else None


ROOM = Room(PLATFORM_MISMATCH, _judge)
