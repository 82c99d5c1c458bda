"""The image reference cannot be parsed."""

from __future__ import annotations

import re

from diagnostics.faults.base import Room, Subject, World, fails, passes
from diagnostics.faults.image.ecr_hosts import Misspelt, misspelt_ecr_host
from diagnostics.faults.image.placeholders import is_placeholder_image
from diagnostics.faults.images import Place, containers, image_of
from diagnostics.faults.task_definition import definition_page, with_image
from diagnostics.faults.text_only import shown
from diagnostics.faults.texts import MISSING_OR_REFUSED
from diagnostics.faults.told import text_evidence, told
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.image_reference import InvalidImageReference, nearly, parse
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import NOT_ASKED, Known, known_value, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import asked

INVALID_REFERENCE = Fault(
    id="invalid-image-reference",
    kind="image",
    title="The image reference can be parsed",
    short="its image's name cannot be read",
    why="The container runtime refuses the reference before it asks any registry: upper-case letters in the repository, a placeholder that was never filled in, a scheme or a space. A host that is nearly one of ECR's is accepted, and then not found, or another's. So is an account's id with a wrong digit, and a bare word such as repository, which Docker Hub is asked for.",
    how="Correct the image in the task definition and deploy the new revision.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    explains=Explains(
        symptoms=(
            *MISSING_OR_REFUSED,
            SymptomId.ECR_CROSS_ACCOUNT_DENIED,
            SymptomId.INVALID_REFERENCE,
            SymptomId.DNS_FAILURE,
            SymptomId.ECR_DKR_UNREACHABLE,
            SymptomId.REGISTRY_UNREACHABLE,
            SymptomId.TLS_FAILURE,
            SymptomId.CONNECTION_REFUSED_RESET,
        )
    ),
)
REFUSALS = (*MISSING_OR_REFUSED, SymptomId.ECR_CROSS_ACCOUNT_DENIED)


def repaired(text: str) -> str | None:
    """The reference that was probably meant: without a scheme and white space, the name in lower case."""
    plain = re.sub(r"^[A-Za-z]+://|\s+", "", text)
    name, separator, tag = plain.rpartition(":") if ":" in plain.rpartition("/")[2] else (plain, "", "")
    for candidate in (plain, f"{name.lower()}{separator}{tag}", f"{name.lower()}"):
        try:
            meant = parse(candidate)
        except InvalidImageReference:
            continue
        return None if is_placeholder_image(candidate, meant) else meant.text
    return None


def not_valid(image: ContainerImage) -> str | None:
    """Why nothing else is judged of an image whose reference is not valid; `None` where it is."""
    return f"the image reference is not valid: {INVALID_REFERENCE.id}" if image.reference is None else None


def misspelt(image: ContainerImage) -> Misspelt | None:
    """What is wrong with a host that was meant to be ECR's."""
    return misspelt_ecr_host(image.reference.registry) if image.reference is not None else None


def not_usable(image: ContainerImage) -> str | None:
    """Why nobody can be asked about an image, not even by its host; `None` where its host is not misspelt."""
    if misspelt(image) is not None:
        return f"the host is nearly one of ECR's: {INVALID_REFERENCE.id}"
    return not_valid(image)


def accounts_meant(world: World, image: ContainerImage) -> tuple[str, ...]:
    """The accounts that may have been meant: the task's own, and those of its other images."""
    others = (item.in_ecr for item in world.pull.images if item.image != image.image)
    found = (world.snapshot.account_id, *(item.account_id for item in others if item is not None))
    return tuple(dict.fromkeys(item for item in found if item))


