"""Deciding a request from all the policies that bear on it, three-valued.

AWS: Policy evaluation logic
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
and How AWS enforcement code logic evaluates requests to allow or deny access
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.policy.context import Context, ContextMap, Principal, ServicePrincipal
from diagnostics.policy.document import KIND_NAMES, Document, Kind, Missing
from diagnostics.policy.model import (
    Allowed,
    CannotTell,
    Decision,
    Denied,
    Policies,
    Request,
    Side,
)
from diagnostics.policy.statement import Layer, match_layer
from diagnostics.policy.truth import NO, YES, Truth, all_of, any_of, maybe, same

_TOKEN_ACTION = "ecr:getauthorizationtoken"
# The registry policy's first version knows these actions only.
# AWS: Private registry permissions in Amazon ECR
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
_REGISTRY_V1 = frozenset({"ecr:replicateimage", "ecr:batchimportupstreamimage", "ecr:createrepository"})


@dataclass(frozen=True, slots=True)
class _Layers:
    identity: Layer
    boundary: Layer | None
    resource: Layer
    registry: Layer
    endpoint: Layer | None
    scps: tuple[Layer, ...]

    def named(self) -> list[tuple[Kind, Layer]]:
        found: list[tuple[Kind, Layer]] = [("identity", self.identity)]
        if self.boundary is not None:
            found.append(("boundary", self.boundary))
        found += [("resource", self.resource), ("registry", self.registry)]
        if self.endpoint is not None:
            found.append(("endpoint", self.endpoint))
        found += [("scp", layer) for layer in self.scps]
        return found

    @property
    def bounded(self) -> Truth:
        """Whether the boundary, if there is one, allows."""
        return YES if self.boundary is None else self.boundary.allow

    @property
    def through_endpoint(self) -> Truth:
        return YES if self.endpoint is None else self.endpoint.allow

    @property
    def own_side(self) -> Truth:
        """What the caller's own account grants."""
        return all_of([self.identity.allow, self.bounded])

    @property
    def other_side(self) -> Truth:
        """What the resource's account grants to a caller of another account."""
        return any_of([self.resource.allow, self.registry.allow])


def evaluate(request: Request, policies: Policies) -> Decision:
    """Whether the request is allowed, denied, or cannot be told from what is known.

    An explicit Deny that certainly applies decides; otherwise the request is allowed only if the Allows
    that it needs certainly apply and no Deny may apply. Within one account an identity policy or the
    resource's own policy is enough; between accounts both must allow. Nothing here is guessed: whatever is
    not known makes the answer `CannotTell`, unless the rest decides without it.
    """
    context = Context(request.context, request.principal, request.resource_account or request.owner)
    layers = _match(request, policies, context)
    allow = all_of(
        [_granted(request, policies, layers), layers.through_endpoint, *(s.allow for s in layers.scps)]
    )
    deny = any_of(layer.deny for _, layer in layers.named())
    if deny.is_yes:
        return _explicit(request, layers)
    if allow.is_no:
        return _implicit(request, policies, layers)
    if allow.is_yes and deny.is_no:
        return Allowed(
            by=tuple(
                match.grant for _, layer in layers.named() for match in layer.allows if match.applies.is_yes
            )
        )
    missing = tuple(dict.fromkeys([*(allow.missing if allow.value is None else ()), *deny.missing]))
    return _cannot_tell(missing, deny)


