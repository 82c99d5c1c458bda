"""How to see that a policy was changed: commands that print one known thing, and nothing but that.

IAM's changes reach its simulator and the services within seconds, at most about a minute:
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from diagnostics.write import chain, quoted
from diagnostics.write.policies import Json

Proof = tuple[str, str]
"""What to run, and what it then prints."""

_PLAIN = re.compile(r"[A-Za-z0-9:/*.@+=,_-]{3,}")


def simulated(role_arn: str, requests: Iterable[tuple[str, str]]) -> Proof:
    """Asks IAM itself; one command for each resource, because each action goes with its own."""
    by_resource: dict[str, list[str]] = {}
    for action, resource in requests:
        actions = by_resource.setdefault(resource, [])
        if action not in actions:
            actions.append(action)
    commands = (
        f"aws iam simulate-principal-policy --policy-source-arn {quoted(role_arn)}"
        f" --action-names {' '.join(map(quoted, actions))}"
        + (f" --resource-arns {quoted(resource)}" if resource != "*" else "")
        + " --query 'EvaluationResults[].[EvalActionName,EvalDecision]' --output text"
        for resource, actions in by_resource.items()
    )
    lines = (f"{action} allowed" for actions in by_resource.values() for action in actions)
    return chain(*commands), "\n".join(lines)


def equals(command: str, member: str, document: Json | None) -> Proof:
    """A document that IAM answers as it was written."""
    literal = json.dumps(document, ensure_ascii=False).replace("`", "\\`")
    return f"{command} --query {quoted(f'{member} == `{literal}`')} --output json", "true"


def holds(command: str, member: str, old: Json | None, new: Json) -> Proof:
    """A document that AWS may answer with other spaces or another order: what is new in it, and what is gone from it.

    `member` is a text.
    """
    before, after = set(_texts(old or {})), list(_texts(new))
    added = [text for text in dict.fromkeys(after) if text not in before and _PLAIN.fullmatch(text)]
    gone = [text for text in dict.fromkeys(_texts(old or {})) if text not in after and _PLAIN.fullmatch(text)]
    tests = [f"contains({member}, `{json.dumps(text)}`)" for text in map(_in_quotes, added[-2:])]
    tests += [f"!contains({member}, `{json.dumps(text)}`)" for text in map(_in_quotes, gone[:2])]
    if not tests:
        # Nothing but the places of the same words changed: the whole document tells.
        return (
            f"{command} --query {quoted(member)} --output text | jq {quoted(f'. == {json.dumps(new)}')}",
            "true",
        )
    return f"{command} --query {quoted(' && '.join(tests))} --output json", "true"


def _in_quotes(text: str) -> str:
    return f'"{text}"'


def _texts(value: Any) -> Iterator[str]:
    """The keys and texts of a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
