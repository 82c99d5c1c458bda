"""The smallest change to a policy document, as a new document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from diagnostics.policy import Document, StatementRef
from diagnostics.write.policies import Json

_VERSION = "2012-10-17"
ECS = "ecs-tasks.amazonaws.com"
TRUST_ECS: Json = {"Effect": "Allow", "Principal": {"Service": ECS}, "Action": "sts:AssumeRole"}
"""The statement of a trust policy that lets ECS assume the role."""

_SPARES = "ArnNotEquals"
_PRINCIPAL_ARN = "aws:PrincipalArn"


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


def removed(document: Document, place: int) -> Json | None:
    """The document without one statement; `None` where no statement would be left."""
    left = [item for index, item in enumerate(statements_of(document)) if index != place]
    return replaced(document, left) if left else None


def sparing(document: Document, statement: StatementRef, role_arn: str) -> tuple[Json | None, str]:
    """The document whose Deny spares one role, and in words what changed; `None` where no statement is left.

    A Deny for this role alone goes; one that lists the role loses it; any other keeps its meaning for everyone else by
    a condition that excepts the role.
    """
    raw = dict(statement.text)
    principals = _aws_principals(raw)
    others = [item for item in principals or () if item != role_arn]
    if principals is not None and role_arn in principals and not _mean_the_role_too(others, role_arn):
        if not others and set(_principal_kinds(raw)) == {"AWS"}:
            return removed(document, statement.index), "removes the statement, which is about this role only"
        named = {**raw["Principal"], "AWS": others} if others else _without_key(raw["Principal"], "AWS")
        changed = {**raw, "Principal": named}
        return _exchanged(
            document, statement.index, changed
        ), "takes this role out of the statement's Principal"
    condition = {key: dict(value) for key, value in raw.get("Condition", {}).items()}
    spared = condition.setdefault(_SPARES, {})
    key = next((name for name in spared if name.lower() == _PRINCIPAL_ARN.lower()), _PRINCIPAL_ARN)
    spared[key] = _joined(spared.get(key), role_arn)
    return _exchanged(
        document, statement.index, {**raw, "Condition": condition}
    ), "excepts this role from the statement"


def excepting_resource(document: Document, statement: StatementRef, resource: str) -> Json | None:
    """The document whose Deny holds for all resources that it held for but one; `None` where it would hold for none.

    A Deny on `*`, or on all but some, goes on holding for all but one more; one that lists resources goes.
    """
    raw = dict(statement.text)
    if "NotResource" in raw:
        changed = {**raw, "NotResource": [*_as_list(raw["NotResource"]), resource]}
        return _exchanged(document, statement.index, changed)
    if _as_list(raw.get("Resource", "*")) == ["*"]:
        changed = {key: value for key, value in raw.items() if key != "Resource"} | {"NotResource": resource}
        return _exchanged(document, statement.index, changed)
    return removed(document, statement.index)


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


def _exchanged(document: Document, place: int, statement: Json) -> Json:
    return replaced(
        document,
        [statement if index == place else item for index, item in enumerate(statements_of(document))],
    )


def _aws_principals(raw: Json) -> list[str] | None:
    principal = raw.get("Principal")
    if not isinstance(principal, Mapping) or "AWS" not in principal:
        return None
    return _as_list(principal["AWS"])


def _mean_the_role_too(principals: list[str], role_arn: str) -> bool:
    """True if one of these principals means the role by its account or by everybody."""
    account = role_arn.split(":")[4]
    return any(item in ("*", account) or item.endswith(f"::{account}:root") for item in principals)


def _principal_kinds(raw: Json) -> tuple[str, ...]:
    principal = raw.get("Principal")
    return tuple(principal) if isinstance(principal, Mapping) else ()


def _without_key(mapping: Mapping[str, Any], key: str) -> Json:
    return {name: value for name, value in mapping.items() if name != key}


def _joined(old: Any, new: str) -> str | list[str]:
    if old is None:
        return new
    return [*_as_list(old), new]


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
