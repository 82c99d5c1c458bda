"""The emulated AWS's rates: which bucket a request takes its token from, when it finds none, and how much of a bucket was drawn."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from demo.aws.errors import AwsRefusal
from demo.aws.rates import AwsRequest, Rates, request_of

EC2, ECS, IAM = "ec2:DescribeSubnets", "ecs:DescribeTasks", "iam:GetRole"


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def request(action: str, *, account: str = "1", region: str = "r", plain: bool = False) -> AwsRequest:
    service, _, api = action.partition(":")
    return AwsRequest(account, region, service, api, plain)


def taken(rates: Rates, asked: AwsRequest, count: int) -> int:
    """How many of so many requests were taken."""
    found = 0
    for _ in range(count):
        try:
            rates.take(asked)
            found += 1
        except AwsRefusal:
            pass
    return found


@pytest.mark.parametrize(
    ("action", "plain", "bucket", "holds", "refill"),
    [
        ("ec2:DescribeRouteTables", False, "ec2:DescribeRouteTables", 100, 20),
        ("ec2:DescribeRouteTables", True, "ec2:DescribeRouteTables", 100, 20),
        ("ec2:DescribeInstances", False, "ec2:DescribeInstances", 100, 20),
        ("ec2:DescribeInstances", True, "ec2:DescribeInstances:plain", 50, 10),
        ("ecs:DescribeTasks", False, "ecs:cluster-resource-read", 100, 20),
        ("ecs:ListContainerInstances", False, "ecs:cluster-resource-read", 100, 20),
        ("ecs:DescribeServices", False, "ecs:service-read", 100, 20),
        ("ecs:DescribeClusters", False, "ecs:cluster-read", 50, 20),
        ("ecs:DescribeTaskDefinition", False, "ecs:task-definition-read", 50, 20),
        ("ecr:BatchGetImage", False, "ecr:BatchGetImage", 2000, 2000),
        ("secretsmanager:GetResourcePolicy", False, "secretsmanager:policy", 50, 50),
        ("sts:GetCallerIdentity", False, "sts", 600, 600),
        ("iam:GetRole", False, "iam:GetRole", None, None),
    ],
)
def test_the_bucket_of_a_request(
    action: str, plain: bool, bucket: str, holds: float | None, refill: float | None
) -> None:
    assert request(action, plain=plain).bucket == (bucket, None if holds is None else (holds, refill))


@pytest.mark.parametrize(
    ("asked", "wait", "more", "then"),
    [(101, 0.0, 5, 0), (100, 1.0, 30, 20), (100, 3.0, 100, 60), (10, 1.0, 200, 100), (100, 60.0, 200, 100)],
)
def test_a_bucket_is_emptied_and_fills(asked: int, wait: float, more: int, then: int) -> None:
    clock = Clock()
    rates = Rates(clock)
    assert taken(rates, request(EC2), asked) == min(asked, 100)
    clock.now += wait
    assert taken(rates, request(EC2), more) == then
    assert len(rates.asked) == asked + more
    assert len(rates.refused) == asked + more - min(asked, 100) - then


@pytest.mark.parametrize(
    "other",
    [request(EC2, account="2"), request(EC2, region="s"), request("ec2:DescribeVpcs"), request(ECS)],
    ids=["account", "Region", "API", "service"],
)
def test_what_has_a_bucket_of_its_own(other: AwsRequest) -> None:
    rates = Rates(Clock())
    taken(rates, request(EC2), 100)
    assert taken(rates, other, 1) == 1
    assert taken(rates, request("ec2:DescribeSubnets"), 1) == 0


def test_categories_of_ecs_share_a_bucket_and_what_has_no_rate_is_never_refused() -> None:
    rates = Rates(Clock())
    taken(rates, request("ecs:ListTasks"), 100)
    assert taken(rates, request(ECS), 1) == 0
    assert taken(rates, request(IAM), 5000) == 5000


@pytest.mark.parametrize(
    ("action", "code", "status"),
    [(EC2, "RequestLimitExceeded", 503), (ECS, "ThrottlingException", 400), (IAM, "Throttling", 400)],
)
def test_every_tenth_is_throttled_with_the_error_of_its_service(action: str, code: str, status: int) -> None:
    rates = Rates(Clock(), every=10)
    assert taken(rates, request(action), 9) == 9
    with pytest.raises(AwsRefusal) as refused:
        rates.take(request(action))
    assert (refused.value.code, refused.value.status) == (code, status)
    assert taken(rates, request(action), 10) == 9
    # Those found a token.
    assert rates.refused == []


@pytest.mark.parametrize(
    ("moments", "peak", "drawn"),
    [
        ([0.0], 1, 0.0),
        ([0.0] * 51, 51, 0.5),
        ([0.0] * 100, 100, 0.98),
        # For good, at two fifths and four fifths of what flows in.
        ([number / 8 for number in range(2400)], 8, 0.4),
        ([number / 16 for number in range(4800)], 16, 0.8),
        ([0.0, 0.999, 1.0], 2, 0.01),
    ],
)
def test_what_was_asked_most_and_drawn_most(moments: list[float], peak: int, drawn: float) -> None:
    clock = Clock()
    rates = Rates(clock)
    for clock.now in moments:
        rates.take(request(EC2))
    assert rates.peaks() == {EC2: peak}
    assert rates.drawn()[EC2] == pytest.approx(drawn, abs=0.02)
    assert rates.drawn()[EC2] <= 0.5 or drawn > 0.5


def environ(scope: str, body: str = "", **headers: str) -> dict[str, Any]:
    authorization = f"AWS4-HMAC-SHA256 Credential=AKIA/20261130/{scope}/aws4_request, SignedHeaders=host"
    return {"HTTP_AUTHORIZATION": authorization, "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body.encode()), **headers}  # fmt: skip


FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (environ("eu-west-1/ecs", HTTP_X_AMZ_TARGET="AmazonEC2ContainerServiceV20141113.DescribeTasks"), ("eu-west-1", "ecs", "DescribeTasks", False)),
        (environ("r/ec2", "Action=DescribeVpcs&Version=1", **FORM), ("r", "ec2", "DescribeVpcs", True)),
        (environ("r/ec2", "Action=DescribeVpcs&Filter.1.Name=vpc-id", **FORM), ("r", "ec2", "DescribeVpcs", False)),
        (environ("r/ec2", "Action=DescribeVpcs&MaxResults=5", **FORM), ("r", "ec2", "DescribeVpcs", False)),
        (environ("r/ec2", "Version=1", **FORM), None),
        (environ("r/s3"), None),
        ({}, None),
    ],
    ids=["JSON", "form", "with a filter", "with pages", "no action", "S3", "unsigned"],
)  # fmt: skip
def test_what_a_request_asks_for(asked: dict[str, Any], found: tuple[str, str, str, bool] | None) -> None:
    body = asked["wsgi.input"].getvalue() if asked else b""
    assert request_of(asked, "1") == (None if found is None else AwsRequest("1", *found))
    if asked:
        assert asked["wsgi.input"].read() == body
