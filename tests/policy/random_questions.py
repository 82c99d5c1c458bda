"""Seeded random questions, from small pools so that statements often bear on the request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from .questions import ACCOUNT, OTHER, OTHERS_REPOSITORY, REPOSITORY, ROLE, ROOT, SESSION, Question, policy

_REQUESTS = (
    ("ecr:BatchGetImage", REPOSITORY),
    ("ecr:BatchGetImage", REPOSITORY),
    ("ecr:GetDownloadUrlForLayer", REPOSITORY),
    ("ecr:BatchGetImage", OTHERS_REPOSITORY),
    ("ecr:GetAuthorizationToken", "*"),
)
_ACTIONS = (
    "*",
    "ecr:*",
    "ecr:*",
    "ECR:batchget*",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:Get*",
)
_OTHER_ACTIONS = ("s3:GetObject", "ecr:PutImage", "ecr:?atchGetImage", "ecr:GetAuthorizationToken", "logs:*")
_RESOURCES = ("*", "*", "*", REPOSITORY, OTHERS_REPOSITORY, "arn:aws:ecr:*:*:repository/*")
# ARNs that end early, in what a role has: the other evaluator takes them for nothing in an endpoint's policy, refuses them
# in a service control policy, as Organizations does, and finds a login's * in none that NotResource names.
_SHORT = (
    "arn:aws:ecr",
    "arn:aws:ecr:us-east-1",
    f"arn:aws:ecr:us-east-?:{ACCOUNT}",
    "arn:aws:ecr:eu-west-1",
    "arn:aws:s3",
)
_OTHER_RESOURCES = (
    f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/*",
    f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/ap?",
    f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/*",
    f"arn:aws:ecr:us-east-1:{OTHER}:repository/*/app",
    REPOSITORY.upper().replace("ARN:AWS:ECR:US-EAST-1", "arn:aws:ecr:us-east-1"),
)
_WITH_VARIABLES = (
    f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/${{aws:PrincipalTag/team}}/app",
    f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/${{aws:PrincipalTag/team, 'team'}}/*",
)
_PRINCIPALS = (ROLE, ROLE, SESSION, ROOT, ACCOUNT, "*", "*")
_OTHER_PRINCIPALS = (ROLE + "2", OTHER, f"arn:aws:iam::{OTHER}:root", SESSION + "0")
_VALUES: Mapping[str, tuple[str, ...]] = {
    "aws:SourceVpce": ("vpce-1", "vpce-2", "vpce-*", "vpce-?"),
    "aws:SourceVpc": ("vpc-1", "VPC-1", "vpc-2"),
    "aws:PrincipalOrgID": ("o-a1b2c3d4e5", "o-zzzzzzzzzz", "o-*"),
    "aws:PrincipalTag/team": ("team", "other", "te${*}m", "${aws:RequestedRegion}"),
    "aws:RequestedRegion": ("us-east-1", "eu-west-1", "us-*"),
    "ecr:ResourceTag/team": ("team", "other", "${aws:PrincipalTag/team}"),
    "aws:ResourceTag/team": ("team", "te*", "other", "${aws:PrincipalTag/team}"),
    "aws:ResourceTag/Stage": ("prod", "dev"),
    "aws:ResourceOrgID": ("o-a1b2c3d4e5", "o-zzzzzzzzzz", "o-a?b2*"),
    "aws:ResourceAccount": (ACCOUNT, OTHER),
    "aws:PrincipalArn": (ROLE, ROLE + "2", f"arn:aws:iam::{ACCOUNT}:role/*", "arn:aws:iam::*:role/ecs*"),
    "aws:PrincipalAccount": (ACCOUNT, OTHER),
}
_VARIABLE_VALUES = (
    "${aws:PrincipalTag/team}",
    "${aws:RequestedRegion}",
    "${aws:PrincipalTag/team, 'team'}",
    "${aws:PrincipalOrgID}",
    "${aws:ResourceTag/team}",
)
_STRING_OPERATORS = (
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
)  # fmt: skip
_ADDRESSES = ("203.0.113.0/24", "203.0.113.7", "198.51.100.0/24", "203.0.112.0/23")
_ADDRESS_OPERATORS = ("IpAddress", "NotIpAddress")
_DATES = ("2025-01-01T00:00:00Z", "2026-03-01T10:00:00Z", "2027-01-01T00:00:00Z")
_DATE_OPERATORS = (
    "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
    "DateGreaterThanEquals",
)  # fmt: skip
_PATHS = ("o-1/r-1/ou-1/*", "o-1/r-1/ou-2/", "o-1/*", "o-2/*")


class Dice(Random):
    """A source of randomness that also knows whether to keep to what AWS's pages settle."""

    settled = True


