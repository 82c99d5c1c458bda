"""Policies of the organization, which no workload account can read: only the error text can name them."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.checks.base import World, fails, skipped
from diagnostics.checks.permissions.faults import RCP_DENIES, SCP_DENIES
from diagnostics.checks.permissions.fixes import simulate
from diagnostics.checks.permissions.questions import (
    Puller,
    boundary_denies,
    repository_denies,
    role_denies,
    role_lacks,
)
from diagnostics.checks.permissions.wording import denial_sentence, denials_about
from diagnostics.console import role as role_page
from diagnostics.finding import Evidence, Fault, Fix, Outcome, Status
from diagnostics.pull import ContainerImage
from diagnostics.stop_reason import Denial, Stage

_STAGES: dict[str, Stage] = {
    "ecr:getauthorizationtoken": "login",
    "ecr:batchgetimage": "manifest",
    "ecr:getdownloadurlforlayer": "layers",
    "secretsmanager:getsecretvalue": "secrets",
    "ssm:getparameters": "secrets",
    "kms:decrypt": "secrets",
}


def outcomes(world: World, image: ContainerImage, puller: Puller) -> Iterator[Outcome]:
    """What the error text says of the organization's policies, for one image and role."""
    denials = denials_about(world, image)
    for fault, kind, name in (
        (SCP_DENIES, "scp", "service control policies"),
        (RCP_DENIES, "rcp", "resource control policies"),
    ):
        said = next((item for item in denials if item.policy == kind), None)
        if said is None:
            reason = f"no workload account can read {name}, and the error text names none"
            yield skipped(fault, reason)
        else:
            yield _named(world, puller, fault, name, said)


def _named(world: World, puller: Puller, fault: Fault, name: str, said: Denial) -> Outcome:
    action = said.action or "ecr:GetAuthorizationToken"
    resource = said.resource or "*"
    policy = said.policy_arn
    owner = puller.role_arn if fault is SCP_DENIES else resource
    account = owner.split(":")[4] if owner.count(":") >= 5 else puller.role_arn.split(":")[4]
    which = f"{name[:-3]}y {policy}" if policy else f"the {name} of the organization"
    asked = f"Ask whoever administers the organization of account {account} to let {puller.role_name} do {action}."
    return fails(
        fault,
        f"By the error text {which} denied {action} to {puller.role_name}{_beside(puller)}.",
        status=Status.WARN,
        stage=_STAGES.get(action.lower(), "login"),
        resources=(owner if owner != "*" else puller.role_arn, *((policy,) if policy else ())),
        evidence=(Evidence(what=denial_sentence(said), source="error text"),),
        fix=Fix(
            text=asked,
            cli="# With credentials of the organization's management account:\n"
            + (
                f"aws organizations describe-policy --policy-id {policy.rsplit('/', 1)[-1]}"
                if policy
                else f"aws organizations list-policies-for-target --target-id {account} --filter "
                + ("SERVICE_CONTROL_POLICY" if fault is SCP_DENIES else "RESOURCE_CONTROL_POLICY")
            ),
            verify=simulate(puller.role_arn, [(action, resource)]),
        ),
        console_url=role_page(world.region, puller.role_name),
    )


def _beside(puller: Puller) -> str:
    """What to add where everything that can be read allows the pull."""
    read = (role_lacks(puller), role_denies(puller), repository_denies(puller))
    limits = (boundary_denies(puller),) if puller.boundary is not None else ()
    if any(ruling.denied or ruling.open for ruling in (*read, *limits)):
        return ""
    return ", and every policy that can be read here allows it"
