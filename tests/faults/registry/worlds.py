"""Small differences from the healthy worlds that several tables of `diagnostics.faults.registry` use."""

from __future__ import annotations

from typing import Any

from tests.build import ACCOUNT, REGION, REGISTRY, definition_of, known, policy_text, unavailable
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


KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f1e2d3c-0000-4000-8000-000000000009"
TEMPLATE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/ecr-templates"


def encrypted(by: str = KEY) -> Any:
    """The upstream secret is encrypted with this key."""
    return facts(cache_secret=known({"ARN": SECRET, "Name": "ecr-pullthroughcache/hub", "KmsKeyId": by}))


def key(state: str = "Enabled") -> Any:
    """A customer managed key."""
    return known({"KeyId": KEY.rsplit("/", 1)[-1], "Arn": KEY, "KeyState": state, "KeyManager": "CUSTOMER"})


def templates(*found: dict[str, Any]) -> Any:
    """The registry's repository creation templates."""
    return facts(creation_templates=known(list(found)))


def template(prefix: str = "hub", **more: Any) -> dict[str, Any]:
    """A template for the repositories of a cache."""
    return {"prefix": prefix, "appliedFor": ["PULL_THROUGH_CACHE"], **more}


BY_KMS = {"encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": KEY}}
TAGS = {"resourceTags": [{"Key": "team", "Value": "payments"}]}


def template_role(*statements: dict[str, Any]) -> Any:
    """The role that a template names, with this trust policy; by default ECR may assume it."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ecr.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = policy_text(*(statements or (trust,)))
    name = TEMPLATE_ROLE.rsplit("/", 1)[-1]
    found = {"RoleName": name, "Arn": TEMPLATE_ROLE, "AssumeRolePolicyDocument": document}
    return facts(template_role=known(found))
