"""The image's name is one of a pull-through cache, and no rule serves its prefix."""

from __future__ import annotations

from diagnostics.faults.registry.cache_rule_missing import RULE_MISSING
from tests.build import ACCOUNT, REGION, REGISTRY
from tests.build.images import facts, named, no_image, no_repository, rule, rules
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import CACHED, UNREAD, first

TABLE = Table(
    RULE_MISSING,
    (
        case("a rule serves it", "pass", *first()),
        case(
            "no rule for a cache's name", "fail", named(f"{REGISTRY}/docker-hub/library/nginx:1"), no_repository, rules(),
            resources=(f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/docker-hub/library/nginx",),
            says="nor a pull-through cache rule for docker-hub",
        ),
        case(
            "a rule of nearly that prefix", "fail", named(f"{REGISTRY}/my_hub/acme/shop:1"), no_repository,
            rules(rule("my-hub", "quay.io")),
        ),
        case("an ordinary name", "skipped", named(f"{REGISTRY}/team/shop:1"), no_repository, rules()),
        case("a repository of that name", "skipped", named(f"{REGISTRY}/quay/shop:1"), no_image, rules()),
        case("the image is there", "skipped", named(CACHED)),
        case("the rules are denied", "unknown", named(CACHED), no_repository, facts(pull_through_cache_rules=UNREAD)),
        case("the image is denied", "unknown", named(CACHED), facts(detail=UNREAD)),
        case("no prefix", "skipped", no_repository),
        case("outside ECR", "skipped", named("nginx:1.27")),
    ),
)  # fmt: skip
