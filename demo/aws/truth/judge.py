"""Decides what IAM would say to a request, for the policies that emulated accounts have.

It shares no code with the evaluator of the product, so that an emulated account does not agree with the product for the
mere reason that both err alike. It knows what the accounts use and refuses the rest: `CannotJudge` rather than a guess.

AWS: Policy evaluation logic
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and its pages for
requests within one account and across accounts; JSON policy elements
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from demo.aws.truth.conditions import CannotJudge, ConditionKeys, covers, holds, matches

PolicyMapping = Mapping[str, Any]

_ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip


class Granted(IntEnum):
    """To whom a resource policy allows something: the more exactly it names the caller, the less else must allow it."""

    NOBODY = 0
    ACCOUNT = 1
    ROLE = 2
    SESSION = 3


@dataclass(frozen=True)
class SessionRequest:
    """A role's session asks for one action on one resource (`*` for an action that has none).

    `owner` is the account of the resource. `context` holds the condition keys of the request by lower-case name; what AWS
    fills in by itself of the caller is added.
    """

    action: str
    resource: str
    role_arn: str
    session_arn: str
    owner: str
    role_id: str = ""
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def account_id(self) -> str:
        return self.role_arn.split(":")[4]

    def keys(self) -> ConditionKeys:
        """The condition keys of the request."""
        own = {
            "aws:principalarn": (self.role_arn,),
            "aws:principalaccount": (self.account_id,),
            "aws:principaltype": ("AssumedRole",),
        }
        return ConditionKeys({**own, **{key.lower(): tuple(values) for key, values in self.context.items()}})


@dataclass(frozen=True)
class PoliciesAround:
    """The policies around a request. `levels` are the organization's: from the root down, one of each level must allow."""

    identity: Sequence[PolicyMapping] = ()
    boundary: PolicyMapping | None = None
    levels: Sequence[Sequence[PolicyMapping]] = ()
    resource: PolicyMapping | None = None
    endpoint: PolicyMapping | None = None


@dataclass(frozen=True)
class Judgement:
    """The decision in the words of the policy simulator, and the layer that stands against it (empty when allowed).

    `missing` are the condition keys that the role's own policies asked for in vain.
    """

    decision: str
    layer: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Said:
    allows: bool
    denies: bool


def judge(request: SessionRequest, policies: PoliciesAround) -> Judgement:
    """Decide. Raises CannotJudge for what policies hold that is not known here."""
    keys = request.keys()
    own = _layer(policies.identity, request, keys)
    boundary = _layer([policies.boundary], request, keys) if policies.boundary is not None else None
    missing = tuple(sorted(keys.missing))
    levels = [_layer(level, request, keys) for level in policies.levels]
    endpoint = _layer([policies.endpoint], request, keys) if policies.endpoint is not None else None
    bounded = policies.boundary is not None
    granted, refused = _resource(policies.resource, request, keys, bounded=bounded)

    explicit = {
        "scp": any(level.denies for level in levels),
        "endpoint": endpoint is not None and endpoint.denies,
        "resource": refused,
        "boundary": boundary is not None and boundary.denies,
        "identity": own.denies,
    }
    for layer, denies in explicit.items():
        if denies:
            return Judgement("explicitDeny", layer, missing)
    foreign = request.owner != request.account_id
    within = boundary is None or boundary.allows
    implicit = {
        "scp": not all(level.allows for level in levels),
        "endpoint": endpoint is not None and not endpoint.allows,
        "resource": foreign and granted is Granted.NOBODY,
        # Within one account a grant to the session stands by itself, a grant to the role within its boundary only.
        "boundary": not within and (foreign or granted < Granted.SESSION),
        "identity": not own.allows and (foreign or granted < Granted.ROLE),
    }
    for layer, silent in implicit.items():
        if silent:
            return Judgement("implicitDeny", layer, missing)
    return Judgement("allowed", "", missing)


def _layer(documents: Sequence[PolicyMapping], request: SessionRequest, keys: ConditionKeys) -> _Said:
    found = [
        effect
        for document in documents
        for effect, statement in _statements(document)
        if _about(statement, request)
        and _names(statement, request)
        and holds(statement.get("Condition", {}), keys)
    ]
    return _Said("Allow" in found, "Deny" in found)


def _names(statement: Mapping[str, Any], request: SessionRequest) -> bool:
    """A statement of an endpoint's policy names the caller; one of the role's own policies names nobody."""
    if "NotPrincipal" in statement:
        raise CannotJudge("NotPrincipal is known here in a resource's policy only")
    return "Principal" not in statement or _principal(statement["Principal"], request) > Granted.NOBODY


