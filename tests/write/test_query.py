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
from diagnostics.write.query import (
    ANSWERED,
    OPTIONAL_OF_JOBS,
    TO_REGISTER,
    changed_definition,
    changed_job_definition,
)

SHELLS = [path for path in map(shutil.which, ("bash", "zsh")) if path]
HOSTILE = "a`b'c\"d\\e$(x)\n\u202e\x00{}[?!@'"
TAG = ("pullcheck", literal("arn:7"))

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


def registered(query: str, answer: Any, shell: str = SHELLS[0]) -> Any:
    """What RegisterTaskDefinition is given: the answer by the query, printed as the CLI does, through the shell's command."""
    printed = json.dumps(searched(query, answer), indent=4, ensure_ascii=False)
    done = subprocess.run(
        [shell, "-c", TO_REGISTER], input=printed, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


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
    made = registered(changed_definition(change, TAG), {"taskDefinition": DEFINITION, "tags": tags})
    assert_taken("ecs", "RegisterTaskDefinition", made)
    first, second = DEFINITION["containerDefinitions"]
    kept = {
        key: DEFINITION[key]
        for key in ("family", "volumes", "cpu", "memory", "networkMode", "ephemeralStorage")
    }
    assert made == {
        **kept,
        "containerDefinitions": [{**first, "image": "new:2"}, second],
        "runtimePlatform": {"cpuArchitecture": "ARM64"},
        "tags": [{"key": "team", "value": "x"}, {"key": TAG[0], "value": "arn:7"}],
    }  # fmt: skip


def test_a_definition_without_tags_gets_its_own() -> None:
    made = registered(changed_definition(("", "", ()), TAG), {"taskDefinition": DEFINITION})
    assert made["tags"] == [{"key": TAG[0], "value": "arn:7"}]
    assert made["containerDefinitions"] == DEFINITION["containerDefinitions"]


def test_what_goes_goes_and_a_text_that_looks_like_nothing_stays() -> None:
    by = {"createdBy": "x", "status": "y", "At": "z"}
    looks = [
        {"name": "A", "value": HOSTILE.replace("\0", "") + "\n null,"},
        {"name": "B", "value": "x: null,"},
    ]
    definition = {
        **DEFINITION,
        "taskRoleArn": "arn:role",
        "containerDefinitions": [{"name": "app", "environment": looks}],
        "aMemberOfTomorrow": {"inside": [1, True], **by},
        "deregisteredAt": "2026-11-30T12:00:00Z",
    }
    query = changed_definition(("", "", ('{memory: `"1024"`}',)), TAG, without=("taskRoleArn", "cpu"))
    made = registered(query, {"taskDefinition": definition})
    assert "taskRoleArn" not in made
    assert "cpu" not in made
    assert made["memory"] == "1024"
    assert made["containerDefinitions"] == definition["containerDefinitions"]
    assert made["aMemberOfTomorrow"] == definition["aMemberOfTomorrow"]


def test_a_command_that_fails_before_it_is_not_lost() -> None:
    done = subprocess.run([SHELLS[0], "-c", f"false | {TO_REGISTER}"], capture_output=True, check=False)
    assert done.returncode != 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"[?{same('a', 'x')}].b", "\"[?a=='x'].b\""),
        (f"[?{same('a', Variable('TAG'))}]", "\"[?a=='$TAG']\""),
        (f"[?{same('a', 'x:', Variable('TAG'), ':y')}]", "\"[?a=='x:${TAG}:y']\""),
        (f"[?! {same('a', 'x')} || b!={literal('x')}]", "\"[?! a=='x' || b!='x']\""),
        # An interactive shell calls `!a…` back, and a text with quotes of its own, a number and `$` need the other form.
        (f"[?!a || {same('b', 'x')}]", "'[?!a || b==`\"x\"`]'"),
        (f"[?{same('a', 'x$y')}]", "'[?a==`\"x$y\"`]'"),
        (f"[?{same('a', 'x')} && b==`0`]", "'[?a==`\"x\"` && b==`0`]'"),
        ("[0].b", "'[0].b'"),
    ],
)
def test_a_query_stands_in_the_quotes_that_are_easier_to_read(query: str, expected: str) -> None:
    assert word(query) == expected


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


def members_of(service: str, describe: str, register: str, shape: str) -> tuple[set[str], set[str]]:
    """The members that an operation answers, and those that the other one takes."""
    model = botocore.session.get_session().get_service_model(service)
    answer = model.operation_model(describe).output_shape.members[shape]
    answered = set((answer.member if answer.type_name == "list" else answer).members)
    return answered, set(model.operation_model(register).input_shape.members)


def test_what_ecs_answers_alone_is_named_and_nothing_else() -> None:
    answered, taken = members_of("ecs", "DescribeTaskDefinition", "RegisterTaskDefinition", "taskDefinition")
    assert set(ANSWERED) < answered
    # A list or a structure takes several lines, and goes by its name in the query.
    shown = {name: "x" if name not in ANSWERED else None for name in sorted(answered | taken)}
    left = registered("@", {**shown, "zz": ["last"]})
    assert set(left) - {"zz"} == taken | {"inferenceAccelerators"} & answered
    model = botocore.session.get_session().get_service_model("ecs").shape_for("TaskDefinition").members
    gone = answered - taken - set(ANSWERED)
    assert {model[name].type_name for name in gone} <= {"string", "integer", "timestamp"}


def test_nothing_of_a_job_that_can_be_registered_is_left_out() -> None:
    answered, taken = members_of("batch", "DescribeJobDefinitions", "RegisterJobDefinition", "jobDefinitions")
    named = {*OPTIONAL_OF_JOBS, "jobDefinitionName", "type", "tags", "containerProperties", "ecsProperties"}
    assert answered & taken == named
