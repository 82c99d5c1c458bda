"""A task that is gone, asked about with the alert's own text: that text is the symptom, and is said to be the alert's."""

from __future__ import annotations

import pytest

from diagnostics.collect import calls, plan
from diagnostics.finding import Report
from diagnostics.report import build
from diagnostics.snapshot import Absent, Snapshot, Unavailable
from diagnostics.stop_reason import error_in
from diagnostics.target import Target
from tests.build.answers import ACCOUNT, IMAGE, REGION, Answers, Reply, found, known, missing, replies, task
from tests.build.targets import TASK_ID, service_target, task_target

TAG_GONE = f"CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {IMAGE}: {IMAGE}: not found"
NO_ANSWER = (
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon "
    f'ECR: RequestError: send request failed caused by: Post "https://api.ecr.{REGION}.amazonaws.com/": dial tcp '
    "52.1.2.3:443: i/o timeout"
)
HUB = (
    "CannotPullContainerError: inspect image has been retried 1 time(s): httpReaderSeeker: failed open: unexpected status "
    "code https://registry-1.docker.io/v2/library/nginx/manifests/1.27: 429 Too Many Requests - Server message: "
    "toomanyrequests: You have reached your pull rate limit."
)
NO_SPACE = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:01: write /x: no space left on device"
NO_ADDRESS = "Unexpected EC2 error while attempting to Create Network Interface: InsufficientFreeAddressesInSubnet RESOURCE:ENI"
NO_TAG: dict[str, Reply] = {
    "describe_image": Absent(call="ecr:DescribeImages"),
    "describe_pull_through_cache_rules": known(()),
    "list_images": known(()),
}
CLUSTER_GONE = Absent(call="ecs:DescribeTasks", without="cluster")
DENIED = Unavailable(why="denied", call="ecs:DescribeTasks")


def asked(
    text: str | None, target: Target | None = None, previous: Snapshot | None = None, **more: Reply
) -> tuple[Snapshot, Answers]:
    answers = Answers(replies(**{"describe_tasks": missing(), **more}))
    snapshot = plan.build(
        target or task_target(cluster="prod"),
        answers,
        region=REGION,
        previous=previous,
        alert_text=error_in([text]) if text else None,
    )
    return snapshot, answers


def report(text: str | None, target: Target | None = None, **more: Reply) -> Report:
    return build(asked(text, target, **more)[0])


def causes(answer: Report) -> list[str]:
    return [f"{item.certainty} {item.id}" for item in answer.causes_of("cause")]


@pytest.mark.parametrize(
    ("text", "outcome", "symptom", "expected"),
    [
        (TAG_GONE, "cause_found", "image-not-found", ["likely tag-not-found"]),
        (HUB, "cause_found", "dockerhub-rate-limit", ["likely docker-hub-rate-limit"]),
        (NO_SPACE, "cause_found", "disk-full", ["likely disk-full"]),
        (NO_ANSWER, "undecided", "ecr-api-unreachable", []),
        (NO_ADDRESS, "not_a_pull_failure", "eni-or-ip-exhausted", []),
        (None, "task_gone", None, []),
        ("Essential container in task exited", "task_gone", None, []),
    ],
)  # fmt: skip
def test_a_task_that_is_gone(
    text: str | None, outcome: str, symptom: str | None, expected: list[str]
) -> None:
    answer = report(text, **NO_TAG)
    assert answer.verdict.outcome == outcome, answer.verdict
    assert [item.id for item in answer.verdict.symptoms] == ([symptom] if symptom else [])
    assert causes(answer) == expected
    assert answer.task.source == ("alert" if symptom else "none")
    if symptom and outcome != "not_a_pull_failure":
        assert "The error text is from the alert, since the task itself is gone" in " ".join(
            answer.verdict.caveats
        )
        sources = {item.source for cause in answer.causes for item in cause.evidence}
        assert "error text" not in sources
        assert ("error text from the alert" in sources) is (text in (HUB, NO_SPACE))


def test_what_is_open_is_said_in_the_alerts_name() -> None:
    assert report(NO_ANSWER).verdict.headline == (
        "Why task 01234567 could not pull is not settled: the alert's text shows no answer from ECR's API; the task is gone, "
        "and nothing that can still be read explains it."
    )


@pytest.mark.parametrize(
    ("more", "source"),
    [
        ({"describe_tasks": found(task())}, "live"),
        ({"describe_tasks": CLUSTER_GONE}, "none"),
        ({"describe_tasks": DENIED}, "alert"),
    ],
    ids=["the task is there", "no such cluster", "the task is denied"],
)  # fmt: skip
def test_the_alert_speaks_only_where_the_task_does_not(more: dict[str, Reply], source: str) -> None:
    assert asked(NO_ANSWER, **more)[0].source == source


def test_a_service_without_a_task_is_told_of_by_the_alert() -> None:
    answer = report(NO_ANSWER, service_target(), list_tasks=known(()))
    assert (answer.task.source, answer.verdict.symptoms[0].id) == ("alert", "ecr-api-unreachable")


def test_a_rerun_remembers_the_alert() -> None:
    before, _ = asked(HUB)
    after, _ = asked(None, previous=before)
    assert (after.source, after.alert_text) == ("alert", before.alert_text)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (IMAGE, True),
        (IMAGE.replace(ACCOUNT, "999988887777"), False),
        (IMAGE.replace(REGION, "us-west-2"), False),
    ],
)
def test_an_alert_leads_into_no_other_account(image: str, expected: bool) -> None:
    """Anybody may write an alert: what it names is asked for only where the person may look anyway."""
    text = f"CannotPullContainerError: failed to resolve ref {image}: not found"
    answers = asked(text, **NO_TAG)[1]
    assert bool(answers.of(calls.DESCRIBE_REPOSITORY)) is expected
    assert TASK_ID in str(answers.asked)