def random_questions(seed: int, count: int, *, settled: bool = True) -> Iterator[Question]:
    """`count` questions, the same for the same seed; `settled` ones leave out what AWS's pages leave open."""
    random = Dice(seed)
    random.settled = settled
    for number in range(count):
        yield _question(random, f"random {seed}.{number}")


def _question(random: Dice, name: str) -> Question:
    action, resource = random.choice(_REQUESTS)
    has_repository_policy = action != "ecr:GetAuthorizationToken" and random.random() < 0.6
    return Question(
        name=name,
        action=action,
        resource=resource,
        identity=[_policy(random, 0.8, short=True) for _ in range(random.choice((0, 1, 1, 2)))],
        boundary=_policy(random, 0.9, short=True) if random.random() < 0.3 else None,
        repository=_policy(random, 0.8, principals=True, resources=False) if has_repository_policy else None,
        endpoint=_endpoint_policy(random) if random.random() < 0.25 else None,
        scps=[_policy(random, 0.95)] if random.random() < 0.15 else (),
        context=_context(random, tagged=resource != "*"),
    )


def _context(random: Dice, *, tagged: bool) -> dict[str, Sequence[str]]:
    everything: dict[str, Sequence[str]] = {
        "aws:SourceVpce": ["vpce-1"],
        "aws:SourceVpc": ["vpc-1"],
        "aws:SourceIp": ["203.0.113.7"],
        "aws:PrincipalOrgID": ["o-a1b2c3d4e5"],
        "aws:PrincipalOrgPaths": random.choice((["o-1/r-1/ou-1/"], ["o-1/r-1/ou-1/", "o-1/r-1/ou-2/"])),
        "aws:PrincipalTag/team": ["team"],
        "aws:RequestedRegion": ["us-east-1"],
        "ecr:ResourceTag/team": ["team"],
        "aws:ResourceTag/team": ["team"],
        "aws:ResourceTag/Stage": random.choice((["prod"], ["Prod"])),
        "aws:ResourceOrgID": random.choice((["o-a1b2c3d4e5"], ["o-zzzzzzzzzz"])),
        "aws:CurrentTime": ["2026-03-01T10:00:00Z"],
    }
    # A login has no resource, so it has no resource's tags either.
    kept = {key: value for key, value in everything.items() if random.random() < 0.75}
    return {key: value for key, value in kept.items() if tagged or "ResourceTag/" not in key}


def _endpoint_policy(random: Dice) -> dict[str, Any]:
    # The other evaluator knows no principals but everybody in an endpoint policy; the tables have the rest.
    found = _policy(random, 0.9)
    return {**found, "Statement": [{**one, "Principal": "*"} for one in found["Statement"]]}


def _policy(
    random: Dice, allows: float, *, principals: bool = False, resources: bool = True, short: bool = False
) -> dict[str, Any]:
    statements = [
        _statement(random, allows, principals=principals, resources=resources, short=short)
        for _ in range(random.choice((1, 1, 2, 3)))
    ]
    # The other evaluator fills in variables in the older version too, which the tables show to be wrong.
    older = random.random() < 0.2 and "${" not in str(statements)
    return policy(*statements, version="2008-10-17" if older else "2012-10-17")


