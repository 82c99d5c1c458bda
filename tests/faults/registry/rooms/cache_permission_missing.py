"""The role that pulls may not import the image through the pull-through cache rule."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.registry.cache_permission_missing import CACHE_PERMISSION
from tests.build import (
    ACCOUNT,
    INSTANCE_ROLE_ARN,
    REGION,
    ROLE_ARN,
    definition_of,
    ec2,
    image_of,
    known,
    policy_text,
    role_of,
    unavailable,
)
from tests.build.images import facts, named, no_image, no_repository, rules
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import CACHED, HUB, NAME, UNREAD, first

ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{NAME}"
DENY = {"Effect": "Deny", "Action": "ecr:CreateRepository", "Resource": "*"}


def allowing(*actions: str, arn: str = ROLE_ARN, resource: str = "*") -> Any:
    """A further inline policy of a role."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}

    def edit(world: dict[str, Any]) -> None:
        role_of(world, arn)["inline_policy_names"] = known(["more"])
        role_of(world, arn)["inline_policies"] = {"more": known(policy_text(statement))}

    return edit


def denying(world: dict[str, Any]) -> None:
    role_of(world)["inline_policy_names"] = known(["more", "deny"])
    role_of(world)["inline_policies"] = {
        "more": known(policy_text({"Effect": "Allow", "Action": "ecr:*", "Resource": "*"})),
        "deny": known(policy_text(DENY)),
    }


def registry_allows(world: dict[str, Any]) -> None:
    statement = {
        "Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Resource": f"{ARN.rpartition('/acme')[0]}/*",
        "Action": ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"],
    }  # fmt: skip
    image_of(world)["registry_policy"] = known(policy_text(statement))


def both_roles(world: dict[str, Any]) -> None:
    """On EC2, an execution role beside the instance role: it is not known which pulls."""
    definition_of(world)["executionRoleArn"] = ROLE_ARN
    world["roles"][ROLE_ARN] = {**world["roles"][INSTANCE_ROLE_ARN], "role_arn": ROLE_ARN}


def no_execution_role(world: dict[str, Any]) -> None:
    definition_of(world)["executionRoleArn"] = None


TABLE = Table(
    CACHE_PERMISSION,
    (
        case("both are missing", "fail", *first(), resources=(ROLE_ARN,), says="ecr:CreateRepository and ecr:Batch"),
        case(
            "both are allowed", "pass", *first(allowing("ecr:CreateRepository", "ecr:BatchImportUpstreamImage", resource=ARN))
        ),
        case("one is missing", "fail", *first(allowing("ecr:CreateRepository")), says="it lacks ecr:BatchImport"),
        case("the registry policy allows them", "pass", *first(registry_allows)),
        case("a Deny", "fail", *first(denying), says="it lacks ecr:CreateRepository"),
        case(
            "the repository exists already", "pass", named(CACHED), no_image, rules(HUB),
            allowing("ecr:BatchImportUpstreamImage"),
        ),
        case("it is in the cache", "skipped", named(CACHED)),
        case("no rule", "skipped", named(CACHED), no_repository, rules()),
        case("the rules are denied", "unknown", named(CACHED), no_repository, facts(pull_through_cache_rules=UNREAD)),
        case(
            "the registry policy is denied", "unknown",
            *first(facts(registry_policy=unavailable("denied", "ecr:GetRegistryPolicy"))),
        ),
        case("EC2: the instance role", "fail", *first(), start=ec2, resources=(INSTANCE_ROLE_ARN,)),
        case(
            "EC2: one of two roles may", "unknown", *first(both_roles, allowing("ecr:*")), start=ec2,
            says="which role pulls is not known",
        ),
        case("no role", "skipped", *first(no_execution_role), says="role-missing"),
    ),
)  # fmt: skip
