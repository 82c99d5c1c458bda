"""The machine that pulls does not trust the certificate that it was shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

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
    short="the registry's certificate is not trusted",
    why="The registry, or a proxy or firewall that inspects TLS on the way, showed a certificate of an authority that the machine does not know, one of another name, or one that has expired or is not valid yet.",
    how="Renew a certificate that has expired, at the registry; name the registry as its certificate does. For an authority that is not known: on a container instance put the authority's certificate into /etc/docker/certs.d/HOST:PORT/ca.crt and into the system's trust store. Fargate takes no authority of yours: give the registry a certificate of a public authority, or copy the image to ECR. Exempt ECR and S3 from TLS inspection.",
    source="https://docs.docker.com/engine/security/certificates/",
    explains=Explains(symptoms=(SymptomId.TLS_FAILURE,)),
    text_only=True,
    refutable=False,
)

_CERTIFICATE = ("x509", "certificate")

_Problem = Literal["expired", "not yet valid", "name", "authority"]

# What Go's crypto/x509 and OpenSSL say. An authority that is not known is the last, since any text may go on with a general word.
_PROBLEMS: tuple[tuple[_Problem, tuple[str, ...]], ...] = (
    ("not yet valid", ("is before", "certificate is not yet valid")),
    ("expired", ("has expired", "is after", "certificate expired", "certificate_expired", "expired certificate")),
    (
        "name",
        (
            "certificate is valid for", "not valid for any names", "doesn't contain any ip sans", "cannot validate certificate for",
            "hostname mismatch", "legacy common name",
        ),
    ),
    ("authority", ("unknown authority", "self-signed", "self signed", "unable to get local issuer", "unknown ca", "unknown_ca")),
)  # fmt: skip


def _problem(symptom: Symptom) -> _Problem | None:
    """What is wrong with the certificate; `None` where the text does not say."""
    lowered = symptom.text.lower()
    return next((problem for problem, words in _PROBLEMS if any(word in lowered for word in words)), None)


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


_SAYS = "is not trusted by the machine that pulls {containers}"

_OF_THE_REGISTRY: Mapping[_Problem, tuple[str, str]] = {
    "expired": (
        "has expired, so the machine that pulls {containers} does not take it",
        "Renew the certificate of {host} at whoever runs it (or whatever stands before it and inspects TLS), and look that it is renewed by itself from now on. Nothing is to be changed on the machine that pulls, unless its clock is wrong.",
    ),
    "not yet valid": (
        "is not valid yet by the clock of the machine that pulls {containers}",
        "Look at the clock of the machine that pulls, and at the day from which the certificate of {host} is valid.",
    ),
    "name": (
        "is of another name, so the machine that pulls {containers} does not take it",
        "Name the registry in the task definition as its certificate does, or give {host} a certificate with that name (subjectAltName: a common name alone is not enough).",
    ),
}
"""What is wrong with the certificate itself, whatever authority signed it."""


def _is_of_aws(host: str) -> bool:
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".on.aws"))


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    reference = reference_of(image)
    host = symptom.host or reference.pull_host
    on_host = known_value(world.pull.launch) != "fargate"
    instance = known_value(world.snapshot.instance)
    name = instance.instance_id if instance else "the container instance"
    problem, of_aws = _problem(symptom), _is_of_aws(host)
    if problem is not None and problem in _OF_THE_REGISTRY and not of_aws:
        says, text = _OF_THE_REGISTRY[problem]
        text = text.format(host=host)
    elif problem in ("expired", "not yet valid") and on_host and of_aws:
        says = _OF_THE_REGISTRY[problem][0]
        text = f"{host} has a certificate of AWS, which is in its time: look at the clock of {name} (timedatectl, chronyc tracking), and for something on the way that inspects TLS with a certificate of its own."
    elif of_aws:
        says = _SAYS
        text = f"{host} has a certificate of a public authority, so that something on the way inspects TLS. Exempt it (and S3) from the inspection of the firewall or proxy that the subnet's routes lead through."
    elif on_host:
        says = _SAYS
        place = reference.registry
        text = f"Put the certificate of {host}'s authority into /etc/docker/certs.d/{place}/ca.crt on {name}, and into its launch template or user data so that new instances have it."
    else:
        says = _SAYS
        text = f"Fargate takes no authority of yours: give {host} a certificate of a public authority, or copy the image to ECR and name it there."
    return shown(
        CERTIFICATE_NOT_TRUSTED,
        symptom,
        f"The certificate that {host} showed {says.format(containers=containers(image))}.",
        Fix(text=text),
        stage=symptom.stage or "manifest",
        resources=(host, image.image),
        console_url=console.instance(world.region, instance.instance_id) if instance else None,
    )


ROOM = Room(CERTIFICATE_NOT_TRUSTED, _judge)
