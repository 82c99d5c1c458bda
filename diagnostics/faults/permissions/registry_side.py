"""What the registry's account says: the policies of the repository and of the registry."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.image.repo_not_found import REPO_NOT_FOUND
from diagnostics.faults.permissions import edits, fixes
from diagnostics.faults.permissions.faults import (
    REGISTRY_POLICY_DENIES,
    REPO_POLICY_CROSS_ACCOUNT_MISSING,
    REPO_POLICY_DENIES,
    REPO_POLICY_PRINCIPAL_ORPHANED,
)
from diagnostics.faults.permissions.questions import (
    Puller,
    Ruling,
    Step,
    registry_denies,
    repository_denies,
    repository_lacks,
)
from diagnostics.faults.permissions.wording import (
    capital,
    changed_since,
    denials_about,
    listed,
    near_misses,
    statement_resource,
    symptoms_about,
    text_evidence,
)
from diagnostics.finding import Evidence, Fault, Outcome, together
from diagnostics.policy import Denied, Document, Missing, NearMiss
from diagnostics.policy.document import is_orphan
from diagnostics.pull import ContainerImage
from diagnostics.stop_reason import Stage, SymptomId

READ = "ecr:GetRepositoryPolicy"
READ_REGISTRY = "ecr:GetRegistryPolicy"

_REFUSED = (
    SymptomId.ECR_CROSS_ACCOUNT_DENIED,
    SymptomId.ECR_403_UNSPECIFIED,
    SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
)
"""Symptoms of a registry that knows the caller and says no."""


def outcomes(
    world: World, image: ContainerImage, puller: Puller, *, repository_gone: bool
) -> Iterator[Outcome]:
    """The outcomes of the registry's side for one image and role."""
    if repository_gone:
        reason = f"the repository does not exist: {REPO_NOT_FOUND.id}"
        for fault in (REPO_POLICY_DENIES, REPO_POLICY_CROSS_ACCOUNT_MISSING, REPO_POLICY_PRINCIPAL_ORPHANED):
            yield skipped(fault, reason)
    elif _is_aws_owned(image):
        reason = "the repository belongs to AWS, which lets every account pull"
        for fault in (REPO_POLICY_DENIES, REPO_POLICY_CROSS_ACCOUNT_MISSING, REPO_POLICY_PRINCIPAL_ORPHANED):
            yield skipped(fault, reason)
    else:
        yield from _denies(world, image, puller)
        yield from _lacks(world, image, puller)
    yield from _registry(world, image, puller)


def _is_aws_owned(image: ContainerImage) -> bool:
    return image.injected


# --- a Deny of the repository policy -----------------------------------------------------------------


def _denies(world: World, image: ContainerImage, puller: Puller) -> Iterator[Outcome]:
    fault = REPO_POLICY_DENIES
    ruling = repository_denies(puller)
    if not ruling.denied:
        summary = fault.title if puller.repository else "The repository has no policy"
        summary += changed_since(denials_about(world, image), "resource", explicit=True)
        yield _not_denied(fault, ruling, summary)
        return
    name = _repository_name(puller)
    for statement, found in _by_statement(ruling):
        document = puller.repository
        assert isinstance(document, Document)
        step, denied = found[0]
        assert denied.statement is not None
        actions = tuple(item.action for item, _ in found)
        new, change = edits.sparing(document, denied.statement, puller.role_arn)
        yield fails(
            fault,
            f"{capital(denied.statement.label)} of the repository policy of {name} denies {listed(actions)} to {puller.role_name}.",
            stage=step.stage,
            also_at=tuple(item.stage for item, _ in found),
            resources=(_arn(puller), *statement_resource(denied.statement)),
            evidence=(
                Evidence(what=edits.as_json(denied.statement.text), source=READ),
                *text_evidence(denials_about(world, image), "resource", actions),
            ),
            fix=fixes.change_repository_policy(
                _arn(puller),
                _as_written(document),
                new,
                text=f"Change {statement} of the repository policy: the new policy {change}, and leaves the rest as it is.",
                own_account=not puller.foreign,
            ),
            console_url=_page(puller),
        )


# --- another account ---------------------------------------------------------------------------------


