"""The image is in another account, whose repository policy does not allow the pull, or allows it to a deleted role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.allow_conditions import NoWayError, condition_for
from diagnostics.faults.permissions.policy_changes import change_repository_policy
from diagnostics.faults.permissions.policy_documents import READ_REGISTRY, READ_REPOSITORY
from diagnostics.faults.permissions.pulling_role import PolicyRoom, RolePull, Ruling
from diagnostics.faults.permissions.refusal_words import (
    denial_sentence,
    near_misses,
    not_refused,
    refused_by,
    symptoms_about,
    text_evidence,
)
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import ERROR_TEXT, Evidence, Explains, Fault, Fix, Outcome, Status
from diagnostics.policy import Document, Missing, NearMiss
from diagnostics.policy.document import is_orphan
from diagnostics.pull import ContainerImage
from diagnostics.stop_reason import Denial, SymptomId
from diagnostics.write import free_name
from diagnostics.write.policies import Json
from diagnostics.write.snippets import joined

REPO_POLICY_CROSS_ACCOUNT_MISSING = Fault(
    id="repo-policy-cross-account-missing",
    kind="permission",
    title="The other account's repository policy allows the pull",
    short="the other account's repository does not let it pull",
    why="The image belongs to another account. There the role's own policies are not enough: the repository policy has to allow the role or its account as well.",
    how="Allow the role in the repository policy, with credentials of the account that owns the repository.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
    explains=Explains(symptoms=REFUSED, refusals=("resource",)),
)
REPO_POLICY_PRINCIPAL_ORPHANED = Fault(
    id="repo-policy-principal-orphaned",
    kind="permission",
    title="The other account's repository policy names no deleted role",
    short="the other account's repository allows only a deleted role",
    why="IAM keeps the unique id of a role in a policy, not its name. When the role was deleted and created again under the same name, the policy went on naming the old one, which now shows as an id that begins with AROA.",
    how="Put the ARN of the present role in place of the id.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    explains=Explains(symptoms=REFUSED, refusals=("resource",)),
)

_REFUSED = (
    SymptomId.ECR_CROSS_ACCOUNT_DENIED,
    SymptomId.ECR_403_UNSPECIFIED,
    SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
)
"""Symptoms of a registry that knows the caller and says no."""


def judge(pull: RolePull) -> Iterator[Outcome]:
    """What the other account's repository policy says; both faults are one missing Allow, with two repairs."""
    missing, orphaned = REPO_POLICY_CROSS_ACCOUNT_MISSING, REPO_POLICY_PRINCIPAL_ORPHANED
    puller = pull.puller
    reason = pull.why_no_repository_policy
    if reason is None and not puller.foreign:
        reason = "the image is in the role's own account, where no repository policy is needed"
    if reason is not None:
        yield skipped(missing, reason)
        yield skipped(orphaned, reason)
        return
    none_deleted = "No deleted role keeps the repository policy from allowing the pull"
    ruling = puller.ruling("resource", explicit=False)
    if ruling.open and (said := _said(pull)) is not None:
        yield _by_text(pull, said)
        yield skipped(orphaned, f"only account {pull.repository.account} can see it: {missing.id}")
    elif not ruling.denied:
        yield not_refused(missing, ruling.open, missing.title, "manifest")
        yield not_refused(orphaned, ruling.open, none_deleted, "manifest")
    elif not _text_shows_refusal(pull.world, pull.image):
        step, place = ruling.first[0], pull.repository
        reason = f"the repository policy does not allow {joined(ruling.actions)}; the registry policy of account {place.account} may, and only that account can read it ({READ_REGISTRY})"
        yield unknown(missing, reason, step.stage, (place.arn,))
        yield unknown(orphaned, reason, step.stage, (place.arn,))
    elif gone := _orphans(ruling):
        yield skipped(missing, f"the policy names a deleted role instead: {orphaned.id}")
        yield _orphaned(pull, ruling, gone)
    else:
        yield _missing(pull, ruling)
        yield passes(orphaned, none_deleted)


def _text_shows_refusal(world: World, image: ContainerImage) -> bool:
    """True if the registry itself refused, so that no policy that cannot be read has allowed it.

    The registry policy of another account can only be read there, and could allow the pull in the repository's stead.
    """
    return any(
        item.id in _REFUSED
        or (item.denial is not None and item.denial.policy == "resource" and not item.denial.explicit)
        for item in symptoms_about(world, image)
    )


def _said(pull: RolePull) -> Denial | None:
    """The error text's word that no resource-based policy allows the pull from this repository."""
    asked = [step.asks for step in pull.puller.steps]
    return refused_by(pull.world, pull.image, "resource", explicit=False, asked=asked)


