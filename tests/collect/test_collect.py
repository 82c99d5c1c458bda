"""Whole runs: what is filled, in how many calls and how deep, in any order, until the time is up."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
)

from diagnostics.collect import (
    AwsClients,
    AwsUnreachableError,
    RegionNeededError,
    collect,
    permission_rows,
    plan,
)
from diagnostics.collect.calls import SIMULATE_PRINCIPAL_POLICY
from diagnostics.collect.collector import depth_of
from diagnostics.collect.operation import Ask, Call
from diagnostics.collect.perform import Performed, perform
from diagnostics.collect.reaching import region_of
from diagnostics.snapshot import Absent, Fact, Known, Snapshot, Unavailable

from . import world as worlds
from .targets import REGION, service_target, task_target
from .world import ACCOUNT, World

NOW = datetime(2026, 1, 2, 3, 5, tzinfo=UTC)


class FixedClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return NOW

    def elapsed(self) -> float:
        return self.seconds


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with worlds.mocked(monkeypatch):
        yield


def run(world: World, **more: Any) -> Snapshot:
    return collect(task_target(world.task_id, account=ACCOUNT), worlds.clients(), clock=FixedClock(), **more)


# moto does not know these calls, so in these worlds they are what an unreadable AWS looks like.
NOT_IN_MOTO = {
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "ec2:DescribeVpcBlockPublicAccessExclusions",
    "ecr:DescribePullThroughCacheRules",
    "iam:SimulatePrincipalPolicy",
}


def unavailable(value: Any) -> list[Unavailable]:
    """Every unavailable fact that was asked for, anywhere in a snapshot."""
    if isinstance(value, Unavailable):
        return [value] if value.why != "not asked" else []
    if isinstance(value, dict):
        return [fact for item in value.values() for fact in unavailable(item)]
    if isinstance(value, tuple):
        return [fact for item in value for fact in unavailable(item)]
    if hasattr(value, "__pydantic_fields__"):
        return [fact for name in type(value).model_fields for fact in unavailable(getattr(value, name))]
    return []


# --- what is filled ------------------------------------------------------------------------------------


def test_every_fact_of_a_fargate_task(aws: None) -> None:
    world = worlds.fargate()
    snapshot = run(world)
    assert {fact.call for fact in unavailable(snapshot)} <= NOT_IN_MOTO
    assert snapshot.source == "live"
    assert snapshot.account_id == ACCOUNT
    assert snapshot.taken_at == NOW
    assert isinstance(snapshot.task, Known)
    assert snapshot.task.value.stopped_reason == worlds.REASON
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
    assert role.inline_policies == {"inline": Known(value=worlds.PULL)}
    assert list(role.attached_policies.values()) == [Known(value=worlds.PULL)]
    assert role.boundary_policy == Known(value=worlds.PULL)
    assert all(isinstance(item, Known) for item in snapshot.secrets.values())
    assert set(snapshot.secrets) == {f"{world.secret}:key::"}


def test_every_fact_of_a_task_on_an_instance(aws: None) -> None:
    world = worlds.on_ec2()
    snapshot = run(world)
    assert {fact.call for fact in unavailable(snapshot)} <= NOT_IN_MOTO
    assert isinstance(snapshot.container_instance, Known)
    assert isinstance(snapshot.instance, Known)
    assert snapshot.instance.value.instance_id == world.instance
    assert isinstance(snapshot.instance_profile, Known)
    assert set(snapshot.roles) == {world.execution_role, f"arn:aws:iam::{ACCOUNT}:role/team/host"}
    assert set(snapshot.subnets) == {world.subnets[0]}
    assert set(snapshot.vpcs) == {world.vpc}


def test_a_missing_tag_is_absent_and_the_nearest_are_named(aws: None) -> None:
    (image,) = run(worlds.fargate(tag="v2")).images
    assert image.detail == Absent(call="ecr:DescribeImages")
    assert isinstance(image.tagged, Known)
    assert [item.image_tags for item in image.tagged.value] == [("v1",)]
    assert isinstance(image.pull_through_cache_rules, Unavailable)


def test_an_unknown_task_is_absent(aws: None) -> None:
    worlds.fargate()
    snapshot = collect(task_target("f" * 32, account=ACCOUNT), worlds.clients(), clock=FixedClock())
    assert snapshot.task == Absent(call="ecs:DescribeTasks")


def test_a_snapshot_survives_json(aws: None) -> None:
    for snapshot in (
        run(worlds.fargate(tag="v2")),
        collect(service_target(account=ACCOUNT), worlds.clients()),
    ):
        text = snapshot.model_dump_json()
        again = Snapshot.model_validate_json(text)
        assert again == snapshot
        assert again.model_dump_json() == text
        assert "hunter2" not in text
        assert "never read" not in text


def test_a_task_of_a_saved_snapshot(aws: None) -> None:
    world = worlds.fargate()
    before = run(world)
    gone = task_target("f" * 32, account=ACCOUNT)
    after = collect(gone, worlds.clients(), previous=before, clock=FixedClock())
    assert after.source == "saved"
    assert after.task == before.task
    assert after.vpcs == before.vpcs


# --- how much is asked ---------------------------------------------------------------------------------


def allowance(snapshot: Snapshot) -> int:
    """The promised number of calls: 36, two questions to IAM's simulator about each role, and what a further policy,
    secret (and its policy) or list costs.
    """
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
    )


@pytest.mark.parametrize(
    ("build", "tag", "depth"),
    [
        (worlds.fargate, "v1", 5),
        (worlds.fargate, "v2", 5),
        (worlds.on_ec2, "v1", 7),
        (worlds.on_ec2, "v2", 7),
    ],
)
def test_calls_and_depth_stay_in_their_budget(
    aws: None, build: Callable[[str], World], tag: str, depth: int
) -> None:
    snapshot = run(build(tag))
    assert snapshot.depth == depth
    assert snapshot.api_calls <= allowance(snapshot)


def test_looking_for_a_missing_repository_stays_in_the_budget(aws: None) -> None:
    world = worlds.fargate()
    worlds.session().client("ecr").delete_repository(repositoryName="team/shop", force=True)
    snapshot = run(world)
    (image,) = snapshot.images
    assert isinstance(image.repository, Absent)
    assert len(image.elsewhere) == 3
    assert snapshot.depth == 5
    assert snapshot.api_calls <= allowance(snapshot)


def test_a_service_is_one_deeper(aws: None) -> None:
    worlds.fargate()
    snapshot = collect(service_target(account=ACCOUNT), worlds.clients(), clock=FixedClock())
    assert isinstance(snapshot.task, Known)
    assert snapshot.depth == 6
    assert snapshot.api_calls <= allowance(snapshot) + 1


def test_many_failed_tasks_cost_hardly_more_than_one(aws: None) -> None:
    world = worlds.fargate(tasks=100)
    many = collect(service_target(account=ACCOUNT), worlds.clients(), clock=FixedClock())
    worlds.forget_all_tasks_but(world.task_arn)
    one = collect(service_target(account=ACCOUNT), worlds.clients(), clock=FixedClock())
    assert isinstance(one.task, Known)
    assert isinstance(many.task, Known)
    assert many.api_calls <= one.api_calls + 5


class Watched(AwsClients):
    """Notes every request that botocore really makes."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []
        self._watched: set[int] = set()
        self._watching = threading.Lock()
        super().__init__(lambda account_id: worlds.session())

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        client = super().get(service, region, account_id)
        # Two threads that register at once would be told of each request twice.
        with self._watching:
            if id(client) not in self._watched:
                self._watched.add(id(client))
                client.meta.events.register("before-parameter-build", self._note)
        return client

    def _note(self, params: Any, model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        self.made.append((f"{service}:{model.name}", repr(sorted(params.items()))))


@pytest.mark.parametrize("build", [worlds.fargate, worlds.on_ec2])
def test_every_call_is_in_the_table_and_made_once(aws: None, build: Callable[[str], World]) -> None:
    world, clients = build("v2"), Watched()
    snapshot = collect(task_target(world.task_id, account=ACCOUNT), clients)
    assert len(clients.made) == len(set(clients.made)) == snapshot.api_calls
    assert {action for action, _ in clients.made} <= {row.action for row in permission_rows()}


def test_progress_tells_of_every_answer(aws: None) -> None:
    told: list[tuple[int, int, str]] = []
    snapshot = run(worlds.fargate(), progress=lambda *item: told.append(item))
    assert [item[0] for item in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1] == snapshot.api_calls
    assert "ecs:DescribeTasks" in {item[2] for item in told}


# --- in any order --------------------------------------------------------------------------------------


class Remembered:
    """The answers of a world, each call made once however often a replay wants it."""

    def __init__(self) -> None:
        self._clients = worlds.clients()
        self._facts: dict[Call[Any], Performed] = {}

    def __call__(self, call: Call[Any]) -> Fact[Any]:
        if call not in self._facts:
            self._facts[call] = perform(call, self._clients)
        return self._facts[call].fact


def replay(
    build: Callable[[Ask], Snapshot], answer: Callable[[Call[Any]], Fact[Any]], choose: random.Random
) -> tuple[Snapshot, dict[Call[Any], Fact[Any]]]:
    """Answer one wanted call at a time, any of them."""
    facts: dict[Call[Any], Fact[Any]] = {}
    while True:
        wanted: list[Call[Any]] = []

        def ask(call: Call[Any], /, wanted: list[Call[Any]] = wanted) -> Fact[Any]:
            if call in facts:
                return facts[call]
            if call not in wanted:
                wanted.append(call)
            return Unavailable(call=call.operation.action)

        snapshot = build(ask)
        if not wanted:
            return snapshot, facts
        call = choose.choice(wanted)
        facts[call] = answer(call)


@pytest.mark.parametrize("build_world", [worlds.fargate, worlds.on_ec2])
def test_the_order_of_the_answers_does_not_matter(aws: None, build_world: Callable[[str], World]) -> None:
    world, answer = build_world("v2"), Remembered()
    targets = [task_target(world.task_id, account=ACCOUNT)]
    if build_world is worlds.fargate:
        targets.append(service_target(account=ACCOUNT))
    for target in targets:

        def build(ask: Ask, target: Any = target) -> Snapshot:
            return plan.build(target, ask, region=REGION)

        first, facts = replay(build, answer, random.Random(0))
        assert isinstance(first.task, Known)
        for seed in range(1, 40):
            other, others = replay(build, answer, random.Random(seed))
            assert other == first
            assert others.keys() == facts.keys()
            assert depth_of(build, others) == depth_of(build, facts)


@pytest.mark.parametrize("build_world", [worlds.fargate, worlds.on_ec2])
def test_any_one_call_denied_is_never_absent_and_adds_no_facts(
    aws: None, build_world: Callable[[str], World]
) -> None:
    world, answer = build_world("v1"), Remembered()
    target = task_target(world.task_id, account=ACCOUNT)

    def build(ask: Ask) -> Snapshot:
        return plan.build(target, ask, region=REGION)

    whole, facts = replay(build, answer, random.Random(0))
    absent = absences(whole)
    for action in {call.operation.action for call in facts}:

        def but_one(call: Call[Any], action: str = action) -> Fact[Any]:
            denied = call.operation.action == action
            return Unavailable(why="denied", call=action) if denied else answer(call)

        less, fewer = replay(build, but_one, random.Random(1))
        assert questions(fewer) <= questions(facts)
        assert absences(less) <= absent
        assert any(fact.call == action for fact in unavailable(less))


def questions(facts: Iterable[Call[Any]]) -> set[tuple[Any, ...]]:
    """The calls; the simulator is only told less where less is known."""
    return {
        (call.operation, call.resource if call.operation is SIMULATE_PRINCIPAL_POLICY else call.params)
        for call in facts
    }


def absences(value: Any, path: str = "") -> set[str]:
    """Where a snapshot says that there is no such thing."""
    if isinstance(value, Absent):
        return {path}
    if isinstance(value, dict):
        return {place for key, item in value.items() for place in absences(item, f"{path}/{key}")}
    if isinstance(value, tuple):
        return {place for key, item in enumerate(value) for place in absences(item, f"{path}/{key}")}
    if hasattr(value, "__pydantic_fields__"):
        names = type(value).model_fields
        return {place for name in names for place in absences(getattr(value, name), f"{path}/{name}")}
    return set()


# --- the time and the way to AWS -----------------------------------------------------------------------


class Scripted(AwsClients):
    """Clients whose methods do what a test says."""

    def __init__(self, script: Callable[[str, str], dict[str, Any]], known_region: bool = True) -> None:
        super().__init__()
        self._script = script
        self._known_region = known_region
        self.asked: list[str] = []

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        return ScriptedClient(self, service)

    def knows_region(self, region: str) -> bool:
        return self._known_region

    def answer(self, service: str, method: str) -> dict[str, Any]:
        self.asked.append(method)
        return self._script(service, method)


class ScriptedClient:
    def __init__(self, clients: Scripted, service: str) -> None:
        self._clients = clients
        self._service = service

    def can_paginate(self, method: str) -> bool:
        return False

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        return lambda **_: self._clients.answer(self._service, method)


CALLER = {"Account": ACCOUNT, "Arn": "arn:me", "UserId": "me"}


def test_after_the_deadline_the_snapshot_comes_at_once_with_what_is_missing() -> None:
    clock, release, hanging = FixedClock(), threading.Event(), threading.Event()

    def script(service: str, method: str) -> dict[str, Any]:
        if method == "describe_tasks":
            hanging.set()
            release.wait(60)
            return {"tasks": []}
        assert hanging.wait(60)
        clock.seconds += 21
        return CALLER

    try:
        snapshot = collect(task_target(account=ACCOUNT), Scripted(script), clock=clock)
    finally:
        release.set()
    assert isinstance(snapshot.caller, Known)
    assert isinstance(snapshot.task, Unavailable)
    assert (snapshot.task.why, snapshot.task.call) == ("timed out", "ecs:DescribeTasks")
    assert snapshot.task_definition == snapshot.task
    assert snapshot.seconds == 21.0
    assert snapshot.api_calls == 1
    assert snapshot.depth == 1


def test_only_requests_that_were_made_are_counted() -> None:
    class NoSts(Scripted):
        def get(self, service: str, region: str, account_id: str | None = None) -> Any:
            if service == "sts":
                raise RuntimeError("no client")
            return super().get(service, region, account_id)

    clients = NoSts(lambda service, method: {"tasks": []})
    assert collect(task_target(account=ACCOUNT), clients, clock=FixedClock()).api_calls == 1
    assert clients.asked == ["describe_tasks"]


class Held:
    """A pool that does nothing until it is told to."""

    def __init__(self) -> None:
        self.work: list[Callable[[], None]] = []

    def submit(self, work: Callable[[], None]) -> None:
        self.work.append(work)


def test_calls_that_have_not_begun_at_the_deadline_are_not_made() -> None:
    pool, clients = Held(), Scripted(lambda service, method: CALLER)
    with pytest.raises(AwsUnreachableError):
        collect(task_target(account=ACCOUNT), clients, deadline=0, clock=FixedClock(), pool=pool)
    assert len(pool.work) == 2
    for work in pool.work:
        work()
    assert clients.asked == []


def refuse(code: str, status: int) -> Callable[[str, str], dict[str, Any]]:
    def script(service: str, method: str) -> dict[str, Any]:
        name = "".join(part.title() for part in method.split("_"))
        raise ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, name)

    return script


