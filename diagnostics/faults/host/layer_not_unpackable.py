"""The machine that pulls cannot unpack the image's layers, for another reason than its disk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Room, Subject, World, skipped, unseen
from diagnostics.faults.host.container_host import host_of
from diagnostics.faults.images import containers, image_of
from diagnostics.faults.revision import deployed_again
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import TEXT_ONLY, told
from diagnostics.finding import Explains, Fault, Fix, Outcome, UndecidedError, Unsettled
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId

LAYER_NOT_UNPACKABLE = Fault(
    id="layer-not-unpackable",
    kind="host",
    title="The machine that pulls can unpack the image's layers",
    short="its host cannot unpack the image's layers",
    why="The layers were fetched, and the container runtime could not unpack them: they are compressed in a way that it does not know (zstd, on Docker before 23), hold owners or attributes that it may not set, or do not belong to the image's configuration.",
    how="Build and push the image again with gzip layers and ordinary owners, or update Docker on the container instances.",
    source="https://docs.docker.com/build/exporters/image-registry/",
    explains=Explains(symptoms=(SymptomId.LAYER_REGISTER_FAILED,)),
    text_only=True,
    refutable=False,
)


@dataclass(frozen=True)
class _UnpackFailure:
    """What a text says went wrong, and the change that helps."""

    phrases: tuple[str, ...]
    says: str
    repair: str
    by_another_start: bool = False


_REASONS = (
    _UnpackFailure(
        ("zstd", "invalid tar header", "no processor for media-type", "archive/tar: unknown"),
        "has layers in a format that the container runtime does not know, as zstd is to Docker before 23",
        "Push the image with gzip layers (docker buildx build --output type=image,compression=gzip,force-compression=true,push=true), or update Docker on the container instances",
    ),
    _UnpackFailure(
        ("lchown", "container id", "chown"),
        "has files of a user or group id that the machine cannot give them",
        "Change the owner of those files in the Dockerfile to ids below 65536, and push the image again",
    ),
    _UnpackFailure(
        ("diffid", "layers from manifest"),
        "has a manifest whose layers are not those of its configuration",
        "Build the image again, in one piece, and push it",
    ),
    _UnpackFailure(
        ("operation not permitted", "permission denied", "setxattr", "not supported"),
        "has files that the machine may not unpack, such as devices or extended attributes",
        "Leave those files out of the image, and push it again",
    ),
    _UnpackFailure(
        ("cannot allocate memory", "out of memory", "signal: killed"),
        "takes more memory to unpack than the machine had",
        "Make the layers smaller, or use a machine with more memory",
    ),
    _UnpackFailure(
        ("unexpected eof", "invalid checksum", "gzip: invalid", "flate: corrupt"),
        "has a layer that arrived or is stored damaged",
        "Start the task again; if it fails in the same way, push the image again",
        by_another_start=True,
    ),
)  # fmt: skip


def reason_of(symptom: Symptom) -> _UnpackFailure | None:
    """Why the layer could not be unpacked, as the text says it; `None` where it gives no reason, or the disk's."""
    text = symptom.text.lower()
    if symptom.id != SymptomId.LAYER_REGISTER_FAILED:
        return None
    return next((item for item in _REASONS if any(phrase in text for phrase in item.phrases)), None)


_LAYER = re.compile(r".*(?:(?:register|extract) layer|applylayer|error processing tar file)", re.IGNORECASE)
_NO_REASON = re.compile(
    r"[\s:.\"'()\[\]]*(?:(?:exit status|sha256|std(?:out|err)|layer)[\s:.\"'()\[\]]*|[0-9a-f]{1,64}\b[\s:.\"'()\[\]]*|/\S*[\s:]*|<\S*[\s:]*)*",
    re.IGNORECASE,
)
"""What stands around a reason: words of the program, digests, numbers and paths."""


def unlisted_reason(symptom: Symptom) -> str | None:
    """The reason that a text gives for a layer which could not be unpacked, where it is none of those that are known.

    `None` where it gives none at all, as where ECS cut it.
    """
    if symptom.id != SymptomId.LAYER_REGISTER_FAILED or reason_of(symptom) is not None or symptom.truncated:
        return None
    found = _LAYER.match(symptom.text)
    rest = symptom.text[found.end() :] if found is not None else ""
    around = _NO_REASON.match(rest)
    reason = rest[around.end() if around is not None else 0 :].strip(" :.\"'")
    return reason[:200] if len(reason) > 3 else None


def _judge(world: World, subject: Subject) -> Outcome:
    image = image_of(subject)
    symptom = told(world, image, SymptomId.LAYER_REGISTER_FAILED)
    if symptom is None:
        return unseen(LAYER_NOT_UNPACKABLE, TEXT_ONLY)
    reason = reason_of(symptom)
    unlisted = unlisted_reason(symptom)
    if unlisted is not None:
        raise UndecidedError(
            Unsettled(
                words=f"what leads to the reason that the error text gives: “{unlisted}”. It speaks of no full disk; look at "
                "the log of the container runtime on the machine, and whether another task can pull the same image",
                lead=f"what leads to the reason that the error text gives: “{unlisted}”",
                question=True,
            )
        )
    if reason is None:
        return skipped(
            LAYER_NOT_UNPACKABLE, "the error text does not say why the layer could not be unpacked"
        )
    link = host_of(world)[1] if known_value(world.pull.launch) == "ec2" else None
    return shown(
        LAYER_NOT_UNPACKABLE,
        symptom,
        f"{image.image}, which {containers(image)} names, {reason.says}.",
        _repair(world, image, reason),
        stage="unpack",
        resources=(image.image,),
        console_url=link,
        named=True,
    )


def _repair(world: World, image: ContainerImage, reason: _UnpackFailure) -> Fix:
    """Another image is built where it was built; only a damaged download is mended by another start."""
    if reason.by_another_start:
        return deployed_again(world, title="Start the task again", text=f"{reason.repair}.")
    return Fix(
        title="Push another image",
        text=f"{reason.repair}.",
        warning=f"Whoever else runs {image.image} gets what is pushed there; an immutable tag takes none, and the new image a new tag.",
        then=then_for(world),
    )


ROOM = Room(LAYER_NOT_UNPACKABLE, _judge)