def _by_text(pull: RolePull, said: Denial) -> Outcome:
    """The refusal where the other account's policy could not be read, or turns on what is not known: only the text tells."""
    puller, place = pull.puller, pull.repository
    step = next(
        (item for item in puller.steps if item.action.lower() == (said.action or "").lower()), puller.steps[1]
    )
    actions = [item.action for item in puller.steps if not item.is_login]
    statement = policy_edits.as_json(_statement(puller.role_arn, actions))
    account = puller.role_arn.split(":")[4]
    return fails(
        REPO_POLICY_CROSS_ACCOUNT_MISSING,
        f"By the error text no policy of account {place.account} allows {step.action} on {place.repository} to {puller.role_name} of account {account}.",
        status=Status.WARN,
        stage=step.stage,
        resources=(place.arn, puller.role_arn),
        evidence=(Evidence(what=denial_sentence(said), source=ERROR_TEXT),),
        fix=Fix(
            text=f"Ask whoever owns account {place.account} to add this statement to the policy of repository {place.repository}: {statement} Where a statement names an id that begins with AROA instead, that is a role that was deleted, and the ARN belongs in its place. The role's own policies have to allow the pull as well.",
        ),
        console_url=place.link,
    )


def _statement(role_arn: str, actions: Iterable[str]) -> Json:
    return {
        "Sid": "AllowPull", "Effect": "Allow", "Principal": {"AWS": role_arn}, "Action": list(actions),
    }  # fmt: skip


def _missing(pull: RolePull, ruling: Ruling) -> Outcome:
    puller, place = pull.puller, pull.repository
    step, denied = ruling.first
    document = puller.repository
    assert not isinstance(document, Missing)
    read = denied.reason if document else f"repository {place.repository} has no policy"
    return fails(
        REPO_POLICY_CROSS_ACCOUNT_MISSING,
        f"The repository policy of {place.repository} in account {place.account} does not allow {joined(ruling.actions)} to {puller.role_name} of account {puller.role_arn.split(':')[4]}.",
        stage=step.stage,
        also_at=ruling.stages,
        resources=(place.arn, puller.role_arn),
        evidence=(
            Evidence(what=read, source=READ_REPOSITORY),
            *near_misses(denied, step.action, READ_REPOSITORY),
            *text_evidence(pull.world, pull.image, "resource", ruling.actions),
        ),
        fix=_allow(pull, ruling, document),
        console_url=place.link,
    )


def _allow(pull: RolePull, ruling: Ruling, document: Document | None) -> Fix:
    """A statement for this role, under the condition of the nearest Allow, corrected to this pull where it is not met."""
    puller, place = pull.puller, pull.repository
    statements: list[Json] = []
    try:
        for step, refusal in ruling.denied:
            condition = condition_for(step, refusal)
            same = next((item for item in statements if item.get("Condition") == condition), None)
            if same is not None:
                same["Action"].append(step.action)
            else:
                made = _statement(puller.role_arn, [step.action])
                statements.append({**made, "Condition": condition} if condition else made)
    except NoWayError as error:
        return Fix(text=f"In account {place.account}: {error}. Correct the condition there.")
    taken = [item.sid for item in document.statements if item.sid] if document else []
    for item in statements:
        item["Sid"] = free_name(item["Sid"], taken, puller.role_arn).replace("-", "")
        taken.append(item["Sid"])
    return change_repository_policy(
        place.arn,
        policy_edits.as_written(document) if document else None,
        policy_edits.added(document, *statements),
        title=f"Let {puller.role_name} pull by the repository policy of account {place.account}",
        text=f"In account {place.account}, let {puller.role_arn} pull by the repository policy; its other statements stay. The role's own policies have to allow it as well.",
        own_account=False,
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


def _orphaned(pull: RolePull, ruling: Ruling, gone: dict[int, tuple[str, ...]]) -> Outcome:
    puller, place = pull.puller, pull.repository
    document = puller.repository
    assert isinstance(document, Document)
    step, _ = ruling.first
    ids = tuple(dict.fromkeys(item for names in gone.values() for item in names))
    labels = tuple(document.statements[index].label for index in gone)
    return fails(
        REPO_POLICY_PRINCIPAL_ORPHANED,
        f"The repository policy of {place.repository} in account {place.account} allows {joined(ruling.actions)} to {joined(ids)}, a role that was deleted, and not to {puller.role_name}.",
        stage=step.stage,
        also_at=ruling.stages,
        resources=(place.arn, *labels, *ids),
        evidence=(
            *(
                Evidence(
                    what=policy_edits.as_json(policy_edits.statements_of(document)[index]),
                    source=READ_REPOSITORY,
                )
                for index in gone
            ),
            *text_evidence(pull.world, pull.image, "resource", ruling.actions),
        ),
        fix=change_repository_policy(
            place.arn,
            policy_edits.as_written(document),
            policy_edits.renamed(document, gone, puller.role_arn),
            title=f"Name {puller.role_name} in place of the deleted role",
            text=f"In account {place.account}, put {puller.role_arn} in place of {joined(ids)}.",
            own_account=False,
        ),
        console_url=place.link,
    )


ROOM = PolicyRoom((REPO_POLICY_CROSS_ACCOUNT_MISSING, REPO_POLICY_PRINCIPAL_ORPHANED), judge)
