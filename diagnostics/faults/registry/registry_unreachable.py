"""A registry outside AWS does not answer; why, no API of AWS shows."""

from __future__ import annotations

from diagnostics.faults.base import Room, Subject, World, skipped, unseen
from diagnostics.faults.image.invalid_reference import not_valid
from diagnostics.faults.images import image_of, reference_of
from diagnostics.finding import Explains, Fault, Outcome
from diagnostics.stop_reason import SymptomId

REGISTRY_UNREACHABLE = Fault(
    id="registry-unreachable",
    kind="network",
    title="The registry outside AWS answers the machine that pulls",
    short="its registry does not answer",
    why="The packets leave the VPC and nothing comes back: the registry is down, or its own firewall does not let in the address that the task comes from.",
    how="Look at the registry's status, and whether it lets in the task's public address (that of the NAT gateway or the task itself); keep a copy of the image in ECR.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    explains=Explains(symptoms=(SymptomId.REGISTRY_UNREACHABLE,)),
    text_only=True,
    refutable=False,
)


def _judge(world: World, subject: Subject) -> Outcome:
    """Nothing tells it from a fault on the way that was repaired since, so that it is never claimed."""
    image = image_of(subject)
    why = not_valid(image)
    if why is not None:
        return skipped(REGISTRY_UNREACHABLE, why)
    reference = reference_of(image)
    if reference.is_ecr or reference.kind == "ecr-public":
        return skipped(REGISTRY_UNREACHABLE, f"{reference.registry} is a registry of AWS")
    return unseen(REGISTRY_UNREACHABLE, f"AWS's API does not show whether {reference.registry} answers")


ROOM = Room(REGISTRY_UNREACHABLE, _judge)
