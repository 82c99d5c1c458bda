"""The one decision about an image that all faults of its policies share: which policy denies, which lacks an Allow.

Each policy is judged as if all others allowed, so that a pull that two of them refuse shows both, each with its own
repair. Taken together the answers are those of the whole evaluation.

AWS: Policy evaluation logic
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from diagnostics.faults.permissions.documents import only_allows, only_denies, open_document
from diagnostics.finding import Unsettled
from diagnostics.policy import (
    Allowed,
    CannotTell,
    Decision,
    Denied,
    Document,
    Missing,
    Policies,
    Request,
    evaluate,
)
from diagnostics.pull import Principal
from diagnostics.snapshot import RoleFacts
from diagnostics.stop_reason import Stage

OPEN = open_document("identity")
OPEN_BOUNDARY = open_document("boundary")
OPEN_REPOSITORY = open_document("resource")


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
        """Whether it is the request for the login token, which is about no repository."""
        return self.request.resource == "*"


@dataclass(frozen=True)
class Puller:
    """A role that may be the one that pulls one image, the requests it makes, and the policies about them.

    `foreign` tells whether the image belongs to another account than the role.
    """

    principal: Principal
    facts: RoleFacts
    steps: tuple[Step, ...]
    identity: tuple[Document | Missing, ...]
    boundary: Document | Missing | None
    repository: Document | Missing | None
    registry: Document | Missing | None
    registry_scope: Literal["V1", "V2"] | None
    foreign: bool

    @property
    def role_arn(self) -> str:
        """The ARN of the role."""
        return self.facts.role_arn

    @property
    def about_login(self) -> Puller:
        """The same role with its request for the login token only."""
        return replace(self, steps=tuple(step for step in self.steps if step.is_login))

    @property
    def about_repository(self) -> Puller:
        """The same role without its request for the login token."""
        return replace(self, steps=tuple(step for step in self.steps if not step.is_login))

    def alone(self, step: Step) -> Puller:
        """The same role with one request, and without the policies of the registry's side."""
        return replace(self, steps=(step,), repository=None, registry=None)

    @property
    def role_name(self) -> str:
        """The role's name, without its path."""
        return self.role_arn.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Ruling:
    """What the requests of a pull meet in one policy.

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
    def actions(self) -> tuple[str, ...]:
        """The actions that fail."""
        return tuple(step.action for step, _ in self.denied)


def not_told(action: str, decision: CannotTell) -> Unsettled:
    """Why a request is neither certainly allowed nor certainly denied."""
    behind = [(item.unread, item.named) for item in decision.unread if item.unread is not None]
    return Unsettled(
        words=f"{action}: {decision.reason}",
        unread=tuple(fact for fact, _ in behind),
        failed=next((clause for fact, _ in behind if (clause := fact.in_brief())), None),
        names=tuple(fact.resource for fact, named in behind if named and fact.resource),
    )


def ruling(steps: Iterable[Step], judge: Callable[[Step], Decision]) -> Ruling:
    """The requests judged one by one."""
    denied: list[tuple[Step, Denied]] = []
    unsettled: list[Unsettled] = []
    for step in steps:
        decision = judge(step)
        if isinstance(decision, Denied):
            denied.append((step, decision))
        elif isinstance(decision, CannotTell):
            unsettled.append(not_told(step.action, decision))
    return Ruling(denied=tuple(denied), open=() if denied else tuple(unsettled))


def role_denies(puller: Puller) -> Ruling:
    """Whether a policy of the role holds a Deny for the pull."""
    identity = tuple(_only_denies(item) for item in puller.identity)

    def judge(step: Step) -> Decision:
        policies = Policies(identity=(*identity, OPEN), resource=_other_side_open(puller))
        return evaluate(step.request, policies)

    return ruling(puller.steps, judge)


def role_lacks(puller: Puller) -> Ruling:
    """Whether nothing on the role's own side allows the pull; in its own account a repository policy may as well."""
    identity = tuple(item for one in puller.identity if (item := only_allows(one)) is not None)
    return ruling(
        puller.steps,
        lambda step: _allowed(step, _beside(puller, Policies(identity=identity))),
    )


