"""May the role that pulls do so, by every policy but those of the network's endpoints? The check of those rooms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from diagnostics.faults.base import Check, Subject, World, passes, skipped, unknown
from diagnostics.faults.images import image_of
from diagnostics.faults.permissions.instance_profile_missing import INSTANCE_PROFILE_MISSING
from diagnostics.faults.permissions.pulling_role import PolicyRoom, role_pull_of, who_pulls
from diagnostics.faults.permissions.role_missing import ROLE_MISSING
from diagnostics.faults.permissions.role_not_assumable import ROLE_NOT_ASSUMABLE
from diagnostics.faults.permissions.role_permission_missing import fault_and_twin, the_other_role
from diagnostics.faults.permissions.roles import is_gone, role_facts
from diagnostics.finding import Fault, Outcome, Status
from diagnostics.pull import ContainerImage, Interface, PullingRole, is_foreign_role
from diagnostics.write.snippets import joined


def pull_check(rooms: tuple[PolicyRoom, ...]) -> Check:
    """The check of every role that may be the one that pulls, against every policy about the image."""
    faults = tuple(dict.fromkeys(fault for room in rooms for fault in room.faults))

    def of_one(
        world: World, image: ContainerImage, principal: PullingRole, interface: Interface | None
    ) -> Iterator[Outcome]:
        yield the_other_role(principal)
        no_role = _why_no_role(world, principal)
        if no_role is not None:
            _, twin = fault_and_twin(principal)
            yield from (skipped(fault, no_role) for fault in faults if fault is not twin)
            return
        pull = role_pull_of(world, image, principal, interface)
        yield from chain.from_iterable(room.judge(pull) for room in rooms)

    def judge(world: World, subject: Subject) -> Iterator[Outcome]:
        image = image_of(subject)
        principals, reason = who_pulls(world, image)
        if not principals:
            yield from (skipped(fault, reason) for fault in faults)
            return
        each = [tuple(of_one(world, image, item, subject.interface)) for item in principals]
        if len(each) == 1:
            yield from each[0]
            return
        for fault in faults:
            yield from _together(fault, principals, each)

    return Check(name="permissions.pull", subject="role", faults=faults, judge=judge)


def _why_no_role(world: World, principal: PullingRole) -> str | None:
    """Why a role's policies are not asked about; `None` where they are."""
    if is_foreign_role(world.snapshot, principal.role_arn):
        return f"the role belongs to another account: {ROLE_NOT_ASSUMABLE.id}"
    if is_gone(role_facts(world, principal.role_arn)):
        gone = ROLE_MISSING if principal.kind == "execution_role" else INSTANCE_PROFILE_MISSING
        return f"the {principal.kind.replace('_', ' ')} does not exist: {gone.id}"
    return None


# --- several roles -----------------------------------------------------------------------------------


def _together(
    fault: Fault, principals: tuple[PullingRole, ...], each: list[tuple[Outcome, ...]]
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
        sure = joined(item.role_arn for item, no in zip(principals, refused, strict=True) if no)
        rest = joined(item.role_arn for item, no in zip(principals, refused, strict=True) if not no)
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
