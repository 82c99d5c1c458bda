"""The machine that pulls does not trust the certificate that it was shown."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import Room, Subject, World, skipped, unseen
from diagnostics.faults.image.invalid_reference import not_valid
from diagnostics.faults.images import containers, image_of, reference_of
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import TEXT_ONLY, told
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId

CERTIFICATE_NOT_TRUSTED = Fault(
    id="certificate-not-trusted",
    kind="network",
    title="The machine that pulls trusts the certificate that the registry shows",
    why="The registry, or a proxy or firewall that inspects TLS on the way, showed a certificate of an authority that the machine does not know, of another name, or that has expired.",
    how="On a container instance put the authority's certificate into /etc/docker/certs.d/HOST:PORT/ca.crt and into the system's trust store. Fargate takes no authority of yours: give the registry a certificate of a public authority, or copy the image to ECR. Exempt ECR and S3 from TLS inspection.",
    source="https://docs.docker.com/engine/security/certificates/",
    explains=Explains(symptoms=(SymptomId.TLS_FAILURE,)),
    text_only=True,
    refutable=False,
)

_CERTIFICATE = ("x509", "certificate")


def _judge(world: World, subject: Subject) -> Outcome:
    """A handshake that took too long says nothing of a certificate, and does not rule it out."""
    image = image_of(subject)
    why = not_valid(image)
    if why is not None:
        return skipped(CERTIFICATE_NOT_TRUSTED, why)
    symptom = told(world, image, SymptomId.TLS_FAILURE)
    if symptom is None or not any(word in symptom.text.lower() for word in _CERTIFICATE):
        return unseen(CERTIFICATE_NOT_TRUSTED, TEXT_ONLY)
    return _tell(world, subject, symptom)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    reference = reference_of(image)
    host = symptom.host or reference.pull_host
    on_host = known_value(world.pull.launch) != "fargate"
    instance = known_value(world.snapshot.instance)
    name = instance.instance_id if instance else "the container instance"
    if host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".on.aws")):
        text = f"{host} has a certificate of a public authority, so that something on the way inspects TLS. Exempt it (and S3) from the inspection of the firewall or proxy that the subnet's routes lead through."
    elif on_host:
        place = reference.registry
        text = f"Put the certificate of {host}'s authority into /etc/docker/certs.d/{place}/ca.crt on {name}, and into its launch template or user data so that new instances have it."
    else:
        text = f"Fargate takes no authority of yours: give {host} a certificate of a public authority, or copy the image to ECR and name it there."
    return shown(
        CERTIFICATE_NOT_TRUSTED,
        symptom,
        f"The certificate that {host} showed is not trusted by the machine that pulls {containers(image)}.",
        Fix(text=text),
        stage=symptom.stage or "manifest",
        resources=(host, image.image),
        console_url=console.instance(world.region, instance.instance_id) if instance else None,
    )


ROOM = Room(CERTIFICATE_NOT_TRUSTED, _judge)
