"""Writes the policy that reading needs into the files of deploy/, from the table of AWS calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from diagnostics.collect import policy_document

DEPLOY = Path(__file__).parent.parent / "deploy"
TARGET_ACCOUNT = DEPLOY / "target-account.yml"
CONTAINER = DEPLOY / "container.yml"

BY_CLUSTER = frozenset(
    {"ecs:DescribeContainerInstances", "ecs:DescribeServices", "ecs:DescribeTasks", "ecs:ListTasks"}
)
"""The reads for which IAM has the key `ecs:cluster`.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html"""
WITHOUT_REGION = ("iam:", "organizations:", "sts:")
"""Services that are asked in one place for all Regions, or that need no permission."""

_REGION = "StringLike: {aws:RequestedRegion: !Ref ReadRegions}"
_CLUSTER = "ArnLike: {ecs:cluster: !Ref ReadClusterArns}"

_START = "# The policy that reading needs: generated from the table of AWS calls by `make docs`.\n"
_END = "# End of the generated policy.\n"


def statements() -> list[dict[str, Any]]:
    """The policy's statements, with CloudFormation's partition in their ARNs."""
    made: list[dict[str, Any]] = policy_document("${AWS::Partition}")["Statement"]
    for statement in made:
        if "${" in statement["Resource"]:
            statement["Resource"] = {"Fn::Sub": statement["Resource"]}
    return made


def read_policy() -> str:
    """deploy/read-policy.json: the policy document of the worker's role."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements()}, indent=2) + "\n"


def target_account() -> str:
    """deploy/target-account.yml with its generated part made again.

    Raises:
        ValueError: the file has no place for it.
    """
    return _with_policy(TARGET_ACCOUNT)


def container() -> str:
    """deploy/container.yml, likewise.

    Raises:
        ValueError: the file has no place for it.
    """
    return _with_policy(CONTAINER)


def _with_policy(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    before, start, rest = text.partition(_START)
    _, end, after = rest.partition(_END)
    if not start or not end:
        raise ValueError(f"{path.name} has no place for the policy: {_START.strip()} … {_END.strip()}")
    indent = before[before.rfind("\n") + 1 :]
    lines = [line for statement in _by_condition() for line in _yaml(*statement)]
    made = "".join(f"{line}\n" if line is lines[0] else f"{indent}{line}\n" for line in lines)
    return f"{before}{start}{indent}{made}{indent}{end}{after}"


def _by_condition() -> list[tuple[dict[str, Any], str | None]]:
    """The statements, each with the condition that narrows it where an operator lists Regions or clusters."""
    found: list[tuple[dict[str, Any], str | None]] = []
    for statement in statements():
        parts: dict[str | None, list[str]] = {}
        for action in statement["Action"]:
            parts.setdefault(_condition(action), []).append(action)
        found += [({**statement, "Action": actions}, condition) for condition, actions in parts.items()]
    return found


def _condition(action: str) -> str | None:
    if action in BY_CLUSTER:
        inner = f"!If [NarrowsClusters, {{{_REGION}, {_CLUSTER}}}, {{{_REGION}}}]"
        return f"!If [Narrows, {inner}, !Ref AWS::NoValue]"
    if action.startswith(WITHOUT_REGION):
        return None
    return f"!If [NarrowsRegions, {{{_REGION}}}, !Ref AWS::NoValue]"


def _yaml(statement: dict[str, Any], condition: str | None) -> list[str]:
    resource = statement["Resource"]
    shown = f"!Sub {resource['Fn::Sub']}" if isinstance(resource, dict) else f"'{resource}'"
    return [
        f"- Effect: {statement['Effect']}",
        "  Action:",
        *(f"    - {action}" for action in statement["Action"]),
        f"  Resource: {shown}",
        *([f"  Condition: {condition}"] if condition else []),
    ]
