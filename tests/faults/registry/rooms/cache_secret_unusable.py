"""ECR cannot use the secret with which a pull-through cache rule logs in to its upstream registry."""

from __future__ import annotations

from diagnostics.faults.registry.cache_secret_unusable import CACHE_SECRET
from tests.build import REGION, absent, known, stopped, unavailable
from tests.build.images import facts, named, no_repository, rule, rules
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import CACHED, HUB, KEY, SECRET, encrypted, first, key

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
        case("its key can be used", "pass", *first(encrypted(), facts(cache_key=key()))),
        case("its key is being deleted", "fail", *first(encrypted(), facts(cache_key=key("PendingDeletion"))), resources=(KEY, SECRET, "hub"), says="of the secret of pull-through cache rule hub is scheduled for deletion"),
        case("its key is disabled", "fail", *first(encrypted(), facts(cache_key=key("Disabled"))), says="is disabled"),
        case("its key is gone", "fail", *first(encrypted(), facts(cache_key=absent("kms:DescribeKey"))), says="does not exist"),
        case("its key was not read", "unknown", *first(encrypted(), facts(cache_key=unavailable("denied", "kms:DescribeKey")))),
        case("its key was not read, and the text shows it", "warn", *first(encrypted(), facts(cache_key=unavailable("denied", "kms:DescribeKey")), stopped(f"{UPSTREAM} UnableToDecryptSecretValueException")), says="decrypted"),
        case("its key is AWS's own", "pass", *first(encrypted("alias/aws/secretsmanager"))),
        case("denied", "unknown", *first(facts(cache_secret=unavailable("denied", "secretsmanager:DescribeSecret")))),
        case("none is needed", "skipped", named(CACHED), no_repository, rules(rule("hub", "quay.io"))),
    ),
    repairs={"registry": "it is gone", "registry/key": "its key is being deleted", "registry/no-key": "its key is gone", "registry/told": "ECR could not decrypt it"},
)  # fmt: skip
