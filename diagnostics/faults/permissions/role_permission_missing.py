"""The role that pulls lacks a permission: the execution role, or its twin on EC2, the instance role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics import console
from diagnostics.faults.base import World, fails, skipped
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.allow_conditions import NoWayError, allows, unmet_condition
from diagnostics.faults.permissions.policy_documents import READ_MANAGED, READ_ROLE
from diagnostics.faults.permissions.pull_requests import Step, is_guardduty, repository_bearer
from diagnostics.faults.permissions.pulling_role import PolicyRoom, Puller, RolePull, Ruling
from diagnostics.faults.permissions.refusal_words import (
    capital,
    changed_since,
    denials_about,
    near_misses,
    not_refused,
    text_evidence,
)
from diagnostics.faults.permissions.role_policy_changes import inline_proof, put_role_policy
from diagnostics.faults.permissions.role_repairs import free_policy_name, proof_of_allow
from diagnostics.faults.permissions.roles import another_role, is_service_linked
from diagnostics.faults.permissions.simulator import contradicted
from diagnostics.faults.permissions.tag_repairs import tagged
from diagnostics.faults.permissions.told_refusals import by_text, refusal_told
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.policy import Denied, Document
from diagnostics.pull import PullingRole
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import SymptomId
from diagnostics.write.snippets import joined

ROLE_PERMISSION_MISSING = Fault(
    id="role-permission-missing",
    kind="permission",
    title="The execution role has the permissions that the pull needs",
    short="its execution role lacks permissions for the pull",
    why="A pull asks ECR for a login token (ecr:GetAuthorizationToken, which only works on the resource *), for the manifest (ecr:BatchGetImage) and for each layer's address (ecr:GetDownloadUrlForLayer). What no policy allows is denied.",
    how="Add the missing actions to a policy of the execution role.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
    explains=Explains(symptoms=REFUSED, refusals=("identity",), actions=("ecr:",)),
)
INSTANCE_PROFILE_PERMISSION_MISSING = Fault(
    id="instance-profile-permission-missing",
    kind="permission",
    title="The instance role has the permissions that the pull needs",
    short="its instance role lacks permissions for the pull",
    why="On EC2 the ECS agent and the Docker daemon pull with the role of the container instance. It needs ecr:GetAuthorizationToken on *, and ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the repository. What no policy allows is denied.",
    how="Add the missing actions to a policy of the instance role.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html",
    explains=Explains(
        symptoms=(*REFUSED, SymptomId.INSTANCE_ROLE_MISSING), refusals=("identity",), actions=("ecr:",)
    ),
)


def fault_and_twin(principal: PullingRole) -> tuple[Fault, Fault]:
    """The fault of the role that pulls, and that of the other role, which does not apply."""
    pair = (ROLE_PERMISSION_MISSING, INSTANCE_PROFILE_PERMISSION_MISSING)
    return pair if principal.kind == "execution_role" else (pair[1], pair[0])


def the_other_role(principal: PullingRole) -> Outcome:
    """The role that does not pull needs nothing."""
    fault, twin = fault_and_twin(principal)
    return skipped(twin, f"the {principal.kind.replace('_', ' ')} pulls: {fault.id}")


def judge(pull: RolePull) -> Iterator[Outcome]:
    """What no policy of the role allows, nor one of the registry's side in the role's own account."""
    world, image, puller = pull.world, pull.image, pull.puller
    fault, _ = fault_and_twin(puller.principal)
    if is_guardduty(image):
        # What the role lacks on GuardDuty's own repository is guardduty-sidecar-denied.
        puller = puller.about(*(step for step in puller.steps if step.is_login))
    ruling = lacking(puller)
    if (told := refusal_told(pull, "identity", ruling, explicit=False)) is not None:
        action, resource = told[0].asks
        summary = f"no policy of {puller.role_name} allows {action} on {resource}"
        open_steps = puller.open_to("identity", explicit=False)
        fix = grant(puller, ((step, not_allowed(step)) for step in open_steps), "allow-image-pull")
        yield by_text(pull, fault, told, ruling, summary, fix)
        return
    if not ruling.denied:
        since = changed_since(denials_about(world, image), "identity")
        yield not_refused(
            fault, ruling.open, f"{puller.role_name} has the permissions that the pull needs{since}"
        )
        return
    step, denied = ruling.first
    names = _in_words(ruling)
    outcome = fails(
        fault,
        f"No policy of {puller.role_name} allows {names}.",
        stage=step.stage,
        also_at=ruling.stages,
        resources=(puller.role_arn, *_profile(world, puller)),
        evidence=(
            _what_was_read(puller, names),
            *near_misses(denied, step.action, READ_ROLE),
            *text_evidence(world, image, "identity", ruling.actions),
        ),
        fix=_fix(pull, ruling),
        console_url=console.role(world.region, puller.role_name),
    )
    yield contradicted(puller, ruling, outcome)


def _fix(pull: RolePull, ruling: Ruling) -> Fix:
    """The tags that an Allow asks for where that is all it lacks, else one policy for all of the task's images."""
    if not pull.puller.foreign and not any(step.is_login for step in ruling.steps):
        bearer = repository_bearer(pull.world, pull.image)
        if (tags := tagged(bearer, (denied for _, denied in ruling.denied))) is not None:
            return tags
    return grant(pull.puller, ruling.joined(lacking(other) for other in pull.others).denied)


