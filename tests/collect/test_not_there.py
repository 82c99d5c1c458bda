"""Targets that are not where they were looked for: one sentence that says where that was."""

from __future__ import annotations

import pytest

from diagnostics.collect import collect
from diagnostics.finding import Outcomes
from diagnostics.report import build
from diagnostics.snapshot import Absent
from diagnostics.target import Target
from tests.build.recorded import Answer, Recorded, Reply, Request, error, recorded
from tests.build.targets import ACCOUNT, REGION, TASK_ID, service_target, task_target

from .clock import FixedClock

NO_CLUSTER = error("ClusterNotFoundException", 400, "Cluster not found.")
ECS = ("DescribeTasks", "ListTasks", "DescribeServices")
OTHER = "999988887777"
ASKED = f"{REGION} (account {ACCOUNT})"
GONE_CLUSTER = (
    "A cluster that was deleted is answered for in the same way; its tasks ended with it. If it has another name, give "
    "the task's ARN."
)


def nothing(request: Request, answer: Answer) -> Answer:
    """ECS knows the cluster, and nothing in it."""
    if request.operation not in ECS:
        return answer
    if request.operation == "ListTasks":
        return Answer(200, "application/x-amz-json-1.1", '{"taskArns": []}')
    key = "tasks" if request.operation == "DescribeTasks" else "services"
    missing = f'{{"{key}": [], "failures": [{{"arn": "arn:x", "reason": "MISSING"}}]}}'
    return Answer(200, "application/x-amz-json-1.1", missing)


def no_cluster(request: Request, answer: Answer) -> Answer:
    """ECS knows no such cluster."""
    return NO_CLUSTER(request, answer) if request.operation in ECS else answer


def no_default(request: Request, answer: Answer) -> Answer:
    """The account has clusters, but none called `default`, and the task is in none of them."""
    if request.operation == "ListClusters":
        arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod"
        return Answer(200, "application/x-amz-json-1.1", f'{{"clusterArns": ["{arn}"]}}')
    return (no_cluster if "cluster/default" in request.params else nothing)(request, answer)


@pytest.fixture
def aws() -> Recorded:
    return recorded("fargate")


@pytest.mark.parametrize(
    ("target", "reply", "outcome", "headline", "caveats"),
    [
        (task_target(cluster="nope"), no_cluster, "task_gone", f"There is no cluster nope in {ASKED}, and so nothing to look at.", (GONE_CLUSTER,)),
        (service_target(), no_cluster, "task_gone", f"There is no cluster prod in {ASKED}, and so nothing to look at.", (GONE_CLUSTER,)),
        (service_target(account=None), no_cluster, "task_gone", f"There is no cluster prod in {ASKED}, and so nothing to look at.", (GONE_CLUSTER,)),
        (service_target(), nothing, "task_gone", f"There is no service shop in cluster prod in {ASKED}, and so nothing to look at.", ()),
        (
            task_target(), nothing, "task_gone",
            f"Task {TASK_ID[:8]} is gone from {ASKED} and nothing else tells why it stopped: ECS describes stopped tasks for about an hour.",
            ("Start the task again, or ask about its service (prod/SERVICE): a service's events are kept longer.",),
        ),
        (
            # An ARN in the old form: that there is no cluster `default` says nothing of the task's own.
            task_target(cluster=None), no_default, "task_gone",
            f"Task {TASK_ID[:8]} is gone from {ASKED} and nothing else tells why it stopped: ECS describes stopped tasks for about an hour.",
            ("Start the task again, or ask about its service (CLUSTER/SERVICE): a service's events are kept longer.",),
        ),
        (
            task_target(account=OTHER), nothing, "undecided",
            f"Task {TASK_ID[:8]} is of account {OTHER} and the AWS credentials in use are of account {ACCOUNT}, so that nothing of it "
            f"was read in {REGION}: ask with credentials of account {OTHER}.",
            (),
        ),
        (
            service_target(account=OTHER), nothing, "undecided",
            f"shop is of account {OTHER} and the AWS credentials in use are of account {ACCOUNT}, so that nothing of it "
            f"was read in {REGION}: ask with credentials of account {OTHER}.",
            (),
        ),
    ],
)  # fmt: skip
def test_the_sentence_says_where_was_looked(
    aws: Recorded, target: Target, reply: Reply, outcome: Outcomes, headline: str, caveats: tuple[str, ...]
) -> None:
    with aws.but(reply):
        report = build(collect(target, aws, region=REGION, clock=FixedClock()))
    assert (report.verdict.outcome, report.verdict.headline) == (outcome, headline)
    assert report.verdict.caveats == caveats
    assert report.causes == ()


def test_of_a_task_of_another_account_one_thing_is_said(aws: Recorded) -> None:
    report = build(collect(task_target(account=OTHER), aws, clock=FixedClock()))
    (unread,) = report.unavailable
    assert (unread.call, unread.needed_by) == ("sts:GetCallerIdentity", ())
    assert report.findings == ()


def test_of_a_cluster_that_is_not_there_one_thing_is_said(aws: Recorded) -> None:
    with aws.but(no_cluster):
        report = build(collect(task_target(), aws, clock=FixedClock()))
    assert (report.unavailable, report.findings) == ((), ())


def test_a_saved_fact_keeps_what_is_missing() -> None:
    absent = Absent(call="ecs:DescribeTasks", without="cluster")
    assert Absent.model_validate_json(absent.model_dump_json()) == absent
    assert "without" not in Absent(call="ecs:DescribeTasks").model_dump_json()