def evaluate_trust(
    document: Document | Missing,
    service: str = "ecs-tasks.amazonaws.com",
    context: ContextMap | None = None,
) -> Decision:
    """Whether a role's trust policy lets a service assume the role.

    AWS: Amazon ECS task execution IAM role
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    request = Request(
        action="sts:AssumeRole",
        resource="*",
        principal=ServicePrincipal(service=service),
        context=context or {},
    )
    return _alone("trust", document, request)


def evaluate_endpoint(document: Document | Missing | None, request: Request) -> Decision:
    """Whether a VPC endpoint's policy alone lets a request through; without a policy everything passes.

    AWS: Control access to VPC endpoints using endpoint policies
    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """
    return Allowed() if document is None else _alone("endpoint", document, request)


def _alone(kind: Kind, document: Document | Missing, request: Request) -> Decision:
    """The decision of one policy, as if it were the only one."""
    context = Context(request.context, request.principal, request.owner)
    # Whether the caller has a permissions boundary is not known here; only NotPrincipal depends on it.
    bounded = maybe("the role's permissions boundary") if isinstance(request.principal, Principal) else NO
    layer = match_layer([document], request, context, bounded=bounded)
    if layer.deny.is_yes:
        return _explicit_in(request, layer)
    if layer.allow.is_no:
        return _lacking(request, kind, [layer])
    if layer.allow.is_yes and layer.deny.is_no:
        return Allowed(by=tuple(match.grant for match in layer.allows if match.applies.is_yes))
    missing = tuple(dict.fromkeys([*layer.allow.missing, *layer.deny.missing]))
    return _cannot_tell(missing, layer.deny)


def _match(request: Request, policies: Policies, context: Context) -> _Layers:
    identity = (policies.identity,) if isinstance(policies.identity, Missing) else policies.identity
    bounded = NO if policies.boundary is None else YES
    if isinstance(policies.boundary, Missing):
        # It may be that there is no boundary at all.
        bounded = maybe(policies.boundary)
    token = request.action.lower() == _TOKEN_ACTION
    enforced = NO if token else _registry_enforced(request.action, policies)
    return _Layers(
        identity=match_layer(identity, request, context),
        boundary=None if policies.boundary is None else match_layer([policies.boundary], request, context),
        # A login is not about a repository: no repository policy is asked, and none can grant it.
        # AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
        resource=match_layer([None if token else policies.resource], request, context, bounded=bounded),
        registry=match_layer([policies.registry], request, context, bounded=bounded, enforced=enforced),
        endpoint=None
        if policies.endpoint is None
        else match_layer([policies.endpoint], request, context, bounded=bounded),
        scps=tuple(match_layer(level, request, context) for level in policies.scps),
    )


def _registry_enforced(action: str, policies: Policies) -> Truth:
    if policies.registry is None or not action.lower().startswith("ecr:"):
        return NO
    if policies.registry_scope == "V2" or action.lower() in _REGISTRY_V1:
        return YES
    return NO if policies.registry_scope == "V1" else maybe("the registry policy's scope (V1 or V2)")


def _is_foreign(request: Request) -> Truth:
    """Whether the resource belongs to another account than the caller."""
    if request.resource == "*" or not isinstance(request.principal, Principal):
        return NO
    if request.owner is None:
        return maybe(f"the account that owns {request.resource}")
    return NO if request.owner == request.principal.account_id else YES


def _granted(request: Request, policies: Policies, layers: _Layers) -> Truth:
    """Whether identity and resource policies together grant the request.

    A resource policy that names the role's session, or everybody, grants whatever the boundary says; one
    that names the role is limited by the boundary; one that names the account only hands the question to
    the identity policies.
    """
    by_identity = layers.own_side
    if request.action.lower().startswith("kms:"):
        by_identity = all_of([by_identity, _key_policy_hands_on(policies, layers)])
    direct = any_of([layers.resource.direct, layers.registry.direct])
    role = any_of([layers.resource.role, layers.registry.role])
    within = any_of([by_identity, direct, all_of([role, layers.bounded])])
    between = all_of([layers.own_side, layers.other_side])
    foreign = _is_foreign(request)
    if foreign.value is None:
        common = same(within, between)
        return common if common.value is not None else maybe(*common.missing, *foreign.missing)
    return between if foreign.is_yes else within


def _key_policy_hands_on(policies: Policies, layers: _Layers) -> Truth:
    """Whether a key policy lets identity policies count: alone among resource policies, it has to.

    AWS: Key policies in AWS KMS https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    """
    return maybe("the key policy") if policies.resource is None else layers.resource.account


def _explicit(request: Request, layers: _Layers) -> Denied:
    layer = next(layer for _, layer in layers.named() if layer.deny.is_yes)
    return _explicit_in(request, layer)


def _explicit_in(request: Request, layer: Layer) -> Denied:
    match = next(match for match in layer.denies if match.applies.is_yes)
    kind = match.document.kind
    return Denied(
        explicit=True,
        policy_kind=kind,
        policy_name=match.document.name,
        statement=match.ref,
        reason=f"The {KIND_NAMES[kind]} {match.document.name} denies {request.action} ({match.ref.label}).",
    )


def _implicit(request: Request, policies: Policies, layers: _Layers) -> Denied:
    """The kind of policy that lacks the Allow, in the order in which a person would mend it."""
    resource_kind: Kind = policies.resource.kind if isinstance(policies.resource, Document) else "resource"
    if _granted(request, policies, layers).is_no:
        foreign = _is_foreign(request).is_yes
        others = [layers.resource, layers.registry]
        if foreign and layers.other_side.is_no:
            side: Side = "both" if layers.identity.allow.is_no else "resource"
            return _lacking(
                request, resource_kind, [*others, layers.identity] if side == "both" else others, side
            )
        if layers.identity.allow.is_no:
            return _lacking(request, "identity", [layers.identity, *others], "identity" if foreign else None)
        if layers.boundary is not None and layers.boundary.allow.is_no:
            return _lacking(request, "boundary", [layers.boundary])
        return _lacking(request, resource_kind, others)
    for kind, layer in layers.named():
        if kind in ("endpoint", "scp") and layer.allow.is_no:
            return _lacking(request, kind, [layer])
    raise AssertionError("an implicit denial without a policy that lacks the Allow")


def _lacking(request: Request, kind: Kind, layers: list[Layer], side: Side | None = None) -> Denied:
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


def _cannot_tell(missing: tuple[str | Missing, ...], deny: Truth) -> CannotTell:
    what = "A Deny may apply" if deny.value is None else "It may not be allowed"
    names = tuple(dict.fromkeys(str(item) for item in missing))
    return CannotTell(
        missing=names,
        unread=tuple(item for item in missing if isinstance(item, Missing)),
        reason=f"{what}: that depends on {', '.join(names)}, which is not known.",
    )
