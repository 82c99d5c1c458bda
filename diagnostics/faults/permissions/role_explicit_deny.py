"""A Deny statement in a policy of the role that pulls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics import console
from diagnostics.faults.base import fails
from diagnostics.faults.permissions import policy_edits, policy_proofs, role_policy_changes
from diagnostics.faults.permissions.narrowing import narrowed
from diagnostics.faults.permissions.policy_documents import READ_MANAGED, READ_ROLE
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import PolicyRoom, Puller, RolePull, Ruling
from diagnostics.faults.permissions.refusal_words import (
    capital,
    changed_since,
    denials_about,
    not_refused,
    statement_resource,
    text_evidence,
)
from diagnostics.faults.permissions.role_repairs import managed_facts, on_purpose, shared_with, users_of
from diagnostics.faults.permissions.roles import another_role, is_service_linked
from diagnostics.faults.permissions.simulator import contradicted
from diagnostics.faults.permissions.told_refusals import by_text, policies_shown, refusal_told
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Ways
from diagnostics.policy import Denied, Document
from diagnostics.stop_reason import SymptomId
from diagnostics.write import free_name
from diagnostics.write.snippets import joined

ROLE_EXPLICIT_DENY = Fault(
    id="role-explicit-deny",
    kind="permission",
    title="No policy of the pulling role denies the pull",
    short="a policy of its role denies the pull",
    why="A Deny statement in any policy of the role wins over every Allow, wherever that is.",
    how="Ask who wrote the statement, and narrow it so that it spares the pull and stays for everything else.",
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
        proof = policy_proofs.simulated(puller.role_arn, [told[0].asks])
        fix = Fix(
            text=f"Find the Deny of {action} among the policies of {name} ({policies_shown(puller.role_arn)}), ask its owner, and let it spare the pull.",
            verify=proof[0],
            expect=proof[1],
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
        fix=lift(puller, _of_the_same_policy(pull, name)),
        console_url=console.role(world.region, puller.role_name),
    )


def _of_the_same_policy(pull: RolePull, name: str) -> list[tuple[Step, Denied]]:
    """What the Denies of one policy refuse of all of the task's images: one change for all of them."""
    every = (
        item
        for puller in (pull.puller, *pull.others)
        for item in puller.ruling("identity", explicit=True).denied
    )
    found = {(step.asks, denied.statement.index): (step, denied) for step, denied in every if denied.statement and denied.policy_name == name}  # fmt: skip
    return list(found.values())


def lift(puller: Puller, hits: Iterable[tuple[Step, Denied]]) -> Ways:
    """Lets requests past the Denies of one policy of the role, which stay for everything else."""
    every = [(denied.statement, step) for step, denied in hits if denied.statement is not None]
    name = next(denied.policy_name for _, denied in hits)
    document = next(item for item in puller.identity if isinstance(item, Document) and item.name == name)
    if is_service_linked(puller.role_arn):
        return another_role(puller.role_arn)
    facts = managed_facts(puller, document.name)
    managed, by_aws = document.name.startswith("arn:"), document.name.split(":")[4:5] == ["aws"]
    shared = managed and not by_aws and users_of(facts) != 1
    result = narrowed(document, every, puller.role_arn, shared=shared)
    labels = joined(item.label for item in result.changed)
    title = f"Let {puller.role_name} pull past {labels} of {_short(document.name)}"
    text = f"{capital(labels)} of {document.name} {'; '.join(result.how)}, and stays as it is for everything else."
    warning = on_purpose(document.name, result.changed)
    old = policy_edits.as_written(document)
    if not managed:
        if result.document is None:
            text = (
                f"Remove {labels} of the inline policy {document.name}, which denies nothing but this pull."
            )
        return role_policy_changes.change_inline_policy(
            puller.role_arn, document.name, old, result.document, title=title, text=text, warning=warning
        )
    copy = free_name(f"{_short(document.name)}-but-image-pull", None, puller.role_arn)
    own = narrowed(document, every, puller.role_arn, shared=False).document or policy_edits.nothing()
    exchanged = role_policy_changes.exchange_policy(
        puller.role_arn,
        document.name,
        copy,
        own,
        title=f"Give {puller.role_name} a copy of {_short(document.name)} that lets it pull",
        text=f"{document.name} {'is kept by AWS, and nobody else can change it' if by_aws else 'stays as it is for everyone else'}: {puller.role_name} gets the copy {copy} in its place, whose {labels} {'; '.join(result.how)}.",
        warning=f"{warning} The copy no longer follows the original.",
    )
    if by_aws:
        return exchanged
    others = shared_with(facts)
    new = result.document if result.document is not None else policy_edits.nothing()
    version = role_policy_changes.change_managed_policy(
        document.name,
        old,
        new,
        facts,
        title=title,
        text=f"{text} A policy has at most five versions: where it has five, AWS refuses this, and nothing is changed.",
        warning=f"{warning} {others}".rstrip(),
    )
    return version, exchanged


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1]


ROOM = PolicyRoom((ROLE_EXPLICIT_DENY,), judge)
