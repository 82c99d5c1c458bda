"""A service that was rolled back: what failed is another revision than the one that runs, and that one is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from diagnostics.collect import calls, plan
from diagnostics.collect.parsing import Found
from diagnostics.finding import Report
from diagnostics.report import build
from diagnostics.snapshot import (
    Absent,
    Fact,
    ImageDetail,
    Known,
    ServiceDeployment,
    ServiceRevision,
    Snapshot,
    Unavailable,
)
from diagnostics.target import Target
from tests.build.answers import (
    CLUSTER,
    IMAGE,
    REGION,
    Answers,
    Reply,
    definition,
    found,
    known,
    missing,
    replies,
    service,
    task,
)
from tests.build.targets import TASK_ID, service_target, task_target

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RUNS = "arn:aws:ecs:eu-central-1:111122223333:task-definition/shop:16"
FAILED = RUNS.replace(":16", ":17")
BAD = IMAGE.replace(":v2", ":v3")
REVISION = "arn:aws:ecs:eu-central-1:111122223333:service-revision/prod/shop/17"


def event(minute: int, text: str) -> dict[str, Any]:
    return {"createdAt": NOON.replace(hour=10, minute=minute), "message": f"(service shop) {text}"}


STEADY = event(50, "has reached a steady state.")
COMPLETED = event(49, "(deployment ecs-svc/16) deployment completed.")
BACK = event(42, "rolling back to deployment ecs-svc/16.")
BROKE = event(41, "(deployment ecs-svc/17) deployment failed: tasks failed to start.")
PULL = event(40, f"was unable to place a task. Reason: CannotPullContainerError: failed to resolve ref {BAD}: {BAD}: not found.")  # fmt: skip
DEPLOYED_SINCE = event(59, "(deployment ecs-svc/18) deployment completed.")
PRIMARY = {"id": "ecs-svc/16", "status": "PRIMARY", "taskDefinition": RUNS, "rolloutState": "COMPLETED"}
NEWER = {
    "id": "ecs-svc/18", "status": "PRIMARY", "taskDefinition": RUNS.replace(":16", ":18"), "rolloutState": "IN_PROGRESS",
    "createdAt": BACK["createdAt"] + timedelta(minutes=3),
}  # fmt: skip
OTHER_NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-9"], "securityGroups": ["sg-9"]}}
LISTED = {
    "id": "ecs-svc/17", "status": "ACTIVE", "taskDefinition": FAILED, "rolloutState": "FAILED", "networkConfiguration": OTHER_NETWORK,
}  # fmt: skip
DEPLOYMENTS = (
    ServiceDeployment(
        created_at=NOON.replace(day=2), target_service_revision_arn=REVISION.replace("/17", "/9")
    ),
    ServiceDeployment(
        created_at=NOON.replace(hour=10),
        status="ROLLBACK_SUCCESSFUL",
        status_reason="Service deployment rolled back because the circuit breaker threshold was exceeded.",
        target_service_revision_arn=REVISION,
    ),
)
ALLOWED = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}}'
ANSWERS: dict[str, Reply] = {
    "list_role_policies": known(("pull",)),
    "get_role_policy": known(ALLOWED),
    "list_service_deployments": known(DEPLOYMENTS),
    "describe_service_revisions": found(
        ServiceRevision.model_validate({"taskDefinition": FAILED, "networkConfiguration": OTHER_NETWORK})
    ),
}
DENIED = Unavailable(why="denied", call="ecs:ListServiceDeployments")


def asked(
    *events: dict[str, Any],
    tasks: tuple[Any, ...] = (task(taskDefinitionArn=RUNS, lastStatus="RUNNING", stoppedAt=None),),
    deployments: tuple[dict[str, Any], ...] = (PRIMARY,),
    target: Target | None = None,
    **more: Reply,
) -> tuple[Snapshot, Answers]:
    def definitions(params: Mapping[str, Any]) -> Fact[Any]:
        image = BAD if params["taskDefinition"] == FAILED else IMAGE
        return known(
            definition(
                taskDefinitionArn=params["taskDefinition"],
                containerDefinitions=[{"name": "app", "image": image}],
            )
        )

    def images(params: Mapping[str, Any]) -> Fact[Any]:
        there = params["imageIds"][0].get("imageTag") == "v2"
        return (
            Known(value=ImageDetail(image_digest="sha256:1")) if there else Absent(call="ecr:DescribeImages")
        )

    def listed(params: Mapping[str, Any]) -> Fact[Any]:
        stopped = params["desiredStatus"] == "STOPPED"
        return known(
            tuple(item.task_arn for item in tasks if (item.last_status in ("STOPPED", None)) is stopped)
        )

    def described(params: Mapping[str, Any]) -> Fact[Any]:
        wanted = [item for item in tasks if item.task_arn in params["tasks"]]
        return known(Found(tuple(wanted), ())) if wanted else missing()

    answers = Answers(
        replies(
            **{
                "describe_tasks": described,
                "list_tasks": listed,
                "describe_services": found(
                    service(
                        taskDefinition=RUNS,
                        events=list(events),
                        deployments=list(deployments),
                        desiredCount=2,
                        runningCount=2,
                        clusterArn=CLUSTER,
                    )
                ),
                "describe_task_definition": definitions,
                "describe_image": images,
                "describe_pull_through_cache_rules": known(()),
                "list_images": known(()),
                **ANSWERS,
                **more,
            }
        )
    )
    snapshot = plan.build(target or service_target(), answers, region=REGION)
    return snapshot.model_copy(update={"taken_at": NOON}), answers


def report(*events: dict[str, Any], **more: Any) -> Report:
    return build(asked(*events, **more)[0])


def test_the_revision_that_failed_is_judged_and_named() -> None:
    answer = report(STEADY, COMPLETED, BACK, BROKE)
    assert answer.verdict.outcome == "cause_found"
    assert answer.verdict.headline.startswith(
        "shop:17 failed and was rolled back to shop:16 at 10:42 UTC: a pull of it that starts now would fail: "
    )
    assert [item.id for item in answer.causes_of("cause")] == ["tag-not-found"]
    assert "v3" in answer.causes[0].summary
    assert answer.verdict.caveats[0].startswith(
        "This is about the revision that failed (“Service deployment rolled back because the circuit breaker"
    )
    assert answer.task.arn is None


def test_its_event_tells_why() -> None:
    answer = report(STEADY, BACK, BROKE, PULL)
    assert (answer.task.source, answer.verdict.outcome) == ("service_events", "cause_found")
    assert answer.verdict.headline.startswith(
        "shop:17 failed and was rolled back to shop:16 at 10:42 UTC: it cannot pull its image: "
    )
    told = " ".join(answer.verdict.caveats)
    assert "from the service event of 10:40 UTC and today's configuration" in told
    assert "what runs now is shop:16" in told


def test_its_own_network_is_followed() -> None:
    snapshot, answers = asked(BACK)
    asked_for = {name for params in answers.of(calls.DESCRIBE_SUBNETS) for name in params["Filters"][0]["Values"]}  # fmt: skip
    assert asked_for == {"subnet-9"}
    assert isinstance(snapshot.failed_revision, Known)


def test_the_newest_roll_back_is_taken() -> None:
    _, answers = asked(BACK)
    assert answers.of(calls.DESCRIBE_SERVICE_REVISIONS) == [{"serviceRevisionArns": [REVISION]}]
    (listing,) = answers.of(calls.LIST_SERVICE_DEPLOYMENTS)
    assert (listing["cluster"], listing["service"]) == (CLUSTER, "shop")


def test_while_the_service_lists_the_deployment_nothing_more_is_asked() -> None:
    snapshot, answers = asked(BACK, deployments=(PRIMARY, LISTED))
    assert answers.of(calls.LIST_SERVICE_DEPLOYMENTS) == answers.of(calls.DESCRIBE_SERVICE_REVISIONS) == []
    assert build(snapshot).verdict.headline.startswith("shop:17 failed and was rolled back to shop:16")


@pytest.mark.parametrize(
    ("events", "more"),
    [
        ((STEADY,), {}),
        ((DEPLOYED_SINCE, STEADY, COMPLETED, BACK), {}),
        ((STEADY, BACK), {"deployments": (NEWER, PRIMARY)}),
        ((BACK,), {"deployments": (NEWER, PRIMARY, LISTED)}),
        ((BROKE,), {"deployments": ({**LISTED, "status": "PRIMARY"},)}),
        ((BACK,), {"tasks": (task(TASK_ID, taskDefinitionArn=FAILED, stoppedReason="Task failed ELB health checks"),)}),
    ],
    ids=["no roll-back", "deployed since", "being deployed since", "the failed one is listed still", "failed without roll-back", "a stopped task tells"],
)  # fmt: skip
def test_nothing_of_it_is_asked_elsewhere(events: tuple[dict[str, Any], ...], more: dict[str, Any]) -> None:
    snapshot, answers = asked(*events, **more)
    assert answers.of(calls.LIST_SERVICE_DEPLOYMENTS) == []
    assert isinstance(snapshot.task, Known) or snapshot.failed_revision.kind == "unavailable"
    assert "rolled back to" not in build(snapshot).verdict.headline


@pytest.mark.parametrize(
    "deployments",
    [
        (PRIMARY,),
        # What was rolled back to, whenever its entry was made; and one of before.
        ({**PRIMARY, "createdAt": BACK["createdAt"] + timedelta(minutes=1)},),
        ({**NEWER, "createdAt": BACK["createdAt"] - timedelta(minutes=9)}, PRIMARY),
        ({**NEWER, "rolloutState": "FAILED"}, PRIMARY),
    ],
    ids=["alone", "its entry is newer", "one of before", "the next one failed too"],
)
def test_what_was_rolled_back_to_is_no_newer_deployment(deployments: tuple[dict[str, Any], ...]) -> None:
    assert "rolled back to" in report(BACK, deployments=deployments).verdict.headline


@pytest.mark.parametrize(
    "more", [{"list_service_deployments": DENIED}, {"describe_service_revisions": DENIED}, {"list_service_deployments": known(())}]
)  # fmt: skip
def test_where_it_cannot_be_read_the_running_task_is_judged_and_the_roll_back_said(more: Any) -> None:
    answer = report(BACK, **more)
    assert answer.task.last_status == "RUNNING"
    assert "tag-not-found" not in {item.id for item in answer.causes}
    assert any("failed and was rolled back" in item for item in answer.verdict.caveats)


def test_a_task_that_is_gone_is_read_through_it_too() -> None:
    target = task_target(cluster="prod").model_copy(update={"service": "shop"})
    answer = report(BACK, tasks=(), target=target)
    assert answer.verdict.headline.startswith("shop:17 failed and was rolled back to shop:16")
    assert answer.verdict.caveats[0].startswith("Task 01234567 is gone")


def test_nothing_is_read_of_the_running_task_before_it_is_known_what_failed() -> None:
    _, answers = asked(BACK, list_service_deployments=Unavailable(call="ecs:ListServiceDeployments"))
    assert answers.of(calls.DESCRIBE_TASK_DEFINITION) == answers.of(calls.DESCRIBE_IMAGE) == []


RESOLVED = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "pinned", "says"),
    [
        (
            BAD,
            RESOLVED,
            "When it was deployed, shop:v3 was there (sha256:aaaaaaaaaaaa): it was removed since.",
        ),
        (IMAGE, RESOLVED, "When it was deployed, shop:v2 was sha256:aaaaaaaaaaaa; now it is sha256:1."),
        (IMAGE, "sha256:1", None),
        (BAD, None, None),
    ],
    ids=["removed since", "moved since", "still the same", "not resolved"],
)
def test_what_became_of_the_image_that_it_had_resolved(
    image: str, pinned: str | None, says: str | None
) -> None:
    images = [{"containerName": "app", "image": image, "imageDigest": pinned}]
    revision = ServiceRevision.model_validate({"taskDefinition": FAILED, "containerImages": images})
    definitions = known(
        definition(taskDefinitionArn=FAILED, containerDefinitions=[{"name": "app", "image": image}])
    )
    answer = report(BACK, describe_service_revisions=found(revision), describe_task_definition=definitions)
    told = " ".join(answer.verdict.caveats)
    assert "This is about the revision that failed" in told
    assert ("When it was deployed" in told) is (says is not None)
    assert says is None or says in told


STOPPED = {
    "taskDefinitionArn": FAILED, "startedBy": "ecs-svc/17", "createdAt": NOON.replace(hour=10, minute=30),
    "stoppedReason": PULL["message"].partition("Reason: ")[2], "stopCode": "TaskFailedToStart",
}  # fmt: skip


@pytest.mark.parametrize(
    ("events", "more", "said"),
    [
        ((BACK, BROKE), {}, True),
        ((BACK,), {}, True),
        ((BACK, BROKE), {"taskDefinitionArn": RUNS, "startedBy": "ecs-svc/16"}, False),
        ((BACK, BROKE), {"startedBy": "ecs-svc/1", "createdAt": NOON.replace(hour=11)}, False),
        ((COMPLETED,), {}, False),
    ],
    ids=["named", "by the times", "of the older one", "of a later one", "no roll-back"],
)
def test_a_stopped_task_of_it_says_so(
    events: tuple[dict[str, Any], ...], more: dict[str, Any], said: bool
) -> None:
    answer = report(*events, tasks=(task(TASK_ID, **{**STOPPED, **more}),))
    told = " ".join(answer.verdict.caveats)
    assert ("The deployment of shop:17 failed and was rolled back at 10:42 UTC: what runs now is shop:16. ECS does not retry" in told) is said  # fmt: skip
