"""What the role's own account says: its policies and its permissions boundary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, unknown
from diagnostics.faults.permissions import edits, fixes
from diagnostics.faults.permissions.faults import BOUNDARY_DENIES, ROLE_EXPLICIT_DENY
from diagnostics.faults.permissions.questions import (
    Puller,
    Ruling,
    Step,
    boundary_denies,
    role_denies,
    role_lacks,
)
from diagnostics.faults.permissions.wording import (
    capital,
    changed_since,
    denials_about,
    listed,
    near_misses,
    statement_resource,
    text_evidence,
)
from diagnostics.finding import Evidence, Fault, Fix, Outcome, together
from diagnostics.policy import Denied, Document
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import Known, known_value

READ_IDENTITY = "iam:GetRolePolicy"
READ_MANAGED = "iam:GetPolicyVersion"


def allow(requests: Iterable[tuple[str, str]], **more: Any) -> list[edits.Json]:
    """The smallest statements that allow these actions, one for each resource."""
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


def pairs(steps: Iterable[Step]) -> list[tuple[str, str]]:
    """Each action with its resource."""
    return [(step.action, step.request.resource) for step in steps]


def permission_missing(
    world: World, image: ContainerImage, puller: Puller, fault: Fault, others: tuple[Puller, ...]
) -> Outcome:
    """Whether the role lacks a permission that the pull needs.

    `others` are the same role with the task's other images: the repair is one policy for all of them.
    """
    ruling = role_lacks(puller)
    if not ruling.denied:
        summary = f"{puller.role_name} may do what the pull needs"
        return _not_denied(fault, ruling, summary + changed_since(denials_about(world, image), "identity"))
    step, denied = ruling.first
    names = _in_words(ruling)
    evidence = (
        Evidence(what=_what_was_read(puller, names), source=READ_IDENTITY),
        *near_misses(denied, step.action, READ_IDENTITY),
        *text_evidence(denials_about(world, image), "identity", ruling.actions),
    )
    resources = (puller.role_arn, *_profile(world, puller))
    return fails(
        fault,
        f"No policy of {puller.role_name} allows {names}.",
        stage=step.stage,
        also_at=tuple(item.stage for item, _ in ruling.denied),
        resources=resources,
        evidence=evidence,
        fix=grant(puller, _of_all(ruling, (role_lacks(other) for other in others))),
        console_url=console.role(world.region, puller.role_name),
    )


def _of_all(ruling: Ruling, others: Iterable[Ruling]) -> tuple[Step, ...]:
    """What is denied of this image and of the others, each request once."""
    every = (step for item in (ruling, *others) for step, _ in item.denied)
    return tuple({(step.action, step.request.resource): step for step in every}.values())


def _in_words(ruling: Ruling) -> str:
    """The actions and where they are missing; the login is about no repository."""
    parts = [step.action for step, _ in ruling.denied if step.is_login]
    rest = [step for step, _ in ruling.denied if not step.is_login]
    if rest:
        parts.append(f"{listed(step.action for step in rest)} on {rest[0].request.resource}")
    return ", nor ".join(parts)


def grant(puller: Puller, steps: Iterable[Step], policy_name: str = "ecr-pull") -> Fix:
    """An inline policy with exactly the actions that are missing."""
    wanted = pairs(steps)
    names = puller.facts.inline_policy_names
    name = _free_name(policy_name, names.value if isinstance(names, Known) else ())
    document = edits.added(None, *allow(wanted))
    return fixes.put_role_policy(
        puller.role_arn,
        name,
        document,
        text=f"Let {puller.role_name} do {listed(dict.fromkeys(action for action, _ in wanted))}.",
        verify=fixes.simulate(puller.role_arn, wanted),
    )


def explicit_deny(world: World, image: ContainerImage, puller: Puller) -> Iterator[Outcome]:
    """Whether a policy of the role denies the pull; one outcome for each statement that does."""
    fault = ROLE_EXPLICIT_DENY
    ruling = role_denies(puller)
    if not ruling.denied:
        summary = f"No policy of {puller.role_name} denies the pull"
        since = changed_since(denials_about(world, image), "identity", explicit=True)
        yield _not_denied(fault, ruling, summary + since)
        return
    by_statement: dict[tuple[str | None, int], list[tuple[Step, Denied]]] = {}
    for step, denied in ruling.denied:
        place = denied.statement.index if denied.statement else 0
        by_statement.setdefault((denied.policy_name, place), []).append((step, denied))
    for found in by_statement.values():
        yield _denied_by_statement(world, image, puller, found)


def _denied_by_statement(
    world: World, image: ContainerImage, puller: Puller, found: list[tuple[Step, Denied]]
) -> Outcome:
    step, denied = found[0]
    statement, name = denied.statement, denied.policy_name or ""
    assert statement is not None
    actions = tuple(item.action for item, _ in found)
    managed = name.startswith("arn:")
    document = next(item for item in puller.identity if isinstance(item, Document) and item.name == name)
    return fails(
        ROLE_EXPLICIT_DENY,
        f"{capital(statement.label)} of policy {name} denies {listed(actions)} to {puller.role_name}.",
        stage=step.stage,
        also_at=tuple(item.stage for item, _ in found),
        resources=(puller.role_arn, *((name,) if managed else ()), *statement_resource(statement)),
        evidence=(
            Evidence(what=edits.as_json(statement.text), source=READ_MANAGED if managed else READ_IDENTITY),
            *text_evidence(denials_about(world, image), "identity", actions),
        ),
        fix=lift(puller, document, denied, pairs(item for item, _ in found)),
        console_url=console.role(world.region, puller.role_name),
    )


def lift(puller: Puller, document: Document, denied: Denied, requests: list[tuple[str, str]]) -> Fix:
    """Takes a Deny off the role, at whatever kind of policy it stands in."""
    statement = denied.statement
    assert statement is not None
    verify = fixes.simulate(puller.role_arn, requests)
    old = edits.replaced(document, edits.statements_of(document))
    if not document.name.startswith("arn:"):
        return fixes.change_inline_policy(
            puller.role_arn,
            document.name,
            old,
            edits.removed(document, statement.index),
            text=f"Remove {statement.label} from the inline policy {document.name}; or narrow it, if what else it denies must stay denied.",
            verify=verify,
        )
    if document.name.split(":")[4] == "aws":
        return fixes.detach(
            puller.role_arn,
            document.name,
            text=f"Detach {document.name}, which AWS manages and nobody else can change, from {puller.role_name}.",
            verify=verify,
        )
    new, _ = edits.sparing(document, statement, puller.role_arn)
    return fixes.change_managed_policy(
        document.name,
        old,
        new if new is not None else old,
        text=f"Except {puller.role_name} from {statement.label} of {document.name}; the policy stays as it is for everyone else.",
        verify=verify,
    )


def boundary(world: World, image: ContainerImage, puller: Puller, others: tuple[Puller, ...]) -> Outcome:
    """Whether the permissions boundary stops the pull. `others` are the same role with the task's other images."""
    fault = BOUNDARY_DENIES
    if puller.boundary is None:
        return passes(fault, f"{puller.role_name} has no permissions boundary")
    ruling = boundary_denies(puller)
    if not ruling.denied:
        since = changed_since(denials_about(world, image), "boundary")
        return _not_denied(fault, ruling, fault.title + since)
    step, denied = ruling.first
    document = puller.boundary
    assert isinstance(document, Document)
    explicit = next((item for _, item in ruling.denied if item.explicit), None)
    how = "denies" if explicit else "does not allow"
    named = f"{explicit.statement.label} of the" if explicit and explicit.statement else "the"
    return fails(
        fault,
        f"{capital(named)} permissions boundary {document.name} {how} {listed(ruling.actions)} for {puller.role_name}.",
        stage=step.stage,
        also_at=tuple(item.stage for item, _ in ruling.denied),
        resources=(
            puller.role_arn,
            document.name,
            *statement_resource(explicit.statement if explicit else None),
        ),
        evidence=(
            Evidence(
                what=f"the permissions boundary of {puller.role_name} is {document.name}",
                source="iam:GetRole",
            ),
            Evidence(
                what=edits.as_json(explicit.statement.text)
                if explicit and explicit.statement
                else denied.reason,
                source=READ_MANAGED,
            ),
            *near_misses(denied, step.action, READ_MANAGED),
            *text_evidence(denials_about(world, image), "boundary", ruling.actions),
        ),
        fix=widen(puller, document, _joined(ruling, (boundary_denies(other) for other in others))),
        console_url=console.role(world.region, puller.role_name),
    )


