"""Knowing less never decides more: a fact that cannot be read may only turn findings into `unknown`.

Each known fact of each saved case is taken away in turn. Every finding must then say what it said before, or that it is
not known; the verdict may name no new cause (what it had folded under a cause is not new), and may not say that nothing is
wrong where something was.
"""

from __future__ import annotations

import pytest

from diagnostics.finding import Status
from diagnostics.snapshot import Snapshot
from tests.build import changed, ec2, endpoints, fargate, stopped
from tests.cases.rejudging import Judgement, Rejudging, statuses_of
from tests.cases.saved import NAMES, case, without_one
from tests.verdict import test_worlds as worlds

Cause = tuple[str, tuple[str, ...]]


TOLD_BY_TEXT = (
    "repo-policy-denies",
    "repo-policy-cross-account-missing",
    "role-permission-missing",
    "instance-profile-permission-missing",
    "role-explicit-deny",
    "boundary-denies",
    "container-secret-access-denied",
    "secret-access-denied",
    "kms-denied",
)
"""Policies that an error text names as the one that refused: unread, they are likely by it, where they were sure to refuse."""


def by_text_alone(fault: str, said: set[Status]) -> set[Status]:
    """What the error text tells by itself of a policy that refused, where the policy is not read: that it is likely.

    An organization's policies are told of by IAM's simulator, which most accounts refuse: without it the text warns or says
    nothing; what the simulator proved or ruled out is neither proved nor ruled out then.
    """
    if fault in TOLD_BY_TEXT:
        return {Status.WARN} if Status.FAIL in said else set()
    if fault != "scp-denies" or said.isdisjoint({Status.FAIL, Status.PASS}):
        return set()
    return {Status.WARN, Status.SKIPPED}


def less_exact(cause: Cause, before: Judgement) -> bool:
    """The cause is one from before, with fewer of its resources named."""
    fault, resources = cause
    return any(fault == other and set(resources) < set(named) for other, named in before.causes)


def only_the_simulator_told(before: Judgement, after: Judgement) -> bool:
    """Whether all that was found is what IAM's simulator said of the organization's policies.

    Where most accounts refuse to simulate, what they cannot read is a caveat that stands beside the answer, not something
    that is unknown in it; else no pull that was once denied could ever be called repaired there.
    """
    told = {item.fault for item in before.findings if item.status is Status.FAIL}
    return told == {"scp-denies"} and "scp-denies" in {
        item.fault for item in after.findings if item.status is Status.SKIPPED
    }


def violations(before: Judgement, after: Judgement) -> list[str]:
    """What is decided without the fact that was not decided with it."""
    known, any_subject = before.statuses, before.of_any_subject
    wrong = []
    for key, found in statuses_of(item for item in after.findings if id(item) not in before.places).items():
        # A fact may be what tells the subjects apart: then any of them may have said it.
        allowed = known.get(key) or any_subject.get(key[:2], set())
        for status in found - allowed - {Status.UNKNOWN} - by_text_alone(key[1], allowed):
            said = ", ".join(sorted(allowed))
            wrong.append(f"{key[1]} ({key[0]} {key[3] or ''} {key[4] or ''}) is {status}, was {said}")
    wrong.extend(
        f"new cause {item}"
        for item in sorted(after.causes - before.causes - before.folded)
        if not less_exact(item, before)
    )
    if after.outcome == "nothing_wrong" != before.outcome and not only_the_simulator_told(before, after):
        wrong.append(f"nothing is wrong, was {before.outcome}")
    return wrong


def assert_nothing_more_is_decided(snapshot: Snapshot) -> None:
    world = Rejudging(snapshot)
    wrong = {
        path: found
        for path, less in without_one(snapshot)
        if (found := violations(world.before, world.judgement(less)))
    }
    assert wrong == {}


@pytest.mark.parametrize("name", NAMES)
def test_without_one_fact_of_a_saved_case(name: str) -> None:
    assert_nothing_more_is_decided(case(name))


STRANGE = "CannotPullContainerError: something that nobody has seen"


@pytest.mark.parametrize(
    "snapshot",
    [
        changed(fargate(), worlds.closed_group, worlds.no_tag, stopped(worlds.LOGIN)),
        changed(fargate(), worlds.closed_group, worlds.no_tag, stopped(STRANGE)),
        changed(fargate(), worlds.no_tag, worlds.repository_denies, stopped(worlds.FORBIDDEN)),
        changed(fargate(), worlds.own_table_for_b, worlds.no_permission),
        changed(endpoints(), worlds.no_s3_endpoint, worlds.shut_endpoints, stopped(worlds.CANCELED)),
        changed(endpoints(), worlds.no_logs_endpoint, worlds.s3_refuses, stopped(worlds.LAYERS)),
        changed(ec2(), worlds.closed_host_group, worlds.no_permission, stopped(worlds.HOST_TIMED_OUT)),
    ],
    ids=["network and image", "unknown text", "policy and tag", "running", "no step in the text", "later faults only", "EC2"],
)  # fmt: skip
def test_without_one_fact_of_a_world_with_two_faults(snapshot: Snapshot) -> None:
    assert_nothing_more_is_decided(snapshot)
