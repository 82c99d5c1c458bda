"""A Deny statement on the registry's side: in the repository policy, or in its twin, the policy of the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from diagnostics import console
from diagnostics.faults.base import fails, skipped
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.narrowing import narrowed
from diagnostics.faults.permissions.policy_changes import (
    change_registry_policy,
    change_repository_policy,
    shown_by,
)
from diagnostics.faults.permissions.policy_documents import READ_REGISTRY, READ_REPOSITORY
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import PolicyRoom, Puller, RolePull, Ruling
from diagnostics.faults.permissions.refusal_words import (
    capital,
    changed_since,
    denial_sentence,
    denials_about,
    not_refused,
    refused_by,
    statement_resource,
    text_evidence,
)
from diagnostics.faults.permissions.role_repairs import on_purpose
from diagnostics.faults.texts import NOT_FOUND, REFUSED
from diagnostics.finding import ERROR_TEXT, Evidence, Explains, Fault, Fix, Outcome, Status
from diagnostics.policy import Denied, Document, Missing
from diagnostics.policy.document import PolicyKind
from diagnostics.stop_reason import Denial
from diagnostics.write.snippets import joined

REPO_POLICY_DENIES = Fault(
    id="repo-policy-denies",
    kind="permission",
    title="The repository policy does not deny the pull",
    short="the repository's policy denies the pull",
    why="A Deny statement of the repository policy applies to this pull and wins over every Allow, also over those of the role.",
    how="Ask who wrote the statement, and let it spare the role that pulls.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
    explains=Explains(symptoms=REFUSED, refusals=("resource explicit",)),
)
REGISTRY_POLICY_DENIES = Fault(
    id="registry-policy-denies",
    kind="permission",
    title="The registry policy does not deny the pull",
    short="the registry's policy denies the pull",
    why="The policy of the private registry holds for all of its repositories; with the policy scope V2 it decides about every ECR action, and a Deny in it wins over every Allow.",
    how="Ask who wrote the statement, and let it spare the role that pulls.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html",
    explains=Explains(symptoms=(*REFUSED, *NOT_FOUND), refusals=("resource", "resource explicit")),
)


@dataclass(frozen=True)
class _RegistryPolicy:
    """A policy of the registry's side: what it is called, what names it, which call reads it, and how it is changed."""

    document: Document | Missing | None
    called: str
    of: str
    arn: str
    source: str
    page: str | None
    change: Callable[..., Fix]
    of_registry: bool = False


def by_repository(pull: RolePull) -> Iterator[Outcome]:
    """One outcome for each statement of the repository policy that denies the pull."""
    fault, puller = REPO_POLICY_DENIES, pull.puller
    if (reason := pull.why_no_repository_policy) is not None:
        yield skipped(fault, reason)
        return
    ruling, place = puller.ruling("resource", explicit=True), pull.repository
    asked = [step.asks for step in puller.steps]
    said = refused_by(pull.world, pull.image, "resource", explicit=True, asked=asked)
    if ruling.open and said is not None:
        yield _by_text(pull, said)
    elif not ruling.denied:
        summary = fault.title if puller.repository else "The repository has no policy"
        since = changed_since(denials_about(pull.world, pull.image), "resource", explicit=True)
        yield not_refused(fault, ruling.open, summary + since, "manifest")
    policy = _RegistryPolicy(
        document=puller.repository,
        called="the repository policy",
        of=place.repository,
        arn=place.arn,
        source=READ_REPOSITORY,
        page=place.link,
        change=partial(change_repository_policy, place.arn, own_account=not puller.foreign),
    )
    yield from (_denied(pull, fault, policy, item) for item in ruling.by_statement())


