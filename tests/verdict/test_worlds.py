"""Whole worlds, from the facts to the ranked causes: single faults, two at a time, and what only looks broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diagnostics import report
from diagnostics.snapshot import Snapshot
from tests.build import (
    IMAGE,
    INSTANCE_ROLE_ARN,
    REGISTRY,
    ROLE_ARN,
    TASK_ID,
    absent,
    acl_of,
    changed,
    ec2,
    endpoint_of,
    endpoints,
    everything,
    fargate,
    group_of,
    image_of,
    items_of,
    known,
    no_way_out,
    policy_text,
    public,
    role_of,
    routes_of,
    stopped,
    task_of,
    tcp,
    unavailable,
    vpc_of,
)

Edit = Callable[[dict[str, Any]], object]

LOGIN = (
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon "
    "ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation "
    "error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0, "
    'RequestID: , request send failed, Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp 44.213.79.50:443: i/o timeout'
)
LOGIN_AT_ENDPOINT = LOGIN.replace("44.213.79.50", "10.0.10.231")
LAYERS = (
    "CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do "
    f"request: Get REDACTED ECR URL related to {IMAGE} dial tcp 52.217.136.98:443: i/o timeout"
)
NOT_FOUND = f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {IMAGE}: {IMAGE}: not found"
FORBIDDEN = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
    f"{IMAGE}: unexpected status from HEAD request to https://{REGISTRY}/v2/payments-api/manifests/1.4.2: 403 Forbidden"
)
SESSION = f"arn:aws:sts::111122223333:assumed-role/payments-execution/{TASK_ID}"
HOST_SESSION = "arn:aws:sts::111122223333:assumed-role/ecsInstanceRole/i-0aaaabbbbccccdddd"
TOKEN_DENIED = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to "
    "retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: {who} is not authorized "
    "to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the "
    "ecr:GetAuthorizationToken action"
)
HOST_TIMED_OUT = (
    f'CannotPullContainerError: Error response from daemon: Get "https://{REGISTRY}/v2/": net/http: request canceled while '
    "waiting for connection (Client.Timeout exceeded while awaiting headers)"
)
CANCELED = "CannotPullContainerError: context canceled"


# --- what breaks a world -----------------------------------------------------------------------------


def no_tag(world: dict[str, Any]) -> None:
    image_of(world).update(detail=absent("ecr:DescribeImages"), tagged=known([]))


def no_permission(world: dict[str, Any]) -> None:
    for role in world["roles"].values():
        role.update(attached_policy_arns=known([]), attached_policies={})


def repository_denies(world: dict[str, Any]) -> None:
    deny = {"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage"}
    image_of(world)["repository_policy"] = known(policy_text(deny))


def no_s3_endpoint(world: dict[str, Any]) -> None:
    items = items_of(world, "vpc_endpoints")
    items[:] = [item for item in items if item["VpcEndpointId"] != "vpce-s3"]
    routes = routes_of(world, "rtb-private")
    routes[:] = [item for item in routes if item.get("GatewayId") != "vpce-s3"]


def no_logs_endpoint(world: dict[str, Any]) -> None:
    items = items_of(world, "vpc_endpoints")
    items[:] = [item for item in items if item["VpcEndpointId"] != "vpce-logs"]


def closed_group(world: dict[str, Any]) -> None:
    group_of(world, "sg-tasks")["IpPermissionsEgress"] = []


def closed_host_group(world: dict[str, Any]) -> None:
    group_of(world, "sg-hosts")["IpPermissionsEgress"] = []


def shut_endpoints(world: dict[str, Any]) -> None:
    group_of(world, "sg-endpoints")["IpPermissions"] = []


def s3_refuses(world: dict[str, Any]) -> None:
    own = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::own/*"}
    endpoint_of(world, "s3")["PolicyDocument"] = policy_text(own)


def no_address(world: dict[str, Any]) -> None:
    for holder in (world["service"]["value"], world["service"]["value"]["deployments"][0]):
        holder["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] = "DISABLED"


def own_table_for_b(world: dict[str, Any]) -> None:
    """Subnet private-b gets a route table of its own, without a way out."""
    tables = items_of(world, "route_tables")
    private = next(item for item in tables if item["RouteTableId"] == "rtb-private")
    private["Associations"] = [
        item for item in private["Associations"] if item["SubnetId"] != "subnet-private-b"
    ]
    local = next(item for item in private["Routes"] if item.get("GatewayId") == "local")
    association = {"Main": False, "SubnetId": "subnet-private-b"}
    tables.append(
        {"RouteTableId": "rtb-b", "VpcId": "vpc-main", "Associations": [association], "Routes": [local]}
    )


def iam_denied(world: dict[str, Any]) -> None:
    hidden = unavailable("denied", "iam:GetRole")
    for role in world["roles"].values():
        role.update(
            role=hidden, inline_policy_names=hidden, attached_policy_arns=hidden, attached_policies={}
        )


def routes_denied(world: dict[str, Any]) -> None:
    vpc_of(world)["route_tables"] = unavailable("denied", "ec2:DescribeRouteTables")


# --- what only looks broken --------------------------------------------------------------------------


def decoys(world: dict[str, Any]) -> None:
    """An unused table without a way out, a closed group that nobody has, an unrelated Deny, an odd rule number."""
    items_of(world, "route_tables").append(
        {"RouteTableId": "rtb-unused", "VpcId": "vpc-main", "Associations": [], "Routes": []}
    )
    for item in acl_of(world)["Entries"]:
        if item["RuleNumber"] == 100:
            item["RuleNumber"] = 7
    deny = {"Effect": "Deny", "Principal": "*", "Action": "ecr:DeleteRepository"}
    image_of(world)["repository_policy"] = known(policy_text(deny))
    groups = vpc_of(world)["security_groups"]
    groups["sg-closed"] = known(
        {
            "GroupId": "sg-closed",
            "GroupName": "closed",
            "VpcId": "vpc-main",
            "IpPermissions": [],
            "IpPermissionsEgress": [],
        }
    )


@pytest.mark.parametrize(
    ("base", "edits", "text", "expected"),
    [
        (fargate(), [no_way_out], LOGIN, ["cause route-no-egress"]),
        (fargate(), [no_way_out, decoys], LOGIN, ["cause route-no-egress"]),
        (fargate(), [closed_group], LOGIN, ["cause sg-egress-blocked"]),
        (fargate(), [no_tag], NOT_FOUND, ["cause tag-not-found"]),
        (fargate(), [no_tag, decoys], NOT_FOUND, ["cause tag-not-found"]),
        (fargate(), [repository_denies], FORBIDDEN, ["cause repo-policy-denies"]),
        (fargate(), [no_permission], FORBIDDEN, ["cause role-permission-missing"]),
        (fargate(), [no_permission], TOKEN_DENIED.format(who=SESSION), ["cause role-permission-missing"]),
        (public(), [no_address], LOGIN, ["cause public-subnet-no-public-ip", "also public-subnet-no-public-ip"]),
        (endpoints(), [shut_endpoints], LOGIN_AT_ENDPOINT, ["cause endpoint-sg-ingress-blocked"]),
        (endpoints(), [no_s3_endpoint], LAYERS, ["cause endpoint-missing-s3", "also endpoint-missing-s3"]),
        (ec2(), [closed_host_group], HOST_TIMED_OUT, ["cause sg-egress-blocked"]),
        (ec2(), [no_permission], TOKEN_DENIED.format(who=HOST_SESSION), ["cause instance-profile-permission-missing"]),
        (fargate(), [own_table_for_b], LOGIN, ["also route-no-egress"]),
    ],
    ids=[
        "no route", "no route, beside decoys", "closed group", "no tag", "no tag, beside decoys", "repository policy", "no permission, 403",
        "no permission, log-in", "no public address", "shut endpoints", "no S3 endpoint", "closed host", "instance role",
        "only another subnet is broken",
    ],
)  # fmt: skip
def test_one_fault(base: Snapshot, edits: list[Edit], text: str, expected: list[str]) -> None:
    found = report.build(changed(base, *edits, stopped(text)))
    assert [f"{item.role} {item.id}" for item in found.causes] == expected
    assert all(item.certainty == "confirmed" for item in found.causes)
    assert found.verdict.outcome == ("cause_found" if expected[0].startswith("cause") else "undecided")


@pytest.mark.parametrize(
    ("base", "edits", "text", "expected"),
    [
        (fargate(), [closed_group, no_tag], LOGIN, ["cause sg-egress-blocked", "next tag-not-found"]),
        (fargate(), [closed_group, no_permission], LOGIN, ["cause sg-egress-blocked", "next role-permission-missing"]),
        (fargate(), [closed_group, repository_denies], FORBIDDEN, ["cause repo-policy-denies", "next sg-egress-blocked"]),
        (fargate(), [no_tag, repository_denies], FORBIDDEN, ["cause repo-policy-denies", "next tag-not-found"]),
        (endpoints(), [no_s3_endpoint, shut_endpoints], LOGIN_AT_ENDPOINT,
         ["cause endpoint-sg-ingress-blocked", "next endpoint-missing-s3", "also endpoint-missing-s3"]),
        (endpoints(), [s3_refuses, no_logs_endpoint], LAYERS,
         ["next s3-endpoint-policy-denies", "next endpoint-missing-logs", "also endpoint-missing-logs"]),
        (endpoints(), [no_s3_endpoint, shut_endpoints], CANCELED,
         ["cause endpoint-sg-ingress-blocked", "next endpoint-missing-s3", "also endpoint-missing-s3"]),
        (fargate(), [closed_group, no_tag], "CannotPullContainerError: something that nobody has seen",
         ["cause sg-egress-blocked", "cause tag-not-found"]),
    ],
    ids=[
        "network, then image", "network, then role", "the network was there", "a tag is asked for after the policy", "login, then layers", "layers, then logs",
        "no step in the text", "unknown text",
    ],
)  # fmt: skip
def test_two_faults(base: Snapshot, edits: list[Edit], text: str, expected: list[str]) -> None:
    found = report.build(changed(base, *edits, stopped(text)))
    assert [f"{item.role} {item.id}" for item in found.causes] == expected


@pytest.mark.parametrize(
    ("edits", "text", "outcome", "certainty"),
    [
        ([closed_group, iam_denied], LOGIN, "cause_found", "confirmed"),
        ([no_tag, iam_denied], NOT_FOUND, "cause_found", "confirmed"),
        ([repository_denies, iam_denied], FORBIDDEN, "cause_found", "likely"),
        ([closed_group, routes_denied], LOGIN, "cause_found", "likely"),
        ([no_way_out, routes_denied], LOGIN, "undecided", None),
        ([iam_denied], LOGIN, "undecided", None),
    ],
    ids=[
        "IAM says nothing of time-outs", "nor of images", "but of a 403", "a route may be missing too", "the fault is not seen",
        "nothing is found",
    ],
)  # fmt: skip
def test_what_could_not_be_read(edits: list[Edit], text: str, outcome: str, certainty: str | None) -> None:
    found = report.build(changed(fargate(), *edits, stopped(text)))
    assert found.verdict.outcome == outcome
    assert (found.cause.certainty if found.cause else None) == certainty


@pytest.mark.parametrize(
    "base", [fargate(), endpoints(), public(), ec2()], ids=["NAT", "endpoints", "public", "EC2"]
)
@pytest.mark.parametrize("more", [[], [decoys]], ids=["plain", "beside decoys"])
def test_nothing_is_wrong_with_a_healthy_world(base: Snapshot, more: list[Edit]) -> None:
    found = report.build(changed(base, *more))
    assert found.verdict.outcome == "nothing_wrong"
    assert found.causes == ()


def test_the_used_subnet_is_named_and_the_other_is_not_accused() -> None:
    def in_b(world: dict[str, Any]) -> None:
        task_of(world)["attachments"][0]["details"][0]["value"] = "subnet-private-b"

    found = report.build(changed(fargate(), own_table_for_b, in_b, stopped(LOGIN)))
    assert found.cause is not None
    assert (found.cause.id, found.cause.subnets, found.cause.resources) == (
        "route-no-egress", ("subnet-private-b",), ("subnet-private-b", "rtb-b"),
    )  # fmt: skip
    assert found.pulled_by.subnet == "subnet-private-b"


@pytest.mark.parametrize(("snapshot", "role"), [(fargate(), ROLE_ARN), (ec2(), INSTANCE_ROLE_ARN)])
def test_a_role_fault_names_the_role_that_pulls(snapshot: Snapshot, role: str) -> None:
    found = report.build(changed(snapshot, no_permission))
    assert found.cause is not None
    assert role in found.cause.resources
    assert found.pulled_by.principal == role


def test_a_group_that_admits_nothing_on_443_is_found_on_the_host_only() -> None:
    def edit(world: dict[str, Any]) -> None:
        group_of(world, "sg-hosts")["IpPermissionsEgress"] = [tcp(80, IpRanges=[{"CidrIp": "0.0.0.0/0"}])]

    found = report.build(changed(ec2(), edit))
    assert found.cause is not None
    assert (found.cause.id, found.cause.resources) == ("sg-egress-blocked", ("sg-hosts",))


def test_a_missing_role_hides_what_it_may_do() -> None:
    def edit(world: dict[str, Any]) -> None:
        gone = absent("iam:GetRole")
        role_of(world).update(
            role=gone, inline_policy_names=gone, attached_policy_arns=gone, attached_policies={}
        )

    text = f"ECS was unable to assume the role '{ROLE_ARN}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
    found = report.build(changed(fargate(), edit, stopped(text)))
    assert [f"{item.role} {item.id}" for item in found.causes] == ["cause role-missing"]


def test_an_open_group_is_an_open_group() -> None:
    def edit(world: dict[str, Any]) -> None:
        group_of(world, "sg-tasks")["IpPermissionsEgress"] = [everything()]

    assert report.build(changed(fargate(), edit)).verdict.outcome == "nothing_wrong"
