"""The execution role as it reads secrets: its policies, and what one request of it meets in them."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, once, passes, unknown
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.boundary_denies import widen
from diagnostics.faults.permissions.narrowing import narrowed
from diagnostics.faults.permissions.policy_documents import READ_MANAGED, READ_ROLE
from diagnostics.faults.permissions.pull_requests import moment_keys, session_of
from diagnostics.faults.permissions.pulling_role import Puller, Ruling, role_alone
from diagnostics.faults.permissions.refusal_words import (
    capital,
    denial_sentence,
    near_misses,
    not_told,
    statement_resource,
)
from diagnostics.faults.permissions.role_explicit_deny import lift
from diagnostics.faults.permissions.role_missing import ROLE_MISSING
from diagnostics.faults.permissions.role_not_assumable import ROLE_NOT_ASSUMABLE
from diagnostics.faults.permissions.role_permission_missing import grant
from diagnostics.faults.permissions.role_repairs import on_purpose
from diagnostics.faults.permissions.roles import is_gone, named_role, role_facts
from diagnostics.faults.permissions.tag_repairs import tagged
from diagnostics.faults.secrets.hints import hint_of
from diagnostics.faults.secrets.reading import Reading
from diagnostics.faults.secrets.told_refusals import by_text, new_policy_name, refusal_told
from diagnostics.finding import ERROR_TEXT, Evidence, Fault, Fix, Outcome, Ways
from diagnostics.policy import (
    CannotTell,
    ContextValue,
    Denied,
    Document,
    Policies,
    Request,
    evaluate,
    refusals,
)
from diagnostics.policy.document import KIND_NAMES
from diagnostics.pull import PullingRole, account_named, is_foreign_role
from diagnostics.write.snippets import joined

_READ_BY = {
    "identity": READ_ROLE,
    "boundary": READ_MANAGED,
    "secret": "secretsmanager:GetResourcePolicy",
    "key": "kms:GetKeyPolicy",
}
OF_THE_RESOURCE = ("secret", "key")
"""Policies that stand at what is asked for, not at the role."""


@once
def reader_of(world: World) -> tuple[Puller | None, str]:
    """The execution role with its policies, or why there is none to judge.

    Raises:
        UnavailableError: which role it is could not be read.
    """
    named = named_role(world)
    if named is None:
        return None, f"the task definition names no execution role: {ROLE_MISSING.id}"
    if is_foreign_role(world.snapshot, named):
        return None, f"the execution role belongs to another account: {ROLE_NOT_ASSUMABLE.id}"
    if is_gone(role_facts(world, named)):
        return None, f"the execution role does not exist: {ROLE_MISSING.id}"
    return role_alone(
        world, PullingRole(kind="execution_role", role_arn=named, why="ECS reads secrets with it")
    ), ""


def request_of(
    world: World, reader: Puller, action: str, resource: str, context: dict[str, ContextValue]
) -> Request:
    """What the role asks for now, with the condition keys of the moment and those in `context`."""
    return Request(
        action=action,
        resource=resource,
        principal=session_of(world, reader.principal),
        context={**moment_keys(world, reader.principal), **context},
    )


def ruled(world: World, fault: Fault, reading: Reading) -> Outcome:
    """What all policies together say of the request."""
    reader, action = reading.reader, reading.request.action
    policies = Policies(identity=reader.identity, boundary=reader.boundary, resource=reading.policy)
    decision = evaluate(reading.request, policies)
    if isinstance(decision, CannotTell):
        if (said := refusal_told(world, reading)) is not None:
            return by_text(world, fault, reading, said, decision)
        return unknown(fault, not_told(action, decision), "secrets", reading.item.resources)
    if not isinstance(decision, Denied):
        return passes(fault, f"{reader.role_name} is allowed {action} on {reading.about}")
    return _denied(world, fault, reading, decision, hint_of(reading, decision, policies))


def _denied(world: World, fault: Fault, reading: Reading, decision: Denied, hint: str | None) -> Outcome:
    reader, action = reading.reader, reading.request.action
    statement = statement_resource(decision.statement)
    resources = (
        (*reading.concerns, *statement, reader.role_arn)
        if decision.policy_kind in OF_THE_RESOURCE
        else (reader.role_arn, *reading.concerns, *statement)
    )
    source = _READ_BY.get(decision.policy_kind, READ_ROLE)
    return fails(
        fault,
        f"{_sentence(reading, decision)}, which ECS needs for {reading.item.name} before the pull.",
        stage="secrets",
        resources=resources,
        evidence=(
            Evidence(
                what=policy_edits.as_json(decision.statement.text) if decision.statement else decision.reason,
                source=source,
            ),
            *near_misses(decision, action, source),
            *_text(world, action),
        ),
        fix=_fix(reading, decision),
        console_url=console.role(world.region, reader.role_name),
        more=hint,
    )


def _sentence(reading: Reading, decision: Denied) -> str:
    action, role = reading.request.action, reading.reader.role_name
    kind = KIND_NAMES[decision.policy_kind]
    if decision.statement is not None:
        label = capital(decision.statement.label)
        return f"{label} of the {kind} {decision.policy_name} denies {action} to {role}"
    if decision.policy_kind in OF_THE_RESOURCE and reading.lacks is not None:
        return reading.lacks
    return f"No {kind} of {role} allows {action} on {reading.request.resource}"


def _text(world: World, action: str) -> tuple[Evidence, ...]:
    """The error text, where it names this action."""
    denials = (item.denial for item in world.symptoms if item.denial is not None)
    return tuple(
        Evidence(what=denial_sentence(denial), source=ERROR_TEXT)
        for denial in denials
        if denial.action == action
    )[:1]


# --- repairs -----------------------------------------------------------------------------------------


def _fix(reading: Reading, decision: Denied) -> Ways:
    """The smallest change to the policy that stands in the way."""
    kind, reader, step = decision.policy_kind, reading.reader, reading.step
    if kind == "boundary" and isinstance(reader.boundary, Document):
        return widen(reader, reader.boundary, Ruling(denied=((step, decision),)))
    if kind == "identity" and decision.statement is not None:
        return lift(reader, [(step, decision)])
    if kind in OF_THE_RESOURCE and isinstance(reading.policy, Document):
        return _change(reading, reading.policy, decision)
    if kind == "identity" and (tags := tagged(reading.bearer, (decision,))) is not None:
        return tags
    return grant(reader.about(step), [(step, decision)], new_policy_name(reading))


def _change(reading: Reading, policy: Document, decision: Denied) -> Fix:
    """The policy of what is asked for: its Denies spare this request, or an Allow is added."""
    old = policy_edits.as_written(policy)
    target, action, reader = reading.request.resource, reading.request.action, reading.reader
    theirs = _theirs(target, reader)
    if decision.statement is not None:
        return _spare(reading, policy, theirs)
    # In a policy of a key or secret, the resource * is the one that it belongs to.
    allow = {
        "Effect": "Allow", "Principal": {"AWS": reader.role_arn}, "Action": action, "Resource": "*",
    }  # fmt: skip
    return reading.change(
        target,
        old,
        policy_edits.added(policy, allow),
        title=f"Let {reader.role_name} do {action} on {reading.about}",
        text=f"Let {reader.role_name} do {action} on {target} by one more statement of its policy; the others stay as they are.",
        warning=theirs,
    )


def _spare(reading: Reading, policy: Document, theirs: str | None) -> Fix:
    """One change for all statements that deny this request."""
    reader, action, target = reading.reader, reading.request.action, reading.request.resource
    policies = Policies(identity=reader.identity, boundary=reader.boundary, resource=policy)
    found = refusals(reading.request, policies).found
    statements = [
        item.statement for item in found if item.policy_kind == policy.kind and item.statement is not None
    ]
    result = narrowed(policy, [(item, reading.step) for item in statements], reader.role_arn, shared=True)
    labels = joined(item.label for item in result.changed)
    of = f"the policy of {reading.about}"
    how = f"{capital(labels)} of {of} {'; '.join(result.how)}, and stays as it is for everyone and everything else."
    if result.whole:
        how = f"Take {labels} out of {of}: it denies nothing but this to {reader.role_name}, so that nothing of it is left."
    return reading.change(
        target,
        policy_edits.as_written(policy),
        result.document,
        title=f"Let {reader.role_name} do {action} past {labels} of {of}",
        text=how,
        warning=" ".join(filter(None, (on_purpose(of, result.changed), theirs))),
    )


def _theirs(arn: str, reader: Puller) -> str | None:
    account = account_named(arn)
    if account in (None, account_named(reader.role_arn)):
        return None
    return f"It is done with credentials of account {account}."
