"""The registry speaks plain HTTP, and the machine that pulls asks for TLS."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import Subject, World
from diagnostics.faults.image.invalid_reference import not_usable
from diagnostics.faults.images import containers, image_of, reference_of
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId

REGISTRY_WITHOUT_TLS = Fault(
    id="registry-without-tls",
    kind="network",
    title="The registry speaks TLS",
    short="its registry does not speak TLS",
    why="The registry answered with plain HTTP where the machine that pulls asked for HTTPS: it has no certificate, or that port is its plain one.",
    how="Give the registry a certificate, or name the port that speaks TLS. Only on a container instance can Docker be told to pull from it as it is (insecure-registries in /etc/docker/daemon.json); Fargate never does.",
    source="https://docs.docker.com/reference/cli/dockerd/#insecure-registries",
    explains=Explains(symptoms=(SymptomId.TLS_FAILURE,)),
    text_only=True,
    refutable=False,
)

_PLAIN = ("http response to https client", "first record does not look like a tls handshake")


def _unless(world: World, subject: Subject) -> str | None:
    why = not_usable(image_of(subject))
    if why is not None:
        return why
    texts = [item.text.lower() for item in world.symptoms if item.id == SymptomId.TLS_FAILURE]
    if texts and not any(phrase in text for text in texts for phrase in _PLAIN):
        return "the error text does not speak of plain HTTP"
    return None


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    registry = reference_of(image).registry
    instance = known_value(world.snapshot.instance)
    name = instance.instance_id if instance else "the container instance"
    if known_value(world.pull.launch) == "fargate":
        text = f"Fargate pulls over TLS only: give {registry} a certificate of a public authority or name its port that speaks TLS, or copy the image to ECR."
    else:
        text = f"Give {registry} a certificate, or name its port that speaks TLS. If it is to stay as it is, name {registry} under insecure-registries in /etc/docker/daemon.json on {name} and in its launch template's user data, and restart Docker, which stops the instance's tasks."
    return shown(
        REGISTRY_WITHOUT_TLS,
        symptom,
        f"{registry}, from which {containers(image)} is pulled, answered with plain HTTP where TLS was asked for.",
        Fix(text=text),
        stage=symptom.stage or "manifest",
        resources=(registry, image.image),
        console_url=console.instance(world.region, instance.instance_id) if instance else None,
        named=True,
    )


ROOM = text_room(REGISTRY_WITHOUT_TLS, (SymptomId.TLS_FAILURE,), _tell, _unless)
