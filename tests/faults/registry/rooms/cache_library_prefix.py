"""An official image of Docker Hub is named without library/ in the pull-through cache."""

from __future__ import annotations

from diagnostics.faults.registry.cache_library_prefix import LIBRARY_PREFIX
from tests.build import ACCOUNT, REGION, REGISTRY
from tests.build.images import facts, named, no_repository, rule, rules
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import HUB, THERE, UNREAD, first

TABLE = Table(
    LIBRARY_PREFIX,
    (
        case("an image of a user", "pass", *first()),
        case(
            "an official image", "fail", named(f"{REGISTRY}/hub/nginx:1"), no_repository, rules(HUB),
            facts(cache_secret=THERE), resources=(f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/hub/nginx", "1"),
        ),
        case(
            "an official image with library/", "pass", named(f"{REGISTRY}/hub/library/nginx:1"), no_repository,
            rules(HUB), facts(cache_secret=THERE),
        ),
        case(
            "a rule that adds library/", "pass", named(f"{REGISTRY}/hub/nginx:1"), no_repository,
            rules({**HUB, "upstreamRepositoryPrefix": "library"}), facts(cache_secret=THERE),
        ),
        case(
            "another upstream", "skipped", named(f"{REGISTRY}/quay/nginx:1"), no_repository,
            rules(rule("quay", "quay.io")),
        ),
        case("it is in the cache", "skipped", named(f"{REGISTRY}/hub/nginx:1"), rules(HUB)),
        case(
            "the rules are denied", "unknown", named(f"{REGISTRY}/hub/nginx:1"), no_repository,
            facts(pull_through_cache_rules=UNREAD),
        ),
    ),
)  # fmt: skip
