"""The registry has no repository of the name that the image reference gives."""

from __future__ import annotations

from diagnostics.faults.image.repo_not_found import REPO_NOT_FOUND
from tests.build import ACCOUNT, REGISTRY, REPOSITORY_ARN, known, stopped
from tests.build.images import facts, named, no_image, no_repository, rule, rules
from tests.faults.image.worlds import FAILED, NOT_FOUND, TEAM_IMAGE, UNREAD, elsewhere, there
from tests.faults.judging import Table, case

HUB_IMAGE = f"{REGISTRY}/docker-hub/library/nginx:1.27"
NO_REPOSITORY = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {0}: name unknown: "
    "The repository with name '{1}' does not exist in the registry with id '" + ACCOUNT + "'"
)

TABLE = Table(
    REPO_NOT_FOUND,
    (
        case("it exists", "pass"),
        case("the image proves it", "pass", facts(repository=UNREAD)),
        case("it exists without the tag", "pass", no_image),
        case("it is missing", "fail", no_repository, resources=(REPOSITORY_ARN,)),
        case(
            "a like one exists", "fail", no_repository, facts(repository_names=known(["payment-api"])),
            says="nearest that exist: payment-api",
        ),
        case("denied", "unknown", facts(repository=UNREAD, detail=UNREAD), says="ecr:DescribeImages"),
        case("another Region has it", "fail", no_repository, elsewhere(eu_west_1=there("eu-west-1"))),
        case("another Region is denied", "fail", no_repository, elsewhere(eu_west_1=UNREAD)),
        case("a prefix without a rule", "fail", named(TEAM_IMAGE), no_repository, rules()),
        case("a cache rule makes it", "skipped", named(TEAM_IMAGE), no_repository, rules(rule("team", "quay.io"))),
        case("the rule of all names", "skipped", named(TEAM_IMAGE), no_repository, rules(rule("ROOT", "quay.io"))),
        case(
            "the rules are denied and no text", "unknown", named(TEAM_IMAGE), no_repository,
            facts(pull_through_cache_rules=UNREAD),
        ),
        case(
            "the rules are denied, whatever the text", "unknown", named(TEAM_IMAGE), no_repository,
            facts(pull_through_cache_rules=UNREAD), stopped(NO_REPOSITORY.format(TEAM_IMAGE, "team/payments-api")),
        ),
        case(
            "the question for rules fails and the text tells", "fail", named(TEAM_IMAGE), no_repository,
            facts(pull_through_cache_rules=FAILED), stopped(NO_REPOSITORY.format(TEAM_IMAGE, "team/payments-api")),
        ),
        case(
            "the question fails and the name is a cache's", "unknown", named(HUB_IMAGE), no_repository,
            facts(pull_through_cache_rules=FAILED), stopped(NOT_FOUND.format(HUB_IMAGE)),
        ),
        case("a cache's name without a rule", "skipped", named(HUB_IMAGE), no_repository, rules()),
        case("outside ECR", "skipped", named("nginx:1.27"), says="docker.io"),
        case("invalid", "skipped", named("NGINX:1.27")),
    ),
    repairs={"image": "a like one exists"},
)  # fmt: skip
