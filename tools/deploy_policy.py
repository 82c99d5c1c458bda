"""Writes the policy that reading needs into the files of deploy/, from the table of AWS calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from diagnostics.collect import policy_document

TARGET_ACCOUNT = Path(__file__).parent.parent / "deploy" / "target-account.yml"

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
    """deploy/target-account.yml with its generated part anew.

    Raises:
        ValueError: the file has no place for it.
    """
    text = TARGET_ACCOUNT.read_text(encoding="utf-8")
    before, start, rest = text.partition(_START)
    _, end, after = rest.partition(_END)
    if not start or not end:
        raise ValueError(
            f"{TARGET_ACCOUNT.name} has no place for the policy: {_START.strip()} … {_END.strip()}"
        )
    indent = before[before.rfind("\n") + 1 :]
    lines = [line for statement in statements() for line in _yaml(statement)]
    made = "".join(f"{line}\n" if line is lines[0] else f"{indent}{line}\n" for line in lines)
    return f"{before}{start}{indent}{made}{indent}{end}{after}"


def _yaml(statement: dict[str, Any]) -> list[str]:
    resource = statement["Resource"]
    shown = f"!Sub {resource['Fn::Sub']}" if isinstance(resource, dict) else f"'{resource}'"
    return [
        f"- Effect: {statement['Effect']}",
        "  Action:",
        *(f"    - {action}" for action in statement["Action"]),
        f"  Resource: {shown}",
    ]
