"""A Deny that goes on for everything but one pull.

An explicit Deny is somebody's intention. What is spared is this role, with these actions, on what it pulls; the statement
stays for everyone and everything else. Guardrails get the exception that their own pattern has.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.faults.permissions.action_lists import apart, matches, without
from diagnostics.faults.permissions.perimeter import excepted
from diagnostics.faults.permissions.policy_edits import replaced, statements_of
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.policy import Document, Missing, Policies, Principal, StatementRef, refusals
from diagnostics.write.policies import Json
from diagnostics.write.snippets import joined

_PRINCIPAL_ARN = "aws:PrincipalArn"


@dataclass(frozen=True)
class Narrowed:
    """A policy whose Denies spare a pull. `document` is `None` where none of its statements is left.

    `changed` are the statements, and `how` says in words what each spares. `whole`: nothing is left of some of them.
    """

    document: Json | None
    changed: tuple[StatementRef, ...]
    how: tuple[str, ...]
    whole: bool = False


def narrowed(
    document: Document, hits: Iterable[tuple[StatementRef, Step]], role_arn: str | None, *, shared: bool
) -> Narrowed:
    """Lets some requests through Denies that meet them.

    Args:
        hits: each Deny with a request that it meets.
        role_arn: the role that makes the requests; `None` where AWS signs them, as those for layers.
        shared: the policy speaks about others too, and goes on as it is for them.
    """
    by_place: dict[int, tuple[StatementRef, list[Step]]] = {}
    for statement, step in hits:
        by_place.setdefault(statement.index, (statement, []))[1].append(step)
    left: list[Json] = []
    words: list[str] = []
    whole = False
    for place, raw in enumerate(statements_of(document)):
        if place not in by_place:
            left.append(raw)
            continue
        steps = by_place[place][1]
        pieces, how = _spared(document, raw, steps, role_arn, shared=shared)
        whole = whole or not pieces
        left += pieces
        words.append(how)
    return Narrowed(
        document=replaced(document, left) if left else None,
        changed=tuple(statement for statement, _ in by_place.values()),
        how=tuple(dict.fromkeys(words)),
        whole=whole,
    )


def _spared(
    document: Document, raw: Json, steps: list[Step], role_arn: str | None, *, shared: bool
) -> tuple[list[Json], str]:
    guardrail = excepted(raw, steps)
    if guardrail is not None and not _denies(document, [guardrail[0]], steps):
        return [guardrail[0]], f"excepts {guardrail[1]}"
    carved = _carved(raw, steps)
    what = joined(dict.fromkeys(step.action for step in steps))
    if role_arn is None or not shared:
        return carved, f"spares {what}{_on(steps)}"
    others = _for_others(raw, role_arn)
    name = role_arn.rsplit("/", 1)[-1]
    if others is None:
        return carved, f"spares {what}{_on(steps)} by {name}"
    mine = [_for_role(piece, role_arn) for piece in carved]
    return [others, *mine], f"spares {what}{_on(steps)} by {name}"


def _on(steps: list[Step]) -> str:
    names = dict.fromkeys(
        f"{step.request.resource}*" if step.request.resource_continues else step.request.resource
        for step in steps
        if step.request.resource != "*"
    )
    return f" on {joined(names)}" if names else ""


def _denies(document: Document, statements: list[Json], steps: Iterable[Step]) -> bool:
    """Some of the requests still meet a Deny, or may."""
    kind = document.kind
    changed = Document(kind=kind, name=document.name, text=replaced(document, statements))
    if kind == "endpoint":
        policies = Policies(
            endpoint=changed, boundary=Missing(what="the boundary", why="it is judged by itself")
        )
    elif kind == "boundary":
        policies = Policies(boundary=changed)
    elif kind == "registry":
        policies = Policies(registry=changed, registry_scope="V2")
    elif kind == "identity":
        policies = Policies(identity=(changed,))
    else:
        policies = Policies(resource=changed)
    return any(refusals(step.request, policies).speak_of(kind, explicit=True) for step in steps)


# --- who ---------------------------------------------------------------------------------------------


def _for_others(raw: Json, role_arn: str) -> Json | None:
    """The statement for all but one role; `None` where it was about that role only."""
    principal = raw.get("Principal")
    if isinstance(principal, Mapping) and role_arn in _listed(principal.get("AWS", ())):
        others = [item for item in _listed(principal["AWS"]) if item != role_arn]
        account = role_arn.split(":")[4]
        if not any(item in ("*", account) or item.endswith(f"::{account}:root") for item in others):
            named = {**principal, "AWS": others} if others else _without_key(principal, "AWS")
            return {**raw, "Principal": named} if named else None
    return _with_condition(raw, "ArnNotEquals", role_arn, add=True)


def _for_role(raw: Json, role_arn: str) -> Json:
    """The statement for one role; its Sid stays with that for the others."""
    principal = raw.get("Principal")
    piece = _without_key(raw, "Sid")
    if isinstance(principal, Mapping) and role_arn in _listed(principal.get("AWS", ())):
        return {**piece, "Principal": {"AWS": role_arn}}
    return _with_condition(piece, "ArnEquals", role_arn, add=False)


def _with_condition(raw: Json, operator: str, role_arn: str, *, add: bool) -> Json:
    condition = {key: dict(value) for key, value in raw.get("Condition", {}).items()}
    keys = condition.setdefault(operator, {})
    name = next((key for key in keys if key.lower() == _PRINCIPAL_ARN.lower()), _PRINCIPAL_ARN)
    values = [*(_listed(keys[name]) if add and name in keys else ()), role_arn]
    keys[name] = values[0] if len(values) == 1 else values
    return {**raw, "Condition": condition}


# --- what --------------------------------------------------------------------------------------------


def _carved(raw: Json, steps: list[Step]) -> list[Json]:
    """Statements that deny all that one denies but for these requests."""
    by_resource: dict[str, list[str]] = {}
    for step in steps:
        request = step.request
        pattern = f"{request.resource}*" if request.resource_continues else request.resource
        actions = by_resource.setdefault(pattern, [])
        if step.action not in actions:
            actions.append(step.action)
    pieces = [raw]
    for resource, actions in by_resource.items():
        pieces = [item for piece in pieces for item in _without_requests(piece, actions, resource)]
    return [piece if place == 0 else _without_key(piece, "Sid") for place, piece in enumerate(pieces)]


def _without_requests(raw: Json, actions: list[str], resource: str) -> list[Json]:
    """One statement without some actions on one resource."""
    if "NotAction" in raw:
        hit: list[str] | None = None
        keep: list[str] = []
        if all(item in _listed(raw["NotAction"]) for item in actions):
            return [raw]
    else:
        keep, hit = apart(_listed(raw["Action"]), actions)
        if not hit:
            return [raw]
    kept = [_with(raw, "Action", keep)] if keep else []
    if resource == "*" or ("Resource" not in raw and "NotResource" not in raw):
        return [*kept, *_but(raw, hit, actions, own=resource != "*")]
    elsewhere = _elsewhere(raw, resource)
    there = {**_without_key(_without_key(raw, "NotResource"), "Resource"), "Resource": resource}
    if elsewhere is None:
        # A pattern that fits more than this resource cannot be written without it: the actions go for all that it fits.
        there, elsewhere_pieces = raw, []
    else:
        elsewhere_pieces = (
            [elsewhere if hit is None else _with(elsewhere, "Action", hit)] if elsewhere else []
        )
    own = _is_of(there, actions[0].partition(":")[0])
    return [*kept, *elsewhere_pieces, *_but(there, hit, actions, own=own)]


def _but(raw: Json, hit: list[str] | None, actions: list[str], *, own: bool) -> list[Json]:
    """A statement without some actions. `own`: it is about one resource, which only actions of its service concern."""
    if hit is None:
        return [{**raw, "NotAction": [*_listed(raw["NotAction"]), *actions]}]
    service = actions[0].partition(":")[0]
    everything = {"*", f"{service}:*"} if own else {"*"}
    if everything & {item.lower() for item in hit}:
        return [{**_without_key(raw, "Action"), "NotAction": _one(actions)}]
    left = without(hit, actions)
    return [_with(raw, "Action", left)] if left else []


def _elsewhere(raw: Json, resource: str) -> Json | None:
    """The statement on all that it is about but one resource: empty where that is all; `None` where that cannot be said."""
    if "NotResource" in raw:
        return {**raw, "NotResource": [*_listed(raw["NotResource"]), resource]}
    wanted = _listed(raw["Resource"])
    if wanted == ["*"]:
        return {**_without_key(raw, "Resource"), "NotResource": resource}
    others = [item for item in wanted if item != resource]
    if len(others) == len(wanted) or any("$" in item or matches(item, resource) for item in others):
        return None
    return {**raw, "Resource": _one(others)} if others else {}


def _is_of(raw: Json, service: str) -> bool:
    """Everything that the statement is about belongs to one service."""
    return all(item.split(":")[2:3] == [service] for item in _listed(raw.get("Resource", "")))


def _with(raw: Json, element: str, values: list[str]) -> Json:
    return {**raw, element: _one(values)}


def _one(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _without_key(mapping: Mapping[str, Any], key: str) -> Json:
    return {name: value for name, value in mapping.items() if name != key}


def role_of(step: Step) -> str | None:
    """The role that makes a request; `None` where AWS signs it."""
    session = step.request.principal
    return session.role_arn if isinstance(session, Principal) else None
