"""Other accounts: which role is assumed, in whose name, and what is said where there is none."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import AssumeRoleCredentialFetcher
from botocore.exceptions import ClientError
from moto.core.exceptions import JsonRESTError
from moto.ecr.models import ECRBackend
from moto.sts.models import sts_backends

from bot.accounts import AssumedRoles, TargetRole, session_name
from bot.aws_lambda import work
from bot.events.event import TaskEvent
from bot.events.tags import TagsLaterError, read_tags
from demo.aws import ACCOUNT_ID, REGION, Account, build_account
from diagnostics.collect import AwsClients, Budget, FactStore
from diagnostics.diagnose import run
from diagnostics.snapshot import Absent, Known, Unavailable
from diagnostics.target import parse
from tests.aws_lambda.cloud import Cloud, event_of, task_event
from tests.build.unthreaded import UnthreadedPool

OTHER = "444455556666"
SHARED = "777788889999"
EXTERNAL_ID = "an-external-id-of-32-characters-"


@pytest.fixture
def roles(cloud: Cloud) -> AssumedRoles:
    return AssumedRoles(TargetRole("pullcheck-read", EXTERNAL_ID))


@pytest.fixture
def other(cloud: Cloud) -> Account:
    return build_account(cloud.aws, account_id=OTHER)


def stopped(account: Account, image: str | None = None) -> Any:
    task = account.fargate_task("api", image=image or account.image(reference="9.9.9"))
    task.stop(f"CannotPullContainerError: failed to resolve ref {task.image}: not found")
    return task


def assumed(account: str = OTHER) -> list[Any]:
    """The sessions that were begun in an account."""
    return list(sts_backends[account]["aws"].assumed_roles)


@pytest.mark.parametrize(
    ("by", "name"),
    [
        ("U024BE7LH", "pullcheck-U024BE7LH"),
        ("", "pullcheck-events"),
        ("é / ü", "pullcheck------"),
        ("U" * 100, "pullcheck-" + "U" * 54),
    ],
)
def test_the_session_says_who_asked(by: str, name: str) -> None:
    assert session_name(by) == name
    assert re.fullmatch(r"[A-Za-z0-9_+=,.@-]{2,64}", name)


def test_the_accounts_own_role_is_assumed_once_for_each_asker(
    cloud: Cloud, roles: AssumedRoles, other: Account
) -> None:
    target = parse(stopped(other).arn)
    for by in ("U1", "U2", "U1"):
        found = run(target, aws=roles.clients(by))
        assert found.report.verdict.outcome == "cause_found"
        assert found.snapshot.account_id == OTHER
        assert isinstance(found.snapshot.caller, Known)
        assert found.snapshot.caller.value.account == OTHER

    assert [(item.session_name, item.external_id) for item in assumed()] == [
        ("pullcheck-U1", EXTERNAL_ID),
        ("pullcheck-U2", EXTERNAL_ID),
    ]
    assert {item.role_arn for item in assumed()} == {f"arn:aws:iam::{OTHER}:role/pullcheck-read"}


def test_the_own_account_is_asked_without_a_role(cloud: Cloud, roles: AssumedRoles) -> None:
    account = build_account(cloud.aws)
    found = run(parse(stopped(account).arn), aws=roles.clients("U1"))

    assert found.report.verdict.outcome == "cause_found"
    assert assumed(ACCOUNT_ID) == []
    assert roles.clients("U1").get("ecs", REGION) is roles.clients("U2").get("ecs", REGION, ACCOUNT_ID)


def test_a_role_is_assumed_again_before_its_credentials_end(
    cloud: Cloud, roles: AssumedRoles, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = roles.clients("U1").get("sts", REGION, OTHER)
    client.get_caller_identity()
    client.get_caller_identity()
    assert len(assumed()) == 1

    def later() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=58)

    monkeypatch.setattr("botocore.credentials._local_now", later)
    monkeypatch.setattr(client._request_signer._credentials, "_time_fetcher", later)
    client.get_caller_identity()

    assert len(assumed()) == 2


def test_clients_are_kept_for_the_last_askers_only(cloud: Cloud, roles: AssumedRoles) -> None:
    first = roles.clients("U0")
    for number in range(1, 17):
        roles.clients(f"U{number}")

    assert roles.clients("U16") is roles.clients("U16")
    assert roles.clients("U0") is not first


def test_many_threads_assume_a_role_once(cloud: Cloud, roles: AssumedRoles) -> None:
    def ask() -> None:
        roles.clients("U1").get("sts", REGION, OTHER).get_caller_identity()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(assumed()) == 1


# --- what people are told ----------------------------------------------------------------------------


@pytest.fixture
def refusing(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """An AWS in which nobody may assume the role, seen by a worker that is told to."""

    def refuse(self: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")

    monkeypatch.setattr(AssumeRoleCredentialFetcher, "_get_credentials", refuse)
    monkeypatch.setenv("PULLCHECK_TARGET_ROLE_NAME", "pullcheck-read")
    monkeypatch.setenv("PULLCHECK_EXTERNAL_ID", EXTERNAL_ID)
    cloud.make = work.make
    return cloud


def test_a_role_that_cannot_be_assumed_is_named(refusing: Cloud, other: Account) -> None:
    assert refusing.deliver(event_of(stopped(other))) == []

    (parent,) = refusing.slack.messages()
    assert f"could not assume the role pullcheck-read in account {OTHER}" in parent.plain
    assert "deploy/target-account.yml" in parent.plain
    assert EXTERNAL_ID not in parent.plain


def test_an_event_of_another_account_is_diagnosed_there(
    cloud: Cloud, other: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLCHECK_TARGET_ROLE_NAME", "pullcheck-read")
    monkeypatch.setenv("PULLCHECK_ALLOWED_ACCOUNTS", f"{ACCOUNT_ID},{OTHER}")
    cloud.make = work.make

    assert cloud.deliver(event_of(stopped(other))) == []

    (parent,) = cloud.slack.messages()
    assert "cannot start: " in parent.plain
    assert [item.session_name for item in assumed()] == ["pullcheck-events"]


def test_an_account_that_is_not_listed_is_refused_and_no_role_is_assumed(
    cloud: Cloud, other: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLCHECK_TARGET_ROLE_NAME", "pullcheck-read")
    monkeypatch.setenv("PULLCHECK_ALLOWED_ACCOUNTS", ACCOUNT_ID)
    cloud.make = work.make
    target = parse(stopped(other).arn)

    cloud.deliver(
        {
            "key": "k",
            "kind": "diagnose",
            "target": target.model_dump(),
            "channel": cloud.slack.channel.id,
            "user": cloud.slack.user.id,
        }
    )

    (parent,) = cloud.slack.messages()
    assert f"Account {OTHER} is not one that this app may look at" in parent.plain
    assert assumed() == []


# --- images of other accounts ------------------------------------------------------------------------


@pytest.fixture
def shared(cloud: Cloud) -> Account:
    """An account that only holds images."""
    account = Account(cloud.aws, SHARED, REGION)
    account.add_repository("base", ("1.0.0",))
    return account


@pytest.mark.parametrize(("tag", "absent"), [("1.0.0", False), ("1.0.1", True)])
def test_an_image_of_another_account_is_read_there(
    cloud: Cloud, roles: AssumedRoles, shared: Account, tag: str, absent: bool
) -> None:
    task = stopped(build_account(cloud.aws), shared.image("base", tag))

    (image,) = run(parse(task.arn), aws=roles.clients("U1")).snapshot.images

    assert isinstance(image.repository, Known)
    assert isinstance(image.detail, Absent if absent else Known)
    # Nobody wrote a policy: that is known, since the owner was asked.
    assert isinstance(image.repository_policy, Absent)
    assert isinstance(image.registry_policy, Absent)
    assert [item.session_name for item in assumed(SHARED)] == ["pullcheck-U1"]


def test_without_a_role_there_it_could_not_be_read_and_is_not_absent(
    refusing: Cloud, shared: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = stopped(build_account(refusing.aws), shared.image("base", "1.0.0"))

    def denied(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise JsonRESTError("AccessDeniedException", "not authorized")

    for method in ("describe_repositories", "describe_images", "get_repository_policy"):
        monkeypatch.setattr(ECRBackend, method, denied)
    roles = AssumedRoles(TargetRole("pullcheck-read"))

    found = run(parse(task.arn), aws=roles.clients("U1"))

    (image,) = found.snapshot.images
    assert isinstance(image.repository, Unavailable)
    assert isinstance(image.detail, Unavailable)
    assert isinstance(image.registry_policy, Unavailable)
    assert SHARED in image.registry_policy.why
    # The text says what the registry there answered; no more than that is said of what could not be read.
    assert [(item.id, item.certainty) for item in found.report.causes] == [("tag-not-found", "likely")]


def test_without_roles_an_image_is_asked_for_as_before(cloud: Cloud, shared: Account) -> None:
    task = stopped(build_account(cloud.aws), shared.image("base", "1.0.0"))

    run(parse(task.arn), aws=AwsClients())

    assert assumed(SHARED) == []


# --- tags --------------------------------------------------------------------------------------------


class Tagged(AwsClients):
    """An ECS that knows tags, and what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        assert (service, region, account_id) == ("ecs", REGION, ACCOUNT_ID)
        return self

    def describe_services(self, **asked: Any) -> Any:
        assert asked["include"] == ["TAGS"]
        self.asked.append(("services", tuple(asked["services"])))
        tags = [{"key": "team", "value": "a"}, {"key": "tier", "value": "1"}]
        return {"services": [{"serviceName": name, "tags": tags} for name in asked["services"]]}

    def describe_tasks(self, **asked: Any) -> Any:
        assert asked["include"] == ["TAGS"]
        self.asked.append(("tasks", tuple(asked["tasks"])))
        tags = [{"key": "team", "value": "b"}, {"key": "empty"}]
        return {"tasks": [{"taskArn": name, "tags": tags} for name in asked["tasks"]]}


