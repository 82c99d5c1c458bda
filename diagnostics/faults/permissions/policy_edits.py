"""The smallest change to a policy document, as a new document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from diagnostics.policy import Document
from diagnostics.write.policies import Json

_VERSION = "2012-10-17"
ECS = "ecs-tasks.amazonaws.com"
TRUST_ECS: Json = {"Effect": "Allow", "Principal": {"Service": ECS}, "Action": "sts:AssumeRole"}
"""The statement of a trust policy that lets ECS assume the role."""


def statements_of(document: Document) -> list[Json]:
    """The statements, as they are written."""
    return [dict(statement.raw) for statement in document.statements]


def as_written(document: Document) -> Json:
    """The document as it stands."""
    return replaced(document, statements_of(document))


def allowing(requests: Iterable[tuple[str, str]], **more: Any) -> list[Json]:
    """The smallest statements that allow these actions with their resources: one for each resource."""
    by_resource: dict[str, list[str]] = {}
    for action, resource in requests:
        by_resource.setdefault(resource, []).append(action)
    return [
        {
            "Effect": "Allow",
            **more,
            "Action": actions[0] if len(actions) == 1 else actions,
            "Resource": resource,
        }
        for resource, actions in by_resource.items()
    ]


def replaced(document: Document | None, statements: list[Json]) -> Json:
    """The document with other statements; a new one where there was none."""
    text: Mapping[str, Any] = document.text if document is not None else {"Version": _VERSION}
    kept = {key: value for key, value in text.items() if key != "Statement"}
    return {**kept, "Statement": statements}


def added(document: Document | None, *new: Json) -> Json:
    """The document with further statements, the others as they are."""
    return replaced(document, [*(statements_of(document) if document else []), *new])


def nothing() -> Json:
    """A document that denies what nobody does: a managed policy without a statement is refused."""
    return {
        "Version": _VERSION,
        "Statement": [{"Effect": "Deny", "Action": "none:null", "Resource": "*"}],
    }


def renamed(document: Document, places: Mapping[int, tuple[str, ...]], role_arn: str) -> Json:
    """The document in which the role's ARN stands in place of deleted principals, by statement."""
    result = statements_of(document)
    for place, gone in places.items():
        principal = result[place]["Principal"]
        names = [item for item in _as_list(principal["AWS"]) if item not in gone]
        named = [*names, role_arn] if names else role_arn
        result[place] = {**result[place], "Principal": {**principal, "AWS": named}}
    return replaced(document, result)


def as_json(value: Any, *, indent: int | None = None) -> str:
    """JSON text in the order of the keys."""
    return json.dumps(value, indent=indent, ensure_ascii=False)


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
