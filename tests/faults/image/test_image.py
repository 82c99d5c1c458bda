"""Every fault of the image: its table, its repair, and that knowing less never decides more."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.faults.base import Check
from diagnostics.faults.image import CHECKS
from diagnostics.faults.image.cached import is_cache_name, may_be_cached
from diagnostics.faults.image.reference import repaired
from diagnostics.image_reference import parse
from diagnostics.snapshot import PullThroughCacheRule, serving_rule
from tests.builders import IMAGE, REGISTRY, changed, definition_of, fargate, stopped, task_of
from tests.faults.image.cases import CASES, NOT_FOUND
from tests.faults.judging import Case, assert_case, assert_fix, assert_knowing_less, findings, judged

EVERY = [
    pytest.param(check, fault, one, id=f"{fault}: {one.name}")
    for fault, (check, cases) in CASES.items()
    for one in cases
]


def test_every_fault_has_a_table() -> None:
    assert set(CASES) == {fault.id for check in CHECKS for fault in check.faults}


@pytest.mark.parametrize("fault", CASES)
def test_every_table_has_a_pass_a_fail_and_an_unknown(fault: str) -> None:
    wanted = {"fail"} if fault == "invalid-image-reference" else {"fail", "unknown"}
    assert {one.status for one in CASES[fault][1]} >= wanted | {"pass"}


@pytest.mark.parametrize(("check", "fault", "one"), EVERY)
def test_a_case(check: Check, fault: str, one: Case) -> None:
    assert_case(one, check, fault)


@pytest.mark.parametrize(("check", "fault", "one"), EVERY)
def test_knowing_less_never_decides_more(check: Check, fault: str, one: Case) -> None:
    assert_knowing_less(one, check)


TELLING = {"repo-not-found": "a like one exists", "tag-not-found": "like ones exist"}
"""The case whose repair is shown, where it is not the first that fails."""


@pytest.mark.parametrize("fault", CASES)
def test_the_repair(fault: str) -> None:
    check, cases = CASES[fault]
    broken = [one for one in cases if one.status == "fail" and TELLING.get(fault) in (None, one.name)]
    assert_fix("image", broken[0], check, fault)


@pytest.mark.parametrize(
    ("name", "origin"), [("another Region has it", "wrong-region"), ("it is missing", None)]
)
def test_a_missing_repository_follows_from_the_wrong_region(name: str, origin: str | None) -> None:
    check, cases = CASES["repo-not-found"]
    finding = judged(next(one for one in cases if one.name == name), check, "repo-not-found")
    assert finding.follows_from == origin


def test_what_is_said_of_one_image_is_not_said_of_another() -> None:
    """The first container's image is missing by its text; the second's, of the same kind of name, was not asked for."""
    other = f"{REGISTRY}/team/other:1"
    check, _ = CASES["tag-not-found"]

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
    by_container = {item.container: item.status for item in findings(snapshot, check)}
    assert by_container == {"app": "pass", "other": "unknown"}


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
