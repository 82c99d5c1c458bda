"""What happens after a repair, for every way in which a task can have been started, and where that could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from diagnostics.faults.afterwards import LONGEST_WAIT, then_for
from diagnostics.finding import Fix, ThenText
from diagnostics.snapshot import Snapshot
from tests.aws_cli import check_cli
from tests.build import changed, ec2, fargate, public
from tests.build.facts import Edit
from tests.build.judging import world_of
from tests.build.tasks import gone, service, task, unread
from tests.golden import assert_golden

REVISION = "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api"
FAMILY = {"group": "family:report", "startedBy": None}
CLUSTER = "arn:aws:ecs:us-east-1:111122223333:cluster/AWSBatch-reports-0b69d5c0"
SETS = [{"id": "ecs-svc/9", "startedBy": "CODE_DEPLOY"}, {"id": "ecs-svc/8"}]
ENDED = [{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "FAILED"}]


def of(*edits: Edit, start: Snapshot | None = None) -> Snapshot:
    return changed(start or fargate(), *edits)


WORLDS: Mapping[str, Snapshot] = {
    "a service": of(),
    "a daemon": of(service(schedulingStrategy="DAEMON"), start=ec2()),
    "a service that was rolled back": of(service(taskDefinition=f"{REVISION}:41")),
    "a deployment that the circuit breaker ended": of(service(deployments=ENDED)),
    "a service that wants no tasks": of(service(desiredCount=0)),
    "a service that is being deleted": of(service(status="DRAINING")),
    "CodeDeploy": of(service(deploymentController={"type": "CODE_DEPLOY"})),
    "CodeDeploy, by the task set": of(task(startedBy="ecs-svc/9"), service(taskSets=SETS)),
    "an external controller": of(service(deploymentController={"type": "EXTERNAL"})),
    "a task set": of(task(startedBy="ecs-svc/8"), service(taskSets=SETS)),
    "a service that is gone": of(gone("service")),
    "a service that could not be read": of(unread("service")),
    "a service without a task": of(gone("task")),
    "neither task nor service": of(unread("task", "service")),
    "a task that somebody ran": of(task(**FAMILY)),
    "a task that somebody ran in a public subnet": of(task(**FAMILY), start=public()),
    "a task that somebody ran on a capacity provider": of(task(**FAMILY, capacityProviderName="SPOT"), start=ec2()),
    "an EventBridge rule": of(task(**{**FAMILY, "startedBy": "events-rule/nightly"})),
    "a schedule": of(task(**{**FAMILY, "startedBy": "chronos-schedule/nightly"})),
    "Step Functions": of(task(**{**FAMILY, "startedBy": "AWS Step Functions"})),
    "AWS Batch": of(task(**FAMILY, clusterArn=CLUSTER)),
}  # fmt: skip


def test_what_happens_afterwards() -> None:
    texts = (f"== {name}\n{then_for(world_of(snapshot))}\n" for name, snapshot in WORLDS.items())
    assert_golden("fixes/afterwards.txt", "\n".join(texts))


def commands() -> Iterator[str]:
    for snapshot in WORLDS.values():
        text = then_for(world_of(snapshot))
        if ": aws " in text:
            yield text.split(": aws ", 1)[1]


def test_its_commands_are_of_the_cli() -> None:
    found = [f"aws {command}" for command in commands()]
    assert len(found) > 8
    for command in found:
        check_cli(command)


@pytest.mark.parametrize(
    "name", ["CodeDeploy", "CodeDeploy, by the task set", "an external controller", "a task set"]
)
def test_a_deployment_is_never_forced_where_that_is_refused(name: str) -> None:
    text = then_for(world_of(WORLDS[name]))
    assert "aws ecs update-service" not in text
    assert "is refused" in text
    assert f"{LONGEST_WAIT} minutes" in text


@pytest.mark.parametrize("start", [fargate, ec2, public])
def test_a_service_that_could_not_be_read_is_said_to_be_so(start: Callable[[], Snapshot]) -> None:
    assert "could not be read" in then_for(world_of(changed(start(), unread("service"))))


@pytest.mark.parametrize("name", WORLDS)
def test_the_command_is_a_value_beside_the_words(name: str) -> None:
    fix = Fix(text="x", then=then_for(world_of(WORLDS[name])).after("IAM needs seconds."))
    starts = [
        word
        for word in ("aws ecs update-service --cluster", "aws ecs run-task --cluster")
        if word in str(fix.then)
    ]
    assert bool(fix.then_cli) == bool(starts)
    assert fix.then_words is not None
    assert fix.then_words.startswith("IAM needs seconds. ")
    if fix.then_cli is not None:
        assert fix.then == f"{fix.then_words} {fix.then_cli}"
        assert fix.then_cli.startswith(starts[0])
        assert fix.then_words.endswith(":")
        assert fix.rules_broken() == ()
    # It survives a report that is kept, and not other words.
    assert Fix.model_validate_json(fix.model_dump_json()) == fix
    assert fix.model_copy(update={"title": "y"}).then_cli == fix.then_cli
    assert fix.model_copy(update={"then": "Other words."}).then_cli is None


def test_a_command_that_is_not_at_the_end_is_none_of_its_own() -> None:
    assert ThenText("Run aws ecs run-task, or wait.", "aws ecs run-task").command is None
    assert Fix(text="x", then="At once: aws ecs update-service").then_cli is None


def test_no_value_of_the_command_is_an_option() -> None:
    fix = Fix(
        text="x", then=ThenText("At once: aws ecs run-task --cluster '-x'", "aws ecs run-task --cluster '-x'")
    )
    assert fix.then_cli == "aws ecs run-task --cluster='-x'"
    assert fix.then == f"At once: {fix.then_cli}"
