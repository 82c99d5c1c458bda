"""What only a server proves: that requests are taken as they are signed and written, and that its pages end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from diagnostics.collect import collect
from diagnostics.snapshot import Absent, Known, Snapshot
from tests.build import on_moto as worlds
from tests.build.on_moto import ACCOUNT
from tests.build.recorded import World
from tests.build.targets import service_target, task_target

from .clock import FixedClock
from .reading import unavailable


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with worlds.mocked(monkeypatch):
        yield


NOT_IN_MOTO = {
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "ec2:DescribeVpcBlockPublicAccessExclusions",
    "ecr:DescribePullThroughCacheRules",
    "iam:SimulatePrincipalPolicy",
}
"""moto does not know these calls, so in these worlds they are what an unreadable AWS looks like."""


def run(world: World) -> Snapshot:
    return collect(task_target(world.task_id, account=ACCOUNT), worlds.clients(), clock=FixedClock())


@pytest.mark.parametrize("build", [worlds.fargate, worlds.on_ec2])
def test_every_call_that_moto_knows_is_answered(aws: None, build: Callable[..., World]) -> None:
    world = build(tag="v2")
    snapshot = run(world)
    assert {fact.call for fact in unavailable(snapshot)} == NOT_IN_MOTO
    assert isinstance(snapshot.task, Known)
    assert snapshot.task.value.stopped_reason == worlds.REASON
    (image,) = snapshot.images
    assert image.detail == Absent(call="ecr:DescribeImages")
    assert isinstance(image.tagged, Known)
    assert [item.image_tags for item in image.tagged.value] == [("v1",)]
    assert world.execution_role in snapshot.roles
    text = snapshot.model_dump_json()
    assert "hunter2" not in text
    assert "never read" not in text


def test_many_failed_tasks_cost_hardly_more_than_one(aws: None) -> None:
    world = worlds.fargate()
    one = collect(service_target(account=ACCOUNT), worlds.clients(), clock=FixedClock())
    worlds.fail_again(world, 149)
    many = collect(service_target(account=ACCOUNT), worlds.clients(), clock=FixedClock())
    assert isinstance(one.task, Known)
    assert isinstance(many.task, Known)
    assert many.task == one.task
    # Another page of the list, and another hundred to describe.
    assert one.api_calls < many.api_calls <= one.api_calls + 5
