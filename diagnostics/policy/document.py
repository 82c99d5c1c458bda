"""Policy documents: reading, checking and taking apart.

AWS: Grammar of the IAM JSON policy language
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from urllib.parse import unquote

from pydantic import ValidationError, model_validator

from diagnostics.policy.context import Frozen
from diagnostics.snapshot import Unavailable

PolicyKind = Literal[
    "identity", "boundary", "resource", "registry", "endpoint", "trust", "scp", "secret", "key", "bucket"
]

KIND_NAMES: Mapping[PolicyKind, str] = {
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "resource": "repository policy",
    "registry": "registry policy",
    "endpoint": "VPC endpoint policy",
    "trust": "trust policy",
    "scp": "service control policy",
    "secret": "resource policy of the secret",
    "key": "key policy",
    "bucket": "bucket policy",
}

_NAMES_A_PRINCIPAL: frozenset[PolicyKind] = frozenset(
    {"resource", "registry", "endpoint", "trust", "secret", "key", "bucket"}
)
_MAY_OMIT_RESOURCE: frozenset[PolicyKind] = frozenset({"resource", "trust"})
_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"}
    | {"Condition"}
)
# What remains in a policy of a role or user that was deleted after it was named there.
_ORPHAN = re.compile(r"(AROA|AIDA)[A-Z0-9]{12,}")


class Missing(Frozen):
    """A policy that could not be read: `what` names it, `why` says why, `unread` is the fact that held it.

    `named`: `what` names the resource of that fact.
    """

    what: str
    why: str
    unread: Unavailable | None = None
    named: bool = False

    def __str__(self) -> str:
        return self.what


class Malformed(Missing):
    """A policy that was read but does not follow the grammar; it counts as not read."""


class Condition(Frozen):
    """One key under one operator of a Condition element, as written."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """The values of Action, Resource and so on; `negated` for NotAction, NotResource."""

    values: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """Pairs of type and value (`("AWS", "*")` for `"*"`); `negated` for NotPrincipal."""

    values: tuple[tuple[str, str], ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `resource` and `principal` are `None` where the element is absent."""

    index: int
    sid: str | None
    allow: bool
    action: Element
    resource: Element | None
    principal: PrincipalElement | None
    conditions: tuple[Condition, ...]
    raw: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What people call it: its Sid, or its number from 1."""
        return f"statement {self.sid!r}" if self.sid else f"statement {self.index + 1}"


class Document(Frozen):
    """A policy document that follows the grammar.

    Attributes:
        kind: what the policy is attached to, which decides what it may leave out and how it counts.
        name: policy name, ARN, endpoint id or repository ARN.
        text: the parsed JSON.

    Raises:
        ValueError: if the text does not follow the grammar; `parse_document` returns `Malformed` instead.
    """

    kind: PolicyKind
    name: str
    text: Mapping[str, Any]

    @model_validator(mode="after")
    def _check(self) -> Document:
        _ = self.statements
        return self

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements in order."""
        found = self.text.get("Statement")
        items = [found] if isinstance(found, Mapping) else found
        if not isinstance(items, list | tuple):
            raise ValueError("Statement must be an object or a list of objects")
        return tuple(_statement(self.kind, index, item) for index, item in enumerate(items))

    @property
    def has_variables(self) -> bool:
        """True if `${…}` is a variable here; in the older version it is plain text."""
        return self.text.get("Version") == "2012-10-17"


def parse_document(kind: PolicyKind, name: str, text: str | Mapping[str, Any]) -> Document | Malformed:
    """A policy document from JSON text, URL-encoded JSON text (as IAM's API gives it) or parsed JSON."""
    what = f"{KIND_NAMES[kind]} {name}"
    parsed: Any = text
    if isinstance(text, str):
        try:
            parsed = json.loads(unquote(text) if text.lstrip()[:1] == "%" else text)
        except (ValueError, RecursionError) as error:
            return Malformed(what=what, why=f"it is not JSON: {error}")
    if not isinstance(parsed, Mapping):
        return Malformed(
            what=what, why='it is not a policy document such as {"Version": …, "Statement": […]}'
        )
    try:
        return Document(kind=kind, name=name, text=parsed)
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        return Malformed(what=what, why=f"it does not follow the policy grammar: {reason}")


