"""What is said of a service none of whose tasks failed to pull: it is no all-clear of a pull that never began."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import report
from tests.build import CLUSTER, REGION, Edit, absent, changed, fargate

UNABLE = "(service payments-api) was unable to place a task"
ENI = f'{UNABLE} because no container instance met all of its requirements. The closest matching (container-instance 0123) encountered error "RESOURCE:ENI".'
CPU = f"{UNABLE} because no container instance met all of its requirements. The closest matching container instance has insufficient CPU units available."
STEADY = "(service payments-api) has reached a steady state."
BACK = "(service payments-api) (deployment ecs-svc/1) deployment failed: tasks failed to start. rolling back to deployment ecs-svc/0."
CANNOT = "(service payments-api) is unable to consistently start tasks successfully."
FAILED = {"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "FAILED", "failedTasks": 4}


def service(*messages: str, running: int = 0, desired: int = 2, **more: Any) -> Edit:
    """The service is asked about, none of its tasks is there, and these are its events, the newest first."""

    def edit(world: dict[str, Any]) -> None:
        world["task"] = absent("ecs:DescribeTasks")
        world["target"] = {"kind": "service", "region": REGION, "cluster": CLUSTER, "service": "payments-api"}
        events = [{"message": text, "createdAt": "2026-11-24T09:15:02Z"} for text in messages]
        value = world["service"]["value"]
        value.update(events=events, runningCount=running, desiredCount=desired, **more)

    return edit


@pytest.mark.parametrize(
    ("edit", "outcome", "says"),
    [
        (service(STEADY, running=2), "nothing_wrong", "Nothing would stop a pull"),
        (service(ENI), "not_a_pull_failure", "no network interface could be made"),
        (service(CPU), "not_a_pull_failure", "insufficient CPU units"),
        (service(STEADY, CPU, running=2), "nothing_wrong", "Nothing would stop a pull"),
        (service(CPU, running=2), "nothing_wrong", "Nothing would stop a pull"),
        (service(status="INACTIVE"), "not_a_pull_failure", "the service was deleted"),
        (service(BACK, running=2), "nothing_wrong", "Nothing would stop a pull"),
        (
            service(CANNOT),
            "undecided",
            "None of the 2 tasks of payments-api runs and ECS cannot start its tasks consistently",
        ),
        (service(STEADY, CANNOT), "nothing_wrong", "Nothing would stop a pull"),
        (service(CANNOT, running=1), "nothing_wrong", "Nothing would stop a pull"),
        (service(CANNOT, desired=0), "nothing_wrong", "Nothing would stop a pull"),
        (
            service(deployments=[FAILED]),
            "undecided",
            "None of the 2 tasks of payments-api runs and its deployment failed",
        ),
        (service(deployments=[FAILED], running=2), "nothing_wrong", "Nothing would stop a pull"),
    ],
    ids=[
        "steady",
        "no interface",
        "no room",
        "no room, until later",
        "every task runs",
        "deleted",
        "rolled back",
        "cannot start its tasks",
        "could not start its tasks",
        "one task runs",
        "scaled to none",
        "the deployment failed",
        "the deployment failed and tasks run",
    ],
)
def test_how_a_service_stands(edit: Edit, outcome: str, says: str) -> None:
    found = report.build(changed(fargate(), edit))
    assert found.verdict.outcome == outcome
    assert says in found.verdict.headline


@pytest.mark.parametrize(
    ("edit", "said"),
    [(service(BACK, running=2), True), (service(STEADY, running=2), False)],
    ids=["rolled back", "steady"],
)
def test_a_roll_back_is_said(edit: Edit, said: bool) -> None:
    caveats = report.build(changed(fargate(), edit)).verdict.caveats
    assert any("was rolled back" in item for item in caveats) is said


def test_why_a_task_was_not_placed_is_said_without_what_stands_before_it() -> None:
    capacity = f"{UNABLE}. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone."
    headline = report.build(changed(fargate(), service(capacity))).verdict.headline
    assert "(Capacity is unavailable at this time. Please" in headline


@pytest.mark.parametrize("edit", [service(ENI), service(CPU), service(status="INACTIVE")])
def test_the_one_next_step_is_said(edit: Edit) -> None:
    assert len(report.build(changed(fargate(), edit)).verdict.caveats) == 1
