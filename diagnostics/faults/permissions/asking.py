"""Who asks what when an image is pulled: the requests of each role that may pull, with their condition keys."""

from __future__ import annotations

import re
from typing import Literal

from diagnostics.faults.base import World
from diagnostics.faults.image.invalid_reference import INVALID_REFERENCE
from diagnostics.faults.permissions.documents import (
    boundary_document,
    document_of,
    identity_documents,
)
from diagnostics.faults.permissions.path import leg_of, network_keys, way_of
from diagnostics.faults.permissions.questions import Puller, Step
from diagnostics.image_reference import ImageReference
from diagnostics.policy import ContextValue, at_moment, repository_requests, token_request
from diagnostics.policy import Principal as Asker
from diagnostics.pull import ContainerImage, Interface, Principal
from diagnostics.snapshot import RoleFacts, Snapshot, known_value

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[^:]+:role/.+")


def role_facts(world: World, role_arn: str) -> RoleFacts:
    """What was read of a role."""
    return world.snapshot.roles.get(role_arn, RoleFacts(role_arn=role_arn))


def full_role_arn(snapshot: Snapshot, role: str) -> str:
    """The ARN of a role that a task definition names; it may name it by its name alone.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    """
    if _ROLE_ARN.fullmatch(role):
        return role
    return f"arn:{snapshot.partition}:iam::{snapshot.account_id or 'ACCOUNT'}:role/{role.removeprefix('/')}"


def is_foreign_role(snapshot: Snapshot, role: str) -> bool:
    """Whether a role belongs to another account than the task, so that what was read by its name is not about it."""
    account = full_role_arn(snapshot, role).split(":")[4]
    return snapshot.account_id is not None and account != snapshot.account_id


def asker_of(world: World, principal: Principal) -> Asker:
    """A role as the evaluator takes it."""
    role = known_value(role_facts(world, principal.role_arn).role)
    return Asker(
        role_arn=full_role_arn(world.snapshot, principal.role_arn),
        session_name=principal.session_name,
        role_id=role.role_id if role else None,
        # ECS sets no session tags, so the role's own are all that the principal has.
        tags=None if role is None or role.tags is None else tuple((tag.key, tag.value) for tag in role.tags),
    )


def moment_keys(world: World, principal: Principal) -> dict[str, ContextValue]:
    """The keys of a pull that starts now: the moment at which the facts were read."""
    return at_moment(world.snapshot.taken_at, new_session=principal.kind == "execution_role")


def puller_of(
    world: World, image: ContainerImage, principal: Principal, interface: Interface | None
) -> Puller:
    """One role that may pull one image of private ECR through one interface, with all policies about it."""
    reference = image.reference
    assert reference is not None
    facts = role_facts(world, principal.role_arn)
    registry = world.image_facts(image)
    arn = repository_arn(reference)
    return Puller(
        principal=principal,
        facts=facts.model_copy(update={"role_arn": full_role_arn(world.snapshot, principal.role_arn)}),
        steps=steps_of(world, image, principal, interface),
        identity=identity_documents(facts),
        boundary=boundary_document(facts),
        repository=document_of(
            registry.repository_policy, "resource", arn, f"the policy of repository {reference.repository}"
        ),
        registry=document_of(
            registry.registry_policy, "registry", "of the registry", "the policy of the registry"
        ),
        registry_scope=_scope(world, image),
        foreign=reference.account_id != full_role_arn(world.snapshot, principal.role_arn).split(":")[4],
    )


def _scope(world: World, image: ContainerImage) -> Literal["V1", "V2"] | None:
    name = known_value(world.image_facts(image).registry_policy_scope)
    return "V2" if name == "V2" else "V1" if name == "V1" else None


def repository_arn(reference: ImageReference) -> str:
    """The ARN of the repository of an image in private ECR."""
    arn = reference.repository_arn
    assert arn is not None
    return arn


def steps_of(
    world: World, image: ContainerImage, principal: Principal, interface: Interface | None
) -> tuple[Step, ...]:
    """The requests of a pull in their order.

    The addresses of the layers are asked for at the registry host too, so that they go the way of the manifest.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    reference = image.reference
    assert reference is not None
    asker = asker_of(world, principal)
    now = moment_keys(world, principal)
    keys: dict[str, dict[str, ContextValue]] = {}
    for name in ("login", "manifest"):
        leg = leg_of(world, image, "login" if name == "login" else "manifest")
        network = network_keys(world, way_of(world, leg, interface), interface) if leg else {}
        keys[name] = {**now, **network}
    token = token_request(asker, reference.region or world.region, keys["login"])
    manifest, layers = repository_requests(asker, repository_arn(reference), keys["manifest"])
    return (
        Step(stage="login", request=token),
        Step(stage="manifest", request=manifest),
        Step(stage="layers", request=layers),
    )


def why_no_iam(image: ContainerImage) -> str | None:
    """Why no AWS policy decides about an image; `None` where one does."""
    if image.reference is None:
        return f"the image reference is not valid: {INVALID_REFERENCE.id}"
    if not image.reference.is_ecr:
        return f"{image.reference.registry} is not a private ECR registry, so no IAM permission decides about its images"
    return None


def is_guardduty(image: ContainerImage) -> bool:
    """Whether an image is GuardDuty's sidecar, which AWS adds to the task from a registry of its own."""
    reference = image.reference
    if reference is None:
        return False
    named = any(name.startswith("aws-guardduty-agent") for name in image.containers)
    return named or reference.repository.rsplit("/", 1)[-1].startswith("aws-guardduty-agent")