class Never(UnthreadedPool):
    """A pool whose threads are all busy."""

    def submit(self, work: Callable[[], None], /) -> None:
        pass


def test_the_tags_of_a_task_go_before_those_of_its_service() -> None:
    found = read_tags(TaskEvent.model_validate(task_event()), Tagged(), FactStore(UnthreadedPool()))

    assert found == {"team": "b", "tier": "1", "empty": ""}


def test_the_tags_of_a_service_are_asked_for_once() -> None:
    aws, store = Tagged(), FactStore(UnthreadedPool(), age=30.0, joins=True)
    events = [TaskEvent.model_validate(task_event(str(number) * 32)) for number in (1, 2, 1)]
    for event in events:
        assert read_tags(event, aws, store)["team"] == "b"

    assert aws.asked == [
        ("services", ("payments-api",)), ("tasks", (events[0].detail.task_arn,)), ("tasks", (events[1].detail.task_arn,)),
    ]  # fmt: skip


def test_tags_keep_to_the_budget_and_do_not_wait_for_ever() -> None:
    aws = Tagged()
    store = FactStore(UnthreadedPool(), budget=Budget(0.01))
    events = [TaskEvent.model_validate(task_event(str(number) * 32)) for number in (1, 2)]
    read_tags(events[0], aws, store, wait=0)
    with pytest.raises(TagsLaterError):
        read_tags(events[1], aws, store, wait=0)
    assert len(aws.asked) == 2


