"""The execution role's trust policy does not let ECS assume the role."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, unknown
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.allow_conditions import unmet_condition
from diagnostics.faults.permissions.policy_documents import parsed
from diagnostics.faults.permissions.refusal_words import capital, near_misses, not_told, statement_resource
from diagnostics.faults.permissions.revisions import new_revision
from diagnostics.faults.permissions.role_policy_changes import change_trust
from diagnostics.faults.permissions.role_repairs import on_purpose
from diagnostics.faults.permissions.roles import is_service_linked
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.policy import (
    CannotTell,
    Denied,
    Document,
    Missing,
    StatementRef,
    at_moment,
    evaluate_trust,
    service_context,
)
from diagnostics.snapshot import Role
from diagnostics.stop_reason import SymptomId
from diagnostics.write.policies import Json
from diagnostics.write.snippets import joined

ROLE_TRUST_DENIES = Fault(
    id="role-trust-denies",
    kind="role",
    title="The execution role trusts ecs-tasks.amazonaws.com",
    short="its execution role does not trust ECS",
    why="A role can only be assumed by whom its trust policy names. ECS assumes the execution role as the service ecs-tasks.amazonaws.com; a policy that names another service, or whose conditions ECS does not meet, refuses it.",
    how="Let ecs-tasks.amazonaws.com assume the role in its trust policy.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
    explains=Explains(symptoms=(SymptomId.ROLE_NOT_ASSUMABLE, SymptomId.EXECUTION_ROLE_MISSING)),
)


def trusts_ecs(world: World, role: Role) -> Outcome:
    """What the trust policy says to ECS, which assumes the role for a task of this account."""
    fault, service = ROLE_TRUST_DENIES, policy_edits.ECS
    what = f"the trust policy of {role.role_name}"
    document: Document | Missing = Missing(what=what, why="iam:GetRole did not answer with it")
    if role.assume_role_policy_document:
        document = parsed("trust", role.arn, role.assume_role_policy_document, what)
    snapshot = world.snapshot
    account = snapshot.account_id or role.arn.split(":")[4]
    context = {
        **service_context(snapshot.partition, world.region, account),
        **{key: value for key, value in at_moment(snapshot.taken_at).items() if key != "aws:TokenIssueTime"},
    }
    decision = evaluate_trust(document, service, context)
    if isinstance(decision, CannotTell):
        return unknown(
            fault,
            not_told("sts:AssumeRole", decision).model_copy(update={"words": decision.reason}),
            "role",
            (role.arn,),
        )
    if not isinstance(decision, Denied):
        return passes(fault, f"{role.role_name} trusts {service}")
    assert isinstance(document, Document)
    return fails(
        fault,
        f"The trust policy of {role.role_name} {_how(decision)}.",
        stage="role",
        resources=(role.arn, *statement_resource(decision.statement)),
        evidence=(
            Evidence(
                what=policy_edits.as_json(decision.statement.text)
                if decision.statement
                else _trusted(document),
                source="iam:GetRole",
            ),
            *near_misses(decision, "sts:AssumeRole", "iam:GetRole"),
        ),
        fix=_repair_trust(world, role, document, decision),
        console_url=console.role(world.region, role.role_name),
    )


def _how(decision: Denied) -> str:
    if decision.statement is not None:
        return f"denies {policy_edits.ECS} to assume it ({decision.statement.label})"
    return f"does not let {policy_edits.ECS} assume it"


def _trusted(document: Document) -> str:
    names = [
        name
        for item in document.statements
        if item.allow and item.principal is not None
        for _, name in item.principal.values
    ]
    return f"the trust policy names {', '.join(dict.fromkeys(names)) or 'nobody'}"


def _repair_trust(world: World, role: Role, document: Document, decision: Denied) -> Fix:
    """The trust policy with its guards corrected to this account and Region, or with a statement for ECS beside the others."""
    if is_service_linked(role.arn):
        return new_revision(
            world,
            title="Name another execution role",
            text=f"{role.role_name} is a service-linked role, which AWS lets nobody change. Name another role as the execution role: one that trusts {policy_edits.ECS} and may pull.",
            role_arn=None,
            was=role.arn,
        )
    statement, account = decision.statement, world.snapshot.account_id or role.arn.split(":")[4]
    guards = _guards(world, account)
    old = policy_edits.as_written(document)
    if statement is not None:
        return change_trust(
            role.arn,
            old,
            _spared(document, statement, account),
            title=f"Let ECS assume {role.role_name} past {statement.label}",
            text=f"{capital(statement.label)} of the trust policy of {role.role_name} no longer holds for {policy_edits.ECS}; for everyone else it stays as it is.",
            warning=on_purpose(f"the trust policy of {role.role_name}", [statement]),
        )
    if (miss := unmet_condition(decision)) is not None:
        statements = policy_edits.statements_of(document)
        place = miss.statement.index
        statements[place] = _corrected(statements[place], guards)
        return change_trust(
            role.arn,
            old,
            policy_edits.replaced(document, statements),
            title=f"Correct the condition in the trust policy of {role.role_name}",
            text=f"Correct {joined(miss.unmet)} in {miss.statement.label} of the trust policy of {role.role_name} to this account and Region; the guard stays.",
            warning=f"{capital(miss.statement.label)} restricts for which account or cluster ECS may assume the role. Ask its owner if the restriction was meant.",
        )
    new = dict(policy_edits.TRUST_ECS)
    written = {key.lower() for item in document.statements for one in item.conditions for key in (one.key,)}
    if conditions := {op: keys for op, keys in guards.items() if {key.lower() for key in keys} & written}:
        new["Condition"] = conditions
    return change_trust(
        role.arn,
        old,
        policy_edits.added(document, new),
        title=f"Let ECS assume {role.role_name}",
        text=f"Let {policy_edits.ECS} assume {role.role_name}; whoever is trusted already stays so.",
    )


def _guards(world: World, account: str) -> Json:
    """What ECS says it assumes a role for. It names no cluster there, so that `*` stands for all of the account's.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    return {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:{world.snapshot.partition}:ecs:{world.region}:{account}:*"},
    }


