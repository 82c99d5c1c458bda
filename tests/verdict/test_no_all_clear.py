"""Texts and gaps that leave it open who refused: nothing that is in order now is an all-clear there."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import report
from tests.build import (
    Edit,
    changed,
    definition_of,
    ec2,
    endpoints,
    fargate,
    image_of,
    stopped,
    task_of,
    unavailable,
)

S3_XML = 'CannotPullContainerError: error pulling image configuration: error parsing HTTP 403 response body: invalid character \'<\' looking for beginning of value: "<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?><Error><Code>AccessDenied</Code>"'
COPY = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code: 403 Forbidden"
BUCKET = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com/x: 403 Forbidden"
TIMED_OUT = 'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp 44.213.79.50:443: i/o timeout'
REFUSED = "CannotPullContainerError: AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/{role}/0123456789abcdef0123456789abcdef is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:111122223333:repository/payments-api because no identity-based policy allows the ecr:BatchGetImage action"
LAYERS = "What hands out the layers refused them (403)"
STRANGER = "The error text refuses arn:aws:sts::111122223333:assumed-role/build-agent/"
CHANGED = "it was changed since"


def unread(world: dict[str, Any]) -> None:
    for facts in world["vpcs"].values():
        facts["subnets"] = unavailable("denied", "ec2:DescribeSubnets")


@pytest.mark.parametrize(
    ("start", "edits", "outcome", "says"),
    [
        (fargate, (stopped(S3_XML),), "undecided", LAYERS),
        (ec2, (stopped(S3_XML),), "undecided", LAYERS),
        (fargate, (stopped(COPY),), "undecided", LAYERS),
        (fargate, (stopped(BUCKET),), "undecided", LAYERS),
        (endpoints, (stopped(BUCKET),), "nothing_wrong", None),
        (fargate, (stopped(REFUSED.format(role="build-agent")),), "undecided", STRANGER),
        (fargate, (stopped(REFUSED.format(role="payments-execution")),), "nothing_wrong", CHANGED),
        (fargate, (unread,), "undecided", "the subnets of vpc-main could not be read (ec2:DescribeSubnets: denied)"),
        (fargate, (unread, stopped(TIMED_OUT)), "undecided", "in order, but the subnets of vpc-main could not be read"),
        (fargate, (stopped(TIMED_OUT),), "nothing_wrong", None),
    ],
    ids=[
        "S3 refused, EC2's wording", "the same on EC2", "a copy without a host", "the bucket, over the internet",
        "the bucket, by an endpoint", "a role that is not the task's", "the task's role", "unread subnets",
        "unread subnets and a time-out", "a time-out",
    ],
)  # fmt: skip
def test_it_is_not_said_that_it_was_repaired(
    start: Any, edits: tuple[Edit, ...], outcome: str, says: str | None
) -> None:
    verdict = report.build(changed(start(), *edits)).verdict
    assert verdict.outcome == outcome, verdict.headline
    told = " ".join((verdict.headline, *verdict.caveats))
    assert [text for text in (LAYERS, STRANGER, CHANGED) if text in told] == [says] * (
        says in (LAYERS, STRANGER, CHANGED)
    )
    assert says is None or says in told


OTHERS = "222233334444.dkr.ecr.us-east-1.amazonaws.com/payments-api:1.4.2"
FORBIDDEN = f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {OTHERS}: unexpected status from HEAD request to https://222233334444.dkr.ecr.us-east-1.amazonaws.com/v2/payments-api/manifests/1.4.2: 403 Forbidden"


def of_another_account(world: dict[str, Any]) -> None:
    """The image is in another account, which lets nobody here look."""
    task_of(world)["containers"][0]["image"] = OTHERS
    definition_of(world)["containerDefinitions"][0]["image"] = OTHERS
    image = image_of(world)
    names = ("repository", "detail", "repository_policy", "registry_policy")
    image.update({name: unavailable("denied", "ecr:DescribeRepositories") for name in names}, image=OTHERS)


@pytest.mark.parametrize(
    "edits", [(of_another_account,), (of_another_account, stopped(FORBIDDEN))], ids=["no-text", "403"]
)
def test_what_another_account_shows_nobody_is_undecided_and_accuses_nothing(edits: tuple[Edit, ...]) -> None:
    answer = report.build(changed(fargate(), *edits))
    assert (answer.verdict.outcome, answer.causes) == ("undecided", ())
