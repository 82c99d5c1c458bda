"""A role that may be the one that pulls, with the policies around it, and what each of them says to the pull."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from diagnostics.faults.base import World, once
from diagnostics.faults.image.repo_not_found import REPO_NOT_FOUND
from diagnostics.faults.images import Place, reference_of
from diagnostics.faults.permissions.instance_profile_missing import INSTANCE_PROFILE_MISSING
from diagnostics.faults.permissions.policy_documents import boundary_document, document_of, identity_documents
from diagnostics.faults.permissions.pull_requests import Step, is_guardduty, steps_of, why_no_iam
from diagnostics.faults.permissions.refusal_words import not_told
from diagnostics.faults.permissions.role_missing import ROLE_MISSING
from diagnostics.faults.permissions.roles import role_facts
from diagnostics.finding import Fault, Outcome, Unsettled
from diagnostics.policy import Denied, Document, Missing, Policies, Refusals, refusals
from diagnostics.policy.document import PolicyKind
from diagnostics.pull import ContainerImage, Interface, PullingRole, full_role_arn
from diagnostics.snapshot import Absent, RoleFacts, known_value, need
from diagnostics.stop_reason import Stage

NO_ROLE = f"no role is there to pull with: {ROLE_MISSING.id} or {INSTANCE_PROFILE_MISSING.id}"


@dataclass(frozen=True)
class Ruling:
    """What the requests of a pull meet in one kind of policy.

    `denied` are the requests that certainly fail there, in the order of the pull; where there are none, `open` says
    what is not known about the others, and where there is nothing open either, all of them pass.
    """

    denied: tuple[tuple[Step, Denied], ...] = ()
    open: tuple[Unsettled, ...] = ()

    @property
    def first(self) -> tuple[Step, Denied]:
        """The earliest request that fails."""
        return self.denied[0]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The requests that fail."""
        return tuple(step for step, _ in self.denied)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that fail."""
        return tuple(step.action for step in self.steps)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages at which they fail."""
        return tuple(step.stage for step in self.steps)

    def by_statement(self) -> tuple[Ruling, ...]:
        """One ruling for each Deny statement."""
        found: dict[tuple[str | None, int], list[tuple[Step, Denied]]] = {}
        for step, denied in self.denied:
            assert denied.statement is not None
            found.setdefault((denied.policy_name, denied.statement.index), []).append((step, denied))
        return tuple(Ruling(denied=tuple(item)) for item in found.values())

    def joined(self, others: Iterable[Ruling]) -> Ruling:
        """What is denied here and there, each request once."""
        every = (item for one in (self, *others) for item in one.denied)
        return Ruling(denied=tuple({(step.asks, no.explicit): (step, no) for step, no in every}.values()))


@dataclass(frozen=True)
class Puller:
    """A role that may be the one that pulls one image, the requests it makes, and the policies about them.

    `foreign` tells that the image belongs to another account than the role. The registry policy there can be read by that
    account alone, so that it is left out of what is judged.
    """

    principal: PullingRole
    facts: RoleFacts
    steps: tuple[Step, ...]
    identity: tuple[Document | Missing, ...]
    boundary: Document | Missing | None
    repository: Document | Missing | None = None
    registry: Document | Missing | None = None
    registry_scope: Literal["V1", "V2"] | None = None
    foreign: bool = False

    @property
    def role_arn(self) -> str:
        """The ARN of the role."""
        return self.facts.role_arn

    @property
    def role_name(self) -> str:
        """The role's name, without its path."""
        return self.role_arn.rsplit("/", 1)[-1]

    def about(self, *steps: Step) -> Puller:
        """The same role with some of its requests only."""
        return replace(self, steps=steps)

    @cached_property
    def refusals(self) -> tuple[tuple[Step, Refusals], ...]:
        """Each request with every policy that refuses it, or may."""
        policies = Policies(
            identity=self.identity,
            boundary=self.boundary,
            resource=self.repository,
            registry=None if self.foreign else self.registry,
            registry_scope=self.registry_scope,
        )
        return tuple((step, refusals(step.request, policies)) for step in self.steps)

    def open_to(self, kind: PolicyKind, *, explicit: bool) -> tuple[Step, ...]:
        """The requests of which it is not known if one kind of policy refuses them."""
        return tuple(step for step, answer in self.refusals if answer.not_known(kind, explicit=explicit))

    def ruling(self, kind: PolicyKind, *, explicit: bool | None = None) -> Ruling:
        """What one kind of policy says: by its Deny statements, for want of an Allow, or by either."""
        denied: list[tuple[Step, Denied]] = []
        unsettled: list[Unsettled] = []
        for step, answer in self.refusals:
            if (first := answer.first(kind, explicit=explicit)) is not None:
                denied.append((step, first))
            else:
                why = answer.not_known(kind, explicit=explicit)
                unsettled.extend(not_told(step.action, item) for item in why)
        return Ruling(denied=tuple(denied), open=() if denied else tuple(unsettled))


