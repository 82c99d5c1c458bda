"""The permissions boundary of the role that pulls denies the pull or leaves it out."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import fails, passes
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.policy_changes import change_managed_policy, replace_boundary, simulate
from diagnostics.faults.permissions.policy_documents import READ_MANAGED
from diagnostics.faults.permissions.pulling_role import PolicyRoom, Puller, RolePull, Ruling
from diagnostics.faults.permissions.refusal_words import (
    capital,
    changed_since,
    denials_about,
    near_misses,
    not_refused,
    statement_resource,
    text_evidence,
)
from diagnostics.faults.permissions.simulator import contradicted
from diagnostics.faults.permissions.told_refusals import by_text, policies_shown, refusal_told
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.policy import Document
from diagnostics.stop_reason import SymptomId
from diagnostics.write.snippets import joined

BOUNDARY_DENIES = Fault(
    id="boundary-denies",
    kind="permission",
    title="The pulling role's permissions boundary allows the pull",
    why="A permissions boundary is the most that a role's policies can give: what the boundary does not allow is denied, even if the role's own policies allow it.",
    how="Allow the pull in the boundary too.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
    explains=Explains(
        symptoms=(*REFUSED, SymptomId.SECRET_DENIED), refusals=("boundary",), actions=("ecr:",)
    ),
)


def judge(pull: RolePull) -> Iterator[Outcome]:
    """What the boundary says, if the role has one."""
    fault = BOUNDARY_DENIES
    world, image, puller = pull.world, pull.image, pull.puller
    document = puller.boundary
    if document is None:
        yield passes(fault, f"{puller.role_name} has no permissions boundary")
        return
    ruling = puller.ruling("boundary")
    told = refusal_told(pull, "boundary", ruling, explicit=True) or refusal_told(
        pull, "boundary", ruling, explicit=False
    )
    if told is not None:
        action = told[0].action
        does = "denies" if told[1].explicit else "does not allow"
        fix = Fix(
            text=f"Let the permissions boundary of {puller.role_name} allow {action}; the role's own policies have to allow it as well.",
            cli=policies_shown(puller.role_arn),
            verify=simulate(puller.role_arn, [told[0].asks]),
        )
        summary = f"the permissions boundary of {puller.role_name} {does} {action}"
        yield by_text(pull, fault, told, ruling, summary, fix)
        return
    if not ruling.denied:
        since = changed_since(denials_about(world, image), "boundary")
        yield not_refused(fault, ruling.open, fault.title + since)
        return
    step, denied = ruling.first
    assert isinstance(document, Document)
    statement = next((item.statement for _, item in ruling.denied if item.explicit), None)
    how = "denies" if statement else "does not allow"
    named = f"{statement.label} of the" if statement else "the"
    outcome = fails(
        fault,
        f"{capital(named)} permissions boundary {document.name} {how} {joined(ruling.actions)} for {puller.role_name}.",
        stage=step.stage,
        also_at=ruling.stages,
        resources=(puller.role_arn, document.name, *statement_resource(statement)),
        evidence=(
            Evidence(
                what=f"the permissions boundary of {puller.role_name} is {document.name}",
                source="iam:GetRole",
            ),
            Evidence(
                what=policy_edits.as_json(statement.text) if statement else denied.reason, source=READ_MANAGED
            ),
            *near_misses(denied, step.action, READ_MANAGED),
            *text_evidence(world, image, "boundary", ruling.actions),
        ),
        # One change for all of the task's images.
        fix=widen(puller, document, ruling.joined(other.ruling("boundary") for other in pull.others)),
        console_url=console.role(world.region, puller.role_name),
    )
    yield contradicted(puller, ruling, outcome)


def widen(puller: Puller, document: Document, ruling: Ruling) -> Fix:
    """The boundary without the statements that deny, and with what it leaves out."""
    changed = document
    for _, denied in ruling.denied:
        if denied.explicit and denied.statement is not None:
            spared, _ = policy_edits.sparing(changed, denied.statement, puller.role_arn)
            current = policy_edits.statements_of(changed)[denied.statement.index]
            if spared is not None and current == dict(denied.statement.text):
                changed = Document(kind="boundary", name=document.name, text=spared)
    left_out = (step.asks for step, denied in ruling.denied if not denied.explicit)
    new = policy_edits.added(changed, *policy_edits.allowing(left_out))
    verify = simulate(puller.role_arn, (step.asks for step in ruling.steps))
    text = f"Allow {joined(dict.fromkeys(ruling.actions))} in the permissions boundary of {puller.role_name}; the role's own policies have to allow it as well."
    if document.name.split(":")[4:5] == ["aws"]:
        return replace_boundary(puller.role_arn, document.name, new, text=text, verify=verify)
    old = policy_edits.as_written(document)
    return change_managed_policy(document.name, old, new, text=text, verify=verify)


ROOM = PolicyRoom((BOUNDARY_DENIES,), judge)
