"""All policies around a request, matched with it once, and the words for what they come to.

`evaluate` decides from them all together, `refusals` from each by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from diagnostics.policy.context import Context, Principal
from diagnostics.policy.document import KIND_NAMES, Document, Missing, PolicyKind
from diagnostics.policy.model import TOKEN_ACTION, CannotTell, Denied, Policies, Request, Side
from diagnostics.policy.statement import Layer, Match, match_layer
from diagnostics.policy.truth import NO, YES, Truth, all_of, any_of, maybe

# The registry policy's first version knows these actions only.
# AWS: Private registry permissions in Amazon ECR
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
_REGISTRY_V1 = frozenset({"ecr:replicateimage", "ecr:batchimportupstreamimage", "ecr:createrepository"})


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of policies around one request.

    `hands_on`: the resource's own policy lets identity policies count, which only that of a key has to.
    AWS: Key policies in AWS KMS https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    """

    identity: Layer
    boundary: Layer | None
    resource: Layer
    registry: Layer
    endpoint: Layer | None
    scps: tuple[Layer, ...]
    hands_on: Truth

    def named(self) -> list[tuple[PolicyKind, Layer]]:
        """Every layer with its kind, in the order in which one that denies is named."""
        found: list[tuple[PolicyKind, Layer]] = [("identity", self.identity)]
        if self.boundary is not None:
            found.append(("boundary", self.boundary))
        found += [("resource", self.resource), ("registry", self.registry)]
        if self.endpoint is not None:
            found.append(("endpoint", self.endpoint))
        found += [("scp", layer) for layer in self.scps]
        return found

    @property
    def read(self) -> Layers:
        """The same without the policies that could not be read."""
        if not (self.identity.gaps or self.resource.gaps or self.registry.gaps):
            return self
        identity, resource, registry = (
            replace(layer, gaps=()) for layer in (self.identity, self.resource, self.registry)
        )
        return replace(self, identity=identity, resource=resource, registry=registry)

    @property
    def bounded(self) -> Truth:
        """The boundary, if there is one, allows."""
        return YES if self.boundary is None else self.boundary.allow

    @property
    def direct(self) -> Truth:
        """A policy of the resource's side allows it to everybody or to the session, which no boundary limits."""
        return any_of([self.resource.direct, self.registry.direct])

    @property
    def role(self) -> Truth:
        """A policy of the resource's side allows it to the role, within the role's boundary."""
        return any_of([self.resource.role, self.registry.role])

    @property
    def own_side(self) -> Truth:
        """The caller's own account grants it."""
        return all_of([self.identity.allow, self.bounded])

    @property
    def other_side(self) -> Truth:
        """The resource's account grants it to a caller of another account."""
        return any_of([self.resource.allow, self.registry.allow])


def match_policies(request: Request, policies: Policies, *, bounded: Truth | None = None) -> Layers:
    """Match all policies around a request with it; `bounded`: as if the caller had a permissions boundary, or had none."""
    context = Context(request.context, request.principal, request.owner)
    if bounded is None:
        # Where the role could not be read it may be that there is no boundary at all.
        bounded = maybe(policies.boundary) if isinstance(policies.boundary, Missing) else YES
        bounded = NO if policies.boundary is None else bounded
    # A login is not about a repository: no repository policy is asked, and none can grant it.
    # AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
    token = request.action.lower() == TOKEN_ACTION
    enforced = NO if token else _registry_enforced(request.action, policies)
    identity = (policies.identity,) if isinstance(policies.identity, Missing) else policies.identity
    resource = match_layer([None if token else policies.resource], request, context, bounded=bounded)
    hands_on = YES
    if request.action.lower().startswith("kms:"):
        hands_on = maybe("the key policy") if policies.resource is None else resource.account
    return Layers(
        identity=match_layer(identity, request, context),
        boundary=None if policies.boundary is None else match_layer([policies.boundary], request, context),
        resource=resource,
        registry=match_layer([policies.registry], request, context, bounded=bounded, enforced=enforced),
        endpoint=None
        if policies.endpoint is None
        else match_layer([policies.endpoint], request, context, bounded=bounded),
        scps=tuple(match_layer(level, request, context) for level in policies.scps),
        hands_on=hands_on,
    )


def turns_on_boundary(policies: Policies) -> bool:
    """True if it matters to some policy whether the caller has a permissions boundary: only NotPrincipal asks."""
    return any(
        statement.principal is not None and statement.principal.negated
        for document in (policies.resource, policies.registry, policies.endpoint)
        if isinstance(document, Document)
        for statement in document.statements
    )


def _registry_enforced(action: str, policies: Policies) -> Truth:
    if policies.registry is None or not action.lower().startswith("ecr:"):
        return NO
    if policies.registry_scope == "V2" or action.lower() in _REGISTRY_V1:
        return YES
    return NO if policies.registry_scope == "V1" else maybe("the registry policy's scope (V1 or V2)")


def is_foreign(request: Request) -> Truth:
    """The resource belongs to another account than the caller."""
    if request.resource == "*" or not isinstance(request.principal, Principal):
        return NO
    if request.owner is None:
        return maybe(f"the account that owns {request.resource}")
    return NO if request.owner == request.principal.account_id else YES


def resource_kind(policies: Policies) -> PolicyKind:
    """What the policy of the resource is called."""
    return policies.resource.kind if isinstance(policies.resource, Document) else "resource"


def denied_by(request: Request, match: Match) -> Denied:
    """The denial by a Deny statement."""
    kind = match.document.kind
    return Denied(
        explicit=True,
        policy_kind=kind,
        policy_name=match.document.name,
        statement=match.ref,
        reason=f"The {KIND_NAMES[kind]} {match.document.name} denies {request.action} ({match.ref.label}).",
    )


def lacking(request: Request, kind: PolicyKind, layers: list[Layer], side: Side | None = None) -> Denied:
    """The denial for want of an Allow in these layers."""
    names = layers[0].names
    near = [miss for layer in layers for match in layer.allows if (miss := match.near_miss) is not None]
    return Denied(
        explicit=False,
        policy_kind=kind,
        policy_name=names[0] if len(names) == 1 else None,
        missing_side=side,
        near=tuple(near),
        reason=f"No {KIND_NAMES[kind]} allows {request.action} on {request.resource}.",
    )


def undecided(allow: Truth, deny: Truth) -> CannotTell:
    """The answer where what is not known decides: it may lack an Allow, or meet a Deny."""
    missing: Iterable[str | Missing] = (*(allow.missing if allow.value is None else ()), *deny.missing)
    every = tuple(dict.fromkeys(missing))
    what = "A Deny may apply" if deny.value is None else "It may not be allowed"
    names = tuple(dict.fromkeys(str(item) for item in every))
    return CannotTell(
        missing=names,
        unread=tuple(item for item in every if isinstance(item, Missing)),
        reason=f"{what}: that depends on {', '.join(names)}, which is not known.",
    )