def _lacks(world: World, image: ContainerImage, puller: Puller) -> Iterator[Outcome]:
    missing, orphaned = REPO_POLICY_CROSS_ACCOUNT_MISSING, REPO_POLICY_PRINCIPAL_ORPHANED
    if not puller.foreign:
        reason = "the image is in the role's own account, where no repository policy is needed"
        yield skipped(missing, reason)
        yield skipped(orphaned, reason)
        return
    ruling = repository_lacks(puller, None)
    if not ruling.denied:
        yield _not_denied(missing, ruling, missing.title)
        yield _not_denied(
            orphaned, ruling, "No deleted role keeps the repository policy from allowing the pull"
        )
        return
    step, _ = ruling.first
    if not _text_shows_refusal(world, image):
        owner = _arn(puller).split(":")[4]
        reason = f"the repository policy does not allow {listed(ruling.actions)}; the registry policy of account {owner} may, and only that account can read it ({READ_REGISTRY})"
        yield unknown(missing, reason, step.stage, (_arn(puller),))
        yield unknown(orphaned, reason, step.stage, (_arn(puller),))
        return
    gone = _orphans(ruling)
    if gone:
        yield skipped(missing, f"the policy names a deleted role instead: {orphaned.id}")
        yield _orphaned(world, image, puller, ruling, gone)
    else:
        yield _missing(world, image, puller, ruling)
        yield passes(orphaned, "No deleted role keeps the repository policy from allowing the pull")


def _text_shows_refusal(world: World, image: ContainerImage) -> bool:
    """Whether the registry itself refused, so that no policy that cannot be read has allowed it.

    The registry policy of another account can only be read there, and could allow the pull in the repository's stead.
    """
    return any(
        item.id in _REFUSED
        or (item.denial is not None and item.denial.policy == "resource" and not item.denial.explicit)
        for item in symptoms_about(world, image)
    )


def _missing(world: World, image: ContainerImage, puller: Puller, ruling: Ruling) -> Outcome:
    step, denied = ruling.first
    owner = _arn(puller).split(":")[4]
    document = puller.repository
    assert not isinstance(document, Missing)
    statement = {
        "Sid": "AllowPull",
        "Effect": "Allow",
        "Principal": {"AWS": puller.role_arn},
        "Action": list(ruling.actions),
    }
    read = denied.reason if document else f"repository {_repository_name(puller)} has no policy"
    return fails(
        REPO_POLICY_CROSS_ACCOUNT_MISSING,
        f"The repository policy of {_repository_name(puller)} in account {owner} does not allow {listed(ruling.actions)} to {puller.role_name} of account {puller.role_arn.split(':')[4]}.",
        stage=step.stage,
        also_at=tuple(item.stage for item, _ in ruling.denied),
        resources=(_arn(puller), puller.role_arn),
        evidence=(
            Evidence(what=read, source=READ),
            *near_misses(denied, step.action, READ),
            *text_evidence(denials_about(world, image), "resource", ruling.actions),
        ),
        fix=fixes.change_repository_policy(
            _arn(puller),
            _as_written(document) if document else None,
            edits.added(document, _with_free_sid(document, statement)),
            text=f"In account {owner}, let {puller.role_arn} pull by the repository policy. The role's own policies have to allow it as well.",
            own_account=False,
        ),
        console_url=_page(puller),
    )


def _orphans(ruling: Ruling) -> dict[int, tuple[str, ...]]:
    """The statements that would allow the pull if they named the role and not one that was deleted, with its id."""
    found: dict[int, tuple[str, ...]] = {}
    for _, denied in ruling.denied:
        for miss in denied.near:
            if miss.policy_kind == "resource" and miss.unmet == ("principal",) and (ids := _orphan_ids(miss)):
                found[miss.statement.index] = ids
    return found


def _orphan_ids(miss: NearMiss) -> tuple[str, ...]:
    principal = miss.statement.text.get("Principal")
    names = principal.get("AWS", ()) if isinstance(principal, dict) else ()
    return tuple(item for item in ([names] if isinstance(names, str) else names) if is_orphan(item))


