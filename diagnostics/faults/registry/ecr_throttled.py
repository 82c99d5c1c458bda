"""ECR throttles the pull, since the account makes too many requests at once."""

from __future__ import annotations

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Subject, World
from diagnostics.faults.image.in_ecr import unless_from
from diagnostics.faults.images import Place, image_of, reference_of
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.stop_reason import Symptom, SymptomId

THROTTLED = Fault(
    id="ecr-throttled",
    kind="limit",
    title="ECR does not throttle the pull",
    short="ECR throttles the pull",
    why="ECR limits how many requests an account makes in a Region. Many tasks that start in the same moment reach the limit together.",
    how="Start again, spread the starts, or ask for a higher quota.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html",
    explains=Explains(symptoms=(SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.ECR_THROTTLED)),
    text_only=True,
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    place = Place.of(reference_of(image_of(subject)))
    return shown(
        THROTTLED,
        symptom,
        f"ECR in {place.region} throttled account {world.snapshot.account_id or 'of the task'}: too many requests at the same time.",
        # A forced deployment would start all tasks again at once, which is what ECR throttles.
        Fix(
            text="It passes by itself. If it happens often, start fewer tasks at once or ask for a higher quota of the ECR action (aws service-quotas list-service-quotas --service-code ecr).",
            then=then_for(world),
        ),
        stage=symptom.stage or "manifest",
        resources=(place.arn,),
        console_url=place.link,
        named=True,
    )


ROOM = text_room(
    THROTTLED,
    (SymptomId.ECR_THROTTLED,),
    _tell,
    unless=unless_from("a private ECR registry", lambda reference: reference.is_ecr),
)
