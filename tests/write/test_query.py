"""Queries of the AWS CLI: texts in them, and definitions that are changed by them, held against the API's own models."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import botocore.session
import jmespath
import pytest
from botocore.validate import ParamValidator

from diagnostics.write import Variable, literal, same, word
from diagnostics.write.query import OPTIONAL, OPTIONAL_OF_JOBS, changed_definition, changed_job_definition

SHELLS = [path for path in map(shutil.which, ("bash", "zsh")) if path]
HOSTILE = "a`b'c\"d\\e$(x)\n\u202e\x00{}[?!@'"
TAG = ("pullcheck-replaces", literal("arn:7"))

DEFINITION: dict[str, Any] = {
    "taskDefinitionArn": "arn:aws:ecs:us-east-1:111122223333:task-definition/app:7",
    "family": "app",
    "revision": 7,
    "status": "ACTIVE",
    "requiresAttributes": [{"name": "ecs.capability.x"}],
    "compatibilities": ["EC2", "FARGATE"],
    "registeredAt": "2026-11-30T12:00:00Z",
    "registeredBy": "arn:aws:iam::111122223333:user/ci",
    "volumes": [],
    "cpu": "256",
    "memory": "512",
    "networkMode": "awsvpc",
    "ephemeralStorage": {"sizeInGiB": 30},
    "containerDefinitions": [
        {"name": "app", "image": "old:1", "essential": True, "environment": [{"name": "A", "value": "it's"}]},
        {"name": "log", "image": "log:1", "essential": False},
    ],
}
JOBS: dict[str, Any] = {
    "one": {
        "jobDefinitionName": "nightly", "jobDefinitionArn": "arn:1", "revision": 3, "status": "ACTIVE", "type": "container",
        "containerOrchestrationType": "ECS", "parameters": {}, "retryStrategy": {"attempts": 2}, "tags": {"team": "x"},
        "containerProperties": {"image": "old:1", "command": ["run"], "resourceRequirements": [{"type": "VCPU", "value": "1"}]},
    },
    "several": {
        "jobDefinitionName": "nightly", "jobDefinitionArn": "arn:1", "revision": 3, "status": "ACTIVE", "type": "container",
        "ecsProperties": {"taskProperties": [{"containers": [{"name": "app", "image": "old:1"}, {"name": "log", "image": "log:1"}]}]},
    },
}  # fmt: skip


def searched(query: str, answer: Any) -> Any:
    """What the AWS CLI's --query makes of an answer, in which no variable is left."""
    return jmespath.search(query, answer)


def assert_taken(service: str, operation: str, members: Any) -> None:
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(members, shape)
    assert not report.has_errors(), report.generate_report()


def test_a_text_in_a_query_is_that_text() -> None:
    assert searched(literal(HOSTILE), {}) == HOSTILE
    assert searched(f"[?{same('name', HOSTILE)}].name", [{"name": HOSTILE}, {"name": "x"}]) == [HOSTILE]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_query_is_one_word_with_its_variables(shell: str) -> None:
    query = f"[{literal(HOSTILE)}, {literal('a:', Variable('TAG'), '-b')}]"
    done = subprocess.run(
        [shell, "-c", f"TAG='1.4.2 $x'; printf '%s|' {word(query)}"],
        capture_output=True,
        text=True,
        check=True,
    )
    (got, rest) = done.stdout.split("|")
    assert rest == ""
    assert searched(got, {}) == [HOSTILE, "a:1.4.2 $x-b"]


def test_a_definition_is_registered_as_it_was_but_for_the_change() -> None:
    change = (
        same("name", "app"),
        f"{{image: {literal('new:2')}}}",
        ('{runtimePlatform: {cpuArchitecture: `"ARM64"`}}',),
    )
    tags = [
        {"key": "aws:cloudformation:stack-name", "value": "s"},
        {"key": "team", "value": "x"},
        {"key": TAG[0], "value": "arn:6"},
    ]
    made = searched(changed_definition(change, TAG), {"taskDefinition": DEFINITION, "tags": tags})
    assert_taken("ecs", "RegisterTaskDefinition", made)
    first, second = DEFINITION["containerDefinitions"]
    kept = {key: DEFINITION[key] for key in ("family", "cpu", "memory", "networkMode", "ephemeralStorage")}
    assert made == {
        **kept,
        "containerDefinitions": [{**first, "image": "new:2"}, second],
        "runtimePlatform": {"cpuArchitecture": "ARM64"},
        "tags": [{"key": "team", "value": "x"}, {"key": TAG[0], "value": "arn:7"}],
    }  # fmt: skip


def test_a_definition_without_tags_gets_its_own() -> None:
    made = searched(changed_definition(("", "", ()), TAG), {"taskDefinition": DEFINITION})
    assert made["tags"] == [{"key": TAG[0], "value": "arn:7"}]
    assert made["containerDefinitions"] == DEFINITION["containerDefinitions"]


@pytest.mark.parametrize("kind", JOBS)
def test_a_job_definition_is_registered_as_it_was_but_for_the_change(kind: str) -> None:
    change = (
        same("name", "app"),
        f"{{image: {literal('new:2')}}}",
        ("{ephemeralStorage: {sizeInGiB: `40`}}",),
    )
    made = searched(changed_job_definition(change, TAG, "app"), JOBS[kind])
    assert_taken("batch", "RegisterJobDefinition", made)
    old = json.loads(json.dumps(JOBS[kind]))
    for key in ("jobDefinitionArn", "revision", "status", "containerOrchestrationType"):
        old.pop(key, None)
    if not old.get("parameters"):
        old.pop("parameters", None)
    old["tags"] = {**old.get("tags", {}), TAG[0]: "arn:7"}
    if kind == "one":
        old["containerProperties"] |= {"image": "new:2", "ephemeralStorage": {"sizeInGiB": 40}}
    else:
        (task,) = old["ecsProperties"]["taskProperties"]
        task["containers"][0]["image"] = "new:2"
        task["ephemeralStorage"] = {"sizeInGiB": 40}
    assert made == old


@pytest.mark.parametrize("kind", JOBS)
def test_a_container_of_another_name_stays_as_it_was(kind: str) -> None:
    change = (same("name", "other"), f"{{image: {literal('new:2')}}}", ())
    made = searched(changed_job_definition(change, TAG, "app"), JOBS[kind])
    assert {key: made[key] for key in ("containerProperties", "ecsProperties") if key in made} == {
        key: JOBS[kind][key] for key in ("containerProperties", "ecsProperties") if key in JOBS[kind]
    }


@pytest.mark.parametrize(
    ("service", "describe", "register", "shape", "taken"),
    [
        ("ecs", "DescribeTaskDefinition", "RegisterTaskDefinition", "taskDefinition", {*OPTIONAL, "family", "containerDefinitions"}),
        ("batch", "DescribeJobDefinitions", "RegisterJobDefinition", "jobDefinitions",
         {*OPTIONAL_OF_JOBS, "jobDefinitionName", "type", "tags", "containerProperties", "ecsProperties"}),
    ],
)  # fmt: skip
def test_nothing_that_can_be_registered_is_left_out(
    service: str, describe: str, register: str, shape: str, taken: set[str]
) -> None:
    model = botocore.session.get_session().get_service_model(service)
    answer = model.operation_model(describe).output_shape.members[shape]
    members = set((answer.member if answer.type_name == "list" else answer).members)
    # Elastic Inference is no longer offered: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-inference.html
    assert (
        members & set(model.operation_model(register).input_shape.members) - {"inferenceAccelerators"}
        == taken
    )
