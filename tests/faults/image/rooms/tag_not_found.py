"""The repository has no image with the tag that the task names."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.image.tag_not_found import TAG_NOT_FOUND
from tests.build import REGION, REGISTRY, REPOSITORY_ARN, absent, definition_of, known, stopped
from tests.build.images import facts, named, no_image, no_repository, rule, rules
from tests.faults.image.worlds import (
    FAILED,
    NOT_FOUND,
    TEAM_IMAGE,
    THEIRS,
    UNREAD,
    before,
    by_digest,
    drops,
    keeps,
    lifecycle,
    tagged,
)
from tests.faults.judging import Table, case

REFUSED = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {}: pull access denied, "
    "repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
)

COMMIT = "3f2a9c1d0b7e4f5a6978b0c1d2e3f4a5b6c7d8e9"
OWN = known({"repositoryArn": REPOSITORY_ARN, "repositoryName": "payments-api"})


def injected(world: dict[str, Any]) -> None:
    """The container is in the task and not in its definition."""
    definition_of(world)["containerDefinitions"][0].update(name="other", image="nginx:1.27")


TABLE = Table(
    TAG_NOT_FOUND,
    (
        case("it exists", "pass"),
        case("it is missing", "fail", no_image, resources=(REPOSITORY_ARN, "1.4.2"), says="no image with a tag"),
        case(
            "like ones exist", "fail", no_image, facts(tagged=tagged("main", "1.4.1")), says="1.4.1 is its newest tag"
        ),
        case("only others exist", "fail", no_image, facts(tagged=tagged("main")), says="main is its newest tag"),
        case(
            "one ran before", "fail", no_image, facts(tagged=tagged("1.4.1", "1.4.0")), before("1.4.0"), says="1.4.0 ran before",
        ),
        case("latest", "fail", named(f"{REGISTRY}/payments-api"), no_image, resources=(REPOSITORY_ARN, "latest")),
        case("denied", "unknown", facts(detail=UNREAD)),
        case("the repository is denied", "unknown", no_image, facts(repository=UNREAD)),
        case("the repository is missing", "skipped", no_repository, says="repo-not-found"),
        case("named by digest", "skipped", *by_digest(absent())),
        case("outside ECR", "skipped", named("nginx:1.27")),
        case(
            "a public image that was refused", "warn", named("public.ecr.aws/acme/shop:1"),
            stopped(REFUSED.format("public.ecr.aws/acme/shop:1")),
        ),
        case(
            "another account's, which may not be read", "warn", named(THEIRS), facts(detail=UNREAD, repository=UNREAD),
            stopped(NOT_FOUND.format(THEIRS)), says="444455556666",
            resources=(f"arn:aws:ecr:{REGION}:444455556666:repository/team/api", "v9"),
        ),
        case(
            "another account's, and another text", "unknown", named(THEIRS), facts(detail=UNREAD, repository=UNREAD),
            stopped("CannotPullContainerError: context canceled"),
        ),
        case(
            "this account's, which may not be read", "unknown", facts(detail=UNREAD),
            stopped(NOT_FOUND.format(f"{REGISTRY}/payments-api:1.4.2")),
        ),
        case("an image that AWS adds", "skipped", facts(detail=UNREAD), injected, says="AWS adds this container"),
        case(
            "outside ECR and the text", "warn", named("nginx:9.9"),
            stopped(NOT_FOUND.format("docker.io/library/nginx:9.9")), resources=("nginx:9.9", "9.9"),
            says="docker.io answered that it has no library/nginx 9.9",
        ),
        case(
            "a tag that a template left", "fail", named(f"{REGISTRY}/payments-api:undefined"), no_image, facts(tagged=tagged("1.4.1")),
            says="undefined is what a template leaves",
        ),
        case(
            "a tag that a template left, outside ECR", "warn", named("nginx:null"),
            stopped(NOT_FOUND.format("docker.io/library/nginx:null")), says="null is what a template leaves",
        ),
        case(
            "the host was left out, and ECR has the repository", "warn", named("payments-api:1.4.2"), facts(own_repository=OWN),
            stopped(NOT_FOUND.format("docker.io/library/payments-api:1.4.2")), says="account's own ECR registry",
        ),
        case(
            "the host was left out of a commit's build", "warn", named(f"nginx:{COMMIT}"), facts(own_repository=absent()),
            stopped(NOT_FOUND.format(f"docker.io/library/nginx:{COMMIT}")), says="the registry's host was probably left out",
        ),
        case(
            "a lifecycle rule may have removed it", "fail", no_image,
            facts(tagged=tagged("1.4.4", "1.4.3"), lifecycle_policy=lifecycle(keeps(1, 2, "1."), drops(2, 14))),
            says="Lifecycle rule 1 (“keep 2”) of the repository expires images with a tag that begins with 1., but for the newest 2, and may have removed it.",
        ),
        case(
            "no lifecycle rule is about such a tag", "fail", no_image,
            facts(tagged=tagged("main"), lifecycle_policy=lifecycle(keeps(1, 2, "v"), drops(2, 14))), says="main is its newest tag",
        ),
        case("the lifecycle policy is denied", "fail", no_image, facts(lifecycle_policy=UNREAD)),
        case("a cache rule may fetch it", "skipped", named(TEAM_IMAGE), no_image, rules(rule("team", "quay.io"))),
        case(
            "the upstream may lack it", "unknown", named(TEAM_IMAGE), no_image, rules(rule("team", "quay.io")),
            stopped(NOT_FOUND.format(TEAM_IMAGE)), says="quay.io, which cannot be looked into",
        ),
        case("the rules are denied", "unknown", named(TEAM_IMAGE), no_image, facts(pull_through_cache_rules=UNREAD)),
        case(
            "the rules are denied, whatever the text", "unknown", named(TEAM_IMAGE), no_image,
            facts(pull_through_cache_rules=UNREAD), stopped(NOT_FOUND.format(TEAM_IMAGE)),
        ),
        case("the question fails and no text", "unknown", named(TEAM_IMAGE), no_image, facts(pull_through_cache_rules=FAILED)),
        case(
            "the question for rules fails and the text tells", "fail", named(TEAM_IMAGE), no_image,
            facts(pull_through_cache_rules=FAILED), stopped(NOT_FOUND.format(TEAM_IMAGE)),
        ),
    ),
    repairs={
        "image": "like ones exist",
        "image/lifecycle": "a lifecycle rule may have removed it",
        "image/ran-before": "one ran before",
        "image/template": "a tag that a template left",
        "image/lost-host": "the host was left out, and ECR has the repository",
        "image/lost-host-of-a-commit": "the host was left out of a commit's build",
    },
)  # fmt: skip