def fail(error: Exception) -> Callable[[str, str], dict[str, Any]]:
    def script(service: str, method: str) -> dict[str, Any]:
        raise error

    return script


def caller_then(script: Callable[[str, str], dict[str, Any]]) -> Callable[[str, str], dict[str, Any]]:
    return lambda service, method: CALLER if service == "sts" else script(service, method)


def denied_caller_then(script: Callable[[str, str], dict[str, Any]]) -> Callable[[str, str], dict[str, Any]]:
    denied = refuse("AccessDenied", 403)
    return lambda service, method: (denied if service == "sts" else script)(service, method)


NO_ANSWER = EndpointConnectionError(endpoint_url="https://ecs")


@pytest.mark.parametrize(
    ("script", "known_region", "kind", "says"),
    [
        (fail(NoCredentialsError()), True, "no_credentials", "AWS_PROFILE"),
        (refuse("UnrecognizedClientException", 400), True, "no_credentials", "AWS_PROFILE"),
        (refuse("ExpiredToken", 403), True, "expired_credentials", "aws sso login"),
        (refuse("OptInRequired", 403), True, "wrong_region", "--region"),
        (fail(NO_ANSWER), True, "unreachable", "AWS_ENDPOINT_URL"),
        (fail(NO_ANSWER), False, "wrong_region", "--region"),
        (caller_then(fail(NO_ANSWER)), False, "wrong_region", "--region"),
        (caller_then(refuse("UnrecognizedClientException", 400)), True, "wrong_region", "--region"),
        (fail(ReadTimeoutError(endpoint_url="https://x")), True, "unreachable", "AWS_ENDPOINT_URL"),
    ],
)
def test_where_nothing_can_be_read_one_sentence_says_what_to_do(
    script: Any, known_region: bool, kind: str, says: str
) -> None:
    with pytest.raises(AwsUnreachableError) as raised:
        collect(task_target(account=ACCOUNT), Scripted(script, known_region), clock=FixedClock())
    assert raised.value.kind == kind
    assert says in raised.value.message
    assert raised.value.message.count(". ") == 0
    assert str(raised.value) == raised.value.message


