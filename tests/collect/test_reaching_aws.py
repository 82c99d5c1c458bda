"""Until the time is up, where nothing can be read, in which Region, and with which clients."""

from __future__ import annotations

import threading
from collections.abc import Callable
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

from diagnostics.collect import AwsClients, AwsUnreachableError, RegionNeededError, collect
from diagnostics.collect.reaching import region_of
from diagnostics.snapshot import Known, Unavailable
from tests.build.targets import ACCOUNT, service_target, task_target

from .clock import FixedClock

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
    clock, release = FixedClock(), threading.Event()

    def script(service: str, method: str) -> dict[str, Any]:
        if method == "describe_tasks":
            release.wait(60)
            return {"tasks": []}
        return CALLER

    def passes(*_: object) -> None:
        """The time is up once the first answer has been taken."""
        clock.seconds += 21

    try:
        snapshot = collect(task_target(account=ACCOUNT), Scripted(script), clock=clock, progress=passes)
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


@pytest.mark.parametrize(
    ("first", "default", "expected"),
    [("eu-west-1", "", "eu-west-1"), ("eu-west-1", "us-east-2", "eu-west-1"), ("", "us-east-2", "us-east-2")],
)
def test_the_region_of_the_environment(
    first: str, default: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("AWS_REGION", first), ("AWS_DEFAULT_REGION", default)):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert AwsClients.of_profile(None).region == expected


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
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert config.max_pool_connections >= 32
    assert "pullcheck" in config.user_agent


def test_botocore_knows_its_regions() -> None:
    clients = AwsClients(lambda account_id: boto3.Session())
    assert clients.knows_region("eu-central-1")
    assert clients.knows_region("cn-north-1")
    assert not clients.knows_region("eu-nowhere-9")
