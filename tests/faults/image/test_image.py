"""What the faults of the image have in common with others: names, references, and which text is about which image."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.faults.image.invalid_reference import repaired
from diagnostics.faults.image.serving_rules import is_cache_name, may_be_cached
from diagnostics.image_reference import parse
from diagnostics.snapshot import PullThroughCacheRule, serving_rule
from tests.build import IMAGE, REGISTRY, changed, definition_of, fargate, stopped, task_of
from tests.faults.image.rooms import repo_not_found, tag_not_found
from tests.faults.image.rooms import repository_key_unusable as key_room
from tests.faults.image.worlds import NOT_FOUND
from tests.faults.judging import findings, judged


@pytest.mark.parametrize(
    ("name", "origin"), [("another Region has it", "wrong-region"), ("it is missing", None)]
)
def test_a_missing_repository_follows_from_the_wrong_region(name: str, origin: str | None) -> None:
    table = repo_not_found.TABLE
    assert judged(table.case(name), table).follows_from == origin


def test_what_is_said_of_one_image_is_not_said_of_another() -> None:
    """The first container's image is missing by its text; the second's, of the same kind of name, was not asked for."""
    other = f"{REGISTRY}/team/other:1"

    def edit(world: dict[str, Any]) -> None:
        task_of(world)["containers"].append({"name": "other", "image": other})
        definition_of(world)["containerDefinitions"].append({"name": "other", "image": other})
        facts = {"kind": "unavailable", "why": "denied", "call": "ecr:X"}
        gone = {"kind": "absent"}
        repository = world["images"][0]["repository"]
        world["images"].append(
            {"image": other, "containers": ["other"], "repository": repository, "detail": gone,
             "pull_through_cache_rules": facts}
        )  # fmt: skip

    snapshot = changed(fargate(), edit, stopped(NOT_FOUND.format(IMAGE), container="app"))
    by_container = {item.container: item.status for item in findings(snapshot, tag_not_found.TABLE.check)}
    assert by_container == {"app": "pass", "other": "unknown"}


def test_a_key_that_was_enabled_since_is_not_accused_by_the_text() -> None:
    """Where it cannot be read the text is believed; what was read and says otherwise is the newer word."""
    text = key_room.TOLD.format("KMSKeyDisabledException")
    snapshot = changed(fargate(), key_room.encrypted(key_room.USABLE), stopped(text))
    (finding,) = findings(snapshot, key_room.TABLE.check)
    assert finding.status == "pass"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("https://host.example/app:1", "host.example/app:1"),
        ("host.example/Team/App:V1", "host.example/team/app:V1"),
        ("host.example/app :1", "host.example/app:1"),
        ("host.example/app:${TAG}", "host.example/app"),
        ("", None),
        ("::", None),
    ],
)
def test_what_an_invalid_reference_was_meant_to_be(text: str, meant: str | None) -> None:
    assert repaired(text) == meant
    if meant is not None:
        parse(meant)


@pytest.mark.parametrize(
    ("name", "prefixes", "expected"),
    [
        ("hub/library/nginx", ["hub", "hub/library"], "hub/library"),
        ("hub/library/nginx", ["hub/", "ROOT"], "hub/"),
        ("hubs/nginx", ["hub"], None),
        ("hub", ["hub"], None),
        ("nginx", ["hub", "ROOT"], "ROOT"),
        ("nginx", [], None),
    ],
)
def test_the_rule_with_the_longest_prefix_serves(
    name: str, prefixes: list[str], expected: str | None
) -> None:
    rules = [PullThroughCacheRule(ecr_repository_prefix=prefix) for prefix in prefixes]
    found = serving_rule(name, rules)
    assert (found.ecr_repository_prefix if found else None) == expected


@pytest.mark.parametrize(
    ("name", "prefixes", "is_cache"),
    [
        ("docker-hub/library/nginx", [], True),
        ("quay/prometheus/node-exporter", [], True),
        ("dockerhub/library/nginx", ["docker-hub"], True),
        ("team_a/app", ["team-a"], True),
        ("team/app", ["other"], False),
        ("github/app", [], False),
        ("github/app", ["quay"], True),
        ("nginx", ["quay"], False),
    ],
)
def test_which_names_only_a_cache_has(name: str, prefixes: list[str], is_cache: bool) -> None:
    rules = tuple(PullThroughCacheRule(ecr_repository_prefix=prefix) for prefix in prefixes)
    assert is_cache_name(name, rules) is is_cache


def test_which_names_sound_like_those_of_a_cache() -> None:
    assert all(map(may_be_cached, ("docker-hub/x", "my-registry-cache/x", "registry.k8s.io/pause")))
    assert not any(map(may_be_cached, ("team/docker", "payments/api", "nginx")))