def _resource(
    document: PolicyMapping | None, request: SessionRequest, keys: ConditionKeys, *, bounded: bool
) -> tuple[Granted, bool]:
    """To whom a resource policy allows the request, and whether it denies it."""
    granted, denies = Granted.NOBODY, False
    for effect, statement in _statements(document) if document is not None else ():
        if "NotPrincipal" in statement:
            if effect != "Deny":
                raise CannotJudge("NotPrincipal is known here in a Deny only; AWS supports no other")
            # What it might or might not spare has to be about this request to matter.
            if _about(statement, request) and holds(statement.get("Condition", {}), keys):
                denies = denies or not _spares(statement["NotPrincipal"], request, bounded=bounded)
            continue
        if "Principal" not in statement:
            raise CannotJudge(f"a statement of a resource policy names its principal; got {dict(statement)}")
        named = _principal(statement["Principal"], request)
        # A repository's policy has no resource: it is about the repository.
        if named and _about(statement, request) and holds(statement.get("Condition", {}), keys):
            denies = denies or effect == "Deny"
            granted = max(granted, named) if effect == "Allow" else granted
    return granted, denies


def _statements(document: PolicyMapping) -> list[tuple[str, Mapping[str, Any]]]:
    statements = _listed(document.get("Statement", ()))
    for statement in statements:
        unknown = set(statement) - _ELEMENTS
        if unknown:
            raise CannotJudge(f"there is no element {', '.join(sorted(unknown))} in a policy statement")
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise CannotJudge(f"an Effect is Allow or Deny; got {statement.get('Effect')!r}")
        if "${" in json.dumps(statement):
            raise CannotJudge("policy variables are not known here")
    return [(statement["Effect"], statement) for statement in statements]


def _about(statement: Mapping[str, Any], request: SessionRequest) -> bool:
    """The statement is about this action and this resource."""
    action = request.action.lower()
    if ("Action" in statement) is ("NotAction" in statement):
        raise CannotJudge(f"a statement has one of Action and NotAction; got {dict(statement)}")
    named = _listed(statement.get("Action", statement.get("NotAction")))
    if any(matches(item.lower(), action) for item in named) is ("NotAction" in statement):
        return False
    if "NotResource" in statement:
        return not any(covers(item, request.resource) for item in _listed(statement["NotResource"]))
    return any(covers(item, request.resource) for item in _listed(statement.get("Resource", "*")))


def _principal(value: Any, request: SessionRequest) -> Granted:
    """How exactly a Principal element names the caller."""
    if value == "*":
        return Granted.SESSION
    if not isinstance(value, Mapping) or not set(value) <= {"AWS", "Service", "Federated", "CanonicalUser"}:
        raise CannotJudge(f'a Principal is "*" or an object such as {{"AWS": ARN}}; got {value!r}')
    return max(
        (_one_principal(item, request) for item in _listed(value.get("AWS", ()))), default=Granted.NOBODY
    )


def _spares(value: Any, request: SessionRequest, *, bounded: bool) -> bool:
    """A NotPrincipal element spares the caller: where it lists the session, its role and its account, and no boundary is set.

    AWS: JSON policy elements: NotPrincipal
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    if value == "*" or not isinstance(value, Mapping):
        raise CannotJudge(f'a NotPrincipal is an object such as {{"AWS": [ARN, …]}}; got {value!r}')
    listed = {_one_principal(item, request) for item in _listed(value.get("AWS", ()))}
    if bounded or not listed & {Granted.ROLE, Granted.SESSION}:
        return False
    if not listed >= {Granted.ACCOUNT, Granted.ROLE, Granted.SESSION}:
        raise CannotJudge(
            "AWS leaves open what a NotPrincipal does that lists account, role and session in part"
        )
    return True


def _one_principal(item: str, request: SessionRequest) -> Granted:
    if item in ("*", request.session_arn):
        return Granted.SESSION
    if item == request.role_arn or (item and item == request.role_id):
        return Granted.ROLE
    root = ":".join(request.role_arn.split(":")[:5]) + ":root"
    if item in (request.account_id, root):
        return Granted.ACCOUNT
    # Somebody else, or a principal that was deleted and of which only the id is left.
    known = item.startswith(("arn:", "AROA", "AIDA")) or (item.isdigit() and len(item) == 12)
    if not known or "*" in item or "?" in item:
        raise CannotJudge(f"a principal is an ARN, an account id or *; got {item!r}")
    return Granted.NOBODY


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