def _judge(world: World, subject: Subject) -> Outcome:
    """The reference must be one that a container runtime accepts, with a host of ECR's if it is meant for ECR."""
    image = image_of(subject)
    reference = image.reference
    if reference is None:
        return _not_usable(world, image, f"is not valid: {image.error}", _repaired_with_host(world, image))
    wrong = misspelt_ecr_host(reference.registry, accounts_meant(world, image), world.region)
    if wrong is not None:
        meant = image.image.replace(reference.registry, wrong.meant, 1) if wrong.meant else None
        return _not_usable(world, image, f"has no host of ECR's: {wrong.says}.", meant)
    if is_placeholder_image(image.image, reference):
        symptom = told(world, image, *REFUSALS)
        if symptom is not None:
            return shown(
                INVALID_REFERENCE,
                symptom,
                f"The image of {containers(image)} is the bare word {image.image}, which a template leaves where nobody filled it in; Docker Hub was asked for it.",
                _other_reference(world, image, None),
                stage="manifest",
                resources=_resources(world, image),
                console_url=definition_page(world),
            )
    return _another_account(world, image) or passes(INVALID_REFERENCE)


def _another_account(world: World, image: ContainerImage) -> Outcome | None:
    """An account's id with a wrong digit: that registry refuses, and the account that was meant has the repository.

    Raises:
        UnavailableError: it could not be read whether that account has it, or what the error says.
    """
    if image.in_ecr is None or image.injected:
        return None
    place = Place.of(image.in_ecr)
    meant = nearly(place.account, accounts_meant(world, image))
    facts = world.image_facts(image)
    # An image that is there, or a repository, was meant.
    if meant is None or isinstance(facts.detail, Known) or isinstance(facts.repository, Known):
        return None
    symptom = told(world, image, *REFUSALS)
    if symptom is None:
        return None
    # A case that was saved before this was asked tells nothing of it.
    found = None if facts.own_repository == NOT_ASKED else need(facts.own_repository)
    if found is None:
        return None
    whose = "this task's own" if meant == world.snapshot.account_id else "that of another image of this task"
    return fails(
        INVALID_REFERENCE,
        f"The image of {containers(image)} names account {place.account}, and account {meant}, {whose}, has the repository {place.repository}: the id is probably misspelt.",
        stage="manifest",
        resources=_resources(world, image),
        evidence=(
            text_evidence(symptom),
            Evidence(what=f"ECR has repository {found.repository_arn}", source="ecr:DescribeRepositories"),
        ),
        fix=_other_reference(world, image, image.image.replace(place.account, meant, 1)),
        console_url=definition_page(world),
    )


def _repaired_with_host(world: World, image: ContainerImage) -> str | None:
    """The reference that was probably meant, with ECR's host put right as well."""
    meant = repaired(image.image)
    host, slash, rest = image.image.partition("/")
    if meant is not None or not slash:
        return meant
    wrong = misspelt_ecr_host(host.replace("_", "-"), accounts_meant(world, image), world.region)
    if wrong is None and host.endswith("."):
        return repaired(f"{host.rstrip('.')}/{rest}")
    return repaired(f"{wrong.meant}/{rest}") if wrong is not None and wrong.meant else None


def _resources(world: World, image: ContainerImage) -> tuple[str, ...]:
    definition = known_value(world.snapshot.task_definition)
    return (image.image, *((definition.task_definition_arn,) if definition else ()))


def _other_reference(world: World, image: ContainerImage, meant: str | None) -> Fix:
    offer = f"{meant}, if that was meant," if meant else "a valid image"
    return with_image(
        world,
        image,
        meant or (asked("IMAGE", "the image that was meant, with its host and tag"),),
        title=f"Name {meant}" if meant else "Name a valid image",
        text=f"Name {offer} for {containers(image)} in a new revision of the task definition.",
    )


def _not_usable(world: World, image: ContainerImage, says: str, meant: str | None) -> Outcome:
    known = known_value(world.snapshot.task_definition) is not None
    return fails(
        INVALID_REFERENCE,
        f"The image reference of {containers(image)} {says}",
        stage="manifest",
        resources=_resources(world, image),
        evidence=(
            Evidence(
                what=f"the image of {containers(image)} is {image.image}",
                source="ecs:DescribeTaskDefinition" if known else "ecs:DescribeTasks",
            ),
        ),
        fix=_other_reference(world, image, meant),
        console_url=definition_page(world),
    )


ROOM = Room(INVALID_REFERENCE, _judge)
