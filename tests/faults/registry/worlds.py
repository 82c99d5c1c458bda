"""Small differences from the healthy worlds that several tables of `diagnostics.faults.registry` use."""

from __future__ import annotations

from typing import Any

from tests.build import ACCOUNT, REGION, REGISTRY, definition_of, known, unavailable
from tests.build.images import facts, named, no_repository, rule, rules

NAME = "hub/acme/shop"
CACHED = f"{REGISTRY}/{NAME}:1"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"
CREDENTIALS = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:registry-AbCdEf"
HUB = rule("hub", "registry-1.docker.io", credentialArn=SECRET)
UNREAD = unavailable("denied", "ecr:DescribePullThroughCacheRules")
THERE = known({"arn": SECRET, "name": "ecr-pullthroughcache/hub"})
HUB_TEXT = (
    "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected status "
    "code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:2bb501e6429: 429 Too Many Requests - Server "
    "message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and "
    "upgrading: https://www.docker.com/increase-rate-limit"
)
OUTAGE_TEXT = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/blobs/sha256:69e520adb67b: 504 Gateway Time-out"


def first(*more: Any) -> tuple[Any, ...]:
    """The first pull through the rule for hub."""
    return named(CACHED), no_repository, rules(HUB), facts(cache_secret=THERE), *more


def with_credentials(world: dict[str, Any]) -> None:
    definition_of(world)["containerDefinitions"][0]["repositoryCredentials"] = {
        "credentialsParameter": CREDENTIALS
    }
