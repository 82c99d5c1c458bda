"""The repair of a task that AWS Batch started: its job definition changes, since Batch makes the task definition from it.

What the query makes of a job definition stands in `tests/write/test_query.py`.
"""

from __future__ import annotations

from typing import Any

from diagnostics import report
from diagnostics.finding import Fix
from tests.aws_cli import aws_commands
from tests.build import Edit, changed, definition_of, fargate, image_of, task_of
from tests.build.images import detail, facts, no_image
from tests.faults.image.worlds import tagged


def started_by_batch(world: dict[str, Any]) -> None:
    task, definition = task_of(world), definition_of(world)
    task.update(group="family:reports", startedBy="01234567-0123-0123-0123-0123456789ab")
    task["clusterArn"] = "arn:aws:ecs:us-east-1:111122223333:cluster/AWSBatch-reports-0123"
    task["containers"][0]["name"] = definition["containerDefinitions"][0]["name"] = "default"
    image_of(world)["containers"] = ["default"]


def repairs(*edits: Edit) -> dict[str, Fix]:
    return {item.id: item.fix for item in report.build(changed(fargate(), started_by_batch, *edits)).causes}


def called(text: str | None) -> list[str]:
    return [" ".join(words[1:3]) for words in aws_commands(text or "")]


def test_the_job_definition_is_registered_and_no_task_definition() -> None:
    fix = repairs(no_image, facts(tagged=tagged("1.4.1")))["tag-not-found"]
    assert fix.rules_broken() == ()
    jobs = "batch describe-job-definitions"
    assert called(fix.cli) == [jobs, jobs, "batch register-job-definition"]
    assert called(fix.verify) == [jobs]
    assert called(fix.undo) == [jobs, jobs, "batch deregister-job-definition"]


def test_the_storage_of_a_job_is_shown_by_its_definition() -> None:
    fix = repairs(detail(imageSizeInBytes=8 * 1024**3))["disk-full"]
    assert called(fix.verify) == ["batch describe-job-definitions"]
