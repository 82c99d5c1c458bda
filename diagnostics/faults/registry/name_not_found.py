"""The registry's host name is not found by the name server that the machine asks."""

from __future__ import annotations

from diagnostics.faults.base import Room, Subject, World, skipped, unseen
from diagnostics.faults.image.invalid_reference import not_usable
from diagnostics.faults.images import containers, image_of, reference_of
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import TEXT_ONLY, told
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.stop_reason import Symptom, SymptomId

NAME_NOT_FOUND = Fault(
    id="registry-name-not-found",
    kind="dns",
    title="The registry's host name can be looked up where the task runs",
    short="its registry's name cannot be looked up",
    why="The host name in the image reference is not known to the name server that was asked: it is misspelt, it exists in a private hosted zone that is not associated with this VPC, or only in another network's name server.",
    how="Look the name up from the task's VPC: correct it in the image reference, associate the private hosted zone with the VPC, forward the domain with a Route 53 Resolver rule, or look whether a rule of DNS Firewall blocks it.",
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html",
    explains=Explains(symptoms=(SymptomId.DNS_FAILURE,)),
    text_only=True,
    refutable=False,
)


def _judge(world: World, subject: Subject) -> Outcome:
    """Names that everybody has are not misspelt, so that of one that is not found nothing more is told.

    A name of ECR in another Region than the task's may be one of a Region that does not exist.
    """
    image = image_of(subject)
    why = not_usable(image)
    if why is not None:
        return skipped(NAME_NOT_FOUND, why)
    symptom, reference = told(world, image, SymptomId.DNS_FAILURE), reference_of(image)
    if symptom is None:
        return unseen(NAME_NOT_FOUND, TEXT_ONLY)
    own = symptom.host in (None, reference.pull_host, reference.pull_host.partition(":")[0])
    elsewhere = reference.is_ecr and reference.region != world.region
    if own and (reference.kind == "other" or elsewhere):
        return _tell(world, subject, symptom)
    return unseen(
        NAME_NOT_FOUND, "why a name that everybody can look up was not found is not shown by AWS's API"
    )


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    host = (symptom.host or reference_of(image).pull_host).partition(":")[0]
    asked = f" by name server {symptom.resolver}" if symptom.resolver else ""
    return shown(
        NAME_NOT_FOUND,
        symptom,
        f"The registry's name {host}, which the image of {containers(image)} names, was not found{asked}.",
        Fix(
            text=f"Look whether {host} is spelt right and known in the task's VPC: {_ways(host)}",
        ),
        stage=symptom.stage or "manifest",
        resources=(image.image, host),
    )


def _domain(host: str) -> str:
    """The domain that a zone of this host would have."""
    return host.partition(".")[2] or host


def _ways(host: str) -> str:
    return f"associate the private hosted zone of {_domain(host)} with the VPC, forward that domain with a Route 53 Resolver rule, or correct the image reference. Which zones there are: aws route53 list-hosted-zones-by-name --dns-name {_domain(host)}"


ROOM = Room(NAME_NOT_FOUND, _judge)