def _by_text(pull: RolePull, said: Denial) -> Outcome:
    """A Deny of which only the error text tells: the policy could not be read, or turns on what is not known."""
    puller, place = pull.puller, pull.repository
    manifest = puller.steps[1]
    action = said.action or manifest.action
    step = next((item for item in puller.steps if item.action.lower() == action.lower()), manifest)
    policy = f" (the policy {said.policy_arn})" if said.policy_arn else ""
    return fails(
        REPO_POLICY_DENIES,
        f"By the error text the policy of repository {place.repository} in account {place.account} denied {action} to {puller.role_name}{policy}.",
        status=Status.WARN,
        stage=step.stage,
        resources=(place.arn,),
        evidence=(Evidence(what=denial_sentence(said), source=ERROR_TEXT),),
        fix=Fix(
            text=f"Ask whoever owns repository {place.repository} in account {place.account} which Deny of its policy means {puller.role_arn}, and to let it pull if that is wanted. With credentials of that account, {shown_by(place.arn)} shows the policy.",
        ),
        console_url=place.link,
    )


def by_registry(pull: RolePull) -> Iterator[Outcome]:
    """One outcome for each statement of the registry policy that denies the pull."""
    fault, puller = REGISTRY_POLICY_DENIES, pull.puller
    if puller.foreign:
        yield skipped(fault, "no other account can read a registry's policy: a standing caveat")
        return
    ruling, place = puller.ruling("registry", explicit=True), pull.repository
    if not ruling.denied:
        summary = fault.title if puller.registry else "The registry has no policy"
        yield not_refused(fault, ruling.open, summary, "manifest")
    policy = _RegistryPolicy(
        document=puller.registry,
        called="the registry policy",
        of=f"account {place.account} in {place.region}",
        arn=f"arn:{place.arn.split(':')[1]}:ecr:{place.region}:{place.account}:registry",
        source=READ_REGISTRY,
        page=console.repositories(place.region, place.account),
        change=partial(change_registry_policy, place.region),
        of_registry=True,
    )
    yield from (_denied(pull, fault, policy, item) for item in ruling.by_statement())


def _denied(pull: RolePull, fault: Fault, policy: _RegistryPolicy, ruling: Ruling) -> Outcome:
    puller, document = pull.puller, policy.document
    step, denied = ruling.first
    assert isinstance(document, Document)
    assert denied.statement is not None
    label = denied.statement.label
    return fails(
        fault,
        f"{capital(label)} of {policy.called} of {policy.of} denies {joined(ruling.actions)} to {puller.role_name}.",
        stage=step.stage,
        also_at=ruling.stages,
        resources=(policy.arn, *statement_resource(denied.statement)),
        evidence=(
            Evidence(what=policy_edits.as_json(denied.statement.text), source=policy.source),
            *text_evidence(pull.world, pull.image, "resource", ruling.actions),
        ),
        fix=_spare(pull, policy, document),
        console_url=policy.page,
    )


def _every(puller: Puller, kind: PolicyKind) -> Iterator[tuple[Step, Denied]]:
    """Each request with each Deny of such a policy that meets it."""
    for step, answer in puller.refusals:
        yield from ((step, item) for item in answer.found if item.policy_kind == kind and item.explicit)


def _spare(pull: RolePull, policy: _RegistryPolicy, document: Document) -> Fix:
    """One change for all statements that deny this pull, and for all of the task's images that the policy is about."""
    puller = pull.puller
    pullers = (puller, *pull.others) if policy.of_registry else (puller,)
    kind = document.kind
    every = [
        (denied.statement, step)
        for item in pullers
        for step, denied in _every(item, kind)
        if denied.statement is not None
    ]
    result = narrowed(document, every, puller.role_arn, shared=True)
    labels = joined(item.label for item in result.changed)
    how = "; ".join(result.how)
    text = f"{capital(labels)} of {policy.called} {how}, and stays as it is for everyone and everything else."
    if result.whole:
        text = f"Take {labels} out of {policy.called}: it denies nothing but this pull to {puller.role_name}, so that nothing of it is left."
    return policy.change(
        policy_edits.as_written(document),
        result.document,
        title=f"Let {puller.role_name} pull past {labels} of {policy.called}",
        text=text,
        warning=on_purpose(f"{policy.called} of {policy.of}", result.changed),
    )


REPOSITORY_ROOM = PolicyRoom((REPO_POLICY_DENIES,), by_repository)
REGISTRY_ROOM = PolicyRoom((REGISTRY_POLICY_DENIES,), by_registry)
