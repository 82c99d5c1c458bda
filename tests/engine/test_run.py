"""The engine judges every subject with every check, and nothing that goes wrong with one costs another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from diagnostics import engine
from diagnostics.faults.base import Check, Subject, SubjectKind, World, check, fails, passes, skipped
from diagnostics.finding import Evidence, Fault, Finding, Fix, Outcome, Status, UndecidedError
from diagnostics.snapshot import Snapshot, Unavailable, UnavailableError
from tests.build import (
    IMAGE,
    INSTANCE_ROLE_ARN,
    absent,
    changed,
    definition_of,
    ec2,
    fargate,
    stopped,
    task_of,
    unavailable,
)

ONE = Fault(id="one", kind="image", title="The first is in order", why="", how="", source="")
TWO = Fault(id="two", kind="image", title="The second is in order", why="", how="", source="")
THREE = Fault(id="three", kind="image", title="The third is in order", why="", how="", source="")


def broken(fault: Fault, *resources: str) -> Outcome:
    return fails(
        fault, "It is broken.", stage="manifest", resources=resources, evidence=(Evidence(what="seen", source="ecr:X"),),
        fix=Fix(text="Repair it."), console_url=None,
    )  # fmt: skip


def judging(
    *items: Any, subject: SubjectKind = "task", faults: tuple[Fault, ...] = (ONE, TWO, THREE)
) -> Check:
    """A check that yields outcomes and raises errors in this order."""

    @check("made.up", subject, *faults)
    def judge(world: World, subject: Subject) -> Iterator[Outcome]:
        for item in items:
            if isinstance(item, Exception):
                raise item
            yield item

    return judge


def run(one: Check, snapshot: Snapshot | None = None) -> tuple[Finding, ...]:
    return engine.run(engine.world_of(snapshot or fargate()), (one,))


def test_an_outcome_becomes_a_finding() -> None:
    (finding,) = run(judging(broken(ONE, "r-1"), faults=(ONE,)))
    assert (finding.check, finding.fault, finding.status, finding.stage) == (
        "made.up", "one", Status.FAIL, "manifest",
    )  # fmt: skip
    assert (finding.summary, finding.resources, finding.fix) == (
        "It is broken.",
        ("r-1",),
        Fix(text="Repair it."),
    )
    assert (finding.container, finding.leg, finding.subnet, finding.used_path) == (None, None, None, True)


UNREAD = Unavailable(why="denied", call="ecr:DescribeImages", resource="payments-api")


@pytest.mark.parametrize(
    ("items", "statuses", "reason"),
    [
        ([passes(ONE), passes(TWO), skipped(THREE, "why")], "pass pass skipped", "why"),
        ([passes(ONE), UnavailableError(UNREAD)], "pass unknown unknown", "ecr:DescribeImages could not be read: denied"),
        ([UnavailableError(Unavailable(why="no host"))], "unknown unknown unknown", "no host"),
        ([broken(ONE), UndecidedError("two answers")], "fail unknown unknown", "two answers"),
        ([broken(ONE), KeyError("x")], "fail unknown unknown", "this check crashed: KeyError: 'x'"),
        ([passes(ONE), passes(TWO)], "pass pass unknown", "this check did not rule on it"),
    ],
    ids=["all ruled on", "unavailable", "unavailable without a call", "undecided", "crash", "one forgotten"],
)  # fmt: skip
def test_what_a_check_leaves_open_is_unknown(items: list[Any], statuses: str, reason: str) -> None:
    findings = run(judging(*items))
    assert [item.fault for item in findings] == ["one", "two", "three"]
    assert " ".join(item.status for item in findings) == statuses
    assert findings[-1].reason == reason


def test_the_fact_that_could_not_be_read_is_kept() -> None:
    findings = run(judging(passes(ONE), UnavailableError(UNREAD)))
    assert [item.unsettled and item.unsettled.unread for item in findings] == [None, (UNREAD,), (UNREAD,)]


def test_a_ruling_on_a_foreign_fault_is_a_mistake_of_the_check() -> None:
    findings = run(judging(passes(ONE), passes(THREE), faults=(ONE, TWO)))
    assert [(item.fault, item.status) for item in findings] == [
        ("one", Status.PASS),
        ("two", Status.UNKNOWN),
    ]
    assert findings[1].reason == "this check ruled on three, which is not one of its faults"


def test_one_fault_may_be_found_twice() -> None:
    findings = run(judging(broken(ONE, "r-1"), broken(ONE, "r-2"), faults=(ONE,)))
    assert [item.resources for item in findings] == [("r-1",), ("r-2",)]


def test_a_crash_on_one_subject_leaves_the_others() -> None:
    @check("made.up", "path", ONE)
    def judge(world: World, subject: Subject) -> Iterator[Outcome]:
        assert subject.interface is not None
        if subject.interface.subnet_id == "subnet-private-a":
            raise ZeroDivisionError("boom")
        yield broken(ONE, "r-1")

    findings = run(judge)
    assert [(item.subnet, item.status) for item in findings] == [
        ("subnet-private-a", Status.UNKNOWN),
        ("subnet-private-b", Status.FAIL),
    ]


# --- subjects ----------------------------------------------------------------------------------------


def two_images(world: dict[str, Any]) -> None:
    definition_of(world)["containerDefinitions"].append({"name": "sidecar", "image": "nginx:1"})
    task_of(world)["containers"].append({"name": "sidecar", "image": "nginx:1"})


HERE, THERE = ("subnet-private-a", True), ("subnet-private-b", False)


@pytest.mark.parametrize(
    ("kind", "subjects"),
    [
        ("task", [(None, None, None, True)]),
        ("image", [("app", None, None, True), ("sidecar", None, None, True)]),
        ("role", [("app", None, *HERE), ("sidecar", None, *HERE)]),
        ("path", [("app", None, *HERE), ("sidecar", None, *HERE), ("app", None, *THERE), ("sidecar", None, *THERE)]),
        (
            "leg",
            [
                (container, leg, *place)
                for place in (HERE, THERE)
                for container, leg in (
                    ("app", "login"), ("app", "manifest"), ("app", "layers"), ("sidecar", "manifest"), ("app", "logs"),
                )
            ],
        ),
    ],
)  # fmt: skip
def test_subjects(kind: SubjectKind, subjects: list[tuple[Any, ...]]) -> None:
    snapshot = changed(fargate(), two_images)
    findings = run(judging(passes(ONE), subject=kind, faults=(ONE,)), snapshot)
    assert [(item.container, item.leg, item.subnet, item.used_path) for item in findings] == subjects


def test_containers_that_share_an_image_are_one_subject() -> None:
    def edit(world: dict[str, Any]) -> None:
        task_of(world)["containers"].append({"name": "worker", "image": IMAGE})
        definition_of(world)["containerDefinitions"].append({"name": "worker", "image": IMAGE})

    (finding,) = run(judging(passes(ONE), subject="image", faults=(ONE,)), changed(fargate(), edit))
    assert (finding.container, finding.containers) == (None, ("app", "worker"))


def test_a_leg_gives_its_stage_to_a_finding_without_one() -> None:
    findings = run(judging(passes(ONE), subject="leg", faults=(ONE,)))
    assert {item.leg: item.stage for item in findings} == {
        "login": "login", "manifest": "manifest", "layers": "layers", "logs": "secrets",
    }  # fmt: skip


def no_definition(world: dict[str, Any]) -> None:
    world["task"] = absent("ecs:DescribeTasks")
    world["task_definition"] = unavailable("denied", "ecs:DescribeTaskDefinition")


def nothing_left(world: dict[str, Any]) -> None:
    world["task"] = world["task_definition"] = absent("ecs:DescribeTasks")


def outside(world: dict[str, Any]) -> None:
    task_of(world).update(launchType="EXTERNAL", attachments=[], platformVersion=None)


def without_host(world: dict[str, Any]) -> None:
    world["instance"] = unavailable("throttled", "ec2:DescribeInstances")


@pytest.mark.parametrize(
    ("snapshot", "kind", "status", "reason"),
    [
        (changed(fargate(), no_definition), "image", Status.UNKNOWN, "ecs:DescribeTaskDefinition could not be read: denied"),
        (changed(fargate(), no_definition), "leg", Status.UNKNOWN, "ecs:DescribeTaskDefinition could not be read: denied"),
        (changed(fargate(), nothing_left), "role", Status.UNKNOWN, "neither the task nor its task definition tells which image it pulls"),
        (changed(ec2(), without_host), "leg", Status.UNKNOWN, "ec2:DescribeInstances could not be read: throttled"),
        (changed(ec2(), without_host), "path", Status.UNKNOWN, "ec2:DescribeInstances could not be read: throttled"),
        (changed(ec2(), without_host), "image", Status.PASS, None),
        (changed(fargate(), outside), "leg", Status.SKIPPED, "the host is outside AWS, whose API shows nothing of its network"),
        (changed(fargate(), outside), "image", Status.PASS, None),
    ],
)  # fmt: skip
def test_where_there_is_nothing_to_judge(
    snapshot: Snapshot, kind: SubjectKind, status: Status, reason: str | None
) -> None:
    (finding,) = run(judging(passes(ONE), subject=kind, faults=(ONE,)), snapshot)
    assert (finding.status, finding.reason) == (status, reason)
    unread = finding.unsettled.unread if finding.unsettled else ()
    assert all(fact.call in (reason or "") for fact in unread)


# --- the world ---------------------------------------------------------------------------------------


def test_the_denied_arn_says_who_pulls() -> None:
    def both_roles(world: dict[str, Any]) -> None:
        definition_of(world)["executionRoleArn"] = "arn:aws:iam::111122223333:role/other"

    who = "arn:aws:sts::111122223333:assumed-role/ecsInstanceRole/i-0aaaabbbbccccdddd"
    text = (
        f"CannotPullECRContainerError: AccessDeniedException: User: {who} is not authorized to perform: "
        "ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the "
        "ecr:GetAuthorizationToken action"
    )
    world = engine.world_of(changed(ec2(), both_roles, stopped("Task failed to start", text)))
    principals = world.pull.principals
    assert principals.kind == "known"
    assert [item.role_arn for item in principals.value] == [INSTANCE_ROLE_ARN]
