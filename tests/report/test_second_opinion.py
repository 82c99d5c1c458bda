"""AWS's own runbook: offered with a command for exactly this task, and only where it could look at one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.session import Session

from diagnostics import report
from diagnostics.report.second_opinion import RUNBOOK
from tests.build import CLUSTER, MOMENT, REGION, TASK_ARN, changed, ec2, fargate, stopped, task_of

Edit = Callable[[dict[str, Any]], object]
NOW = datetime.fromisoformat(MOMENT)
STRANGE = stopped("CannotPullContainerError: something that nobody has seen")


def told(*edits: Edit, world: Any = fargate) -> Any:
    return report.build(changed(world(), STRANGE, *edits)).second_opinion


def stopped_at(moment: Any) -> Edit:
    return lambda world: task_of(world).update(stoppedAt=moment and moment.isoformat())


@pytest.mark.parametrize("world", [fargate, ec2])
def test_the_command_names_the_task(world: Any) -> None:
    words = shlex.split(told(world=world).cli)
    task = report.build(changed(world(), STRANGE)).task

    assert words[:3] == ["aws", "ssm", "start-automation-execution"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert options["--region"] == task.region
    assert options["--document-name"] == RUNBOOK
    assert json.loads(options["--parameters"]) == {
        "ClusterName": [task.cluster],
        "TaskId": [task.arn.rpartition("/")[2]],
    }
    # As the API takes it.
    shape = Session().get_service_model("ssm").operation_model("StartAutomationExecution").input_shape
    assert {"DocumentName", "Parameters"} <= set(shape.members)
    assert shape.members["Parameters"].value.type_name == "list"


def test_its_page() -> None:
    assert told().console_url == (
        f"https://{REGION}.console.aws.amazon.com/systems-manager/automation/execute/{RUNBOOK}?region={REGION}"
    )


def without_service(world: dict[str, Any]) -> None:
    task_of(world).update(group="family:payments-api", startedBy=None)
    world.update(service={"kind": "absent"})


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ((stopped_at(NOW - timedelta(minutes=20)),), f"this one until {NOW + timedelta(minutes=40):%H:%M} UTC."),
        ((stopped_at(NOW - timedelta(hours=1)),), "This one stopped more than an hour ago: use the id of a newer one."),
        ((stopped_at(None),), "for one hour after it stopped."),
        ((), "the newest failed task of the service,"),
        ((without_service,), "the newest failed task, while"),
        ((), "creates a Lambda function and an IAM role in this account"),
    ],
    ids=["in time", "an hour ago", "unknown when", "of a service", "by itself", "what it makes"],
)  # fmt: skip
def test_what_is_said(edits: tuple[Edit, ...], said: str) -> None:
    assert said in told(*edits).text


@pytest.mark.parametrize(
    "edit",
    [
        lambda world: task_of(world).update(lastStatus="RUNNING"),
        lambda world: task_of(world).update(lastStatus=None),
        lambda world: world.update(source="saved"),
        lambda world: world.update(source="service_events", task={"kind": "absent"}),
    ],
    ids=["running", "unknown state", "gone, from a saved run", "gone"],
)
def test_it_is_not_offered_for_a_task_that_it_could_not_look_at(edit: Edit) -> None:
    assert told(edit) is None


def test_it_is_in_the_json() -> None:
    assert TASK_ARN.rpartition("/")[2] in told().cli
    assert CLUSTER in report.build(changed(fargate(), STRANGE)).to_json()
