"""The repair of a task that AWS Batch started: its job definition changes, since Batch makes the task definition from it."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import Any

import pytest

from diagnostics import engine, report
from diagnostics.faults import job_definition
from diagnostics.faults.task_definition import new_revision
from tests.build import Edit, changed, definition_of, fargate, image_of, stopped, task_of
from tests.build.images import detail

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/reports:2"
ROLE = "arn:aws:iam::111122223333:role/jobs"


def started_by_batch(world: dict[str, Any]) -> None:
    task, definition = task_of(world), definition_of(world)
    task.update(group="family:reports", startedBy="01234567-0123-0123-0123-0123456789ab")
    task["clusterArn"] = "arn:aws:ecs:us-east-1:111122223333:cluster/AWSBatch-reports-0123"
    task["containers"][0]["name"] = definition["containerDefinitions"][0]["name"] = "default"
    image_of(world)["containers"] = ["default"]


def commands(*edits: Edit) -> list[str]:
    cli = report.build(changed(fargate(), started_by_batch, *edits)).causes[0].fix.cli
    assert cli is not None
    return cli.split(" &&\n")


def jq(command: str, document: dict[str, Any]) -> dict[str, Any]:
    """What the command's program makes of a job definition."""
    words = shlex.split(command)
    assert words[0] == "jq"
    done = subprocess.run(["jq", words[1]], input=json.dumps(document), capture_output=True, text=True, check=True)  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    return result


ONE = {
    "jobDefinitionName": "reports", "jobDefinitionArn": "arn:x", "revision": 3, "status": "ACTIVE", "type": "container",
    "containerOrchestrationType": "ECS", "containerProperties": {"image": IMAGE, "executionRoleArn": ROLE, "command": ["a"]},
}  # fmt: skip
SEVERAL = {
    **{key: value for key, value in ONE.items() if key != "containerProperties"},
    "ecsProperties": {
        "taskProperties": [
            {
                "executionRoleArn": ROLE,
                "containers": [{"name": "default", "image": IMAGE}, {"name": "b", "image": "b"}],
            }
        ]
    },
}


def test_the_job_definition_is_registered_and_no_task_definition() -> None:
    told = commands(stopped("CannotPullContainerError: x: no space left on device"))
    assert [item.split(" ")[:3] for item in told] == [
        ["aws", "batch", "describe-job-definitions"],
        ["jq", told[1].split(" ")[1], told[1].split(" ")[2]],
        ["aws", "batch", "register-job-definition"],
    ]
    assert "ecs" not in "".join(item.split(" ")[1] for item in told)


@pytest.mark.parametrize(
    ("program", "document", "changes"),
    [
        (".ephemeralStorage = {sizeInGiB: 40}", ONE, {"ephemeralStorage": {"sizeInGiB": 40}}),
        ('(.containerDefinitions[] | select(.name == "default") | .image) = "new"', ONE, {"image": "new"}),
        ('(.containerDefinitions[] | select(.name == "other") | .image) = "new"', ONE, {}),
    ],
    ids=["storage", "image", "of another container"],
)
def test_what_the_program_changes(program: str, document: dict[str, Any], changes: dict[str, Any]) -> None:
    """Everything else stays, and what RegisterJobDefinition does not take is left out."""
    world = engine.world_of(changed(fargate(), started_by_batch))
    found = jq(new_revision(world, program).split(" &&\n")[1], document)
    assert found == {
        "jobDefinitionName": "reports", "type": "container", "containerProperties": {**ONE["containerProperties"], **changes},  # type: ignore[dict-item]
    }  # fmt: skip


def test_a_job_of_several_containers() -> None:
    world = engine.world_of(changed(fargate(), started_by_batch))
    program = '(.containerDefinitions[] | select(.name == "b") | .image) = "new" | .ephemeralStorage = {sizeInGiB: 40}'
    (task,) = jq(new_revision(world, program).split(" &&\n")[1], SEVERAL)["ecsProperties"]["taskProperties"]
    assert task == {
        "executionRoleArn": ROLE, "ephemeralStorage": {"sizeInGiB": 40},
        "containers": [{"name": "default", "image": IMAGE}, {"name": "b", "image": "new"}],
    }  # fmt: skip


def test_the_storage_of_a_job_is_shown_by_its_definition() -> None:
    large = detail(imageSizeInBytes=8 * 1024**3)
    fixes = {item.id: item.fix for item in report.build(changed(fargate(), started_by_batch, large)).causes}
    assert (fixes["disk-full"].verify or "").startswith("aws batch describe-job-definitions ")
    assert job_definition.of_batch(engine.world_of(fargate())) is False
