"""A pre-flight asks what a server answers: there is no task, and nothing of one is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from diagnostics.collect import collect
from diagnostics.report import build
from diagnostics.snapshot import (
    Absent,
    AwsvpcConfiguration,
    Known,
    PlannedTask,
    Snapshot,
    TaskDefinition,
    known_value,
)
from diagnostics.target import Target
from tests.build import on_moto as worlds
from tests.build.on_moto import ACCOUNT, REGION
from tests.build.recorded import World

from .clock import FixedClock
from .reading import unavailable
from .test_on_moto import NOT_IN_MOTO


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with worlds.mocked(monkeypatch):
        yield


def read(planned: PlannedTask, definition: str | None = "shop", service: str | None = None) -> Snapshot:
    target = Target(
        kind="preflight",
        partition="aws",
        region=REGION,
        account_id=ACCOUNT,
        cluster="prod",
        service=service,
        task_definition=definition,
    )
    return collect(target, worlds.clients(), clock=FixedClock(), planned=planned)


def of_options(world: World) -> PlannedTask:
    network = AwsvpcConfiguration(
        subnets=world.subnets, security_groups=(world.group,), assign_public_ip="DISABLED"
    )
    return PlannedTask(launch_type="FARGATE", network=network)


def test_by_options(aws: None) -> None:
    world = worlds.fargate()
    snapshot = read(of_options(world))
    assert {fact.call for fact in unavailable(snapshot)} == NOT_IN_MOTO - {
        "ecr:DescribePullThroughCacheRules"
    }
    assert snapshot.task == Absent()
    assert set(snapshot.subnets) == set(world.subnets)
    assert known_value(snapshot.images[0].detail) is not None
    report = build(snapshot)
    assert report.target_kind == "preflight"
    assert report.verdict.symptoms == ()
    assert report.task.task_definition == world.task_definition


def test_as_a_service_runs_it_the_new_definition_is_judged(aws: None) -> None:
    """The service has a task that failed: that was another definition."""
    world = worlds.fargate()
    assert known_value(read(PlannedTask(), "shop:1", "shop").task_definition) is not None
    document = TaskDefinition.model_validate(
        {
            "taskDefinitionArn": "shop",
            "family": "shop",
            "executionRoleArn": world.execution_role,
            "containerDefinitions": [{"name": "app", "image": world.image.replace(":v1", ":v9")}],
        }
    )
    snapshot = read(PlannedTask(document=document), "shop", "shop")
    assert isinstance(snapshot.images[0].detail, Absent)
    # moto knows no cache rules, and one might import the tag.
    report = build(snapshot)
    (tag,) = (item.status for item in report.findings if item.fault == "tag-not-found")
    assert tag == "unknown"
    assert report.verdict.symptoms == ()


def test_on_the_container_instances_of_the_cluster(aws: None) -> None:
    world = worlds.on_ec2()
    snapshot = read(PlannedTask(launch_type="EC2"))
    assert isinstance(snapshot.hosts, Known)
    (host,) = snapshot.hosts.value
    assert known_value(host.instance) is not None
    assert known_value(host.instance_profile) is not None
    assert host.name == world.instance
    assert set(snapshot.subnets) == {world.subnets[0]}
    assert {arn.rsplit("/", 1)[-1] for arn in snapshot.roles} == {"execution", "host"}