def test_tags_that_do_not_come_are_asked_for_later() -> None:
    with pytest.raises(TagsLaterError, match="ecs:DescribeServices"):
        read_tags(TaskEvent.model_validate(task_event()), Tagged(), FactStore(Never()), wait=0)


def test_tags_that_cannot_be_read_are_none(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    def denied(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Describe")

    aws = Tagged()
    aws.describe_services = aws.describe_tasks = denied  # type: ignore[method-assign]
    assert read_tags(TaskEvent.model_validate(task_event()), aws, FactStore(UnthreadedPool())) == {}
    assert "could not be read" in caplog.text


# --- an external id for each account -----------------------------------------------------------------


def test_each_account_is_shown_its_own_external_id(cloud: Cloud, other: Account) -> None:
    roles = AssumedRoles(
        TargetRole("security/pullcheck-read", EXTERNAL_ID, {OTHER: "the-id-of-this-account"})
    )
    build_account(cloud.aws, account_id=SHARED)
    for account in (OTHER, SHARED):
        roles.clients("U1").get("sts", REGION, account).get_caller_identity()

    assert [item.external_id for item in assumed()] == ["the-id-of-this-account"]
    assert [item.external_id for item in assumed(SHARED)] == [EXTERNAL_ID]
    assert assumed()[0].role_arn == f"arn:aws:iam::{OTHER}:role/security/pullcheck-read"