@dataclass(frozen=True)
class RolePull:
    """One image, one role that may pull it, and the same role with the task's other images from private ECR."""

    world: World
    image: ContainerImage
    puller: Puller
    others: tuple[Puller, ...] = ()

    @property
    def repository(self) -> Place:
        """The image's repository."""
        return Place.of(reference_of(self.image))

    @property
    def why_no_repository_policy(self) -> str | None:
        """Why the repository's policy is not asked about; `None` where it is."""
        if isinstance(self.world.image_facts(self.image).repository, Absent):
            return f"the repository does not exist: {REPO_NOT_FOUND.id}"
        if self.image.injected:
            return "the repository belongs to AWS, which lets every account pull"
        return None


@dataclass(frozen=True)
class PolicyRoom:
    """What a room of one kind of policy holds: its faults, and the judge that rules on each of them for one pull."""

    faults: tuple[Fault, ...]
    judge: Callable[[RolePull], Iterable[Outcome]]


def role_pull_of(
    world: World, image: ContainerImage, principal: PullingRole, interface: Interface | None
) -> RolePull:
    """The pull of one image by one role, through one interface."""
    others = (
        item
        for item in world.pull.images
        if item != image and why_no_iam(item) is None and not is_guardduty(item)
    )
    return RolePull(
        world,
        image,
        puller_of(world, image, principal, interface),
        tuple(puller_of(world, item, principal, interface) for item in others),
    )


@once
def puller_of(
    world: World, image: ContainerImage, principal: PullingRole, interface: Interface | None
) -> Puller:
    """One role that may pull one image of private ECR through one interface, with all policies about it."""
    place = Place.of(reference_of(image))
    registry = world.image_facts(image)
    scope = known_value(registry.registry_policy_scope)
    puller = role_alone(world, principal)
    return replace(
        puller,
        steps=steps_of(world, image, principal, interface),
        repository=document_of(
            registry.repository_policy, "resource", place.arn, f"the policy of repository {place.repository}"
        ),
        registry=document_of(
            registry.registry_policy, "registry", "of the registry", "the policy of the registry"
        ),
        registry_scope="V2" if scope == "V2" else "V1" if scope == "V1" else None,
        foreign=place.account != puller.role_arn.split(":")[4],
    )


def role_alone(world: World, principal: PullingRole) -> Puller:
    """A role with its own policies, and no request yet."""
    facts = role_facts(world, principal.role_arn)
    return Puller(
        principal=principal,
        facts=facts.model_copy(update={"role_arn": full_role_arn(world.snapshot, principal.role_arn)}),
        steps=(),
        identity=identity_documents(facts),
        boundary=boundary_document(facts),
    )


def who_pulls(world: World, image: ContainerImage) -> tuple[tuple[PullingRole, ...], str]:
    """The roles that may be the one that pulls an image; where there are none, why no policy decides about it.

    Raises:
        UnavailableError: it is not known which roles there are.
    """
    reason = why_no_iam(image)
    if reason is not None:
        return (), reason
    return need(world.pull.principals) or (), NO_ROLE
