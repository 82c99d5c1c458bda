"""Can the image reference be parsed?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes
from diagnostics.faults.image.faults import INVALID_REFERENCE
from diagnostics.faults.image.wording import as_code, back_to_old, containers, image_of, other_image
from diagnostics.finding import Evidence, Fix, Outcome
from diagnostics.image_reference import InvalidImageReference, parse
from diagnostics.snapshot import known_value
from diagnostics.write import quoted


def repaired(text: str) -> str | None:
    """The reference that was probably meant: without a scheme and white space, the name in lower case."""
    plain = re.sub(r"^[A-Za-z]+://|\s+", "", text)
    name, separator, tag = plain.rpartition(":") if ":" in plain.rpartition("/")[2] else (plain, "", "")
    for candidate in (plain, f"{name.lower()}{separator}{tag}", f"{name.lower()}"):
        try:
            return parse(candidate).text
        except InvalidImageReference:
            continue
    return None


@check("image.reference", "image", INVALID_REFERENCE)
def reference(world: World, subject: Subject) -> Iterator[Outcome]:
    """The reference must be one that a container runtime accepts."""
    image = image_of(subject)
    if image.reference is not None:
        yield passes(INVALID_REFERENCE)
        return
    definition = known_value(world.snapshot.task_definition)
    arn = definition.task_definition_arn if definition else None
    link = None
    if definition and definition.family and definition.revision:
        link = console.task_definition(world.region, definition.family, definition.revision)
    verify = None
    if arn:
        verify = f"aws ecs describe-task-definition --task-definition {quoted(definition.family if definition and definition.family else arn)} --region {world.region} --query 'taskDefinition.containerDefinitions[].image'"
    meant = repaired(image.image)
    offer = f"{meant}, if that was meant," if meant else "a valid image in place of HOST/REPOSITORY:TAG"
    code = as_code(world, image, meant) if meant else (None, None)
    yield fails(
        INVALID_REFERENCE,
        f"The image reference of {containers(image)} is not valid: {image.error}",
        stage="manifest",
        resources=(image.image, *((arn,) if arn else ())),
        evidence=(
            Evidence(
                what=f"the image of {containers(image)} is {image.image}",
                source="ecs:DescribeTaskDefinition" if arn else "ecs:DescribeTasks",
            ),
        ),
        fix=Fix(
            text=f"Name {offer} for {containers(image)} in a new revision of the task definition.",
            cli=other_image(world, image, meant or "HOST/REPOSITORY:TAG"),
            terraform=code[0],
            cloudformation=code[1],
            verify=verify,
            undo=back_to_old(world),
        ),
        console_url=link,
    )
