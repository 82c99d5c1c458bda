"""May the role that pulls do so, by every policy but those of the network's endpoints?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from diagnostics.faults.base import Subject, World, check, passes, skipped, unknown
from diagnostics.faults.permissions import organization, registry_side, role_side
from diagnostics.faults.permissions.asking import (
    is_foreign_role,
    is_guardduty,
    puller_of,
    role_facts,
    why_no_iam,
)
from diagnostics.faults.permissions.faults import (
    BOUNDARY_DENIES,
    INSTANCE_PROFILE_MISSING,
    INSTANCE_PROFILE_PERMISSION_MISSING,
    RCP_DENIES,
    REGISTRY_POLICY_DENIES,
    REPO_POLICY_CROSS_ACCOUNT_MISSING,
    REPO_POLICY_DENIES,
    REPO_POLICY_PRINCIPAL_ORPHANED,
    ROLE_EXPLICIT_DENY,
    ROLE_MISSING,
    ROLE_NOT_ASSUMABLE,
    ROLE_PERMISSION_MISSING,
    SCP_DENIES,
)
from diagnostics.faults.permissions.questions import Puller
from diagnostics.faults.permissions.wording import listed
from diagnostics.finding import Fault, Outcome, Status
from diagnostics.pull import ContainerImage, Interface, Principal
from diagnostics.snapshot import Absent, need

FAULTS = (
    ROLE_PERMISSION_MISSING,
    INSTANCE_PROFILE_PERMISSION_MISSING,
    ROLE_EXPLICIT_DENY,
    BOUNDARY_DENIES,
    REPO_POLICY_DENIES,
    REPO_POLICY_CROSS_ACCOUNT_MISSING,
    REPO_POLICY_PRINCIPAL_ORPHANED,
    REGISTRY_POLICY_DENIES,
    SCP_DENIES,
    RCP_DENIES,
)


@check("permissions.pull", "role", *FAULTS)
def may_pull(world: World, subject: Subject) -> Iterator[Outcome]:
    """Every role that may be the one that pulls, against every policy about the image."""
    image = subject.image
    assert image is not None
    reason = why_no_iam(image)
    if reason is not None:
        yield from (skipped(fault, reason) for fault in FAULTS)
        return
    principals = need(world.pull.principals) or ()
    if not principals:
        reason = f"no role is there to pull with: {ROLE_MISSING.id} or {INSTANCE_PROFILE_MISSING.id}"
        yield from (skipped(fault, reason) for fault in FAULTS)
        return
    each = [tuple(_of_one(world, image, item, subject.interface)) for item in principals]
    if len(each) == 1:
        yield from each[0]
        return
    for fault in FAULTS:
        yield from _together(fault, principals, each)


def _of_one(
    world: World, image: ContainerImage, principal: Principal, interface: Interface | None
) -> Iterator[Outcome]:
    """The outcomes for one role."""
    fault, other = ROLE_PERMISSION_MISSING, INSTANCE_PROFILE_PERMISSION_MISSING
    if principal.kind == "instance_role":
        fault, other = other, fault
    kind = principal.kind.replace("_", " ")
    yield skipped(other, f"the {kind} pulls: {fault.id}")
    facts = role_facts(world, principal.role_arn)
    no_role = None
    if is_foreign_role(world.snapshot, principal.role_arn):
        no_role = f"the role belongs to another account: {ROLE_NOT_ASSUMABLE.id}"
    elif any(
        isinstance(fact, Absent)
        for fact in (facts.role, facts.inline_policy_names, facts.attached_policy_arns)
    ):
        gone = ROLE_MISSING if principal.kind == "execution_role" else INSTANCE_PROFILE_MISSING
        no_role = f"the {kind} does not exist: {gone.id}"
    if no_role is not None:
        yield from (skipped(item, no_role) for item in FAULTS if item is not other)
        return
    puller, others = _pullers(world, image, principal, interface)
    repository_gone = isinstance(world.image_facts(image).repository, Absent)
    # What the role lacks on GuardDuty's own repository is guardduty-sidecar-denied.
    asked = puller.about_login if is_guardduty(image) else puller
    yield role_side.permission_missing(world, image, asked, fault, others)
    yield from role_side.explicit_deny(world, image, puller)
    yield role_side.boundary(world, image, puller, others)
    yield from registry_side.outcomes(world, image, puller, repository_gone=repository_gone)
    yield from organization.outcomes(world, image, puller)


def _pullers(
    world: World, image: ContainerImage, principal: Principal, interface: Interface | None
) -> tuple[Puller, tuple[Puller, ...]]:
    """The role with this image, and with the task's others that are pulled with it from private ECR."""
    others = (
        item
        for item in world.pull.images
        if item != image and why_no_iam(item) is None and not is_guardduty(item)
    )
    return (
        puller_of(world, image, principal, interface),
        tuple(puller_of(world, item, principal, interface) for item in others),
    )


# --- several roles -----------------------------------------------------------------------------------


def _together(
    fault: Fault, principals: tuple[Principal, ...], each: list[tuple[Outcome, ...]]
) -> Iterator[Outcome]:
    """One answer where it is not settled which of several roles pulls.

    Only where each of them is refused does the pull fail; where one is and another is not, it depends on which pulls.
    """
    mine = [tuple(item for item in outcomes if item.fault == fault) for outcomes in each]
    every = tuple(chain.from_iterable(mine))
    failing = [item for item in every if item.status is Status.FAIL]
    if failing:
        refused = [any(item.status is Status.FAIL for item in outcomes) for outcomes in each]
        if all(refused):
            yield from _distinct(failing)
            return
        sure = listed(item.role_arn for item, no in zip(principals, refused, strict=True) if no)
        rest = listed(item.role_arn for item, no in zip(principals, refused, strict=True) if not no)
        reason = f"it is not known which role pulls: {sure} is refused, and that is not certain of {rest}"
        yield unknown(fault, reason, failing[0].stage, failing[0].resources)
        return
    for status in (Status.WARN, Status.UNKNOWN, Status.PASS):
        found = next((item for item in every if item.status is status), None)
        if found is not None:
            yield passes(fault, stage=found.stage) if status is Status.PASS else found
            return
    yield every[0]


def _distinct(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """One of those that name the same resources."""
    yield from {item.resources: item for item in outcomes}.values()
