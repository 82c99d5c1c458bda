"""What is said of the kind of host: copies that a container instance keeps, and a network that is not AWS's."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import report
from tests.build import Edit, absent, changed, ec2, fargate, image_of, known, stopped, task_of

NOT_FOUND = "CannotPullContainerError: Error response from daemon: manifest for 111122223333.dkr.ecr.us-east-1.amazonaws.com/payments-api:1.4.2 not found: manifest unknown: Requested image not found"
KEPT = "a container instance may have kept a copy (with ECS_IMAGE_PULL_BEHAVIOR default"
MOVED = "it was started before the tag moved, or from a copy that its host kept; with ECS_IMAGE_PULL_BEHAVIOR"
OUTSIDE = "The task runs on an external instance (ECS Anywhere)"
NEWER, OLDER = ("sha256:" + letter * 64 for letter in "ab")


def running(count: int) -> Edit:
    return lambda world: world["service"]["value"].update(runningCount=count)


def gone(world: dict[str, Any]) -> None:
    image_of(world)["detail"] = absent("ecr:DescribeImages")
    image_of(world)["pull_through_cache_rules"] = image_of(world)["tagged"] = known([])


def digests(runs: str, tag: str) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        task_of(world)["containers"][0]["imageDigest"] = runs
        image_of(world)["detail"]["value"]["imageDigest"] = tag
        image_of(world)["counterpart_id"] = runs

    return edit


def external(world: dict[str, Any]) -> None:
    task_of(world)["launchType"] = "EXTERNAL"


def caveats(start: Any, *edits: Edit) -> str:
    return " ".join(report.build(changed(start(), *edits)).verdict.caveats)


@pytest.mark.parametrize(
    ("start", "edits", "said"),
    [
        (ec2, (stopped(NOT_FOUND), gone, running(2)), KEPT),
        (ec2, (stopped(NOT_FOUND), gone, running(0)), None),
        (fargate, (stopped(NOT_FOUND), gone, running(2)), None),
        (ec2, (stopped(NOT_FOUND), running(2)), None),
        (ec2, (digests(OLDER, NEWER),), MOVED),
        (ec2, (digests(NEWER, NEWER),), None),
        (fargate, (digests(OLDER, NEWER),), None),
    ],
    ids=[
        "others run",
        "none runs",
        "on Fargate",
        "without a cause",
        "the tag moved",
        "the tag stayed",
        "it moved on Fargate",
    ],
)
def test_what_a_host_keeps(start: Any, edits: tuple[Edit, ...], said: str | None) -> None:
    told = caveats(start, *edits)
    assert [text for text in (KEPT, MOVED) if text in told] == ([said] if said else [])


@pytest.mark.parametrize(
    ("edits", "said"), [((external,), True), ((external, stopped(NOT_FOUND), gone), True), ((), False)]
)
def test_an_external_instance_is_named_as_such(edits: tuple[Edit, ...], said: bool) -> None:
    assert (OUTSIDE in caveats(ec2, *edits)) is said
