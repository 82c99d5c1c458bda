"""A Deny statement in a policy of the role that pulls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics import console
from diagnostics.faults.base import fails
from diagnostics.faults.permissions import policy_changes, policy_edits
from diagnostics.faults.permissions.policy_documents import READ_MANAGED, READ_ROLE
from diagnostics.faults.permissions.pulling_role import PolicyRoom, Puller, RolePull, Ruling
from diagnostics.faults.permissions.refusal_words import (
    capital,
    changed_since,
    denials_about,
    not_refused,
    statement_resource,
    text_evidence,
)
from diagnostics.faults.permissions.simulator import contradicted
from diagnostics.faults.permissions.told_refusals import by_text, policies_shown, refusal_told
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.policy import Denied, Document
from diagnostics.stop_reason import SymptomId
from diagnostics.write.snippets import joined

ROLE_EXPLICIT_DENY = Fault(
    id="role-explicit-deny",
    kind="permission",
    title="No policy of the pulling role denies the pull",
    why="A Deny statement in any policy of the role wins over every Allow, wherever that is.",
    how="Remove the statement, or narrow it so that it spares the pull.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html",
    explains=Explains(
        symptoms=(*REFUSED, SymptomId.SECRET_DENIED), refusals=("identity explicit",), actions=("ecr:",)
    ),
)


def judge(pull: RolePull) -> Iterator[Outcome]:
    """One outcome for each statement that denies the pull."""
    puller = pull.puller
    ruling = puller.ruling("identity", explicit=True)
    told = refusal_told(pull, "identity", ruling, explicit=True)
    if told is not None:
        action, name = told[0].action, puller.role_name
        show = policies_shown(puller.role_arn)
        fix = Fix(
            text=f"Find the Deny of {action} among the policies of {name}, and let it spare the pull if that is wanted.",
            cli=show,
            verify=policy_changes.simulate(puller.role_arn, [told[0].asks]),
        )
        summary = f"a Deny in a policy of {name} applies to {action}"
        yield by_text(pull, ROLE_EXPLICIT_DENY, told, ruling, summary, fix)
    elif not ruling.denied:
        since = changed_since(denials_about(pull.world, pull.image), "identity", explicit=True)
        yield not_refused(
            ROLE_EXPLICIT_DENY, ruling.open, f"No policy of {puller.role_name} denies the pull{since}"
        )
    for item in ruling.by_statement():
        yield contradicted(puller, item, _denied(pull, item))


def _denied(pull: RolePull, ruling: Ruling) -> Outcome:
    world, puller = pull.world, pull.puller
    step, denied = ruling.first
    statement, name = denied.statement, denied.policy_name or ""
    assert statement is not None
    managed = name.startswith("arn:")
    return fails(
        ROLE_EXPLICIT_DENY,
        f"{capital(statement.label)} of policy {name} denies {joined(ruling.actions)} to {puller.role_name}.",
        stage=step.stage,
        also_at=ruling.stages,
        resources=(puller.role_arn, *((name,) if managed else ()), *statement_resource(statement)),
        evidence=(
            Evidence(
                what=policy_edits.as_json(statement.text), source=READ_MANAGED if managed else READ_ROLE
            ),
            *text_evidence(world, pull.image, "identity", ruling.actions),
        ),
        fix=lift(puller, denied, [item.asks for item in ruling.steps]),
        console_url=console.role(world.region, puller.role_name),
    )


def lift(puller: Puller, denied: Denied, requests: Iterable[tuple[str, str]]) -> Fix:
    """Takes a Deny off the role, at whatever kind of policy it stands in."""
    statement = denied.statement
    assert statement is not None
    document = next(
        item for item in puller.identity if isinstance(item, Document) and item.name == denied.policy_name
    )
    verify = policy_changes.simulate(puller.role_arn, requests)
    old = policy_edits.as_written(document)
    if not document.name.startswith("arn:"):
        return policy_changes.change_inline_policy(
            puller.role_arn,
            document.name,
            old,
            policy_edits.removed(document, statement.index),
            text=f"Remove {statement.label} from the inline policy {document.name}; or narrow it, if what else it denies must stay denied.",
            verify=verify,
        )
    if document.name.split(":")[4] == "aws":
        return policy_changes.detach(
            puller.role_arn,
            document.name,
            text=f"Detach {document.name}, which AWS manages and nobody else can change, from {puller.role_name}.",
            verify=verify,
        )
    new, _ = policy_edits.sparing(document, statement, puller.role_arn)
    return policy_changes.change_managed_policy(
        document.name,
        old,
        new if new is not None else old,
        text=f"Except {puller.role_name} from {statement.label} of {document.name}; the policy stays as it is for everyone else.",
        verify=verify,
    )


ROOM = PolicyRoom((ROLE_EXPLICIT_DENY,), judge)
