"""Things that look like something else, and what an audit says of each; its dates by a reading of the rules of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from moto.ecr.models import ecr_backends

from demo.aws import EmulatedAws
from diagnostics.audit import AuditReport, run_audit
from diagnostics.audit.text import headline, lines
from tests.audit.worlds import AuditWorld, names
from tests.build import emulated

from . import decoys
from .decoys import SOON

STANDINGS = {
    "now": "fails_now", "soon": "fails_soon", "started": "fails_when_started", "undecided": "undecided", "fine": "works", "risk": "works",
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Iterator[AuditWorld]:
    with EmulatedAws(sockets=False) as aws:
        yield decoys.build(aws)


@pytest.fixture(scope="module")
def report(world: AuditWorld) -> AuditReport:
    return run_audit(aws=emulated.clients(world.account.aws), clusters=None, region=world.region, days=SOON)


def test_every_subject_stands_as_its_name_says(report: AuditReport) -> None:
    wrong = [
        f"{item.key}: {item.standing}: {item.headline}"
        for item in report.subjects
        if item.standing != STANDINGS.get(item.name.partition("-")[0]) and item.name != "ledger"
    ]
    assert wrong == []
    assert not [item.name for item in report.subjects if item.name.startswith(("over", "off"))]


# --- an independent reading --------------------------------------------------------------------------


def like(tag: str, patterns: list[str], prefixes: list[str]) -> tuple[bool, ...]:
    """For each entry, if a tag fits it."""
    return tuple(
        [re.fullmatch(".*".join(map(re.escape, item.split("*"))), tag) is not None for item in patterns]
        + [tag.startswith(item) for item in prefixes]
    )


def selected(rule: dict[str, Any], tags: list[str]) -> bool:
    chosen = rule["selection"]
    if chosen["tagStatus"] != "tagged":
        return chosen["tagStatus"] == "any" or not tags
    fits = [like(tag, chosen.get("tagPatternList", []), chosen.get("tagPrefixList", [])) for tag in tags]
    return bool(fits) and all(any(column) for column in zip(*fits, strict=True))


def dies(
    images: list[tuple[str, list[str], float]], rules: list[dict[str, Any]], digest: str, later: float
) -> bool:
    """If the image is acted on `later` days from now: by the first rule that selects it, which counts or goes by age.

    Args:
        images: digest, tags and age in days.
    """
    tags, age = next((tags, age) for name, tags, age in images if name == digest)
    for rule in sorted(rules, key=lambda item: item["rulePriority"]):
        chosen = rule["selection"]
        if chosen.get("storageClass") == "archive" or not selected(rule, tags):
            continue
        if chosen["countType"] == "imageCountMoreThan":
            newer = sum(selected(rule, other) and old < age for _, other, old in images)
            return newer >= chosen["countNumber"]
        return age + later > chosen["countNumber"]
    return False


def stands(world: AuditWorld, repository: str, digest: str) -> set[bool]:
    """If the image is gone within the days or after one more push: by both readings of what its repository's indexes refer to."""
    rules = json.loads(
        ecr_backends[world.account.account_id][world.region].repositories[repository].lifecycle_policy
        or '{"rules": []}'
    )["rules"]
    stored = [
        (item.get_image_digest(), list(item.image_tags), (world.now.timestamp() - item.image_pushed_at) / 86_400, '"manifests"' in item.image_manifest)
        for item in world._images(repository)
    ]  # fmt: skip
    youngest = min((age for _, _, age, index in stored if index), default=None)
    result = set()
    for kept in (False, True):
        children = {
            name
            for name, _, age, index in stored
            if kept and youngest is not None and not index and age >= youngest
        }
        images = [(name, tags, age) for name, tags, age, _ in stored]
        if digest in children:
            # It goes when it is its turn, and every index that may keep it went before.
            keepers = [name for name, _, _, index in stored if index]
            result.add(all(dies(images, rules, name, SOON) for name in (digest, *keepers)))
            continue
        images = [(name, tags, age) for name, tags, age, _ in stored if name not in children]
        own = next(tags for name, tags, _ in images if name == digest)
        pushed = [*images, ("new", own, -0.001)]
        # The next push must not take what is the newest of its kind: whoever pushes deploys.
        counts = len([1 for name, tags, age in images if name != digest]) > 0
        result.add(dies(images, rules, digest, SOON) or (counts and dies(pushed, rules, digest, 0)))
    return result


def test_a_reading_of_its_own_says_the_same_of_every_image(world: AuditWorld, report: AuditReport) -> None:
    ecs, compared = world.account.ecs, 0
    for item in report.subjects:
        task = (
            item.kind == "service" and ecs.list_tasks(cluster=item.cluster, serviceName=item.name)["taskArns"]
        )
        if not task or item.standing in ("fails_now", "fails_when_started"):
            continue
        (service,) = ecs.describe_services(cluster=item.cluster, services=[item.name])["services"]
        arns = [one["arn"] for one in service["currentServiceRevisions"]]
        (revision,) = ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
        (container,) = revision["containerImages"]
        repository = container["image"].partition("/")[2].partition("@")[0].partition(":")[0]
        told = {"fails_soon": {True}, "works": {False}, "undecided": {True, False}}[item.standing]
        digest = container.get("imageDigest") or container["image"].partition("@")[2]
        if digest:
            assert stands(world, repository, digest) == told, item.key
            compared += 1
    assert compared >= 20


def test_what_is_scaled_to_zero_is_not_told_in_one_breath_with_what_fails(report: AuditReport) -> None:
    missing = [
        (item.level, names(item.subjects))
        for item in report.findings
        if "started-missing" in names(item.subjects) or "now-missing" in names(item.subjects)
    ]
    assert missing == [("now", ["now-missing"]), ("when_started", ["started-missing"])]
    assert "started-missing" not in headline(report)
    text = [*lines(report)]
    assert text.index("Scaled to zero, would fail when started") > text.index("Will fail soon")
    asleep = report.model_copy(update={"findings": report.at("when_started")})
    assert headline(asleep) == "started-missing: would fail when started (scaled to zero now)"


def test_a_revision_that_was_deregistered(report: AuditReport) -> None:
    """A service goes on with it; nothing else may start it."""
    found = {
        item.subjects[0]: (item.level, item.summary)
        for item in report.findings
        if item.id == "definition-inactive"
    }
    assert {key: level for key, (level, _) in found.items()} == {
        "payments/risk-deregistered": "risk",
        "payments/rule now-deregistered": "now",
    }
    assert "it cannot be deployed again" in found["payments/risk-deregistered"][1]


def test_an_image_goes_after_every_index_that_may_keep_it(report: AuditReport) -> None:
    clauses = {names(item.subjects)[0]: item.clause for item in report.findings}
    assert (
        clauses["soon-tagged-child-of-what-goes"] == "image expires in about 2 days at the latest by rule 1"
    )
    assert (
        clauses["undecided-tagged-child"]
        == "image expires in about a day by rule 2, unless an index keeps it"
    )
