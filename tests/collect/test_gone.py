"""A task that is gone and whose service is known: what stands in for it, in which order, and what is said of that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from diagnostics.collect import calls, plan
from diagnostics.finding import Report
from diagnostics.report import build
from diagnostics.snapshot import Absent, Fact, Snapshot, Unavailable
from diagnostics.target import Target
from tests.build.answers import (
    ACCOUNT,
    CLUSTER,
    IMAGE,
    REGION,
    Answers,
    Reply,
    found,
    known,
    missing,
    replies,
    service,
    task,
)
from tests.build.targets import TASK_ID, task_target

NO_TAG = f"CannotPullContainerError: failed to resolve ref {IMAGE}: {IMAGE}: not found"
NO_SPACE = "CannotPullContainerError: failed to extract layer sha256:01: write /x: no space left on device"
ALLOWED = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}}'
TAG_GONE: dict[str, Reply] = {
    "list_role_policies": known(("pull",)),
    "get_role_policy": known(ALLOWED),
    "describe_image": Absent(call="ecr:DescribeImages"),
    "describe_pull_through_cache_rules": known(()),
    "list_images": known(()),
}
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
GREEN = "arn:aws:ecs:eu-central-1:111122223333:task-definition/shop:8"
NEWER, OLDER, OTHER = ("b" * 32, "c" * 32, "d" * 32)
DENIED = Unavailable(why="denied", call="ecs:ListTasks")


def stopped(name: str, hour: int, reason: str = NO_TAG, group: str = "service:shop") -> Any:
    moment = datetime(2026, 11, 24, hour, 42, tzinfo=UTC)
    return task(
        name, stoppedReason=reason, stopCode="TaskFailedToStart", stoppedAt=moment, group=group, lastStatus="STOPPED"
    )  # fmt: skip


FAILED = (stopped(NEWER, 10), stopped(OLDER, 9))
SCALED_IN = stopped(OTHER, 11, "Scaling activity initiated by deployment ecs-svc/1")


def event(text: str) -> dict[str, Any]:
    return {
        "createdAt": NOON.replace(hour=10, minute=42),
        "message": f"(service shop) was unable to place a task. Reason: {text}",
    }


STEADY = {"createdAt": NOON.replace(hour=11), "message": "(service shop) has reached a steady state."}
ENDED = {"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "FAILED"}


def asked(
    siblings: tuple[Any, ...] = (),
    *,
    target: Target | None = None,
    previous: Snapshot | None = None,
    alert: str | None = None,
    **more: Reply,
) -> tuple[Snapshot, Answers]:
    """The task is gone; `siblings` are the stopped tasks of its service."""

    def tasks(params: Mapping[str, Any]) -> Fact[Any]:
        return missing() if params["tasks"] == [TASK_ID] else found(*siblings)

    answers = Answers(
        replies(
            **{
                "describe_tasks": tasks,
                "list_tasks": known(tuple(item.task_arn for item in siblings)),
                **TAG_GONE,
                **more,
            }
        )
    )
    target = target or task_target(cluster="prod").model_copy(update={"service": "shop"})
    snapshot = plan.build(target, answers, region=REGION, previous=previous, alert_text=alert, now=NOON)
    return snapshot.model_copy(update={"taken_at": NOON}), answers


def report(*args: Any, **more: Any) -> Report:
    return build(asked(*args, **more)[0])


def test_the_newest_sibling_whose_pull_failed_stands_in_for_it() -> None:
    answer = report((SCALED_IN, *FAILED))
    assert (answer.task.source, answer.task.arn) == ("sibling", FAILED[0].task_arn)
    assert answer.verdict.outcome == "cause_found"
    assert [item.id for item in answer.causes_of("cause")] == ["tag-not-found"]
    assert answer.verdict.caveats[0] == (
        "Task 01234567 is gone: this is bbbbbbbb, the newest task of the same service whose pull failed, stopped at 10:42 UTC."
    )


def test_else_the_service_event_of_the_pull_does() -> None:
    answer = report((SCALED_IN,), describe_services=found(service(events=[event(NO_TAG)])))
    assert (answer.task.source, answer.verdict.outcome) == ("service_events", "cause_found")
    assert [item.id for item in answer.verdict.symptoms] == ["image-not-found"]
    assert answer.verdict.caveats[0] == (
        "Task 01234567 is gone: this is from the service event of 10:42 UTC and today's configuration."
    )


def test_else_todays_configuration_is_judged() -> None:
    answer = report()
    assert (answer.task.source, answer.verdict.outcome) == ("none", "cause_found")
    assert answer.verdict.headline.startswith("A pull of shop that starts now would fail: ")
    assert answer.verdict.caveats[0] == (
        "Task 01234567 is gone and what it said is lost: this is today's configuration of its service shop."
    )


def test_a_service_that_was_deleted_is_said_so() -> None:
    answer = report(describe_services=missing())
    assert (answer.verdict.outcome, answer.verdict.missing) == ("task_gone", "task")
    assert answer.verdict.headline.endswith("there is no service shop in cluster prod any more.")
    answer = report(describe_services=found(service(status="INACTIVE")))
    assert answer.verdict.outcome == "not_a_pull_failure"
    assert "the service was deleted" in answer.verdict.headline


@pytest.mark.parametrize(
    ("alert", "source"),
    [(NO_TAG, "sibling"), (NO_SPACE, "alert")],
    ids=["the same reason", "another reason"],
)
def test_an_alerts_own_text_is_believed_before_a_task_that_stopped_for_another_reason(
    alert: str, source: str
) -> None:
    answer = report(FAILED, alert=alert)
    assert answer.task.source == source
    told = "The error text is from the alert, since the task itself is gone: everything else is today's configuration of its service shop."
    assert (told in answer.verdict.caveats) is (source == "alert")


def test_what_was_saved_of_the_task_itself_comes_first() -> None:
    saved = Snapshot(
        target=task_target(), region=REGION, source="live", task=known(stopped(TASK_ID, 8, NO_SPACE))
    )
    snapshot, answers = asked(FAILED, previous=saved)
    assert (snapshot.source, snapshot.task) == ("saved", saved.task)
    assert answers.of(calls.LIST_TASKS) == []
    assert build(snapshot).verdict.caveats[0].startswith("Task 01234567 is gone from ECS")


def test_a_rerun_looks_for_a_newer_sibling_and_keeps_the_one_it_had() -> None:
    before, _ = asked(FAILED[1:])
    # The target of a button may not hold the service any more.
    bare = task_target(cluster="prod")
    after, _ = asked(FAILED, target=bare, previous=before)
    assert (after.source, after.task) == ("sibling", known(FAILED[0]))
    again, _ = asked((), target=bare, previous=after)
    assert (again.source, again.task) == ("sibling", known(FAILED[0]))


def test_nothing_is_asked_of_a_service_that_is_not_the_tasks_own() -> None:
    _, answers = asked(describe_tasks=found(stopped(TASK_ID, 10, group="family:shop")))
    assert answers.of(calls.LIST_TASKS) == answers.of(calls.DESCRIBE_SERVICES) == []
    _, answers = asked(describe_tasks=NO_TASKS, target=task_target(cluster="prod"))
    assert answers.of(calls.LIST_TASKS) == answers.of(calls.DESCRIBE_SERVICES) == []


NO_TASKS = Unavailable(why="denied", call="ecs:DescribeTasks")


@pytest.mark.parametrize(
    ("events", "source", "outcome", "says"),
    [
        (
            [event(NO_TAG)],
            "service_events",
            "cause_found",
            ": this is from the service event of 10:42 UTC and today's configuration.",
        ),
        ([STEADY, event(NO_TAG)], "none", "undecided", "10:42 UTC, which does not tell of this."),
        ([], "none", "undecided", ": this is today's configuration of its service shop."),
    ],
    ids=["an event tells", "it is steady again", "nothing tells"],
)
def test_a_task_that_is_denied_is_read_through_its_service(
    events: Any, source: str, outcome: str, says: str
) -> None:
    """It may be there, so that no other task stands in for it, and nothing is said to be gone."""
    snapshot, answers = asked(describe_tasks=NO_TASKS, describe_services=found(service(events=events)))
    assert answers.of(calls.LIST_TASKS) == []
    assert snapshot.images
    answer = build(snapshot)
    assert (answer.task.source, answer.verdict.outcome) == (source, outcome)
    assert answer.verdict.caveats[0].startswith(
        "Task 01234567 could not be read (ecs:DescribeTasks: denied): this is "
    )
    assert answer.verdict.caveats[0].endswith(says)
    roles = {item.id: item.role for item in answer.causes}
    assert roles["tag-not-found"] == ("cause" if source == "service_events" else "also")


@pytest.mark.parametrize(
    ("hours", "more", "source"),
    [
        (3, {}, "service_events"),
        (73, {}, "none"),
        (73, {"deployments": [{**ENDED, "createdAt": NOON - timedelta(hours=80)}]}, "service_events"),
        (73, {"deployments": [{**ENDED, "createdAt": NOON - timedelta(hours=60)}]}, "none"),
    ],
    ids=[
        "recent",
        "of three days ago",
        "of the deployment that the circuit breaker ended",
        "of one before it",
    ],
)
def test_an_old_event_is_not_about_this(hours: int, more: dict[str, Any], source: str) -> None:
    told = event(NO_TAG) | {"createdAt": NOON - timedelta(hours=hours)}
    answer = report(describe_services=found(service(events=[told], **more)))
    assert answer.task.source == source
    assert ("21 11:00 UTC, which does not tell of this." in answer.verdict.caveats[0]) is (source == "none")


def test_a_service_that_is_steady_again_has_no_failed_pull() -> None:
    target = task_target(cluster="prod").model_copy(
        update={"kind": "service", "task_id": None, "service": "shop"}
    )
    for events, source in (([event(NO_TAG)], "service_events"), ([STEADY, event(NO_TAG)], "none")):
        assert report(target=target, describe_services=found(service(events=events))).task.source == source


def test_a_denied_list_of_tasks_claims_nothing() -> None:
    answer = report(list_tasks=DENIED, describe_services=found(service(events=[event(NO_TAG)])))
    assert answer.task.source == "service_events"
    answer = report(list_tasks=DENIED)
    assert "the newest" not in " ".join(answer.verdict.caveats)


def test_a_task_of_another_service_does_not_stand_in() -> None:
    assert report((stopped(NEWER, 10, group="service:shop-2"),)).task.source == "none"


def test_nothing_hangs_on_the_service_before_its_tasks_are_known() -> None:
    """No image of today's revision is asked for where a sibling of an older one stands in."""
    target = task_target(cluster="prod").model_copy(update={"service": "shop"})
    gone = {calls.DESCRIBE_TASKS: missing(), calls.LIST_TASKS: Unavailable(call="ecs:ListTasks")}
    answers = Answers({**replies(), **gone})
    plan.build(target, answers, region=REGION)
    assert answers.of(calls.DESCRIBE_SERVICES) == [{"cluster": CLUSTER, "services": ["shop"]}]
    assert answers.of(calls.DESCRIBE_TASK_DEFINITION) == answers.of(calls.DESCRIBE_IMAGE) == []
    assert ACCOUNT in CLUSTER


def test_a_service_that_codedeploy_deploys_is_read_through_its_task_set() -> None:
    """Such a service names neither a task definition nor a network of its own."""
    green = {
        "id": "ecs-svc/2", "status": "PRIMARY", "startedBy": "CODE_DEPLOY", "taskDefinition": GREEN,
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-2"], "securityGroups": ["sg-1"]}},
    }  # fmt: skip
    blue = {**green, "id": "ecs-svc/1", "status": "ACTIVE", "taskDefinition": "shop:1"}
    bare = service(taskDefinition=None, networkConfiguration=None, taskSets=[blue, green])
    snapshot, answers = asked(describe_services=found(bare))
    # Its image is missing, so that the revision before is asked for too.
    own, former = answers.of(calls.DESCRIBE_TASK_DEFINITION)
    assert own == {"taskDefinition": GREEN}
    assert former["taskDefinition"].rpartition(":")[0] == GREEN.rpartition(":")[0]
    assert set(snapshot.subnets) == {"subnet-2"}
