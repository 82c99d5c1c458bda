"""The registry answers with an error of its own, or drops the connection."""

from __future__ import annotations

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Subject, World
from diagnostics.faults.image.invalid_reference import not_valid
from diagnostics.faults.images import containers, image_of, reference_of
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import quoted

OUTAGE = Fault(
    id="registry-outage",
    kind="limit",
    title="The registry answers without errors of its own",
    short="its registry answers with an error of its own",
    why="The registry was reached and answered with a server error, or dropped the connection. That is its own trouble, or that of a proxy on the way, unless something here explains it.",
    how="Look at the registry's status page and start again; keep a copy of the image in ECR.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    explains=Explains(
        symptoms=(
            SymptomId.ECR_API_UNREACHABLE,
            SymptomId.ECR_DKR_UNREACHABLE,
            SymptomId.S3_LAYERS_UNREACHABLE,
            SymptomId.REGISTRY_UNREACHABLE,
            SymptomId.TLS_FAILURE,
            SymptomId.CONNECTION_REFUSED_RESET,
            SymptomId.PULL_CONTEXT_CANCELED,
            SymptomId.LAYER_COPY_FAILED_UNSPECIFIED,
            SymptomId.LAYER_VERIFICATION_FAILED,
            SymptomId.REGISTRY_5XX,
            SymptomId.PULL_TIMEOUT,
        )
    ),
    text_only=True,
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    host = symptom.host or reference_of(image).pull_host
    status = f" with status {symptom.http_status}" if symptom.http_status else ""
    what = (
        f"answered{status}" if symptom.id == SymptomId.REGISTRY_5XX else "refused or dropped the connection"
    )
    return shown(
        OUTAGE,
        symptom,
        f"{host} {what} when {containers(image)} was pulled.",
        # A forced deployment would also stop tasks that run, while none may be able to start.
        Fix(
            text=f"Look whether {host} has trouble; a task that starts when it answers again pulls its image. Keep a copy of the image in ECR.",
            verify=f"docker manifest inspect {quoted(image.image)} > /dev/null && echo found",
            expect="found",
            then=then_for(world),
        ),
        stage=symptom.stage or "manifest",
        resources=(image.image,),
        named=True,
    )


ROOM = text_room(
    OUTAGE,
    (SymptomId.REGISTRY_5XX, SymptomId.CONNECTION_REFUSED_RESET),
    _tell,
    unless=lambda _world, subject: not_valid(image_of(subject)),
)