def _orphaned(
    world: World, image: ContainerImage, puller: Puller, ruling: Ruling, gone: dict[int, tuple[str, ...]]
) -> Outcome:
    document = puller.repository
    assert isinstance(document, Document)
    step, _ = ruling.first
    ids = tuple(dict.fromkeys(item for names in gone.values() for item in names))
    labels = tuple(_label(document, place) for place in gone)
    owner = _arn(puller).split(":")[4]
    return fails(
        REPO_POLICY_PRINCIPAL_ORPHANED,
        f"The repository policy of {_repository_name(puller)} in account {owner} allows {listed(ruling.actions)} to {listed(ids)}, a role that was deleted, and not to {puller.role_name}.",
        stage=step.stage,
        also_at=tuple(item.stage for item, _ in ruling.denied),
        resources=(_arn(puller), *labels, *ids),
        evidence=(
            *(
                Evidence(what=edits.as_json(edits.statements_of(document)[place]), source=READ)
                for place in gone
            ),
            *text_evidence(denials_about(world, image), "resource", ruling.actions),
        ),
        fix=fixes.change_repository_policy(
            _arn(puller),
            _as_written(document),
            edits.renamed(document, gone, puller.role_arn),
            text=f"In account {owner}, put {puller.role_arn} in place of {listed(ids)}.",
            own_account=False,
        ),
        console_url=_page(puller),
    )


# --- the registry policy -----------------------------------------------------------------------------


def _registry(world: World, image: ContainerImage, puller: Puller) -> Iterator[Outcome]:
    fault = REGISTRY_POLICY_DENIES
    if puller.foreign:
        yield skipped(fault, "no other account can read a registry's policy: a standing caveat")
        return
    ruling = registry_denies(puller)
    if not ruling.denied:
        summary = fault.title if puller.registry else "The registry has no policy"
        yield _not_denied(fault, ruling, summary)
        return
    document = puller.registry
    assert isinstance(document, Document)
    _, _, _, region, account, _ = _arn(puller).split(":", 5)
    for label, found in _by_statement(ruling):
        step, denied = found[0]
        assert denied.statement is not None
        actions = tuple(item.action for item, _ in found)
        new, change = edits.sparing(document, denied.statement, puller.role_arn)
        yield fails(
            fault,
            f"{capital(label)} of the registry policy of account {account} in {region} denies {listed(actions)} to {puller.role_name}.",
            stage=step.stage,
            also_at=tuple(item.stage for item, _ in found),
            resources=(
                f"arn:{_arn(puller).split(':')[1]}:ecr:{region}:{account}:registry",
                *statement_resource(denied.statement),
            ),
            evidence=(
                Evidence(what=edits.as_json(denied.statement.text), source=READ_REGISTRY),
                *text_evidence(denials_about(world, image), "resource", actions),
            ),
            fix=fixes.change_registry_policy(
                region,
                _as_written(document),
                new,
                text=f"Change {label} of the registry policy: the new policy {change}, and leaves the rest as it is.",
            ),
            console_url=console.repositories(region, account),
        )


# --- small things ------------------------------------------------------------------------------------


def _not_denied(fault: Fault, ruling: Ruling, summary: str) -> Outcome:
    stage: Stage = "manifest"
    return (
        unknown(fault, together(ruling.open, " ", lead_is_all=True), stage)
        if ruling.open
        else passes(fault, summary)
    )


def _by_statement(ruling: Ruling) -> Iterator[tuple[str, list[tuple[Step, Denied]]]]:
    """The requests that are denied, by the statement that denies them."""
    found: dict[str, list[tuple[Step, Denied]]] = {}
    for step, denied in ruling.denied:
        if denied.statement is not None:
            found.setdefault(denied.statement.label, []).append((step, denied))
    yield from found.items()


def _label(document: Document, place: int) -> str:
    sid = document.statements[place].sid
    return f"statement {sid!r}" if sid else f"statement {place + 1}"


def _with_free_sid(document: Document | None, statement: edits.Json) -> edits.Json:
    taken = {item.sid for item in document.statements} if document else set()
    return statement if statement["Sid"] not in taken else {k: v for k, v in statement.items() if k != "Sid"}


def _as_written(document: Document) -> edits.Json:
    return edits.replaced(document, edits.statements_of(document))


def _arn(puller: Puller) -> str:
    return next(step.request.resource for step in puller.steps if not step.is_login)


def _repository_name(puller: Puller) -> str:
    return _arn(puller).split(":repository/", 1)[-1]


def _page(puller: Puller) -> str | None:
    _, _, _, region, account, _ = _arn(puller).split(":", 5)
    return console.repository(region, account, _repository_name(puller))
