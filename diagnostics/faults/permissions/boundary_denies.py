"""The permissions boundary of the role that pulls denies the pull or leaves it out."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import fails, passes
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.allow_conditions import NoWayError, allows
from diagnostics.faults.permissions.narrowing import narrowed
from diagnostics.faults.permissions.policy_documents import READ_MANAGED
from diagnostics.faults.permissions.policy_proofs import simulated
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
from diagnostics.faults.permissions.role_policy_changes import change_managed_policy, replace_boundary
from diagnostics.faults.permissions.role_repairs import managed_facts, on_purpose, shared_with, users_of
from diagnostics.faults.permissions.roles import another_role, is_service_linked
from diagnostics.faults.permissions.simulator import contradicted
from diagnostics.faults.permissions.told_refusals import by_text, policies_shown, refusal_told
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Ways
from diagnostics.policy import Document
from diagnostics.stop_reason import SymptomId
from diagnostics.write import free_name
from diagnostics.write.policies import Json
from diagnostics.write.snippets import joined

BOUNDARY_DENIES = Fault(
    id="boundary-denies",
    kind="permission",
    title="The pulling role's permissions boundary allows the pull",
    short="its role's permissions boundary does not allow the pull",
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
        proof = simulated(puller.role_arn, [told[0].asks])
        fix = Fix(
            text=f"Let the permissions boundary of {puller.role_name} allow {action} ({policies_shown(puller.role_arn)}); the role's own policies have to allow it as well.",
            verify=proof[0],
            expect=proof[1],
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


def widen(puller: Puller, document: Document, ruling: Ruling) -> Ways:
    """The boundary with Denies that spare the pull, and with what it leaves out. For everyone else it stays as it is."""
    if is_service_linked(puller.role_arn):
        return another_role(puller.role_arn)
    facts = managed_facts(puller, document.name)
    by_aws = document.name.split(":")[4:5] == ["aws"]
    actions = joined(dict.fromkeys(ruling.actions))
    statements = [denied.statement for _, denied in ruling.denied if denied.explicit and denied.statement]
    try:
        new, changed = _widened(puller, document, ruling, shared=not by_aws and users_of(facts) != 1)
        own, _ = _widened(puller, document, ruling, shared=False)
    except NoWayError as error:
        return Fix(text=f"Correct the condition in the permissions boundary {document.name}: {error}.")
    title = f"Let the permissions boundary of {puller.role_name} allow the pull"
    text = f"Allow {puller.role_name} the pull in its permissions boundary{changed}; the role's own policies have to allow it as well."
    warning = on_purpose(document.name, statements) if statements else None
    name = free_name(f"{document.name.rsplit('/', 1)[-1]}-and-image-pull", None, puller.role_arn)
    replaced = replace_boundary(
        puller.role_arn,
        document.name,
        name,
        own,
        title=f"Give {puller.role_name} a boundary of its own that allows the pull",
        text=f"Make {name}, which is {document.name} and allows {actions}, the permissions boundary of {puller.role_name} alone; the role's own policies have to allow it as well.",
        warning=_sentences(warning, "Whoever manages the role may demand the boundary that it has now."),
    )
    if by_aws:
        return replaced
    version = change_managed_policy(
        document.name,
        policy_edits.as_written(document),
        new,
        facts,
        title=title,
        text=f"{text} Where the policy has its five versions, AWS refuses this and nothing changes.",
        warning=_sentences(warning, shared_with(facts)),
    )
    return version, replaced


def _widened(puller: Puller, document: Document, ruling: Ruling, *, shared: bool) -> tuple[Json, str]:
    hits = [(no.statement, step) for step, no in ruling.denied if no.explicit and no.statement is not None]
    spared = narrowed(document, hits, puller.role_arn, shared=shared)
    base = Document(
        kind="boundary", name=document.name, text=spared.document or policy_edits.replaced(document, [])
    )
    new = allows((step, denied) for step, denied in ruling.denied if not denied.explicit)
    if shared:
        # Others have the boundary too: it allows them no more than before.
        only = {"ArnEquals": {"aws:PrincipalArn": puller.role_arn}}
        new = [{**item, "Condition": {**item.get("Condition", {}), **only}} for item in new]
    labels = joined(item.label for item in spared.changed)
    return policy_edits.added(base, *new), f", whose {labels} {'; '.join(spared.how)}" if labels else ""


def _sentences(*parts: str | None) -> str | None:
    return " ".join(part for part in parts if part) or None


ROOM = PolicyRoom((BOUNDARY_DENIES,), judge)
