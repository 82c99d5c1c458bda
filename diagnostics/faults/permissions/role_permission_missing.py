"""The role that pulls lacks a permission: the execution role, or its twin on EC2, the instance role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics import console
from diagnostics.faults.base import World, fails, skipped
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.policy_changes import put_role_policy, simulate
from diagnostics.faults.permissions.policy_documents import READ_ROLE
from diagnostics.faults.permissions.pull_requests import Step, is_guardduty, repository_bearer
from diagnostics.faults.permissions.pulling_role import PolicyRoom, Puller, RolePull, Ruling
from diagnostics.faults.permissions.refusal_words import (
    changed_since,
    denials_about,
    near_misses,
    not_refused,
    text_evidence,
)
from diagnostics.faults.permissions.simulator import contradicted
from diagnostics.faults.permissions.tag_repairs import tagged
from diagnostics.faults.permissions.told_refusals import by_text, refusal_told
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.policy import Document
from diagnostics.pull import PullingRole
from diagnostics.snapshot import Unavailable, known_or, known_value
from diagnostics.stop_reason import SymptomId
from diagnostics.write.snippets import joined

ROLE_PERMISSION_MISSING = Fault(
    id="role-permission-missing",
    kind="permission",
    title="The execution role may do what the pull needs",
    why="A pull asks ECR for a login token (ecr:GetAuthorizationToken, which only works on the resource *), for the manifest (ecr:BatchGetImage) and for each layer's address (ecr:GetDownloadUrlForLayer). What no policy allows is denied.",
    how="Add the missing actions to a policy of the execution role.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
    explains=Explains(symptoms=REFUSED, refusals=("identity",), actions=("ecr:",)),
)
INSTANCE_PROFILE_PERMISSION_MISSING = Fault(
    id="instance-profile-permission-missing",
    kind="permission",
    title="The instance role may do what the pull needs",
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
        fix = grant(puller, puller.open_to("identity", explicit=False), "allow-image-pull")
        yield by_text(pull, fault, told, ruling, summary, fix)
        return
    if not ruling.denied:
        since = changed_since(denials_about(world, image), "identity")
        yield not_refused(fault, ruling.open, f"{puller.role_name} may do what the pull needs{since}")
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
            Evidence(what=_what_was_read(puller, names), source=READ_ROLE),
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
    return grant(pull.puller, ruling.joined(lacking(other) for other in pull.others).steps)


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


def grant(puller: Puller, steps: Iterable[Step], policy_name: str = "ecr-pull") -> Fix:
    """An inline policy with exactly the actions that are missing."""
    wanted = [step.asks for step in steps]
    names = puller.facts.inline_policy_names
    name = _free_name(policy_name, known_or(names, ()))
    unread = (
        f" Its policies could not be read here: where it has one of the name {name}, choose another name, or that one is replaced."
        if isinstance(names, Unavailable)
        else ""
    )
    return put_role_policy(
        puller.role_arn,
        name,
        policy_edits.added(None, *policy_edits.allowing(wanted)),
        text=f"Let {puller.role_name} do {joined(dict.fromkeys(action for action, _ in wanted))}.{unread}",
        verify=simulate(puller.role_arn, wanted),
    )


def _what_was_read(puller: Puller, actions: str) -> str:
    names = [item.name for item in puller.identity if isinstance(item, Document)]
    read = f"policies read: {', '.join(names)}" if names else "the role has no policy"
    return f"no Allow for {actions}; {read}"


def _profile(world: World, puller: Puller) -> tuple[str, ...]:
    if puller.principal.kind != "instance_role":
        return ()
    profile = known_value(world.snapshot.instance_profile)
    return (profile.arn,) if profile else ()


def _free_name(wanted: str, taken: tuple[str, ...]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


ROOM = PolicyRoom((ROLE_PERMISSION_MISSING, INSTANCE_PROFILE_PERMISSION_MISSING), judge)