def orphaned_principals(document: Document) -> tuple[str, ...]:
    """The unique ids `AROA…` and `AIDA…` that a policy names: roles and users that were deleted.

    IAM shows the unique id in place of the ARN once the principal is gone, and a new one of the same name
    does not take its place.

    AWS: AWS JSON policy elements: Principal
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    return tuple(
        dict.fromkeys(
            value
            for statement in document.statements
            if statement.principal is not None
            for _, value in statement.principal.values
            if is_orphan(value)
        )
    )


def is_orphan(value: str) -> bool:
    """True for a bare unique id."""
    return _ORPHAN.fullmatch(value) is not None


def _statement(kind: PolicyKind, index: int, item: Any) -> Statement:
    where = f"statement {index + 1}"
    if not isinstance(item, Mapping):
        raise ValueError(f"{where} is not an object")
    if unexpected := sorted(str(key) for key in item if key not in _ELEMENTS):
        raise ValueError(f"{where} has an unknown element {unexpected[0]!r}")
    if item.get("Effect") not in ("Allow", "Deny"):
        raise ValueError(f"{where} needs an Effect of Allow or Deny")
    action = _element(where, item, "Action")
    if action is None:
        raise ValueError(f"{where} has neither Action nor NotAction")
    resource = _element(where, item, "Resource")
    if resource is None and kind not in _MAY_OMIT_RESOURCE:
        raise ValueError(f"{where} has neither Resource nor NotResource")
    principal = _principal(where, item)
    if (principal is None) == (kind in _NAMES_A_PRINCIPAL):
        need = "needs a Principal" if principal is None else "must not have a Principal"
        raise ValueError(f"{where} of this kind of policy {need}")
    sid = item.get("Sid")
    return Statement(
        index=index,
        sid=sid if isinstance(sid, str) and sid else None,
        allow=item["Effect"] == "Allow",
        action=action,
        resource=resource,
        principal=principal,
        conditions=_conditions(where, item.get("Condition", {})),
        raw=item,
    )


def _element(where: str, item: Mapping[str, Any], name: str) -> Element | None:
    found = [key for key in (name, f"Not{name}") if key in item]
    if len(found) > 1:
        raise ValueError(f"{where} has both {name} and Not{name}")
    if not found:
        return None
    return Element(_strings(f"{found[0]} of {where}", item[found[0]]), negated=found[0] != name)


def _principal(where: str, item: Mapping[str, Any]) -> PrincipalElement | None:
    found = [key for key in ("Principal", "NotPrincipal") if key in item]
    if len(found) > 1:
        raise ValueError(f"{where} has both Principal and NotPrincipal")
    if not found:
        return None
    value = item[found[0]]
    pairs: tuple[tuple[str, str], ...]
    if value == "*":
        pairs = (("AWS", "*"),)
    elif isinstance(value, Mapping):
        pairs = tuple(
            (str(kind), one)
            for kind, names in value.items()
            for one in _strings(f"{found[0]} of {where}", names)
        )
    else:
        raise ValueError(f'{found[0]} of {where} must be "*" or an object such as {{"AWS": "111122223333"}}')
    return PrincipalElement(pairs, negated=found[0] == "NotPrincipal")


def _conditions(where: str, block: Any) -> tuple[Condition, ...]:
    if not isinstance(block, Mapping):
        raise ValueError(f"Condition of {where} is not an object")
    conditions: list[Condition] = []
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            raise ValueError(f"{operator} in the Condition of {where} is not an object")
        for key, values in keys.items():
            texts = _strings(f"{key} in the Condition of {where}", values)
            conditions.append(Condition(operator=str(operator), key=str(key), values=texts))
    return tuple(conditions)


def _strings(where: str, value: Any) -> tuple[str, ...]:
    """One text or a list of them; JSON's true, false and numbers stand for their texts in conditions."""
    items = value if isinstance(value, list | tuple) else [value]
    texts: list[str] = []
    for item in items:
        if isinstance(item, bool):
            texts.append("true" if item else "false")
        elif isinstance(item, str | int | float):
            texts.append(str(item))
        else:
            raise ValueError(f"{where} must be a text or a list of texts")
    return tuple(texts)
