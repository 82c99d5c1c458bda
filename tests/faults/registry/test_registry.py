"""What the faults of registries read of error texts and of secrets."""

from __future__ import annotations

import pytest

from tests.build import stopped
from tests.build.images import named
from tests.faults.judging import Table, assert_case, case, judged
from tests.faults.registry.rooms import (
    public_rate_limits,
    registry_credentials,
    registry_outage,
)
from tests.faults.registry.worlds import CREDENTIALS, HUB_TEXT


@pytest.mark.parametrize(
    "table",
    [
        public_rate_limits.HUB_LIMIT_TABLE,
        registry_outage.TABLE,
        registry_credentials.CREDENTIALS_MISSING_TABLE,
    ],
    ids=lambda table: table.fault.id,
)
def test_where_the_task_is_denied_the_text_is_not_known(table: Table) -> None:
    denied = {"kind": "unavailable", "why": "denied", "call": "ecs:DescribeTasks"}
    one = case("denied", "unknown", named("nginx:1.27"), lambda world: world.update(task=denied))
    assert_case(one, table)


def test_a_text_about_another_container_is_not_about_this_image() -> None:
    def two(world: dict) -> None:  # type: ignore[type-arg]
        other = {"name": "log", "image": "nginx:1.27"}
        world["task"]["value"]["containers"].append(dict(other))
        world["task_definition"]["value"]["containerDefinitions"].append(dict(other))

    one = case("two", "skipped", two, named("redis:7"), stopped(HUB_TEXT, container="log"))
    assert judged(one, public_rate_limits.HUB_LIMIT_TABLE).status == "skipped"


def test_a_secret_is_never_more_than_named() -> None:
    table = registry_credentials.CREDENTIALS_INVALID_TABLE
    finding = judged(table.cases[0], table)
    assert finding.fix is not None
    assert "get-secret-value" not in (finding.fix.cli or "")
    assert CREDENTIALS in (finding.fix.cli or "")
