"""A new revision of the task definition, by who deploys it."""

from __future__ import annotations

import pytest

from diagnostics import engine
from diagnostics.faults.revision import deployed_again, deployer_of, revised
from diagnostics.faults.task_definition import with_image
from diagnostics.finding import Fix
from tests.aws_cli import check_cli
from tests.build import Edit, changed, fargate
from tests.build.tasks import service, task

NEW = "111122223333.dkr.ecr.us-east-1.amazonaws.com/payments-api:1.4.1"
ALONE = task(group="family:payments-api", startedBy=None)


def repair(*edits: Edit) -> tuple[str, Fix]:
    world = engine.world_of(changed(fargate(), *edits))
    fix = with_image(world, world.pull.images[0], NEW, title="Deploy 1.4.1", text="Name 1.4.1.")
    return deployer_of(world), fix


@pytest.mark.parametrize(
    ("edits", "deployer", "deploys", "then"),
    [
        pytest.param((), "service", "aws ecs update-service", "starts tasks of the new revision at once", id="ECS"),
        pytest.param(
            (service(deploymentController={"type": "CODE_DEPLOY"}),), "code_deploy", "aws deploy create-deployment",
            "CodeDeploy starts a task set", id="CodeDeploy",
        ),
        pytest.param((service(deploymentController={"type": "EXTERNAL"}),), "external", None, "create-task-set", id="external"),
        pytest.param((ALONE,), "family", None, "aws ecs run-task", id="by hand"),
        pytest.param(
            (task(group="family:x", startedBy="events-rule/nightly"),), "family", None, "rule nightly", id="a rule",
        ),
        pytest.param(
            (task(group="family:x", startedBy="chronos-schedule/nightly"),), "family", None, "schedule nightly", id="a schedule",
        ),
        pytest.param(
            (task(group=None, startedBy="x", clusterArn="arn:aws:ecs:us-east-1:111122223333:cluster/AWSBatch-nightly-1"),),
            "batch", "aws batch register-job-definition", "submit the job again", id="Batch",
        ),
    ],
)  # fmt: skip
def test_each_gets_the_commands_that_work_for_it(
    edits: tuple[Edit, ...], deployer: str, deploys: str | None, then: str
) -> None:
    found, fix = repair(*edits)
    assert found == deployer
    assert fix.rules_broken() == ()
    for text in (fix.cli, fix.verify, fix.undo):
        assert check_cli(text or "")
    last = (fix.cli or "").rpartition(" &&\n")[2]
    assert last.startswith(deploys) if deploys else "aws ecs register-task-definition" in last
    assert ("aws ecs update-service" in (fix.cli or "")) is (deployer == "service")
    assert then in (fix.then or "")


def test_what_was_made_on_the_way_is_taken_back_after_the_service() -> None:
    world = engine.world_of(changed(fargate()))
    fix = revised(
        world, title="t", text="t", change=("", "", ("{cpu: cpu}",)), shows="cpu", expect="256",
        first=("aws iam create-role --role-name x --assume-role-policy-document {}",), last=("aws iam delete-role --role-name x",),
    )  # fmt: skip
    assert (fix.cli or "").startswith("aws iam create-role")
    steps = [line.split("(")[-1][:28] for line in (fix.undo or "").split(" &&\n")]
    assert steps[-3:] == [
        "aws ecs update-service --clu",
        "aws ecs deregister-task-defi",
        "aws iam delete-role --role-n",
    ]


def test_after_a_roll_back_the_revision_that_failed_is_changed() -> None:
    """The service has the one before again, which does not have what is repaired."""
    arn = "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api"
    _, now = repair(service(taskDefinition=f"{arn}:7"))
    _, back = repair(service(taskDefinition=f"{arn}:6"))
    assert 'describe-task-definition --task-definition "$BEFORE" --include TAGS' in (now.cli or "")
    assert "describe-task-definition --task-definition payments-api --include TAGS" in (back.cli or "")
    assert "services[0].taskDefinition" in (back.cli or "").split("\n")[0]


def test_only_a_service_is_deployed_again() -> None:
    alone = deployed_again(engine.world_of(changed(fargate(), ALONE)), title="t", text="t")
    assert alone.cli is None
    forced = deployed_again(engine.world_of(changed(fargate())), title="t", text="t")
    assert "--force-new-deployment" in (forced.cli or "")
    assert forced.rules_broken() == ()
