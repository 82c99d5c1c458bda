"""public.ecr.aws refuses the pull, since too much was pulled from this address."""

from __future__ import annotations

from diagnostics.faults.base import Subject, World
from diagnostics.faults.images import image_of, reference_of
from diagnostics.faults.registry.rate_limits import through_a_new_rule, unless_from
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Outcome
from diagnostics.stop_reason import Symptom, SymptomId

PUBLIC_LIMIT = Fault(
    id="ecr-public-rate-limit",
    kind="limit",
    title="The limit of public.ecr.aws is not reached",
    why="Amazon ECR Public limits anonymous pulls by rate and by the amount of data. Many tasks that start at once reach the limit together.",
    how="Pull through a pull-through cache rule for public.ecr.aws, and spread the starts.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html",
    explains=Explains(symptoms=(SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.ECR_PUBLIC_RATE_LIMIT)),
    text_only=True,
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    return shown(
        PUBLIC_LIMIT,
        symptom,
        f"public.ecr.aws refused the pull of {reference_of(image).repository} because of its limit.",
        through_a_new_rule(
            world,
            image,
            "ecr-public",
            "public.ecr.aws",
            "Pull through a pull-through cache rule for public.ecr.aws.",
            secret=False,
        ),
        stage=symptom.stage or "manifest",
        resources=(image.image,),
        named=True,
    )


ROOM = text_room(
    PUBLIC_LIMIT,
    (SymptomId.ECR_PUBLIC_RATE_LIMIT,),
    _tell,
    unless=unless_from("public.ecr.aws", lambda reference: reference.kind == "ecr-public"),
)
