"""The faults of the host and of the task as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.faults import host, task
from diagnostics.faults.base import Check
from tests.builders import absent, definition_of, ec2, image_of, stopped, task_of, unavailable
from tests.faults.judging import (
    Case,
    assert_case,
    assert_fix,
    assert_knowing_less,
    case,
    detail,
    findings,
    judged,
)

NO_SPACE = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:0123: write /usr/lib/x: no space left on device"
NO_SPACE_HOST = (
    "CannotPullContainerError: write /var/lib/docker/tmp/GetImageBlob102484030: no space left on device"
)
TIMED_OUT = "DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s"
BEFORE = "TaskStoppedBeforePullBeginError: Task stopped before image pull could begin for task: arn:aws:ecs:us-east-1:111122223333:task/payments/0123"
GIB = 1024**3
INSTANCE = "i-0aaaabbbbccccdddd"
DEFINITION = "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api:7"


def storage(size: int) -> Any:
    return lambda world: task_of(world).update(fargateEphemeralStorage={"sizeInGiB": size})


def defined_storage(size: int) -> Any:
    return lambda world: definition_of(world).update(ephemeralStorage={"sizeInGiB": size})


def image_denied(world: dict[str, Any]) -> None:
    image_of(world)["detail"] = unavailable("denied", "ecr:DescribeImages")


def image_gone(world: dict[str, Any]) -> None:
    image_of(world)["detail"] = absent()


CASES: dict[str, tuple[Check, tuple[Case, ...]]] = {
    "disk-full": (
        host.disk,
        (
            case("a small image", "pass"),
            case("a large image", "warn", detail(imageSizeInBytes=8 * GIB), resources=(DEFINITION,), says="may run out"),
            case("a large image and more storage", "pass", detail(imageSizeInBytes=8 * GIB), storage(100)),
            case("more storage in the definition", "pass", detail(imageSizeInBytes=8 * GIB), defined_storage(100)),
            case("the text shows it", "warn", stopped(NO_SPACE), says="ran out of"),
            case("the image is denied", "unknown", image_denied),
            case("the image is denied and the text shows it", "warn", image_denied, stopped(NO_SPACE)),
            case("the image is gone", "skipped", image_gone),
            case("EC2", "skipped", start=ec2),
            case("EC2 and the text", "warn", stopped(NO_SPACE_HOST), start=ec2, resources=(INSTANCE,)),
        ),
    ),
    "pull-timeout": (
        host.timeout,
        (
            case("the text shows it", "warn", stopped(TIMED_OUT), start=ec2, resources=(INSTANCE,)),
            case("no text", "skipped"),
            case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
        ),
    ),
    "stopped-before-pull": (
        task.stopped,
        (
            case("the text shows it", "pass", stopped(BEFORE), start=ec2, says="no pull failed"),
            case("no text", "skipped"),
        ),
    ),
}  # fmt: skip
EVERY = [
    pytest.param(check, fault, one, id=f"{fault}: {one.name}")
    for fault, (check, cases) in CASES.items()
    for one in cases
]


def test_every_fault_has_a_table() -> None:
    every = (*host.CHECKS, *task.CHECKS)
    assert set(CASES) == {fault.id for check in every for fault in check.faults}


@pytest.mark.parametrize(("check", "fault", "one"), EVERY)
def test_a_case(check: Check, fault: str, one: Case) -> None:
    assert_case(one, check, fault)


@pytest.mark.parametrize(("check", "fault", "one"), EVERY)
def test_knowing_less_never_decides_more(check: Check, fault: str, one: Case) -> None:
    assert_knowing_less(one, check)


@pytest.mark.parametrize(
    ("fault", "name"), [("disk-full", "EC2 and the text"), ("pull-timeout", "the text shows it")]
)
def test_the_repair_of_a_container_instance(fault: str, name: str) -> None:
    check, cases = CASES[fault]
    assert_fix("host", next(one for one in cases if one.name == name), check, fault)


def test_the_repair_of_a_fargate_task() -> None:
    assert_fix("host/fargate", CASES["disk-full"][1][1], host.disk, "disk-full")


def test_a_task_that_was_stopped_before_its_pull_has_nothing_to_repair() -> None:
    finding = judged(CASES["stopped-before-pull"][1][0], task.stopped, "stopped-before-pull")
    assert finding.fix is None
    assert "stopCode is TaskFailedToStart" in [item.what for item in finding.evidence]


def test_the_images_of_a_task_share_its_storage() -> None:
    """Two images that fit alone do not fit together."""

    def two(world: dict[str, Any]) -> None:
        other = f"{task_of(world)['containers'][0]['image'].rpartition(':')[0]}:2"
        task_of(world)["containers"].append({"name": "other", "image": other})
        definition_of(world)["containerDefinitions"].append({"name": "other", "image": other})
        world["images"].append({**image_of(world), "image": other, "containers": ["other"]})

    size = detail(imageSizeInBytes=4 * GIB)
    assert [item.status for item in findings(case("one", "pass", size).snapshot, host.disk)] == ["pass"]
    assert [item.status for item in findings(case("two", "warn", size, two).snapshot, host.disk)] == ["warn"]
