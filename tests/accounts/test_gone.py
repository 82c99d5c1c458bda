"""A task that ECS has forgotten, asked about as people do: by a link or an alert that names its service."""

from __future__ import annotations

import pytest

from demo.aws import CATALOGUE, EmulatedAws
from diagnostics.target import find_all, parse
from tests.accounts.asking import ask

LOST = "f" * 32
REGION = "us-east-1"


def link(cluster: str, service: str | None) -> str:
    of = f"/services/{service}" if service else ""
    return (
        f"https://{REGION}.console.aws.amazon.com/ecs/v2/clusters/{cluster}{of}/tasks/{LOST}?region={REGION}"
    )


@pytest.mark.parametrize(
    ("scenario", "source", "cause"),
    [
        ("digest-not-found", "sibling", "digest-not-found"),
        ("task-gone-service-events", "service_events", "tag-not-found"),
        ("healthy-nat", "none", None),
    ],
)
def test_a_task_that_is_gone(true_aws: EmulatedAws, scenario: str, source: str, cause: str | None) -> None:
    true_aws.reset()
    broken = CATALOGUE[scenario].stand(true_aws)
    asked = link(broken.task.cluster, broken.task.service)
    assert parse(asked).task_id == LOST
    told = ask(true_aws, REGION, asked)
    assert (told.task.source, told.verdict.outcome) == (source, "cause_found" if cause else "task_gone")
    assert [item.id for item in told.causes_of("cause")] == ([cause] if cause else [])
    assert told.task.service == broken.task.service
    said = (told.verdict.headline, *told.verdict.caveats)
    assert any(item.startswith("Task ffffffff is gone") for item in said)


def test_without_its_service_nothing_tells(true_aws: EmulatedAws) -> None:
    true_aws.reset()
    broken = CATALOGUE["digest-not-found"].stand(true_aws)
    asked = link(broken.task.cluster, None)
    assert [item.service for item in find_all(asked)] == [None]
    assert ask(true_aws, REGION, asked).verdict.outcome == "task_gone"
