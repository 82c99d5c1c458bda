"""What is asked of the buckets that hold a task's files, and what S3's answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from diagnostics.collect import calls, plan
from diagnostics.collect.operation import Call
from diagnostics.collect.perform import perform
from diagnostics.snapshot import Absent, Fact, Known, Snapshot, Unavailable, Why
from tests.build import Edit, changed, fargate
from tests.build import on_moto as worlds
from tests.build.asked import Answer, Asking
from tests.build.tasks import container
from tests.faults.files.buckets import BUCKET, FILE, bucket, env_file, for_all, router, s3_router

from .replaying import replay

REGION = "eu-central-1"


def asked(*edits: Edit) -> tuple[Snapshot, list[str]]:
    """A world read again, and what S3 was asked."""
    facts = changed(fargate(), bucket(), *edits)
    asking = Asking(facts)
    snapshot, answers = replay(
        lambda ask: plan.build(facts.target, ask, region=facts.region),
        lambda call: perform(call, asking).fact,
    )
    return snapshot, sorted(
        f"{call.operation.action} {call.resource}" for call in answers if call.operation.service == "s3"
    )


def test_a_task_without_files_asks_s3_nothing() -> None:
    assert asked()[1] == []
    assert asked(router(**{"config-file-type": "file", "config-file-value": FILE}))[1] == []
    assert asked(container(environmentFiles=[{"type": "s3", "value": "not an ARN"}]))[1] == []


def test_two_files_of_a_bucket_cost_two_requests() -> None:
    both = container(environmentFiles=[{"type": "s3", "value": FILE}, {"type": "s3", "value": f"{FILE}2"}])
    snapshot, sent = asked(both, s3_router)
    assert sent == [f"s3:GetBucketLocation {BUCKET}", f"s3:GetBucketPolicy {BUCKET}"]
    assert snapshot.bucket_regions == {BUCKET: Known(value="us-east-1")}
    assert snapshot.bucket_policies == {BUCKET: Absent(call="s3:GetBucketPolicy")}


@pytest.mark.parametrize(
    ("answer", "region"),
    [(None, "us-east-1"), ("", "us-east-1"), ("EU", "eu-west-1"), ("eu-south-2", "eu-south-2")],
)
def test_the_names_of_regions(answer: str | None, region: str) -> None:
    assert calls.GET_BUCKET_LOCATION.parse({"LocationConstraint": answer}) == region


class _Refusing(Asking):
    """Clients whose S3 answers with one error."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(changed(fargate(), env_file))
        self._code, self._status = code, status

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        def refuse(**_: Any) -> Answer:
            metadata: Any = {"HTTPStatusCode": self._status}
            raise ClientError(
                {"Error": {"Code": self._code, "Message": ""}, "ResponseMetadata": metadata},
                "GetBucketPolicy",
            )

        if service != "s3":
            return super().get(service, region, account_id)
        return type("S3", (), {"get_bucket_policy": staticmethod(refuse), "can_paginate": lambda *_: False})()


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        ("MethodNotAllowed", 405, Why.BUCKET_OF_ANOTHER),
        ("AccessDenied", 403, Why.DENIED),
        ("SlowDown", 503, Why.THROTTLED),
    ],
)
def test_whose_bucket_it_is(code: str, status: int, why: Why) -> None:
    facts = changed(fargate(), env_file)
    clients = _Refusing(code, status)

    def answer(call: Call[Any]) -> Fact[Any]:
        return perform(call, clients).fact

    snapshot, _ = replay(lambda ask: plan.build(facts.target, ask, region=facts.region), answer)
    policy = snapshot.bucket_policies[BUCKET]
    assert isinstance(policy, Unavailable)
    assert policy.reason.why is why
    assert policy.call == "s3:GetBucketPolicy"


# --- with requests as S3 takes them ------------------------------------------------------------------


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with worlds.mocked(monkeypatch):
        client = boto3.client("s3", region_name=REGION)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


def read(operation: Any, name: str) -> Fact[Any]:
    return perform(Call.to(operation, {"Bucket": name}, region=REGION), worlds.clients()).fact


def test_a_bucket_on_an_emulated_s3(s3: Any) -> None:
    assert read(calls.GET_BUCKET_LOCATION, BUCKET) == Known(value=REGION)
    assert read(calls.GET_BUCKET_POLICY, BUCKET) == Absent(call="s3:GetBucketPolicy")
    assert read(calls.GET_BUCKET_LOCATION, "no-such-bucket") == Absent(call="s3:GetBucketLocation")
    policy = changed(fargate(), bucket(for_all("Deny", "s3:*", f"arn:aws:s3:::{BUCKET}/*"))).bucket_policies[
        BUCKET
    ]
    assert isinstance(policy, Known)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy.value)
    assert read(calls.GET_BUCKET_POLICY, BUCKET) == policy