def _corrected(statement: Json, guards: Json) -> Json:
    """The statement whose guards name this account and Region; further services it trusts keep what they had."""
    right = {key.lower(): value for keys in guards.values() for key, value in keys.items()}
    principal = statement.get("Principal", {})
    services = principal.get("Service", ()) if isinstance(principal, dict) else ()
    alone = services in (policy_edits.ECS, [policy_edits.ECS]) and len(principal) == 1
    condition: Json = {}
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            value = right.get(key.lower())
            if value is None:
                condition.setdefault(operator, {})[key] = values
                continue
            plain = "ArnLike" if key.lower() == "aws:sourcearn" else "StringEquals"
            name = plain if key.lower() == "aws:sourcearn" or "not" in operator.lower() else operator
            kept = [] if alone or name != operator else [values] if isinstance(values, str) else [*values]
            every = list(dict.fromkeys((*kept, value)))
            condition.setdefault(name, {})[key] = every[0] if len(every) == 1 else every
    return {**statement, "Condition": condition}


def _spared(document: Document, statement: StatementRef, account: str) -> Json:
    """The trust policy whose Deny spares ECS, as the service it names or by this account's guard."""
    statements = policy_edits.statements_of(document)
    raw = statements[statement.index]
    principal = raw.get("Principal", {})
    services = principal.get("Service", ()) if isinstance(principal, dict) else ()
    named = [services] if isinstance(services, str) else list(services)
    if policy_edits.ECS in named:
        others = [item for item in named if item != policy_edits.ECS]
        rest = (
            {**principal, "Service": others}
            if others
            else {k: v for k, v in principal.items() if k != "Service"}
        )
        if rest:
            statements[statement.index] = {**raw, "Principal": rest}
        else:
            del statements[statement.index]
    else:
        condition = {operator: dict(keys) for operator, keys in raw.get("Condition", {}).items()}
        keys = condition.setdefault("StringNotEquals", {})
        name = next((key for key in keys if key.lower() == "aws:sourceaccount"), "aws:SourceAccount")
        present = keys.get(name, [])
        values = [*([present] if isinstance(present, str) else present), account]
        keys[name] = values[0] if len(values) == 1 else values
        statements[statement.index] = {**raw, "Condition": condition}
    new = policy_edits.replaced(document, statements)
    return (
        new
        if any(item["Effect"] == "Allow" for item in statements)
        else policy_edits.added(
            Document(kind="trust", name=document.name, text=new) if statements else None,
            policy_edits.TRUST_ECS,
        )
    )
