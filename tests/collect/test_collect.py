"""Whole runs on recorded answers: what is filled, in how many calls, and what an answer that goes wrong leaves."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from diagnostics.collect import AwsUnreachableError, collect, permission_rows
from diagnostics.collect.clients import CONFIG
from diagnostics.collect.operation import Call
from diagnostics.collect.perform import perform
from diagnostics.snapshot import NOT_ASKED, Absent, Known, Snapshot, Unavailable
from tests.build import recorded as wire
from tests.build.recorded import Answer, Recorded, Reply, Request, recorded
from tests.build.targets import ACCOUNT, service_target, task_target

from .clock import NOW, FixedClock
from .reading import unavailable
from .replaying import Remembered, planned, replay

REASON = "CannotPullContainerError: ref pull has been retried 1 time(s): not found"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}'
WORLDS = (
    "fargate",
    "fargate-missing-tag",
    "fargate-missing-repository",
    "on-ec2",
    "on-ec2-missing-tag",
)


def run(world: Recorded, **more: Any) -> Snapshot:
    """A run about the task of a world."""
    return collect(task_target(world.world.task_id), world, clock=FixedClock(), **more)


def of_service(world: Recorded) -> Snapshot:
    """A run about its service."""
    return collect(service_target(), world, clock=FixedClock())


# --- what is filled ------------------------------------------------------------------------------------


def test_every_fact_of_a_fargate_task() -> None:
    world = recorded("fargate").world
    snapshot = run(recorded("fargate"))
    assert unavailable(snapshot) == []
    assert snapshot.source == "live"
    assert snapshot.account_id == ACCOUNT
    assert snapshot.taken_at == NOW
    assert isinstance(snapshot.task, Known)
    assert snapshot.task.value.stopped_reason == REASON
    assert isinstance(snapshot.task_definition, Known)
    assert isinstance(snapshot.service, Known)
    assert isinstance(snapshot.task_interface, Known)
    assert set(snapshot.subnets) == set(world.subnets)
    assert all(isinstance(item, Known) for item in snapshot.subnets.values())
    assert set(snapshot.vpcs) == {world.vpc}
    vpc = snapshot.vpcs[world.vpc]
    assert isinstance(vpc.enable_dns_hostnames, Known)
    assert vpc.enable_dns_hostnames.value
    assert isinstance(vpc.dhcp_options, Known)
    assert vpc.dhcp_options.value.option("domain-name-servers") == ("AmazonProvidedDNS",)
    assert isinstance(vpc.vpc_endpoints, Known)
    assert [item.vpc_endpoint_id for item in vpc.vpc_endpoints.value] == [world.endpoint]
    assert isinstance(vpc.nat_gateways, Known)
    assert [item.nat_gateway_id for item in vpc.nat_gateways.value] == [world.nat_gateway]
    assert isinstance(vpc.block_public_access, Known)
    assert set(vpc.security_groups) == {world.group, world.endpoint_group}
    prefix_list = vpc.prefix_lists[world.prefix_list]
    assert isinstance(prefix_list, Known)
    assert prefix_list.value.cidrs == ("192.0.2.0/24",)
    assert len(vpc.interfaces) == 2
    (image,) = snapshot.images
    assert isinstance(image.repository, Known)
    assert isinstance(image.detail, Known)
    assert isinstance(image.repository_policy, Known)
    assert isinstance(image.registry_policy, Absent)
    role = snapshot.roles[world.execution_role]
    assert role.inline_policies == {"inline": Known(value=POLICY)}
    assert list(role.attached_policies.values()) == [Known(value=POLICY)]
    assert role.boundary_policy == Known(value=POLICY)
    assert isinstance(role.simulated_pull, Known)
    assert all(isinstance(item, Known) for item in snapshot.secrets.values())
    assert set(snapshot.secrets) == {f"{world.secret}:key::"}


def test_every_fact_of_a_task_on_an_instance() -> None:
    world = recorded("on-ec2").world
    snapshot = run(recorded("on-ec2"))
    assert unavailable(snapshot) == []
    assert isinstance(snapshot.container_instance, Known)
    assert isinstance(snapshot.instance, Known)
    assert snapshot.instance.value.instance_id == world.instance
    assert isinstance(snapshot.instance_profile, Known)
    assert set(snapshot.roles) == {world.execution_role, f"arn:aws:iam::{ACCOUNT}:role/team/host"}
    assert set(snapshot.subnets) == {world.subnets[0]}
    assert set(snapshot.vpcs) == {world.vpc}


def test_a_missing_tag_is_absent_and_the_nearest_are_named() -> None:
    (image,) = run(recorded("fargate-missing-tag")).images
    assert image.detail == Absent(call="ecr:DescribeImages")
    assert isinstance(image.tagged, Known)
    assert [item.image_tags for item in image.tagged.value] == [("v1",)]
    assert image.pull_through_cache_rules == Known(value=())


def test_an_unknown_task_is_absent() -> None:
    snapshot = collect(task_target("f" * 32), recorded("fargate"), clock=FixedClock())
    assert snapshot.task == Absent(call="ecs:DescribeTasks")


def test_a_snapshot_survives_json() -> None:
    for snapshot in (run(recorded("fargate-missing-tag")), of_service(recorded("fargate"))):
        text = snapshot.model_dump_json()
        again = Snapshot.model_validate_json(text)
        assert again == snapshot
        assert again.model_dump_json() == text
        assert "hunter2" not in text
        assert "never read" not in text
    assert any("hunter2" in answer.body for answer in recorded("fargate").answers.values())


def test_a_task_of_a_saved_snapshot() -> None:
    before = run(recorded("fargate"))
    gone = task_target("f" * 32)
    after = collect(gone, recorded("fargate"), previous=before, clock=FixedClock())
    assert after.source == "saved"
    assert after.task == before.task
    assert after.vpcs == before.vpcs


# --- how much is asked ---------------------------------------------------------------------------------


def allowance(snapshot: Snapshot) -> int:
    """The promised number of calls: 36, two questions to IAM's simulator about each role, and what a further policy,
    secret (and its policy) or list, or the lifecycle policy of a repository from which an image is gone, costs.
    """
    gone = [item for item in snapshot.images if item.lifecycle_policy != NOT_ASKED]
    roles = snapshot.roles.values()
    managed = sum(len(role.attached_policies) + isinstance(role.boundary_policy, Known) for role in roles)
    lists = {name for vpc in snapshot.vpcs.values() for name in vpc.prefix_lists}
    return (
        36
        + 2 * len(snapshot.roles)
        + 2 * managed
        + sum(len(role.inline_policies) for role in roles)
        + len(snapshot.secrets)
        + len(snapshot.secret_policies)
        + len(lists)
        + len(gone)
    )


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("fargate", 5),
        ("fargate-missing-tag", 5),
        ("fargate-missing-repository", 5),
        ("on-ec2", 7),
        ("on-ec2-missing-tag", 7),
    ],
)
def test_calls_and_depth_stay_in_their_budget(name: str, depth: int) -> None:
    snapshot = run(recorded(name))
    assert snapshot.depth == depth
    assert snapshot.api_calls <= allowance(snapshot)


def test_looking_for_a_missing_repository_goes_into_three_regions() -> None:
    (image,) = run(recorded("fargate-missing-repository")).images
    assert isinstance(image.repository, Absent)
    assert len(image.elsewhere) == 3


def test_a_service_is_one_deeper() -> None:
    snapshot = of_service(recorded("fargate"))
    assert isinstance(snapshot.task, Known)
    assert snapshot.depth == 6
    assert snapshot.api_calls <= allowance(snapshot) + 1


@pytest.mark.parametrize("name", WORLDS)
def test_every_call_is_in_the_table_and_made_once(name: str) -> None:
    world = recorded(name)
    world.take()
    snapshot = run(world)
    sent = world.take()
    assert len(sent) == len(set(sent)) == snapshot.api_calls
    assert {item.action for item in sent} <= {row.action for row in permission_rows()}
    # A question that was not recorded would be answered with an error, which some test might take for another.
    assert set(sent) <= world.answers.keys()


def test_progress_tells_of_every_answer() -> None:
    told: list[tuple[int, int, str]] = []
    snapshot = run(recorded("fargate"), progress=lambda *item: told.append(item))
    assert [item[0] for item in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1] == snapshot.api_calls
    assert "ecs:DescribeTasks" in {item[2] for item in told}


def test_what_was_recorded_is_what_is_asked() -> None:
    """No file holds an answer that nobody asks for any more."""
    asked: set[Request] = set()
    for name in WORLDS:
        world = recorded(name)
        world.take()
        run(world)
        if not world.world.instance:
            of_service(world)
            collect(task_target("f" * 32), world, clock=FixedClock())
        asked |= set(world.take())
    assert {request for name in WORLDS for request in recorded(name).answers} == asked


# --- what goes wrong -----------------------------------------------------------------------------------

UNREADABLE = "the answer could not be read"
NO_WAY = EndpointConnectionError(endpoint_url="https://x")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (wire.error("AccessDeniedException", 400), "denied"),
        (wire.error("ThrottlingException", 400), "throttled"),
        (wire.error("InternalFailure", 500), "AWS answered with an error (InternalFailure)"),
        (wire.error("InvalidRequest", 400), "AWS answered with an error (InvalidRequest)"),
        (wire.failing(ReadTimeoutError(endpoint_url="https://x")), "timed out"),
        (wire.failing(NO_WAY), "AWS could not be reached"),
        (wire.body("<html>Service Unavailable"), UNREADABLE),
    ],
    ids=["denied", "throttled", "server error", "refused", "timed out", "no way", "nonsense"],
)
def test_whichever_call_fails_it_is_not_known_and_never_absent(reply: Reply, why: str) -> None:
    for name in ("fargate-missing-tag", "on-ec2"):
        world = recorded(name)
        for call in asked_in(name):
            with world.but(reply):
                done = perform(call, world)
            assert isinstance(done.fact, Unavailable)
            # botocore itself refuses what is no XML; what is no JSON it takes for an answer without members.
            broken = f"AWS answered with an error ({UNREADABLE})"
            assert done.fact.why == why or (why == UNREADABLE and done.fact.why == broken)
            assert done.fact.call == call.operation.action
            assert done.requests == 1


@functools.cache
def asked_in(name: str) -> tuple[Call[Any], ...]:
    """Every call of a run about the task of a world."""
    world = recorded(name)
    return tuple(replay(planned(task_target(world.world.task_id)), Remembered(world))[1])


def test_an_answer_with_one_record_that_cannot_be_read_is_not_whole() -> None:
    """A list without that record would say that there is no such thing: it is not known, or the record is told of."""
    broken: list[Request] = []
    for name in ("fargate-missing-tag", "on-ec2"):
        world = recorded(name)
        for call in asked_in(name):
            before = len(broken)
            with world.but(wire.breaking_a_record(broken)):
                fact = perform(call, world).fact
            if len(broken) > before:
                if isinstance(fact, Known):
                    assert fact.unread == ("",), call
                    assert fact.value, call
                    continue
                assert isinstance(fact, Unavailable), call
                assert fact.why == UNREADABLE
    assert len({request.operation for request in broken}) > 20


@pytest.mark.parametrize("reason", ["MISSING", "INTERNAL"])
def test_a_failure_inside_a_success_is_about_the_thing_that_it_names(reason: str) -> None:
    failures = json.dumps({"tasks": [], "failures": [{"arn": "arn:task", "reason": reason}]})
    world = recorded("fargate")
    with world.but(wire.to(lambda request: request.operation == "DescribeTasks", wire.body(failures))):
        snapshot = run(world)
    if reason == "MISSING":
        assert snapshot.task == Absent(call="ecs:DescribeTasks")
    else:
        assert isinstance(snapshot.task, Unavailable)
        assert (snapshot.task.why, snapshot.task.resource) == ("ECS answered INTERNAL", "arn:task")
    assert isinstance(snapshot.caller, Known)
    assert isinstance(snapshot.task_definition, Unavailable)


PAGES = (
    (
        "ecs:ListTasks",
        "nextToken",
        '{"taskArns": ["a"], "nextToken": "2"}',
        '{"taskArns": ["b"]}',
        ("a", "b"),
    ),
    (
        "ec2:DescribeInternetGateways",
        "NextToken",
        "<R><internetGatewaySet><item><internetGatewayId>a</internetGatewayId><attachmentSet><item><vpcId>v</vpcId></item></attachmentSet></item></internetGatewaySet><nextToken>2</nextToken></R>",
        "<R><internetGatewaySet><item><internetGatewayId>b</internetGatewayId><attachmentSet><item><vpcId>v</vpcId></item></attachmentSet></item></internetGatewaySet></R>",
        ("a", "b"),
    ),
    (
        "iam:ListRolePolicies",
        "Marker",
        "<R><ListRolePoliciesResult><PolicyNames><member>a</member></PolicyNames><IsTruncated>true</IsTruncated><Marker>2</Marker></ListRolePoliciesResult></R>",
        "<R><ListRolePoliciesResult><PolicyNames><member>b</member></PolicyNames><IsTruncated>false</IsTruncated></ListRolePoliciesResult></R>",
        ("a", "b"),
    ),
)


@pytest.mark.parametrize(
    ("action", "token", "first", "second", "items"), PAGES, ids=[item[0] for item in PAGES]
)
def test_a_list_is_read_to_its_last_page(
    action: str, token: str, first: str, second: str, items: tuple[str, ...]
) -> None:
    """The token of each page goes out with the next request, in the spelling of its service."""
    world = recorded("fargate")
    _, facts = replay(planned(service_target()), Remembered(world))
    call = next(call for call in facts if call.operation.action == action)

    def pages(request: Request, answer: Answer) -> Answer:
        given = json.loads(request.params).get(token)
        assert given in (None, "2")
        return replace(answer, status=200, body=second if given else first)

    with world.but(pages):
        done = perform(call, world)
    assert done.requests == 2
    assert isinstance(done.fact, Known)
    names = tuple(getattr(item, "internet_gateway_id", item) for item in done.fact.value)
    assert names == items


def test_a_throttled_request_is_sent_once_more() -> None:
    """With the clients of the product, which `Recorded` otherwise lets ask once."""
    world = Recorded("fargate", CONFIG)
    throttled: list[Request] = []

    def first_is_throttled(request: Request, answer: Answer) -> Answer:
        throttled.append(request)
        return wire.error("ThrottlingException", 400)(request, answer) if len(throttled) == 1 else answer

    call = asked_in("fargate")[0]
    with mock.patch("time.sleep") as slept, world.but(first_is_throttled):
        done = perform(call, world)
    assert isinstance(done.fact, Known)
    assert len(throttled) == 2
    assert slept.called


def test_where_every_call_fails_alike_one_sentence_says_so() -> None:
    world = recorded("fargate")
    with world.but(wire.failing(NO_WAY)), pytest.raises(AwsUnreachableError) as raised:
        run(world)
    assert raised.value.kind == "unreachable"
    with world.but(wire.error("AccessDeniedException", 400)):
        snapshot = run(world)
    assert isinstance(snapshot.task, Unavailable)
    assert snapshot.task.why == "denied"
