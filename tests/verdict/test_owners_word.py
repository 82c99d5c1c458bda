"""Another account's image that may not be looked into: what its registry said is believed, and nothing beyond that."""

from __future__ import annotations

import pytest

from diagnostics import report
from tests.build import REGION, Edit, changed, fargate, known, stopped, unavailable
from tests.build.images import facts, named
from tests.faults.image.worlds import NOT_FOUND, OTHER, THEIRS

OWNER = "444455556666"
BASE = THEIRS.rpartition(":")[0]
BY_DIGEST = f"{BASE}@{OTHER}"
BOTH = f"{THEIRS}@{OTHER}"
CACHED = f"{OWNER}.dkr.ecr.{REGION}.amazonaws.com/mirror/team/api:1"
UNREAD = facts(
    detail=unavailable("AccessDenied", "ecr:DescribeImages"),
    repository=unavailable("AccessDenied", "ecr:DescribeRepositories"),
    repository_policy=unavailable("AccessDenied", "ecr:GetRepositoryPolicy"),
    registry_policy=unavailable(
        f"only account {OWNER} can read its registry's policy", "ecr:GetRegistryPolicy"
    ),
    pull_through_cache_rules=unavailable("AccessDenied", "ecr:DescribePullThroughCacheRules"),
)
PINNED = facts(counterpart_id=OTHER, counterpart=unavailable("AccessDenied", "ecr:DescribeImages"))
READ = facts(detail=known({"imageDigest": OTHER, "imageTags": ["v9"]}))
CANCELED = "CannotPullContainerError: context canceled"
TAG = "cause likely tag-not-found"
EXPIRED = "cause likely image-digest-expired"


def not_found(image: str) -> Edit:
    return stopped(NOT_FOUND.format(image))


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([named(THEIRS), UNREAD, not_found(THEIRS)], TAG),
        ([named(THEIRS), UNREAD, PINNED, not_found(THEIRS)], TAG),
        ([named(THEIRS), UNREAD, not_found(BOTH)], EXPIRED),
        ([named(THEIRS), UNREAD, PINNED, not_found(BOTH)], EXPIRED),
        ([named(THEIRS), UNREAD, PINNED, not_found(BY_DIGEST)], EXPIRED),
        ([named(BY_DIGEST, THEIRS), UNREAD, facts(counterpart_id="v9"), not_found(BY_DIGEST)], EXPIRED),
        ([named(BY_DIGEST), UNREAD, not_found(BY_DIGEST)], "cause likely digest-not-found"),
        ([named(THEIRS), UNREAD, stopped(CANCELED)], "undecided"),
        ([named(THEIRS), UNREAD], "undecided"),
        ([named(THEIRS), UNREAD, READ, not_found(THEIRS)], "undecided"),
        ([named(CACHED), UNREAD, not_found(CACHED)], "undecided"),
        ([UNREAD, not_found("111122223333.dkr.ecr.us-east-1.amazonaws.com/payments-api:1.4.2")], "undecided"),
    ],
    ids=[
        "a tag", "a tag beside a digest that ECS resolved", "tag and digest", "tag and digest, resolved", "a digest, resolved",
        "the task has the digest and its definition the tag", "the definition has the digest", "another text", "no text",
        "the image can be read and is there", "a name of a pull-through cache", "the own account's",
    ],
)  # fmt: skip
def test_what_is_said(edits: list[Edit], expected: str) -> None:
    found = report.build(changed(fargate(), *edits))
    first = found.cause
    assert (f"{first.role} {first.certainty} {first.id}" if first else found.verdict.outcome) == expected
    assert first is None or not [item for item in found.causes if item.id != first.id]


def test_a_digest_that_expired_is_resolved_again_by_a_new_deployment() -> None:
    found = report.build(changed(fargate(), named(THEIRS), UNREAD, PINNED, not_found(BOTH)))
    assert found.cause is not None
    assert found.cause.fix.cli is not None
    assert "--force-new-deployment" in found.cause.fix.cli
    assert OTHER in found.cause.resources
