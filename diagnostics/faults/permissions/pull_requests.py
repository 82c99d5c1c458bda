"""The requests of a pull that AWS's policies decide, each with its condition keys."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.faults.base import World, once
from diagnostics.faults.image.invalid_reference import INVALID_REFERENCE
from diagnostics.faults.images import Place, reference_of
from diagnostics.faults.permissions.condition_keys import organization_keys
from diagnostics.faults.permissions.endpoint_on_the_way import leg_of, network_keys, way_of
from diagnostics.faults.permissions.roles import role_facts
from diagnostics.faults.permissions.tag_repairs import Bearer
from diagnostics.policy import ContextValue, Principal, Request, at_moment, repository_requests, token_request
from diagnostics.policy.context import ContextMap
from diagnostics.pull import ContainerImage, Interface, LegName, PullingRole, full_role_arn
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Stage


@dataclass(frozen=True)
class Step:
    """One request of the pull and the stage that it belongs to."""

    stage: Stage
    request: Request

    @property
    def action(self) -> str:
        """`ecr:BatchGetImage`."""
        return self.request.action

    @property
    def is_login(self) -> bool:
        """True for the request for the login token, which is about no repository."""
        return self.request.resource == "*"

    @property
    def asks(self) -> tuple[str, str]:
        """The action with its resource."""
        return self.action, self.request.resource


def session_of(world: World, principal: PullingRole) -> Principal:
    """A role as the evaluator takes it."""
    role = known_value(role_facts(world, principal.role_arn).role)
    return Principal(
        role_arn=full_role_arn(world.snapshot, principal.role_arn),
        session_name=principal.session_name,
        role_id=role.role_id if role else None,
        # ECS sets no session tags, so the role's own are all that the principal has.
        tags=None if role is None or role.tags is None else tuple((tag.key, tag.value) for tag in role.tags),
    )


def moment_keys(world: World, principal: PullingRole) -> ContextMap:
    """The keys of a pull that starts now: the moment at which the facts were read."""
    return at_moment(world.snapshot.taken_at, new_session=principal.kind == "execution_role")


@once
def steps_of(
    world: World, image: ContainerImage, principal: PullingRole, interface: Interface | None
) -> tuple[Step, ...]:
    """The requests of a pull in their order.

    The addresses of the layers are asked for at the registry host too, so that they go the way of the manifest.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    place = Place.of(reference_of(image))
    session = session_of(world, principal)

    def keys(name: LegName) -> dict[str, ContextValue]:
        leg = leg_of(world, image, name)
        network = network_keys(world, way_of(world, leg, interface), interface) if leg else {}
        return {**moment_keys(world, principal), **network}

    token = token_request(
        session, place.region, {**keys("login"), **organization_keys(world, session.account_id)}
    )
    facts = world.image_facts(image)
    asked_for = {
        **repository_bearer(world, image).keys,
        **organization_keys(world, place.account, facts.organization),
    }
    manifest, layers = repository_requests(session, place.arn, {**keys("manifest"), **asked_for})
    return (
        Step(stage="login", request=token),
        Step(stage="manifest", request=manifest),
        Step(stage="layers", request=layers),
    )


def repository_bearer(world: World, image: ContainerImage) -> Bearer:
    """The repository of an image in private ECR, with its tags."""
    place = Place.of(reference_of(image))
    name = f"repository {place.repository}"
    return Bearer("repository", name, place.arn, place.region, world.image_facts(image).tags)


def why_no_iam(image: ContainerImage) -> str | None:
    """Why no AWS policy decides about an image; `None` where one does."""
    if image.reference is None:
        return f"the image reference is not valid: {INVALID_REFERENCE.id}"
    if not image.reference.is_ecr:
        return f"{image.reference.registry} is not a private ECR registry, so no IAM permission decides about its images"
    return None


def is_guardduty(image: ContainerImage) -> bool:
    """True for the image of GuardDuty's sidecar, which AWS adds to the task from a registry of its own."""
    reference = image.reference
    if reference is None:
        return False
    named = any(name.startswith("aws-guardduty-agent") for name in image.containers)
    return named or reference.repository.rsplit("/", 1)[-1].startswith("aws-guardduty-agent")