@pytest.mark.parametrize(
    "script",
    [
        refuse("AccessDeniedException", 400),
        refuse("ThrottlingException", 400),
        refuse("ServerException", 500),
        denied_caller_then(fail(ReadTimeoutError(endpoint_url="https://x"))),
        caller_then(fail(ReadTimeoutError(endpoint_url="https://x"))),
        caller_then(fail(NO_ANSWER)),
    ],
)
def test_where_aws_answers_anything_at_all_there_is_a_snapshot(script: Any) -> None:
    snapshot = collect(task_target(account=ACCOUNT), Scripted(script), clock=FixedClock())
    assert isinstance(snapshot.task, Unavailable)
    assert snapshot.task.call == "ecs:DescribeTasks"


# --- the Region ----------------------------------------------------------------------------------------


class Session:
    def __init__(self, region: str | None) -> None:
        self.region_name = region


@pytest.mark.parametrize(
    ("of_target", "given", "of_session", "expected"),
    [
        ("eu-west-1", "us-east-1", "us-east-2", "eu-west-1"),
        (None, "us-east-1", "us-east-2", "us-east-1"),
        (None, None, "us-east-2", "us-east-2"),
    ],
)
def test_whose_region_wins(of_target: str | None, given: str | None, of_session: str, expected: str) -> None:
    clients = AwsClients(lambda account_id: Session(of_session))
    assert region_of(service_target(region=of_target), clients, given) == expected


