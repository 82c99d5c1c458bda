"""What the faults of the machine that pulls share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.build import definition_of, image_of, task_of
from tests.build.images import detail
from tests.faults.host.rooms.disk_full import GIB, TABLE
from tests.faults.judging import case, findings, judged


def test_the_images_of_a_task_share_its_storage() -> None:
    """Two images that fit alone do not fit together."""

    def two(world: dict[str, Any]) -> None:
        other = f"{task_of(world)['containers'][0]['image'].rpartition(':')[0]}:2"
        task_of(world)["containers"].append({"name": "other", "image": other})
        definition_of(world)["containerDefinitions"].append({"name": "other", "image": other})
        world["images"].append({**image_of(world), "image": other, "containers": ["other"]})

    size = detail(imageSizeInBytes=4 * GIB)
    assert [item.status for item in findings(case("one", "pass", size).snapshot, TABLE.check)] == ["pass"]
    assert [item.status for item in findings(case("two", "warn", size, two).snapshot, TABLE.check)] == [
        "warn"
    ]


@pytest.mark.parametrize(
    ("compressed", "given", "says"),
    [(8, 40, "Give the task 40 GiB"), (22, 76, "Give the task 76 GiB"), (80, 200, "Make the image smaller")],
)
def test_the_storage_that_is_given_is_enough(compressed: int, given: int, says: str) -> None:
    """It follows from the figure that the evidence shows, three times the compressed size."""
    finding = judged(case("large", "warn", detail(imageSizeInBytes=compressed * GIB)), TABLE)
    assert finding.fix is not None
    assert says in finding.fix.text
    assert f"sizeInGiB: {given}}}" in (finding.fix.cli or "")
    assert given >= compressed * 3 or given == 200
    assert f"about {compressed * 3}.0 GiB" in finding.evidence[0].what