def lacking(puller: Puller) -> Ruling:
    """The requests that nothing allows the role to make."""
    return puller.ruling("identity", explicit=False)


def _in_words(ruling: Ruling) -> str:
    """The actions and where they are missing; the login is about no repository."""
    parts = [step.action for step in ruling.steps if step.is_login]
    rest = [step for step in ruling.steps if not step.is_login]
    if rest:
        parts.append(f"{joined(step.action for step in rest)} on {rest[0].request.resource}")
    return ", nor ".join(parts)


def grant(puller: Puller, denied: Iterable[tuple[Step, Denied]], policy_name: str = "ecr-pull") -> Fix:
    """An inline policy with exactly the actions that are missing, under the condition that is not met, corrected."""
    every = tuple(denied)
    steps = [step for step, _ in every]
    actions = joined(dict.fromkeys(step.action for step in steps))
    if is_service_linked(puller.role_arn):
        return another_role(puller.role_arn)
    try:
        statements = allows(every)
    except NoWayError as error:
        return Fix(
            text=f"{error}. Let the pull go that way, or correct the condition; an Allow without it would go past it."
        )
    name = free_policy_name(puller, policy_name)
    document = policy_edits.added(None, *statements)
    misses = [miss for _, refusal in every if (miss := unmet_condition(refusal)) is not None]
    under, warning = "", None
    if misses:
        keys = joined(dict.fromkeys(key for miss in misses for key in miss.unmet))
        places = joined(dict.fromkeys(f"{miss.statement.label} of {miss.policy_name}" for miss in misses))
        corrected = any("Condition" in item for item in statements)
        under = f", with the condition on {keys} corrected to this pull" if corrected else ""
        warning = f"{capital(places)} allows it only under a condition on {keys}, which this pull does not meet. Ask its owner before you run this."
    proof = proof_of_allow(puller, steps, inline_proof(puller.role_arn, name, document))
    if any("Condition" in item for item in statements):
        proof = inline_proof(puller.role_arn, name, document)
    return put_role_policy(
        puller.role_arn,
        name,
        document,
        title=f"Let {puller.role_name} do {actions}",
        text=f"Let {puller.role_name} do {actions} by a new inline policy {name}{under}; its other policies stay as they are.",
        warning=warning,
        verify=proof[0],
        expect=proof[1],
    )


def not_allowed(step: Step) -> Denied:
    """A refusal that only the error text tells of, without a policy that was read."""
    return Denied(explicit=False, policy_kind="identity", reason=f"no policy allows {step.action}")


def _what_was_read(puller: Puller, actions: str) -> Evidence:
    names = [item.name for item in puller.identity if isinstance(item, Document)]
    read = f"policies read: {', '.join(names)}" if names else "the role has no policy"
    by_call = READ_ROLE if any(not name.startswith("arn:") for name in names) else READ_MANAGED
    return Evidence(
        what=f"no Allow for {actions}; {read}", source=by_call if names else "iam:ListAttachedRolePolicies"
    )


def _profile(world: World, puller: Puller) -> tuple[str, ...]:
    if puller.principal.kind != "instance_role":
        return ()
    profile = known_value(world.snapshot.instance_profile)
    return (profile.arn,) if profile else ()


ROOM = PolicyRoom((ROLE_PERMISSION_MISSING, INSTANCE_PROFILE_PERMISSION_MISSING), judge)
