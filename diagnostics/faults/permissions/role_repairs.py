"""What the repairs of a role's own policies share: who else is touched, what tells that they worked, whose intention it is."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.faults.permissions.policy_proofs import Proof, simulated
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import Puller
from diagnostics.policy import Document, StatementRef
from diagnostics.snapshot import Absent, Known, ManagedPolicy, known_value
from diagnostics.write import free_name
from diagnostics.write.snippets import joined


def on_purpose(policy: str, statements: Iterable[StatementRef]) -> str:
    """Whose intention a Deny is."""
    labels = joined(dict.fromkeys(item.label for item in statements))
    return f"Somebody wrote {labels} of {policy} on purpose. Ask its owner before you run this."


def managed_facts(puller: Puller, policy_arn: str) -> ManagedPolicy | None:
    """What is known of a managed policy besides its text."""
    fact = puller.facts.managed_policies.get(policy_arn)
    return known_value(fact) if fact is not None else None


def users_of(facts: ManagedPolicy | None) -> int | None:
    """How many roles, users and groups attach a policy or have it as their boundary; `None` where that is not known."""
    if facts is None or facts.attachment_count is None:
        return None
    return facts.attachment_count + (facts.permissions_boundary_usage_count or 0)


def shared_with(facts: ManagedPolicy | None) -> str:
    """A sentence that says who else has a policy; empty where nobody does."""
    users = users_of(facts)
    if users is None:
        return "How many others attach it could not be read; for them it stays as it is."
    others = users - 1
    if others < 1:
        return ""
    return f"{others} other{'s' if others > 1 else ''} attach it or are bounded by it; for them it stays as it is."


def free_policy_name(puller: Puller, wanted: str) -> str:
    """A name for an inline policy of the role that replaces none: numbered where it is taken, never the same where that is not known."""
    names = puller.facts.inline_policy_names
    taken = names.value if isinstance(names, Known) else () if isinstance(names, Absent) else None
    return free_name(wanted, taken, puller.role_arn)


def proof_of_allow(puller: Puller, steps: Iterable[Step], otherwise: Proof) -> Proof:
    """IAM's own word, where nothing but the repaired policy decides it; else that the policy is there.

    The simulator knows neither the policies of the other account nor the condition keys of the way, and a role that
    something else refuses too stays refused until that is repaired.
    """
    every = tuple(steps)
    documents = [*puller.identity, *([puller.boundary] if puller.boundary else [])]
    with_conditions = any(
        "Condition" in statement.raw
        for item in documents
        if isinstance(item, Document)
        for statement in item.statements
    )
    account = puller.role_arn.split(":")[4]
    abroad = any(step.request.owner not in (None, account) for step in every)
    asked = {step.asks for step in every}
    refused = any(
        answer.first("boundary") or answer.first("identity", explicit=True)
        for step, answer in puller.refusals
        if step.asks in asked
    )
    simulations = (puller.facts.simulated_login, puller.facts.simulated_pull)
    by_organization = any(
        item.allowed_by_organizations is False
        for fact in simulations
        if isinstance(fact, Known)
        for item in fact.value.results
    )
    if with_conditions or abroad or refused or by_organization:
        return otherwise
    return simulated(puller.role_arn, dict.fromkeys(step.asks for step in every))
