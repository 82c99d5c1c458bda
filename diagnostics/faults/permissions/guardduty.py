"""May the sidecar be pulled that GuardDuty's Runtime Monitoring adds to a task?"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.permissions.asking import is_guardduty, puller_of, why_no_iam
from diagnostics.faults.permissions.endpoint import Answer, ecr_ways, refused, through
from diagnostics.faults.permissions.faults import (
    GUARDDUTY_SIDECAR_DENIED,
    INSTANCE_PROFILE_MISSING,
    ROLE_MISSING,
)
from diagnostics.faults.permissions.questions import Puller, Ruling, role_lacks
from diagnostics.faults.permissions.role_side import READ_IDENTITY, grant
from diagnostics.faults.permissions.wording import denials_about, listed, near_misses, text_evidence
from diagnostics.finding import Evidence, Outcome, Unsettled, together
from diagnostics.pull import ContainerImage, Interface
from diagnostics.snapshot import need

FAULT = GUARDDUTY_SIDECAR_DENIED


@check("permissions.guardduty", "role", FAULT)
def sidecar(world: World, subject: Subject) -> Iterator[Outcome]:
    """The role and the endpoint have to let GuardDuty's repository through like the task's own.

    The registry belongs to AWS, which lets every account pull; the role needs its own Allow as for any image of
    another account.
    AWS: https://docs.aws.amazon.com/guardduty/latest/ug/prereq-runtime-monitoring-ecs-support.html
    """
    image = subject.image
    assert image is not None
    if not is_guardduty(image):
        yield skipped(FAULT, "the image is not GuardDuty's sidecar")
        return
    reason = why_no_iam(image)
    if reason is not None:
        yield skipped(FAULT, reason)
        return
    principals = need(world.pull.principals) or ()
    if not principals:
        yield skipped(
            FAULT, f"no role is there to pull with: {ROLE_MISSING.id} or {INSTANCE_PROFILE_MISSING.id}"
        )
        return
    pullers = [puller_of(world, image, item, subject.interface).about_repository for item in principals]
    rulings = [role_lacks(puller) for puller in pullers]
    endpoints = _endpoints(world, image, subject.interface, pullers[0])
    lacking = all(ruling.denied for ruling in rulings)
    if lacking:
        yield _role(world, image, pullers[0], rulings[0])
    for refusal in endpoints.refusals:
        yield refused(world, image, FAULT, refusal)
    if lacking or endpoints.refusals:
        return
    gaps = (*(gap for ruling in rulings for gap in ruling.open), *endpoints.open)
    if any(ruling.denied for ruling in rulings):
        which = "it is not known which role pulls, and only one of them may not pull the sidecar"
        gaps = (Unsettled(words=which), *gaps)
    yield unknown(FAULT, together(gaps)) if gaps else passes(FAULT)


def _endpoints(world: World, image: ContainerImage, interface: Interface | None, puller: Puller) -> Answer:
    if interface is None:
        return Answer((), (Unsettled(words="the interface that pulls is not known"),), ())
    return through(ecr_ways(world, image, interface, puller.steps, ("manifest", "layers")))


def _role(world: World, image: ContainerImage, puller: Puller, ruling: Ruling) -> Outcome:
    step, denied = ruling.first
    return fails(
        FAULT,
        f"{puller.role_name} may not do {listed(ruling.actions)} on GuardDuty's repository {step.request.resource}, from which the sidecar {listed(image.containers)} comes.",
        named=True,
        stage=step.stage,
        resources=(puller.role_arn, step.request.resource),
        evidence=(
            Evidence(what=denied.reason, source=READ_IDENTITY),
            *near_misses(denied, step.action, READ_IDENTITY),
            *text_evidence(denials_about(world, image), "identity", ruling.actions),
        ),
        fix=grant(puller, (item for item, _ in ruling.denied), "guardduty-sidecar-pull"),
        console_url=console.role(world.region, puller.role_name),
    )
