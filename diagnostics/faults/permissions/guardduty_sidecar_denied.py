"""The sidecar that GuardDuty's Runtime Monitoring adds to a task may not be pulled."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.images import image_of
from diagnostics.faults.permissions.endpoint_answers import EndpointAnswer, answer_of, ecr_ways
from diagnostics.faults.permissions.endpoint_policies_deny import refused
from diagnostics.faults.permissions.policy_documents import READ_MANAGED, READ_ROLE
from diagnostics.faults.permissions.pull_requests import is_guardduty
from diagnostics.faults.permissions.pulling_role import Puller, Ruling, puller_of, who_pulls
from diagnostics.faults.permissions.refusal_words import near_misses, text_evidence
from diagnostics.faults.permissions.role_permission_missing import grant, lacking
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Outcome, Unsettled, together
from diagnostics.pull import ContainerImage, Interface
from diagnostics.write.snippets import joined

GUARDDUTY_SIDECAR_DENIED = Fault(
    id="guardduty-sidecar-denied",
    kind="permission",
    title="The GuardDuty sidecar's image may be pulled",
    short="it may not pull the GuardDuty sidecar",
    why="Runtime Monitoring adds a sidecar to the task, whose image lies in a registry that AWS owns and is pulled with the same role and through the same endpoints. Where those name only your own repositories, the sidecar is refused.",
    how="Allow the pull of GuardDuty's repository as well.",
    source="https://docs.aws.amazon.com/guardduty/latest/ug/prereq-runtime-monitoring-ecs-support.html",
    explains=Explains(symptoms=REFUSED, refusals=("endpoint", "identity")),
)


@check("permissions.guardduty", "role", GUARDDUTY_SIDECAR_DENIED)
def sidecar(world: World, subject: Subject) -> Iterator[Outcome]:
    """The role and the endpoint have to let GuardDuty's repository through like the task's own.

    The registry belongs to AWS, which lets every account pull; the role needs its own Allow as for any image of
    another account.
    AWS: https://docs.aws.amazon.com/guardduty/latest/ug/prereq-runtime-monitoring-ecs-support.html
    """
    image = image_of(subject)
    if not is_guardduty(image):
        yield skipped(GUARDDUTY_SIDECAR_DENIED, "the image is not GuardDuty's sidecar")
        return
    principals, reason = who_pulls(world, image)
    if not principals:
        yield skipped(GUARDDUTY_SIDECAR_DENIED, reason)
        return
    pullers = [
        puller.about(*(step for step in puller.steps if not step.is_login))
        for puller in (puller_of(world, image, item, subject.interface) for item in principals)
    ]
    rulings = [lacking(puller) for puller in pullers]
    endpoints = _endpoints(world, image, subject.interface, pullers[0])
    all_lack = all(ruling.denied for ruling in rulings)
    if all_lack:
        yield _role(world, image, pullers[0], rulings[0])
    for refusal in endpoints.refusals:
        yield refused(world, image, GUARDDUTY_SIDECAR_DENIED, refusal)
    if all_lack or endpoints.refusals:
        return
    gaps = (*(gap for ruling in rulings for gap in ruling.open), *endpoints.open)
    if any(ruling.denied for ruling in rulings):
        which = "it is not known which role pulls, and only one of them may not pull the sidecar"
        gaps = (Unsettled(words=which), *gaps)
    yield unknown(GUARDDUTY_SIDECAR_DENIED, together(gaps)) if gaps else passes(GUARDDUTY_SIDECAR_DENIED)


def _endpoints(
    world: World, image: ContainerImage, interface: Interface | None, puller: Puller
) -> EndpointAnswer:
    if interface is None:
        return EndpointAnswer(open=(Unsettled(words="the interface that pulls is not known"),))
    return answer_of(ecr_ways(world, image, interface, puller.steps, ("manifest", "layers")))


def _role(world: World, image: ContainerImage, puller: Puller, ruling: Ruling) -> Outcome:
    step, denied = ruling.first
    return fails(
        GUARDDUTY_SIDECAR_DENIED,
        f"{puller.role_name} may not do {joined(ruling.actions)} on GuardDuty's repository {step.request.resource}, from which the sidecar {joined(image.containers)} comes.",
        named=True,
        stage=step.stage,
        resources=(puller.role_arn, step.request.resource),
        evidence=(
            Evidence(
                what=denied.reason, source=READ_MANAGED if puller.facts.inline_policies == {} else READ_ROLE
            ),
            *near_misses(denied, step.action, READ_ROLE),
            *text_evidence(world, image, "identity", ruling.actions),
        ),
        fix=grant(puller, ruling.denied, "guardduty-sidecar-pull"),
        console_url=console.role(world.region, puller.role_name),
    )