def boundary_denies(puller: Puller) -> Ruling:
    """Whether the role's permissions boundary denies the pull or leaves it out."""
    return ruling(
        puller.steps,
        lambda step: _allowed(step, _beside(puller, Policies(identity=(OPEN,), boundary=puller.boundary))),
    )


def _beside(puller: Puller, policies: Policies) -> Policies:
    """The policies with the Allows of the registry's side: those there are in the own account, else all."""
    if puller.foreign:
        return policies.model_copy(update={"resource": OPEN_REPOSITORY})
    return policies.model_copy(
        update={
            "resource": only_allows(puller.repository),
            "registry": only_allows(puller.registry),
            "registry_scope": puller.registry_scope,
        }
    )


def _allowed(step: Step, policies: Policies) -> Decision:
    """A decision about Allows alone: where those that were read are enough, one that was not read takes nothing away."""
    identity = policies.identity if isinstance(policies.identity, tuple) else ()
    read = policies.model_copy(
        update={
            "identity": tuple(item for item in identity if isinstance(item, Document)),
            "resource": policies.resource if isinstance(policies.resource, Document) else None,
            "registry": policies.registry if isinstance(policies.registry, Document) else None,
        }
    )
    decision = evaluate(step.request, read)
    return decision if isinstance(decision, Allowed) else evaluate(step.request, policies)


def repository_denies(puller: Puller) -> Ruling:
    """Whether a Deny of the repository policy applies."""

    def judge(step: Step) -> Decision:
        resource = None if puller.repository is None else _only_denies(puller.repository)
        return _whatever_the_boundary(
            puller,
            step,
            Policies(identity=(OPEN,), resource=resource if resource else _other_side_open(puller)),
        )

    return ruling(_on_the_repository(puller), judge)


def repository_lacks(puller: Puller, registry: Document | Missing | None) -> Ruling:
    """For an image of another account: whether nothing there allows the pull. `registry` is the policy that counts."""

    policies = Policies(
        identity=(OPEN,),
        resource=only_allows(puller.repository),
        registry=only_allows(registry),
        registry_scope=puller.registry_scope,
    )
    return ruling(_on_the_repository(puller), lambda step: _allowed(step, policies))


def registry_denies(puller: Puller) -> Ruling:
    """Whether a Deny of the registry policy applies."""

    def judge(step: Step) -> Decision:
        policies = Policies(
            identity=(OPEN,),
            resource=_other_side_open(puller),
            registry=None if puller.registry is None else _only_denies(puller.registry),
            registry_scope=puller.registry_scope,
        )
        return _whatever_the_boundary(puller, step, policies)

    return ruling(_on_the_repository(puller), judge)


def _on_the_repository(puller: Puller) -> tuple[Step, ...]:
    return tuple(step for step in puller.steps if not step.is_login)


def _only_denies(policy: Document | Missing) -> Document | Missing:
    return only_denies(policy) if isinstance(policy, Document) else policy


def _other_side_open(puller: Puller) -> Document | None:
    """In another account both sides must allow, so that the one that is not asked about has to be opened."""
    return OPEN_REPOSITORY if puller.foreign else None


def _whatever_the_boundary(puller: Puller, step: Step, policies: Policies) -> Decision:
    """A decision that may depend on whether the role has a boundary (NotPrincipal does), not on what that says."""
    bounded = policies.model_copy(update={"boundary": OPEN_BOUNDARY})
    if puller.boundary is None:
        return evaluate(step.request, policies)
    if isinstance(puller.boundary, Document):
        return evaluate(step.request, bounded)
    without, within = evaluate(step.request, policies), evaluate(step.request, bounded)
    if without.outcome == within.outcome:
        return within
    return CannotTell(
        missing=(puller.boundary.what,),
        unread=(puller.boundary,),
        reason=f"A Deny may apply: that depends on {puller.boundary.what}.",
    )
