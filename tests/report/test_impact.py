"""How the service is doing: counts, the deployment that fails, what is not affected, and what ECS does by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diagnostics import report
from tests.build import changed, fargate, task_of, unavailable

Edit = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("counts", "headline"),
    [
        ((3, 0, 0), "0 of 3 tasks running"),
        ((1, 0, 1), "0 of 1 task running, 1 pending"),
        ((2, 2, 0), "2 of 2 tasks running"),
        ((None, None, None), None),
    ],
)
def test_impact(counts: tuple[int | None, ...], headline: str | None) -> None:
    def edit(world: dict[str, Any]) -> None:
        names = ("desiredCount", "runningCount", "pendingCount")
        world["service"]["value"].update(zip(names, counts, strict=True))

    impact = report.build(changed(fargate(), edit)).impact
    assert impact is not None
    assert ((impact.desired, impact.running, impact.pending), impact.headline) == (counts, headline)


def test_a_daemon_services_count_is_that_of_its_instances() -> None:
    def edit(world: dict[str, Any]) -> None:
        world["service"]["value"].update(
            desiredCount=5, runningCount=4, pendingCount=1, schedulingStrategy="DAEMON"
        )

    impact = report.build(changed(fargate(), edit)).impact
    assert impact is not None
    assert (
        impact.headline
        == "4 of 5 tasks running, 1 pending (a daemon service: one task for each container instance)"
    )


def test_no_service_no_impact() -> None:
    def edit(world: dict[str, Any]) -> None:
        world["service"] = unavailable()

    assert report.build(changed(fargate(), edit)).impact is None


DEPLOYMENT = "ecs-svc/0123456789012345678"
FAMILY = "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api"


def fails(
    *others: dict[str, Any], desired: int = 3, breaker: Any = None, controller: str | None = None, **more: Any
) -> Edit:
    """The task's deployment has failed tasks; `others` are deployments beside it."""

    def edit(world: dict[str, Any]) -> None:
        task_of(world).update(startedBy=DEPLOYMENT)
        mine = {
            "id": DEPLOYMENT, "status": "PRIMARY", "taskDefinition": f"{FAMILY}:17", "createdAt": "2026-11-24T09:02:00Z",
            "failedTasks": 2, "runningCount": 0, "rolloutState": "IN_PROGRESS",
        }  # fmt: skip
        world["service"]["value"].update(
            desiredCount=desired,
            deployments=[mine | more, *others],
            deploymentConfiguration=None if breaker is None else {"deploymentCircuitBreaker": breaker},
            deploymentController=controller and {"type": controller},
        )

    return edit


OLDER = {
    "id": "ecs-svc/1",
    "status": "ACTIVE",
    "taskDefinition": f"{FAMILY}:16",
    "runningCount": 3,
    "rolloutState": "COMPLETED",
}
ON, BACK, OFF = (
    {"enable": True, "rollback": False},
    {"enable": True, "rollback": True},
    {"enable": False, "rollback": False},
)
FAILED = "2 tasks of payments-api:17 failed in a row, in the deployment of 2026-11-24 09:02 UTC"
RUN = "3 tasks of payments-api:16 still run: a running task pulls nothing and is not affected"
UNAFFECTED = OLDER | {"runningCount": 1}
ROLLS_BACK = "The deployment circuit breaker rolls the service back to its last completed deployment after {}"
ENDS = "The deployment circuit breaker ends this deployment, without rolling back after {}"
GOES_ON = "The deployment circuit breaker is off: ECS goes on trying, at growing intervals"


def limit(kind: str | None, value: int | None) -> dict[str, Any]:
    return BACK | {"thresholdConfiguration": {"type": kind, "value": value}}


