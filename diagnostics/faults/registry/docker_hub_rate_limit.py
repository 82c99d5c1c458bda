"""Docker Hub refuses the pull, since too many came from this address."""

from __future__ import annotations

from diagnostics.faults.base import Subject, World
from diagnostics.faults.images import containers, image_of, reference_of
from diagnostics.faults.registry.rate_limits import through_a_new_rule, unless_from
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Evidence, Explains, Fault, Outcome
from diagnostics.stop_reason import Symptom, SymptomId

HUB_LIMIT = Fault(
    id="docker-hub-rate-limit",
    kind="limit",
    title="Docker Hub's pull limit is not reached",
    why="Docker Hub counts anonymous pulls by address, 100 in six hours, and all tasks behind one NAT gateway share one address.",
    how="Pull with the credentials of an account (repositoryCredentials), through a pull-through cache rule, or from a copy in ECR.",
    source="https://repost.aws/knowledge-center/ecs-pull-container-error-rate-limit",
    explains=Explains(
        symptoms=(
            SymptomId.LAYER_COPY_FAILED_UNSPECIFIED,
            SymptomId.REGISTRY_ACCESS_DENIED,
            SymptomId.DOCKERHUB_RATE_LIMIT,
        )
    ),
    text_only=True,
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    likely = "" if symptom.id == SymptomId.DOCKERHUB_RATE_LIMIT else "most likely "
    parameter = image.credentials_parameter
    who = f"with the credentials of {parameter}" if parameter else "without credentials"
    return shown(
        HUB_LIMIT,
        symptom,
        f"Docker Hub {likely}refused the pull of {reference_of(image).repository} because of its pull limit; {containers(image)} pulls {who}.",
        through_a_new_rule(
            world,
            image,
            "docker-hub",
            "registry-1.docker.io",
            'Pull Docker Hub\'s images through a pull-through cache rule of ECR, which logs in with an account of Docker Hub and keeps what it fetched; credentials.json holds {"username":…,"accessToken":…}.',
            secret=True,
        ),
        Evidence(what=f"{containers(image)} pulls {image.image} {who}", source="ecs:DescribeTaskDefinition"),
        stage=symptom.stage or "manifest",
        resources=(image.image,),
        named=True,
    )


ROOM = text_room(
    HUB_LIMIT,
    (SymptomId.DOCKERHUB_RATE_LIMIT, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED),
    _tell,
    unless=unless_from("Docker Hub", lambda reference: reference.kind == "docker-hub"),
)
