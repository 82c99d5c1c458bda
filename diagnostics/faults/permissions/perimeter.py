"""The exception to a guardrail that its own pattern has: this endpoint, this address, this Region.

A Deny of everything that does not come from one's own networks, or that goes to other Regions, is kept, and goes on for
everything else.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.policy import Context
from diagnostics.write.policies import Json
from diagnostics.write.snippets import joined

_NETWORK = ("aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp", "aws:SourceIp")
_CALLED = {
    "aws:SourceVpce": "endpoint",
    "aws:SourceVpc": "VPC",
    "aws:VpcSourceIp": "address",
    "aws:SourceIp": "address",
    "aws:RequestedRegion": "Region",
}


def excepted(statement: Mapping[str, Any], steps: Iterable[Step]) -> tuple[Json, str] | None:
    """The Deny with an exception for the way or the Region of these requests, and the exception in words.

    `None` where it is no guardrail of networks or Regions, or where what to except is not known.
    """
    condition = {operator: dict(keys) for operator, keys in statement.get("Condition", {}).items()}
    asked = {key.lower(): operator for operator, keys in condition.items() for key in keys}
    words: dict[str, None] = {}
    for step in steps:
        found = _of_region(step, asked) or _of_network(step, asked)
        if found is None:
            return None
        operator, key, value = found
        present = condition.setdefault(operator, {})
        name = next((item for item in present if item.lower() == key.lower()), key)
        values = _listed(present.get(name, []))
        if value not in values:
            values.append(value)
        present[name] = values[0] if len(values) == 1 else values
        words[f"{_CALLED[key]} {value}"] = None
    return {**statement, "Condition": condition}, joined(words)


def _is_negated(operator: str) -> bool:
    prefix, _, name = operator.lower().rpartition(":")
    return not prefix and "not" in name and name != "null"


def _of_region(step: Step, asked: Mapping[str, str]) -> tuple[str, str, str] | None:
    key = "aws:RequestedRegion"
    operator, value = asked.get(key.lower()), value_of(step, key)
    if operator is None or not _is_negated(operator) or value is None:
        return None
    return operator, key, value


def _of_network(step: Step, asked: Mapping[str, str]) -> tuple[str, str, str] | None:
    """By a key that the statement has, else by what the way of this request has: its endpoint, or its public address."""
    if not any(key.lower() in asked for key in _NETWORK):
        return None
    own = [key for key in _NETWORK if _is_negated(asked.get(key.lower(), ""))]
    for key in (*own, "aws:SourceVpce", "aws:SourceIp"):
        value = value_of(step, key)
        if value is not None:
            is_address = key in ("aws:SourceIp", "aws:VpcSourceIp")
            usual = "NotIpAddress" if is_address else "StringNotEquals"
            operator = asked.get(key.lower(), usual)
            return (operator if _is_negated(operator) else usual), key, _range(value) if is_address else value
    return None


def value_of(step: Step, key: str) -> str | None:
    """The one value that a request has for a condition key, where that is known."""
    request = step.request
    value = Context(request.context, request.principal, request.owner).lookup(key)
    return value[0] if isinstance(value, tuple) and len(value) == 1 else None


def _range(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, (str, bool, int)) else list(value)