def test_without_a_region_one_is_asked_for() -> None:
    with pytest.raises(RegionNeededError, match=r"--region or AWS_REGION, for example eu-central-1\.$"):
        collect(service_target(region=None), AwsClients(lambda account_id: Session(None)))


def test_a_profile_that_does_not_exist_is_named() -> None:
    def session_for(account_id: str | None) -> Any:
        raise ProfileNotFound(profile="nobody")

    with pytest.raises(AwsUnreachableError, match="nobody") as raised:
        collect(service_target(region=None), AwsClients(session_for))
    assert raised.value.kind == "no_credentials"


# --- clients -------------------------------------------------------------------------------------------


def test_clients_are_made_once_for_each_account_region_and_service() -> None:
    made: list[tuple[str | None, str, str]] = []

    class Making:
        def __init__(self, account_id: str | None) -> None:
            self._account_id = account_id

        def client(self, service: str, region_name: str, config: Config) -> object:
            made.append((self._account_id, region_name, service))
            return object()

    clients = AwsClients(Making)
    wanted = [
        ("ecs", "eu-west-1", "1"),
        ("ecs", "eu-west-1", "2"),
        ("ecs", "eu-west-2", "1"),
        ("ec2", "eu-west-1", "1"),
    ]
    first = [clients.get(*item) for item in wanted]
    assert [clients.get(*item) for item in wanted] == first
    assert len(made) == len(set(made)) == 4


def test_clients_give_up_early_and_try_twice() -> None:
    client = AwsClients(
        lambda account_id: boto3.Session(aws_access_key_id="x", aws_secret_access_key="x")
    ).get("ecs", "eu-west-1")
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 8)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}
    assert config.max_pool_connections >= 32
    assert "pullcheck" in config.user_agent


def test_botocore_knows_its_regions() -> None:
    clients = AwsClients(lambda account_id: boto3.Session())
    assert clients.knows_region("eu-central-1")
    assert clients.knows_region("cn-north-1")
    assert not clients.knows_region("eu-nowhere-9")
