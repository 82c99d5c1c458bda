"""Which error text is about which image."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import engine
from diagnostics.faults.told import said, text_evidence, told
from diagnostics.snapshot import Snapshot, UnavailableError
from diagnostics.stop_reason import Symptom
from tests.build import (
    IMAGE,
    REGISTRY,
    absent,
    changed,
    definition_of,
    fargate,
    stopped,
    task_of,
    unavailable,
)

OTHER = f"{REGISTRY}/other:1"
NOT_FOUND = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {0}: {0}: not found"


def two(world: dict[str, Any]) -> None:
    task_of(world)["containers"].append({"name": "other", "image": OTHER})
    definition_of(world)["containerDefinitions"].append({"name": "other", "image": OTHER})


def about(snapshot: Snapshot, *symptoms: str) -> list[str]:
    """The containers whose image a text is about."""
    world = engine.world_of(snapshot)
    return [name for image in world.pull.images if told(world, image, *symptoms) for name in image.containers]


def on_the_task(reason: str) -> Any:
    def edit(world: dict[str, Any]) -> None:
        stopped(reason)(world)
        for item in task_of(world)["containers"]:
            item["reason"] = None

    return edit


@pytest.mark.parametrize(
    ("reason", "container", "images"),
    [
        (NOT_FOUND.format(IMAGE), "app", ["app"]),
        (NOT_FOUND.format(OTHER), "other", ["other"]),
        (NOT_FOUND.format(IMAGE), None, ["app"]),
        (NOT_FOUND.format(f"{REGISTRY}/payments-api@sha256:{'ab' * 32}"), None, ["app"]),
        (NOT_FOUND.format(f"{REGISTRY}/payments-api"), None, ["app"]),
        (NOT_FOUND.format(f"{REGISTRY}/elsewhere:1"), None, []),
        (
            "CannotPullContainerError: ref pull has been retried 1 time(s): manifest unknown",
            None,
            ["app", "other"],
        ),
    ],
)
def test_a_text_is_about_the_image_of_its_container_or_the_one_that_it_names(
    reason: str, container: str | None, images: list[str]
) -> None:
    edit = stopped(reason, container=container) if container else on_the_task(reason)
    snapshot = changed(fargate(), two, edit)
    assert about(snapshot, "image-not-found", "image-digest-gone") == images
    assert about(snapshot, "platform-mismatch") == []


def test_where_the_task_is_denied_no_text_is_known_not_to_be_there() -> None:
    snapshot = changed(fargate(), lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks")))
    with pytest.raises(UnavailableError):
        about(snapshot, "image-not-found")
    with pytest.raises(UnavailableError):
        said(engine.world_of(snapshot), "disk-full")


@pytest.mark.parametrize(
    ("service", "known"), [(unavailable("denied"), False), (unavailable("not asked"), True), (None, True)]
)
def test_of_a_task_that_is_gone_the_service_s_events_may_tell(
    service: dict[str, Any] | None, known: bool
) -> None:
    def edit(world: dict[str, Any]) -> None:
        world["task"] = absent("ecs:DescribeTasks")
        if service is not None:
            world["service"] = service

    world = engine.world_of(changed(fargate(), edit))
    if known:
        assert said(world, "disk-full") is None
    else:
        with pytest.raises(UnavailableError):
            said(world, "disk-full")


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = f"CannotPullContainerError: {'x' * 600} the reason"
    what = text_evidence(Symptom(id="unrecognised", text=text)).what
    assert what.startswith("the error says: CannotPullContainerError: x")
    assert what.endswith("x the reason")
    assert len(what) < 450
