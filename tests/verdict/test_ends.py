"""How a task ended where no pull failed: each with the one next step, in words of its own where the text has none."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import report
from diagnostics.stop_reason import SymptomId, classify
from diagnostics.verdict.ends import ENDS, end_of
from tests.build import Edit, changed, fargate, stopped, tasks
from tests.build.tasks import container

UNABLE = "(service payments-api) was unable to place a task because no container instance met all of its requirements."
CLOSEST = f"{UNABLE} The closest matching (container-instance 0123)"

TEXTS = (
    ("RESOURCE:MEMORY", "not enough", "Ask for less memory"),
    ("RESOURCE:CPU", "free CPU units", "Ask for less CPU"),
    ("RESOURCE:PORTS", "host port", "Set hostPort to 0"),
    ("RESOURCE:GPU", "a free GPU", "GPUs"),
    ("RESOURCE:FARGATE", "Fargate has no capacity", "in a few minutes"),
    ("Capacity is unavailable at this time. Please try again later or in a different availability zone", "Fargate has no capacity", "in a few minutes"),
    (f"{CLOSEST} has insufficient memory available.", "enough free memory", "Ask for less memory"),
    (f"{CLOSEST} has insufficient CPU units available.", "free CPU units", "Ask for less CPU"),
    (f"{CLOSEST} is already using a port required by your task.", "host port", "Set hostPort to 0"),
    (f'{CLOSEST} encountered error "AGENT".', "agent of the container instance", "systemctl status ecs"),
    (f"{CLOSEST} is missing an attribute required by your task.", "an attribute", "requiresAttributes"),
    (f"{UNABLE} Reason: No Container Instances were found in your cluster.", "no container instance that could take", "Auto Scaling group"),
    (UNABLE, "was unable to place a task", "Look at what the event names"),
    ("You've reached the limit on the number of tasks you can run concurrently", "a quota", "Service Quotas"),
    ("Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/x/1)", "ELB health checks", "describe-target-health"),
    ("Task failed container health checks", "container health checks", "by hand"),
    ("Your Spot Task was interrupted.", "Spot Task", "Spot capacity back"),
    ("Host EC2 (instance i-0123456789abcdef0) terminated.", "Host EC2", "TerminateInstances"),
    ("ECS is performing maintenance on the underlying infrastructure hosting the task.", "maintenance", "replaced the host"),
    ("OutOfMemoryError: Container killed due to memory usage", "OutOfMemoryError", "more memory"),
    ("Scaling activity initiated by (deployment ecs-svc/123)", "Scaling activity", "Nothing is to be repaired"),
    ("Task stopped by user", "stopped by user", "StopTask"),
    ("CannotStartContainerError: Error response from daemon: OCI runtime create failed", "OCI runtime", "did not start"),
    ("CannotCreateContainerError: Error response from daemon: devmapper: Thin Pool has 4350 free data blocks", "Thin Pool", "docker system df"),
    ('ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve "fs-1.efs.us-east-1.amazonaws.com"', "EFS", "mount target"),
    ("ResourceInitializationError: failed to download firelens s3 config file: unable to download s3 config extra.conf from bucket conf: AccessDenied", "FireLens", "firelensConfiguration"),
    ("ResourceInitializationError: failed to validate logger args: unable to get awslogs driver arguments: awslogs-region is required", "awslogs-region is required", "awslogs needs"),
    ("Timeout waiting for network interface provisioning to complete.", "provisioning", "Start the task again"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "says", "step"), TEXTS, ids=[text[:40] for text, _, _ in TEXTS])
def test_an_end_that_is_no_failed_pull(text: str, says: str, step: str) -> None:
    assert classify(text).id == SymptomId.NONE
    verdict = report.build(changed(fargate(), stopped(text))).verdict
    assert verdict.outcome == "not_a_pull_failure"
    assert says.lower().removeprefix("not ") in verdict.headline.lower()
    assert [step in item for item in verdict.caveats] == [True]


def test_each_end_has_a_text_that_shows_it() -> None:
    shown = [end_of(text) for text, _, _ in TEXTS]
    missing = [phrases for phrases, end in ENDS if end not in shown]
    # What a service's events alone say, and what a capacity provider says of itself.
    assert missing == [
        ("unable to launch instance(s) for capacity provider", "could not launch instances"),
        (
            "failed to start. rolling back",
            "deployment circuit breaker",
            "deployment failed",
            "rolling back to",
        ),
    ]


@pytest.mark.parametrize(("_", "end"), ENDS)
def test_each_end_has_a_step(_: Any, end: Any) -> None:
    assert end.step.endswith(".")
    assert not end.says.endswith(".")


def exited(code: int, reason: str | None = None) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        task = world["task"]["value"]
        task.update(
            lastStatus="STOPPED",
            stopCode="EssentialContainerExited",
            stoppedReason="Essential container in task exited",
        )
        task["containers"][0].update(exitCode=code, reason=reason)

    return edit


@pytest.mark.parametrize(
    ("code", "reason", "says"),
    [
        (1, None, "container app ran and ended with exit code 1."),
        (137, None, "exit code 137 (it was killed, often for want of memory)"),
        (137, "OutOfMemoryError: Container killed due to memory usage", "(it used more memory than it has)"),
        (127, None, "its command was not found in the image"),
    ],
)
def test_a_container_that_ran_is_named_with_its_exit_code(code: int, reason: str | None, says: str) -> None:
    verdict = report.build(changed(fargate(), exited(code, reason))).verdict
    assert verdict.outcome == "not_a_pull_failure"
    assert says in verdict.headline
    assert "the image was pulled" in verdict.headline


def test_its_log_is_the_next_step() -> None:
    logs = {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/ecs/payments", "awslogs-region": "eu-west-1"},
    }
    verdict = report.build(
        changed(fargate(), exited(1), container(logConfiguration=logs)),
    ).verdict
    assert verdict.caveats == (
        "Read what app wrote before it ended: aws logs tail /ecs/payments --since 1h --region eu-west-1.",
    )
    verdict = report.build(
        changed(fargate(), exited(1), container(logConfiguration={"logDriver": "splunk"})),
    ).verdict
    assert verdict.caveats == ("Read what app wrote before it ended, where its log driver sends it.",)


def test_the_container_that_failed_goes_before_those_that_were_stopped_with_it() -> None:
    def two(world: dict[str, Any]) -> None:
        world["task"]["value"]["containers"].insert(0, {"name": "log", "image": "nginx:1", "exitCode": 143})

    verdict = report.build(changed(fargate(), exited(1), two)).verdict
    assert "container app ran" in verdict.headline


def test_an_alert_that_tells_an_end_is_no_failed_pull() -> None:
    edit = tasks.gone("task")

    def alert(world: dict[str, Any]) -> None:
        edit(world)
        world.update(source="alert", alert_text=f"{CLOSEST} has insufficient memory available.")

    verdict = report.build(changed(fargate(), alert)).verdict
    assert verdict.outcome == "not_a_pull_failure"
    assert "enough free memory" in verdict.headline


LOGGER = "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log "
WHO = "AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/payments-execution/0123456789abcdef0123456789abcdef is not authorized to perform: logs:"
LOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/payments", "awslogs-region": "us-east-1"}}


@pytest.mark.parametrize(
    ("text", "says", "step"),
    [
        (f"{LOGGER}stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1", "log group /ecs/payments does not exist in us-east-1", "create-log-group --log-group-name /ecs/payments"),
        (f"{LOGGER}group: {WHO}CreateLogGroup on resource: x", "may not write to log group /ecs/payments", "Allow logs:CreateLogGroup on it in a policy of payments-execution, or create"),
        (f"{LOGGER}stream: {WHO}CreateLogStream on resource: x", "may not write to log group /ecs/payments", "logs:CreateLogStream and logs:PutLogEvents"),
        ("CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.", "log group /ecs/payments does not exist", "create-log-group"),
    ],
)  # fmt: skip
def test_a_log_group_that_cannot_be_used_is_named(text: str, says: str, step: str) -> None:
    verdict = report.build(changed(fargate(), stopped(text), container(logConfiguration=LOGS))).verdict
    assert verdict.outcome == "not_a_pull_failure"
    assert says in verdict.headline
    assert [step in item for item in verdict.caveats] == [True]
    verdict = report.build(changed(fargate(), stopped(text), container(logConfiguration=None))).verdict
    assert "its log group" in verdict.headline
