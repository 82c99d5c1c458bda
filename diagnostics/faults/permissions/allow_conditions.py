"""The Allow that a request lacks. Where one is there whose condition the request does not meet, the condition is corrected.

An Allow without the condition would go past what somebody restricted: the new one holds for this pull's own endpoint,
address, Region, organization or account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from diagnostics.faults.permissions.perimeter import value_of
from diagnostics.faults.permissions.policy_edits import as_json
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.policy import Denied, NearMiss, Principal
from diagnostics.write.policies import Json

_ALLOWS: Mapping[str, str] = {
    "stringnotequals": "StringEquals",
    "stringnotequalsignorecase": "StringEquals",
    "stringnotlike": "StringEquals",
    "arnnotequals": "ArnEquals",
    "arnnotlike": "ArnEquals",
    "notipaddress": "IpAddress",
}
_PLAIN = ("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress", "bool")
_NETWORK = frozenset(("aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip", "aws:sourceip"))
_ACCOUNTS = {
    "aws:principalorgid": "aws:PrincipalAccount",
    "aws:principalorgpaths": "aws:PrincipalAccount",
    "aws:resourceorgid": "aws:ResourceAccount",
    "aws:resourceorgpaths": "aws:ResourceAccount",
}
_NAMES = {"aws:sourceip": "aws:SourceIp", "aws:sourcevpce": "aws:SourceVpce"}


class NoWayError(Exception):
    """The condition of an Allow cannot be met by this pull, nor corrected to it: `args[0]` says why."""


def allows(denied: Iterable[tuple[Step, Denied]], **more: Any) -> list[Json]:
    """The smallest statements that allow these requests: one for each resource and condition.

    Raises:
        NoWayError: an Allow is bound to a network, and where this request comes from is not known.
    """
    groups: dict[str, tuple[str, Json | None, list[str]]] = {}
    for step, refusal in denied:
        pattern = f"{step.request.resource}*" if step.request.resource_continues else step.request.resource
        condition = condition_for(step, refusal)
        _, _, actions = groups.setdefault(as_json([pattern, condition]), (pattern, condition, []))
        if step.action not in actions:
            actions.append(step.action)
    return [
        {
            "Effect": "Allow",
            **more,
            "Action": actions[0] if len(actions) == 1 else actions,
            "Resource": resource,
            **({"Condition": condition} if condition else {}),
        }
        for resource, condition, actions in groups.values()
    ]


def condition_for(step: Step, refusal: Denied) -> Json | None:
    """The condition of the nearest Allow, as this request meets it; `None` where none stands in the way.

    Raises:
        NoWayError: it is bound to a network, and where this request comes from is not known.
    """
    miss = unmet_condition(refusal)
    if miss is None:
        return None
    unmet = {key.lower() for key in miss.unmet}
    result: dict[str, Json] = {}
    for operator, keys in miss.statement.text.get("Condition", {}).items():
        for key, values in keys.items():
            if key.lower() not in unmet:
                result.setdefault(operator, {})[key] = values
                continue
            corrected = _corrected(step, operator, key)
            if corrected is not None:
                other, name, value = corrected
                result.setdefault(other, {})[name] = value
            elif key.lower() in _NETWORK:
                raise NoWayError(
                    f"{miss.statement.label} of {miss.policy_name} allows {step.action} only where {key} fits, and it is "
                    "not known from where the request comes"
                )
    return result or None


def unmet_condition(refusal: Denied) -> NearMiss | None:
    """The Allow that would have applied but for a condition."""
    return next(
        (miss for miss in refusal.near if set(miss.unmet).isdisjoint(("principal", "resource"))), None
    )


def _corrected(step: Step, operator: str, key: str) -> tuple[str, str, str] | None:
    plain = operator.rpartition(":")[2]
    plain = plain[: -len("IfExists")] if plain.lower().endswith("ifexists") else plain
    wanted = _ALLOWS.get(plain.lower(), plain if plain.lower() in _PLAIN else None)
    if wanted is None:
        return None
    if key.lower() in _NETWORK:
        return _of_network(step, key)
    value = value_of(step, key)
    if value is not None:
        return wanted, key, value
    account = _ACCOUNTS.get(key.lower())
    if account == "aws:PrincipalAccount" and isinstance(step.request.principal, Principal):
        return "StringEquals", account, step.request.principal.account_id
    if (
        account == "aws:ResourceAccount"
        and isinstance(step.request.principal, Principal)
        and step.request.owner
    ):
        return "StringEquals", account, step.request.owner
    return None


def _of_network(step: Step, key: str) -> tuple[str, str, str] | None:
    """The request's own endpoint, VPC or public address."""
    for name in (key, "aws:SourceVpce", "aws:SourceIp"):
        value = value_of(step, _NAMES.get(name.lower(), name))
        if value is not None:
            is_address = name.lower() in ("aws:sourceip", "aws:vpcsourceip")
            operator = "IpAddress" if is_address else "StringEquals"
            return (
                operator,
                _NAMES.get(name.lower(), name),
                f"{value}/32" if is_address and ":" not in value else value,
            )
    return None
