"""Commands that change the job definition of a task that AWS Batch started: Batch makes the task definition from it.

AWS: https://docs.aws.amazon.com/batch/latest/userguide/job_definitions.html
"""

from __future__ import annotations

import json

from diagnostics.faults.base import World
from diagnostics.pull import starter_of
from diagnostics.snapshot import known_value
from diagnostics.write import quoted

NAME = "JOB-DEFINITION"
"""What a person fills in: a task does not name the job definition."""

READ_ONLY_FIELDS = ".jobDefinitionArn, .revision, .status, .containerOrchestrationType"
"""What DescribeJobDefinitions answers and RegisterJobDefinition does not take.

https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html"""


def of_batch(world: World) -> bool:
    """True for a task that AWS Batch started."""
    task = known_value(world.snapshot.task)
    return task is not None and starter_of(task, known_value(world.snapshot.service)).kind == "batch"


def new_job_definition(world: World, change: str, options: str = "") -> str:
    """Commands that register a revision of the job definition.

    `change` is a program for jq that changes a task definition. A job definition says the same of its one container at the top
    (`containerProperties`), or of each under its name (`ecsProperties`), as a task definition does.
    """
    region = world.region
    one = (
        f".containerProperties |= (. as $old | {{containerDefinitions: [$old + {{name: {json.dumps(_container(world))}}}]}} | {change}"
        " | $old + (.containerDefinitions[0] | del(.name)) + del(.containerDefinitions))"
    )
    several = (
        ".ecsProperties.taskProperties[] |= ("
        f".containerDefinitions = .containers | {change} | .containers = .containerDefinitions | del(.containerDefinitions))"
    )
    program = f"if .ecsProperties then {several} else {one} end | del({READ_ONLY_FIELDS})"
    return " &&\n".join(
        (
            f"aws batch describe-job-definitions --job-definition-name {NAME} --status ACTIVE --region {region} --query 'max_by(jobDefinitions, &revision)' --output json > jobdef.json",
            f"jq {options}{quoted(program)} jobdef.json > new-jobdef.json",
            f"aws batch register-job-definition --cli-input-json file://new-jobdef.json --region {region}",
        )
    )


def shows(world: World, member: str) -> str:
    """The command that shows one member of the newest revision, such as `ephemeralStorage`."""
    return f"aws batch describe-job-definitions --job-definition-name {NAME} --status ACTIVE --region {world.region} --query 'max_by(jobDefinitions, &revision).[containerProperties, ecsProperties.taskProperties[0]][].{member}'"


def _container(world: World) -> str:
    """The container of a job with one: Batch calls it `default`."""
    definition = known_value(world.snapshot.task_definition)
    names = [item.name for item in definition.container_definitions] if definition else []
    return names[0] if len(names) == 1 else "default"
