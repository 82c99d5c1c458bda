"""The execution role's trust policy does not let ECS assume the role."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, unknown
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.policy_changes import change_trust
from diagnostics.faults.permissions.policy_documents import parsed
from diagnostics.faults.permissions.refusal_words import near_misses, not_told, statement_resource
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.policy import (
    CannotTell,
    Denied,
    Document,
    Missing,
    at_moment,
    evaluate_trust,
    service_context,
)
from diagnostics.snapshot import Role
from diagnostics.stop_reason import SymptomId

ROLE_TRUST_DENIES = Fault(
    id="role-trust-denies",
    kind="role",
    title="The execution role trusts ecs-tasks.amazonaws.com",
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
        fix=_repair_trust(role, document, decision),
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


def _repair_trust(role: Role, document: Document, decision: Denied) -> Fix:
    statement = decision.statement
    if statement is None:
        new = policy_edits.added(document, policy_edits.TRUST_ECS)
        text = f"Let {policy_edits.ECS} assume {role.role_name}; whoever is trusted already stays so."
    else:
        new = policy_edits.removed(document, statement.index) or policy_edits.added(
            None, policy_edits.TRUST_ECS
        )
        text = f"Remove {statement.label} from the trust policy of {role.role_name}."
    return change_trust(role.arn, policy_edits.as_written(document), new, text=text)
