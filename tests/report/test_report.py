"""What the report says beside the verdict: the task, who pulls, what could not be read, and what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diagnostics import report
from diagnostics.finding import Finding, Report, Status, Unsettled
from diagnostics.snapshot import Snapshot, Unavailable
from tests import build
from tests.build import (
    ACCOUNT,
    CLUSTER,
    IMAGE,
    INSTANCE_ROLE_ARN,
    MOMENT,
    REGION,
    REPOSITORY_ARN,
    ROLE_ARN,
    TASK_ARN,
    absent,
    changed,
    definition_of,
    ec2,
    fargate,
    image_of,
    known,
    role_of,
    saved,
    stopped,
    task_of,
    unavailable,
    vpc_of,
)
from tests.verdict import test_worlds as worlds

Edit = Callable[[dict[str, Any]], object]
NOT_FOUND = f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {IMAGE}: {IMAGE}: not found"


def no_tag(world: dict[str, Any]) -> None:
    image_of(world)["detail"] = absent("ecr:DescribeImages")
    image_of(world)["tagged"] = known([])


def broken() -> Snapshot:
    return changed(fargate(), stopped(NOT_FOUND), no_tag)


def test_the_task() -> None:
    task = report.build(broken()).task
    assert (task.arn, task.cluster, task.account_id, task.region, task.partition, task.service) == (
        TASK_ARN, CLUSTER, ACCOUNT, REGION, "aws", "payments-api",
    )  # fmt: skip
    assert (task.launch_type, task.platform_version, task.last_status, task.stop_code, task.source) == (
        "FARGATE", "1.4.0", "STOPPED", "TaskFailedToStart", "live",
    )  # fmt: skip
    assert task.stopped_reason == NOT_FOUND
    assert task.stopped_at is not None
    assert task.stopped_at.isoformat() == MOMENT.replace("Z", "+00:00")
    assert [(item.name, item.image, item.reason) for item in task.containers] == [("app", IMAGE, NOT_FOUND)]


def test_without_a_task_its_service_and_definition_tell() -> None:
    def edit(world: dict[str, Any]) -> None:
        world["task"] = absent("ecs:DescribeTasks")
        world["source"] = "service_events"
        world["target"] = {"kind": "service", "region": REGION, "cluster": CLUSTER, "service": "payments-api"}

    task = report.build(changed(fargate(), edit)).task
    assert (task.arn, task.cluster, task.service, task.last_status) == (None, CLUSTER, "payments-api", None)
    assert (task.launch_type, task.source) == ("FARGATE", "service_events")
    assert [(item.name, item.image, item.reason) for item in task.containers] == [("app", IMAGE, None)]


def test_a_signature_in_a_text_is_not_passed_on() -> None:
    url = "https://prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com/a/b?X-Amz-Signature=5e5e5e"
    text = f'CannotPullContainerError: failed to copy: httpReadSeeker: failed open: failed to do request: Get "{url}": dial tcp 52.217.136.98:443: i/o timeout'
    assert "5e5e5e" not in report.build(changed(fargate(), stopped(text))).to_json()


def two_roles(world: dict[str, Any]) -> None:
    definition_of(world)["executionRoleArn"] = ROLE_ARN


@pytest.mark.parametrize(
    ("snapshot", "pulled_by"),
    [
        (fargate(), (ROLE_ARN, "execution_role", "eni-task", "subnet-private-a")),
        (ec2(), (INSTANCE_ROLE_ARN, "instance_role", "eni-host", "subnet-private-a")),
        (changed(ec2(), two_roles), (None, None, "eni-host", "subnet-private-a")),
        (changed(fargate(), lambda world: task_of(world).update(attachments=[])),
         (ROLE_ARN, "execution_role", None, None)),
    ],
    ids=["Fargate", "EC2", "two roles", "no interface"],
)  # fmt: skip
def test_who_pulls(snapshot: Snapshot, pulled_by: tuple[str | None, ...]) -> None:
    found = report.build(snapshot).pulled_by
    assert (found.principal, found.principal_kind, found.interface, found.subnet) == pulled_by


def test_the_legs_are_shown() -> None:
    legs = report.build(fargate()).network.legs
    assert {(leg.name, leg.subnet) for leg in legs} == {
        (leg, subnet)
        for leg in ("login", "manifest", "layers", "logs")
        for subnet in ("subnet-private-a", "subnet-private-b")
    }


def test_how_it_was_read() -> None:
    taken = report.build(fargate()).snapshot
    assert (taken.seconds, taken.api_calls, taken.depth) == (1.2, 34, 5)


# --- what could not be read --------------------------------------------------------------------------


def test_a_fact_that_was_needed_is_named_once_with_what_it_leaves_open() -> None:
    def edit(world: dict[str, Any]) -> None:
        image_of(world)["detail"] = unavailable("denied", "ecr:DescribeImages", "payments-api")

    found = {item.call: item for item in report.build(changed(fargate(), edit)).unavailable}
    item = found["ecr:DescribeImages"]
    assert (item.why, item.resource) == ("denied", "payments-api")
    assert "tag-not-found" in item.needed_by
    assert len(set(item.needed_by)) == len(item.needed_by)


def test_what_could_not_be_read_is_named_though_no_finding_needed_it() -> None:
    def edit(world: dict[str, Any]) -> None:
        world["caller"] = unavailable("denied", "sts:GetCallerIdentity")

    (item,) = report.build(changed(fargate(), edit)).unavailable
    assert (item.call, item.why, item.needed_by) == ("sts:GetCallerIdentity", "denied", ())


def test_a_denied_action_is_named_for_each_kind_of_check() -> None:
    def edit(world: dict[str, Any]) -> None:
        vpc_of(world)["route_tables"] = unavailable("denied", "ec2:DescribeRouteTables", "vpc-main")
        role_of(world)["role"] = unavailable("denied", "iam:GetRole", "payments-execution")

    found = {item.call: item for item in report.build(changed(fargate(), edit)).unavailable}
    assert {"ec2:DescribeRouteTables", "iam:GetRole"} <= found.keys()
    assert "route-no-egress" in found["ec2:DescribeRouteTables"].needed_by
    assert "role-missing" in found["iam:GetRole"].needed_by


ROUTES_A = {"call": "ec2:DescribeRouteTables", "why": "denied", "resource": "vpc-a"}
ROUTES_B = {**ROUTES_A, "resource": "vpc-b"}
ROLE = {"call": "iam:GetRole", "why": "denied", "resource": "payments-execution"}


def of_status(status: Status, fault: str, *facts: dict[str, str]) -> Finding:
    unread = tuple(Unavailable(**fact) for fact in facts)
    return Finding(
        check="made.up", fault=fault, status=status, stage=None, summary="",
        unsettled=Unsettled(words="words", unread=unread, names=tuple(fact.resource for fact in unread)) if status is Status.UNKNOWN else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([of_status(Status.UNKNOWN, "one", ROLE)], [("iam:GetRole", "payments-execution", ("one",))]),
        (
            [of_status(Status.UNKNOWN, "one", ROLE), of_status(Status.UNKNOWN, "two", ROLE), of_status(Status.UNKNOWN, "one", ROLE)],
            [("iam:GetRole", "payments-execution", ("one", "two"))],
        ),
        ([of_status(Status.UNKNOWN, "one", ROUTES_B)], [("ec2:DescribeRouteTables", "vpc-b", ("one",))]),
        (
            [of_status(Status.UNKNOWN, "one", ROUTES_A, ROUTES_B)],
            [("ec2:DescribeRouteTables", "vpc-a", ("one",)), ("ec2:DescribeRouteTables", "vpc-b", ("one",))],
        ),
        ([of_status(Status.UNKNOWN, "one")], []),
        ([of_status(Status.SKIPPED, "one")], []),
        ([of_status(Status.PASS, "one")], []),
    ],
    ids=["one", "once for all", "one of two VPCs", "two", "nothing that a call would read", "skipped", "passes"],
)  # fmt: skip
def test_what_findings_needed(findings: list[Finding], expected: list[Any]) -> None:
    def edit(world: dict[str, Any]) -> None:
        role_of(world)["role"] = unavailable(**ROLE)
        facts = {"route_tables": unavailable(**ROUTES_A)}
        world["vpcs"]["vpc-a"] = {"vpc_id": "vpc-a", **facts}
        world["vpcs"]["vpc-b"] = {"vpc_id": "vpc-b", "route_tables": unavailable(**ROUTES_B)}

    found = report.unread(changed(fargate(), edit), tuple(findings))
    needed = [item for item in found if item.needed_by]
    assert [(item.call, item.resource, item.needed_by) for item in needed] == expected
    assert {item.call for item in found} == {ROUTES_A["call"], ROLE["call"]}


def test_what_was_not_asked_is_not_missed() -> None:
    assert report.unread(fargate(), ()) == ()


# --- what changed ------------------------------------------------------------------------------------


def changes(now: Snapshot, previous: Snapshot) -> list[tuple[str, str | None, str | None]]:
    found = report.build(now, previous).changes
    assert found is not None
    return [(item.fault, item.was, item.is_) for item in found]


def other_tag(world: dict[str, Any]) -> None:
    for holder in (
        image_of(world),
        task_of(world)["containers"][0],
        definition_of(world)["containerDefinitions"][0],
    ):
        holder["image"] = IMAGE.replace("1.4.2", "2.0.0")


def denied(world: dict[str, Any]) -> None:
    image_of(world)["detail"] = unavailable("denied", "ecr:DescribeImages")


def no_role(world: dict[str, Any]) -> None:
    role_of(world)["role"] = absent("iam:GetRole")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([no_tag], [], [("tag-not-found", "fail", "pass")]),
        ([no_tag], [no_tag], [("tag-not-found", "fail", "fail")]),
        ([], [no_tag], [("tag-not-found", "pass", "fail")]),
        ([no_tag], [denied], [("tag-not-found", "fail", "unknown")]),
        ([denied], [no_tag], [("tag-not-found", "unknown", "fail")]),
        ([], [], []),
        ([no_tag], [no_tag, other_tag], [("tag-not-found", "fail", None), ("tag-not-found", None, "fail")]),
        ([no_tag], [no_role], [("tag-not-found", "fail", "pass"), ("role-missing", "pass", "fail")]),
    ],
    ids=["fixed", "still failing", "new", "not known now", "not known then", "nothing", "another tag", "fixed, and a new one"],
)  # fmt: skip
def test_changes(before: list[Edit], after: list[Edit], expected: list[Any]) -> None:
    base = changed(fargate(), stopped(NOT_FOUND))
    assert changes(changed(base, *after), changed(base, *before)) == expected


def throttled(world: dict[str, Any]) -> None:
    for name in ("task", "task_definition", "service"):
        world[name] = unavailable("throttled", "ecs:DescribeTasks")
    world["images"] = []


@pytest.mark.parametrize(
    ("before", "after", "became"),
    [
        ([no_tag], [], ["fixed"]),
        ([no_tag], [no_tag], ["still_failing"]),
        ([], [no_tag], ["new"]),
        ([no_tag], [denied], ["unseen"]),
        ([no_tag], [throttled], ["unseen"]),
        ([no_tag], [no_tag, other_tag], ["unseen", "new"]),
        ([denied], [], []),
    ],
)
def test_fixed_is_what_was_judged_again(before: list[Edit], after: list[Edit], became: list[str]) -> None:
    base = changed(fargate(), stopped(NOT_FOUND))
    found = report.build(changed(base, *after), changed(base, *before)).changes
    assert [item.became for item in found or ()] == became


def no_way_out(world: dict[str, Any]) -> None:
    build.routes_of(world, "rtb-private").pop()


def unread_groups(world: dict[str, Any]) -> None:
    groups = build.vpc_of(world)["security_groups"]
    for name in groups:
        groups[name] = unavailable("denied", "ec2:DescribeSecurityGroups")


@pytest.mark.parametrize(
    ("after", "became"),
    [([], {"fixed"}), ([no_way_out], {"still_failing"}), ([unread_groups], {"unseen"})],
    ids=["through a NAT gateway", "as it was", "through a NAT gateway, as far as is known"],
)
def test_what_does_not_apply_any_more_is_fixed_where_its_subject_passes(
    after: list[Edit], became: set[str]
) -> None:
    base = changed(fargate(), stopped(worlds.LOGIN))
    found = report.build(changed(base, *after), changed(base, no_way_out)).changes
    assert {item.became for item in found or () if item.fault == "route-no-egress"} == became


@pytest.mark.parametrize(
    "name", ["demo-route-no-egress", "demo-tag-not-found", "sg-egress-blocked", "role-missing"]
)
def test_a_task_that_could_not_be_read_fixed_nothing(name: str) -> None:
    case = saved.case_json(name)
    previous = Snapshot.model_validate(case)
    for field in ("task", "task_definition", "service", "task_interface"):
        case[field] = unavailable("throttled", "ecs:DescribeTasks")
    case.update(subnets={}, vpcs={}, images=[], roles={})
    found = report.build(Snapshot.model_validate(case), previous).changes
    assert found
    assert {item.became for item in found} == {"unseen"}


def test_changes_name_the_resources() -> None:
    found = report.build(fargate(), broken()).changes
    assert found is not None
    assert [item.resources for item in found] == [(REPOSITORY_ARN, "1.4.2")]


LIMIT = "CannotPullContainerError: toomanyrequests: You have reached your pull rate limit."


def is_now(status: str, **more: Any) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        task_of(world).update(taskArn=TASK_ARN[:-4] + "ffff", lastStatus=status, **more)

    return edit


def unread_role(world: dict[str, Any]) -> None:
    role_of(world)["role"] = unavailable("denied", "iam:GetRole", "payments-execution")


@pytest.mark.parametrize(
    ("before", "after", "recovered"),
    [
        ([stopped(NOT_FOUND), no_tag], [is_now("RUNNING")], True),
        ([stopped(NOT_FOUND), no_tag], [is_now("ACTIVATING")], True),
        # No API shows a rate limit, so that no change tells that it is over.
        ([stopped(LIMIT)], [is_now("RUNNING")], True),
        ([stopped(LIMIT)], [is_now("RUNNING"), unread_role], True),
        # None had failed yet, and it was known that one would.
        ([is_now("PENDING"), no_tag], [is_now("RUNNING")], True),
        ([stopped(NOT_FOUND), no_tag], [is_now("PENDING")], False),
        ([stopped(NOT_FOUND), no_tag], [is_now("PROVISIONING")], False),
        ([stopped(NOT_FOUND), no_tag], [stopped(NOT_FOUND)], False),
        ([stopped(NOT_FOUND), no_tag], [lambda world: world.update(task=unavailable("denied", "ecs:ListTasks"))], False),
        ([stopped(NOT_FOUND), no_tag], [is_now("RUNNING"), lambda world: world.update(source="saved")], False),
        ([], [is_now("RUNNING")], False),
        ([is_now("RUNNING"), no_tag], [is_now("RUNNING")], False),
    ],
    ids=[
        "runs", "activating", "by the text alone", "not all could be read", "before any failed", "pending", "provisioning",
        "the same one", "denied", "not from ECS", "nothing failed", "ran before",
    ],
)  # fmt: skip
def test_a_service_has_recovered_where_a_task_pulled_after_one_that_could_not(
    before: list[Edit], after: list[Edit], recovered: bool
) -> None:
    answer = report.build(changed(fargate(), *after), changed(fargate(), *before))
    assert answer.recovered is recovered
    assert ("recovered" in answer.to_json()) is recovered


def test_without_an_earlier_run_there_are_no_changes() -> None:
    assert report.build(broken()).changes is None


# --- the contract ------------------------------------------------------------------------------------


def test_building_is_pure() -> None:
    snapshot = broken()
    assert (
        report.build(snapshot).to_json()
        == report.build(Snapshot.model_validate_json(snapshot.model_dump_json(by_alias=True))).to_json()
    )


def test_a_report_survives_its_json_form() -> None:
    text = report.build(broken(), fargate()).to_json()
    assert Report.model_validate_json(text).to_json() == text