def _statement(
    random: Dice, allows: float, *, principals: bool, resources: bool, short: bool
) -> dict[str, Any]:
    effect = "Allow" if random.random() < allows else "Deny"
    found: dict[str, Any] = {"Effect": effect}
    negated = random.random() < 0.1
    found["NotAction" if negated else "Action"] = _some(
        random, _OTHER_ACTIONS if negated or random.random() < 0.25 else _ACTIONS
    )
    if resources:
        # No variable inside NotResource: AWS's pages do not say what a missing value means there.
        if random.random() < 0.1:
            found["NotResource"] = _some(random, _OTHER_RESOURCES if random.settled else _WITH_VARIABLES)
        else:
            others = (*_OTHER_RESOURCES, *_SHORT) if short else _OTHER_RESOURCES
            pool: Sequence[str] = random.choice((_RESOURCES, _RESOURCES, _RESOURCES, others, _WITH_VARIABLES))
            found["Resource"] = (
                random.choice(pool) if random.settled and pool is _WITH_VARIABLES else _some(random, pool)
            )
    if principals:
        if effect == "Deny" and random.random() < 0.2:
            # All three that spare a session, or none of them: AWS's page leaves open what lies between.
            listed = random.choice(([ROLE, ROOT, SESSION], [OTHER], [ROLE + "2", SESSION + "0"]))
            found["NotPrincipal"] = {"AWS": listed if random.settled else _some(random, _PRINCIPALS)}
        elif random.random() < 0.15:
            found["Principal"] = "*"
        else:
            names = _PRINCIPALS if random.random() < 0.75 else _OTHER_PRINCIPALS
            found["Principal"] = {"AWS": _some(random, names)}
    if random.random() < (0.35 if effect == "Allow" else 0.6):
        found["Condition"] = _conditions(random)
    return found


def _conditions(random: Dice) -> dict[str, dict[str, Any]]:
    block: dict[str, dict[str, Any]] = {}
    for _ in range(random.choice((1, 1, 2))):
        operator, key, values = _one_condition(random)
        block.setdefault(operator, {})[key] = values
    return block


def _one_condition(random: Dice) -> tuple[str, str, Any]:
    kind = random.random()
    suffix = "IfExists" if random.random() < 0.2 else ""
    if kind < 0.1:
        return "Null", random.choice(tuple(_VALUES)), random.choice(("true", "false"))
    if kind < 0.2:
        return random.choice(_ADDRESS_OPERATORS) + suffix, "aws:SourceIp", _some(random, _ADDRESSES)
    if kind < 0.3:
        return random.choice(_DATE_OPERATORS) + suffix, "aws:CurrentTime", random.choice(_DATES)
    if kind < 0.4:
        quantifier = random.choice(("ForAnyValue:", "ForAllValues:"))
        return quantifier + random.choice(_STRING_OPERATORS), "aws:PrincipalOrgPaths", _some(random, _PATHS)
    if kind < 0.45:
        return (
            "Bool" + suffix,
            random.choice(("aws:SecureTransport", "aws:ViaAWSService")),
            random.choice(("true", "false")),
        )
    if kind < 0.55:
        operator = random.choice(("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")) + suffix
        return operator, "aws:PrincipalArn", _some(random, _VALUES["aws:PrincipalArn"])
    key = random.choice(tuple(_VALUES))
    values = _some(random, _VALUES[key])
    # What a variable without a value means under a negated operator or beside another value is open.
    if random.settled and "${aws" in str(values):
        return random.choice(("StringEquals", "StringLike")), key, random.choice(_VARIABLE_VALUES)
    return random.choice(_STRING_OPERATORS) + suffix, key, values


def _some(random: Dice, pool: Sequence[str]) -> Any:
    """One value, or a list of them: policies have both."""
    if random.random() < 0.6:
        return random.choice(pool)
    return sorted(set(random.choices(pool, k=random.choice((1, 2, 3)))))