def _joined(ruling: Ruling, others: Iterable[Ruling]) -> Ruling:
    every = (item for one in (ruling, *others) for item in one.denied)
    return Ruling(
        denied=tuple({(step.action, step.request.resource): (step, no) for step, no in every}.values())
    )


def widen(puller: Puller, document: Document, ruling: Ruling) -> Fix:
    """The boundary without the statements that deny, and with what it leaves out."""
    changed = document
    for _, denied in ruling.denied:
        if denied.explicit and denied.statement is not None:
            spared, _ = edits.sparing(changed, denied.statement, puller.role_arn)
            current = edits.statements_of(changed)[denied.statement.index]
            if spared is not None and current == dict(denied.statement.text):
                changed = Document(kind="boundary", name=document.name, text=spared)
    left_out = [step for step, denied in ruling.denied if not denied.explicit]
    new = edits.added(changed, *allow(pairs(left_out)))
    wanted = pairs(step for step, _ in ruling.denied)
    verify = fixes.simulate(puller.role_arn, wanted)
    text = f"Allow {listed(dict.fromkeys(ruling.actions))} in the permissions boundary of {puller.role_name}; the role's own policies have to allow it as well."
    if document.name.split(":")[4:5] == ["aws"]:
        return fixes.replace_boundary(puller.role_arn, document.name, new, text=text, verify=verify)
    old = edits.replaced(document, edits.statements_of(document))
    return fixes.change_managed_policy(document.name, old, new, text=text, verify=verify)


# --- small things ------------------------------------------------------------------------------------


def _not_denied(fault: Fault, ruling: Ruling, summary: str) -> Outcome:
    return (
        unknown(fault, together(ruling.open, " ", lead_is_all=True))
        if ruling.open
        else passes(fault, summary)
    )


def _what_was_read(puller: Puller, actions: str) -> str:
    names = [item.name for item in puller.identity if isinstance(item, Document)]
    read = f"policies read: {', '.join(names)}" if names else "the role has no policy"
    return f"no Allow for {actions}; {read}"


def _profile(world: World, puller: Puller) -> tuple[str, ...]:
    if puller.principal.kind != "instance_role":
        return ()
    profile = known_value(world.snapshot.instance_profile)
    return (profile.arn,) if profile else ()


def _free_name(wanted: str, taken: Iterable[str]) -> str:
    names = set(taken)
    number = 2
    name = wanted
    while name in names:
        name, number = f"{wanted}-{number}", number + 1
    return name
