"""ECR cannot use the secret with which a pull-through cache rule logs in to its upstream registry."""

from __future__ import annotations

from diagnostics.faults.registry.cache_secret_unusable import CACHE_SECRET
from tests.build import REGION, absent, known, stopped, unavailable
from tests.build.images import facts, named, no_repository, rule, rules
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import CACHED, HUB, SECRET, first

UPSTREAM = f"CannotPullContainerError: failed to resolve ref {CACHED}: unexpected status: 400 Bad Request:"

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
        case(
            "it has no value", "fail", *first(facts(cache_secret=known({"ARN": SECRET, "VersionIdsToStages": {}}))),
            says="has no value yet",
        ),
        case("ECR could not decrypt it", "warn", *first(stopped(f"{UPSTREAM} UnableToDecryptSecretValueException")), resources=(SECRET, "hub"), says="decrypted"),
        case("ECR could not read it", "warn", *first(stopped(f"{UPSTREAM} UnableToAccessSecretException")), says="could not be read by ECR"),
        case("the upstream registry refused it", "warn", *first(stopped(f"{UPSTREAM} UnableToGetUpstreamImageException")), says="did not open"),
        case("denied", "unknown", *first(facts(cache_secret=unavailable("denied", "secretsmanager:DescribeSecret")))),
        case("none is needed", "skipped", named(CACHED), no_repository, rules(rule("hub", "quay.io"))),
    ),
    repairs={"registry": "it is gone", "registry/told": "ECR could not decrypt it"},
)  # fmt: skip
