"""Which tag is offered in place of one that the repository does not have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from diagnostics import engine
from diagnostics.faults.image.tag_to_deploy import tag_to_deploy
from diagnostics.faults.images import reference_of
from tests.build import REGISTRY, changed, fargate, known
from tests.build.images import facts, named, no_image
from tests.faults.image.worlds import before

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def image(*tags: str, days: int | None = None, **more: Any) -> dict[str, Any]:
    """An image with tags, pushed so many days ago."""
    pushed = {} if days is None else {"imagePushedAt": (NOON - timedelta(days=days)).isoformat()}
    return {"imageDigest": f"sha256:{'-'.join(tags)}", "imageTags": list(tags), **pushed, **more}


RELEASES = (image("release-2026-01-30"), image("release-2026-11-29"), image("release-2026-02-01"))


@pytest.mark.parametrize(
    ("wanted", "images", "ran", "offered"),
    [
        pytest.param("release-2026-11-30", RELEASES, None, "release-2026-11-29", id="a day is no misspelling"),
        pytest.param("release-2026-11-30", RELEASES, "release-2026-02-01", "release-2026-02-01", id="what ran last"),
        pytest.param("relaese-2026-01-30", RELEASES, "release-2026-02-01", "release-2026-01-30", id="a misspelling"),
        pytest.param("1.4.2", (image("v1.4.2"), image("1.5.0")), None, "v1.4.2", id="a letter before it"),
        pytest.param("1.10.0", (image("1.9.0"), image("1.2.10")), None, "1.9.0", id="in the order of versions"),
        pytest.param("1.4.2", (image("2.0.0", days=9), image("1.4.1", days=1)), None, "1.4.1", id="the last push"),
        pytest.param("1.4.2", (image("main", days=0), image("1.4.1", days=9)), None, "1.4.1", id="of the same form"),
        pytest.param("1.4.2", (image("main", "1.4.1", days=0),), None, "1.4.1", id="of the same form on one image"),
        pytest.param("1.4.2", (image("main"),), None, "main", id="of another form where there is none"),
        pytest.param("1.4.2", (image("1.4.1", imageStatus="ARCHIVED"), image("1.3.0")), None, "1.3.0", id="not an archived one"),
        pytest.param("1.4.2", (image(f"sha256-{'a' * 64}.sig", days=0), image("1.3.0", days=3)), None, "1.3.0", id="no signature"),
        pytest.param("1.4.2", (image("1.4.1"),), "1.4.2", "1.4.1", id="not itself"),
        pytest.param("1.4.2", (image("1.4.1"),), "1.3.9", "1.4.1", id="what ran is gone too"),
        pytest.param("1.4.2", (), "1.3.9", None, id="nothing is there"),
    ],
)  # fmt: skip
def test_the_tag(
    wanted: str, images: tuple[dict[str, Any], ...], ran: str | None, offered: str | None
) -> None:
    ran_before = (before(ran),) if ran else ()
    tagged = facts(tagged=known(list(images)))
    world = engine.world_of(
        changed(fargate(), named(f"{REGISTRY}/payments-api:{wanted}"), no_image, tagged, *ran_before)
    )
    subject = world.pull.images[0]
    offer = tag_to_deploy(world, subject, reference_of(subject), world.image_facts(subject))
    assert (offer.tag if offer else None) == offered


def test_another_repository_tells_nothing_of_what_ran() -> None:
    world = engine.world_of(
        changed(
            fargate(),
            no_image,
            facts(tagged=known([image("1.4.1"), image("1.4.0")])),
            before("1.4.0", "other"),
        )
    )
    subject = world.pull.images[0]
    offer = tag_to_deploy(world, subject, reference_of(subject), world.image_facts(subject))
    assert offer is not None
    assert offer.tag == "1.4.1"
