"""ECR cannot use the secret with which a pull-through cache rule logs in to its upstream registry."""

from __future__ import annotations

from diagnostics.faults.registry.cache_secret_unusable import CACHE_SECRET
from tests.build import REGION, absent, known, unavailable
from tests.build.images import facts, named, no_repository, rule, rules
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import CACHED, HUB, SECRET, first

TABLE = Table(
    CACHE_SECRET,
    (
        case("it exists", "pass", *first()),
        case("it is gone", "fail", *first(facts(cache_secret=absent())), resources=(SECRET, "hub"), says="does not exist"),
        case(
            "it is being deleted", "fail",
            *first(facts(cache_secret=known({"ARN": SECRET, "DeletedDate": "2026-11-20T00:00:00Z"}))),
            says="scheduled for deletion",
        ),
        case(
            "its name is not one that ECR accepts", "fail",
            *first(rules({**HUB, "credentialArn": SECRET.replace("ecr-pullthroughcache/", "")})), says="is not named",
        ),
        case(
            "it is in another Region", "fail", *first(rules({**HUB, "credentialArn": SECRET.replace(REGION, "eu-west-1")})),
            says="eu-west-1",
        ),
        case("denied", "unknown", *first(facts(cache_secret=unavailable("denied", "secretsmanager:DescribeSecret")))),
        case("none is needed", "skipped", named(CACHED), no_repository, rules(rule("hub", "quay.io"))),
    ),
)  # fmt: skip