@pytest.mark.parametrize(
    ("edit", "notes"),
    [
        (fails(), [FAILED]),
        (fails(failedTasks=1), [FAILED.replace("2 tasks", "1 task").replace(" in a row,", "")]),
        (fails(createdAt=None), ["2 tasks of payments-api:17 failed in a row, in the deployment"]),
        (fails(failedTasks=0), []),
        (fails(failedTasks=None), []),
        (fails(OLDER), [FAILED, RUN]),
        (fails(UNAFFECTED), [FAILED, RUN.replace("3 tasks", "1 task").replace("run:", "runs:")]),
        (fails(OLDER | {"runningCount": 0}), [FAILED]),
        (fails(breaker=BACK), [FAILED, ROLLS_BACK.format("3 tasks that fail")]),
        (fails(breaker=ON, desired=25), [FAILED, ENDS.format("13 tasks that fail")]),
        (fails(breaker=BACK, desired=800), [FAILED, ROLLS_BACK.format("200 tasks that fail")]),
        (fails(breaker=limit("COUNT", 5), desired=800), [FAILED, ROLLS_BACK.format("5 tasks that fail")]),
        (fails(breaker=limit("UNBOUNDED_PERCENT", 50)), [FAILED, ROLLS_BACK.format("2 tasks that fail")]),
        (fails(breaker=limit("BOUNDED_PERCENT", 100), desired=40), [FAILED, ROLLS_BACK.format("40 tasks that fail")]),
        (fails(breaker=limit("A_NEW_KIND", 5)), [FAILED, ROLLS_BACK.format("some more tasks that fail")]),
        (fails(breaker=OFF), [FAILED, GOES_ON]),
        (fails(breaker=OFF, rolloutState="COMPLETED"), [FAILED, GOES_ON]),
        (fails(breaker=BACK, rolloutState="COMPLETED"),
         [FAILED, "This deployment was completed before, so its circuit breaker does not act: ECS goes on trying, at growing intervals"]),
        (fails(breaker=BACK, rolloutState="FAILED"),
         [FAILED, "The deployment circuit breaker ended this deployment: ECS starts no more tasks of it"]),
        (fails(breaker=BACK, rolloutState="A_NEW_STATE"), [FAILED]),
        (fails(breaker=BACK, controller="CODE_DEPLOY"), [FAILED]),
        (fails(breaker=BACK, controller="ECS"), [FAILED, ROLLS_BACK.format("3 tasks that fail")]),
        (fails(breaker={"enable": None}), [FAILED]),
        (fails(id="ecs-svc/2"), []),
    ],
)  # fmt: skip
def test_notes(edit: Edit, notes: list[str]) -> None:
    impact = report.build(changed(fargate(), edit)).impact
    assert impact is not None
    assert list(impact.notes) == notes


def test_of_a_service_without_a_task() -> None:
    def gone(world: dict[str, Any]) -> None:
        world.update(task=unavailable(), source="service_events")

    impact = report.build(changed(fargate(), fails(), gone)).impact
    assert impact is not None
    assert impact.notes == (FAILED,)


GREEN = {
    "id": "ecs-svc/9", "status": "ACTIVE", "startedBy": "CODE_DEPLOY", "taskDefinition": f"{FAMILY}:17", "createdAt": "2026-11-24T09:02:00Z",
    "stabilityStatus": "STABILIZING", "runningCount": 0, "computedDesiredCount": 3,
}  # fmt: skip
BLUE = GREEN | {
    "id": "ecs-svc/8", "status": "PRIMARY", "taskDefinition": f"{FAMILY}:16", "stabilityStatus": "STEADY_STATE", "runningCount": 3,
}  # fmt: skip
UNSTEADY = (
    "The task set of payments-api:17 of 2026-11-24 09:02 UTC does not become steady: 0 of 3 tasks running"
)
SERVES = "The task set of payments-api:16 serves: 3 tasks running, and a running task pulls nothing and is not affected"
BY_CODE_DEPLOY = "CodeDeploy shifts no traffic to it before it is steady, and stops or rolls the deployment back by its own settings: the circuit breaker of ECS does not act"
BY_ANOTHER = "The tool that made the task set decides what becomes of it: ECS goes on trying to start its tasks, and rolls nothing back"


def task_sets(*sets: dict[str, Any], started_by: str | None = "ecs-svc/9") -> Edit:
    """The service's task sets; the task is of one of them, or could not be read."""

    def edit(world: dict[str, Any]) -> None:
        kind = next((item["startedBy"] for item in sets), "EXTERNAL")
        world["service"]["value"].update(
            taskSets=list(sets), deployments=[], deploymentController={"type": kind}, taskDefinition=None
        )
        task_of(world).update(startedBy=started_by)
        if started_by is None:
            world.update(task=unavailable(), source="service_events")

    return edit


@pytest.mark.parametrize(
    ("edit", "notes"),
    [
        (task_sets(BLUE, GREEN), [UNSTEADY, SERVES, BY_CODE_DEPLOY]),
        (task_sets(BLUE, GREEN, started_by=None), [UNSTEADY, SERVES, BY_CODE_DEPLOY]),
        (task_sets(GREEN | {"startedBy": "EXTERNAL"}), [UNSTEADY, BY_ANOTHER]),
        (task_sets(BLUE, GREEN, started_by="ecs-svc/8"), []),
        (task_sets(BLUE, started_by=None), []),
        (task_sets(GREEN | {"createdAt": None, "computedDesiredCount": None}),
         ["The task set of payments-api:17 does not become steady: its counts are not told", BY_CODE_DEPLOY]),
        (task_sets(BLUE | {"status": "ACTIVE", "runningCount": 1}, GREEN),
         [UNSTEADY, SERVES.replace("serves: 3 tasks", "still runs: 1 task"), BY_CODE_DEPLOY]),
    ],
    ids=["CodeDeploy", "without a task", "external", "of the steady one", "all steady", "not told", "replaced"],
)  # fmt: skip
def test_notes_of_task_sets(edit: Edit, notes: list[str]) -> None:
    impact = report.build(changed(fargate(), edit)).impact
    assert impact is not None
    assert list(impact.notes) == notes
