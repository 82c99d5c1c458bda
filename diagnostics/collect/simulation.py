"""Asks IAM's own policy simulator about a pull: it alone tells what the organization's policies say.

It judges identity policies, the permissions boundary and service control policies, and does nothing. It knows neither
resource control policies nor those of repositories and endpoints, and only the condition keys that it is given.

AWS: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from diagnostics import pull
from diagnostics.collect import calls
from diagnostics.collect.reading import Reader, is_pending
from diagnostics.image_reference import ImageReference
from diagnostics.network.endpoints import serving, takes_the_name
from diagnostics.snapshot import (
    Fact,
    Known,
    Role,
    Simulation,
    Task,
    TaskDefinition,
    VpcFacts,
    known_or,
    known_value,
)

LOGIN = "ecr:GetAuthorizationToken"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")

_ORGANIZATION = ("aws:principalorgid", "aws:resourceorgid")
_ROLE = re.compile(r"arn:[^:]+:iam::(?P<account>\d{12}):role/.+")
_TYPES = {
    "aws:SourceIp": "ip",
    "aws:SecureTransport": "boolean",
    "aws:ViaAWSService": "boolean",
    "aws:PrincipalIsAWSService": "boolean",
}


@dataclass(frozen=True)
class Scope:
    """What to ask about.

    Attributes:
        account: the account that is asked; the simulator knows the roles of its own account only.
        images: the images of the task in private ECR, those aside that AWS adds from registries of its own.
        vpc: the VPC that the pull leaves by, if it is known.
    """

    account: str
    images: tuple[ImageReference, ...]
    vpc: VpcFacts | None


def scope_of(
    task: Fact[Task], definition: Fact[TaskDefinition], account: str | None, vpc: VpcFacts | None
) -> Scope | None:
    """What to ask about; `None` as long as that is not settled, or where there is nothing to ask about."""
    if account is None or is_pending(definition):
        return None
    if vpc is not None and (is_pending(vpc.vpc_endpoints) or is_pending(vpc.nat_gateways)):
        return None
    images = pull.container_images(known_value(task), known_value(definition))
    found = tuple(item.in_ecr for item in images if item.in_ecr is not None and not item.injected)
    return Scope(account, found, vpc) if found else None


def simulate(
    reader: Reader, role_arn: str, role: Fact[Role], scope: Scope | None
) -> dict[str, Fact[Simulation]]:
    """Two questions about one role: may it log in, and may it pull from the task's repositories?"""
    known = known_value(role)
    arn = known.arn if known else role_arn
    match = _ROLE.fullmatch(arn)
    # The role's tags and the path in its ARN are worth the wait: without the role there is nothing to simulate.
    if scope is None or known is None or match is None or match["account"] != scope.account:
        return {}
    arns = sorted({item.repository_arn for item in scope.images if item.repository_arn is not None})
    principal = _principal_keys(known, scope.account)
    owner = _owner(scope)
    login = _Question(arn, (LOGIN,), (), {**principal, **_where(scope, "ecr.api")})
    pull_ = _Question(arn, PULL, tuple(arns), {**principal, **owner, **_where(scope, "ecr.dkr")})
    return {
        "simulated_login": _answer(reader, login, own=True),
        "simulated_pull": _answer(reader, pull_, own=scope.account in owner.values()),
    }


@dataclass(frozen=True)
class _Question:
    """What the simulator is asked about one role."""

    arn: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: Mapping[str, str]


def wants_organization(fact: Fact[Simulation]) -> bool:
    """True if the simulator wanted to know the organization of the caller, or of what is asked for."""
    results = fact.value.results if isinstance(fact, Known) else ()
    return any(key.lower() in _ORGANIZATION for item in results for key in item.missing_context)


def _answer(reader: Reader, question: _Question, *, own: bool) -> Fact[Simulation]:
    """The answer; where it wanted the organization, that to the same question with it. `own`: the account owns what is asked for.

    Organizations keep their data inside with these keys, so that without them every answer about such an account is open.
    """
    first = _ask(reader, question)
    if not wants_organization(first):
        return first
    organization = reader.read(calls.DESCRIBE_ORGANIZATION, about=reader.account)
    if not isinstance(organization, Known):
        return first
    keys = {"aws:PrincipalOrgID": organization.value}
    if own:
        keys["aws:ResourceOrgID"] = organization.value
    second = _ask(reader, replace(question, context={**question.context, **keys}))
    return first if is_pending(second) else second


def _ask(reader: Reader, question: _Question) -> Fact[Simulation]:
    params: dict[str, Any] = {
        "PolicySourceArn": question.arn,
        "ActionNames": list(question.actions),
        "ContextEntries": [
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": _TYPES.get(key, "string")}
            for key, value in sorted(question.context.items())
        ],
    }
    if question.resources:
        params["ResourceArns"] = list(question.resources)
    fact = reader.read(calls.SIMULATE_PRINCIPAL_POLICY, params, about=question.arn)
    if not isinstance(fact, Known):
        return fact
    return Known(value=Simulation(context=question.context, results=fact.value))


def _principal_keys(role: Role, account: str) -> dict[str, str]:
    return {
        "aws:PrincipalArn": role.arn,
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
        "aws:SecureTransport": "true",
        **{f"aws:PrincipalTag/{tag.key}": tag.value for tag in role.tags or ()},
    }


def _owner(scope: Scope) -> dict[str, str]:
    """Who owns the repositories, where that is one account."""
    accounts = {item.account_id for item in scope.images}
    (account, *more) = accounts
    return {"aws:ResourceAccount": account} if account is not None and not more else {}


def _where(scope: Scope, service: str) -> dict[str, str]:
    """The Region that is asked, where that is one, and the way: through an endpoint of the VPC, or from its NAT gateway."""
    regions = {item.region for item in scope.images}
    (region, *more) = regions
    if region is None or more:
        return {}
    keys = {"aws:RequestedRegion": region}
    if scope.vpc is None:
        return keys
    for item in serving(scope.vpc, region, service):
        if takes_the_name(item):
            return {**keys, "aws:SourceVpc": scope.vpc.vpc_id, "aws:SourceVpce": item.vpc_endpoint_id}
    addresses = {
        address.public_ip
        for gateway in known_or(scope.vpc.nat_gateways, ())
        for address in gateway.nat_gateway_addresses
        if address.public_ip is not None
    }
    return {**keys, "aws:SourceIp": min(addresses)} if len(addresses) == 1 else keys
