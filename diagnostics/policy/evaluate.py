"""Deciding a request from all the policies that bear on it, three-valued.

AWS: Policy evaluation logic
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
and How AWS enforcement code logic evaluates requests to allow or deny access
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.policy.context import Context, ContextMap, Principal, ServicePrincipal
from diagnostics.policy.document import Document, Missing, PolicyKind
from diagnostics.policy.layers import (
    Layers,
    denied_by,
    is_foreign,
    lacking,
    match_policies,
    resource_kind,
    undecided,
)
from diagnostics.policy.model import Allowed, Decision, Denied, Policies, Request, Side
from diagnostics.policy.statement import Layer, match_layer
from diagnostics.policy.truth import NO, Truth, all_of, any_of, maybe, same


def evaluate(request: Request, policies: Policies) -> Decision:
    """Decide a request: allowed, denied, or not to be told from what is known.

    An explicit Deny that certainly applies decides; otherwise the request is allowed only if the Allows
    that it needs certainly apply and no Deny may apply. Within one account an identity policy or the
    resource's own policy is enough; between accounts both must allow. Nothing here is guessed: whatever is
    not known makes the answer `CannotTell`, unless the rest decides without it.
    """
    layers = match_policies(request, policies)
    must_allow = (*((layers.endpoint,) if layers.endpoint is not None else ()), *layers.scps)
    allow = all_of([_granted(request, layers), *(layer.allow for layer in must_allow)])
    deny = any_of(layer.deny for _, layer in layers.named())
    if deny.is_yes:
        return _explicit(request, next(layer for _, layer in layers.named() if layer.deny.is_yes))
    if allow.is_no:
        return _implicit(request, policies, layers)
    if allow.is_yes and deny.is_no:
        return _allowed(layer for _, layer in layers.named())
    return undecided(allow, deny)


def evaluate_trust(
    document: Document | Missing, service: str = "ecs-tasks.amazonaws.com", context: ContextMap | None = None
) -> Decision:
    """Decide by a role's trust policy if a service may assume the role.

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
    """Decide by a VPC endpoint's policy alone if a request gets through; without a policy everything passes.

    AWS: Control access to VPC endpoints using endpoint policies
    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """
    return Allowed() if document is None else _alone("endpoint", document, request)


def _alone(kind: PolicyKind, document: Document | Missing, request: Request) -> Decision:
    """The decision of one policy, as if it were the only one."""
    context = Context(request.context, request.principal, request.owner)
    # Nothing is known here of a permissions boundary of the caller; only NotPrincipal depends on it.
    bounded = maybe("the role's permissions boundary") if isinstance(request.principal, Principal) else NO
    layer = match_layer([document], request, context, bounded=bounded)
    if layer.deny.is_yes:
        return _explicit(request, layer)
    if layer.allow.is_no:
        return lacking(request, kind, [layer])
    if layer.allow.is_yes and layer.deny.is_no:
        return _allowed([layer])
    return undecided(layer.allow, layer.deny)


def _allowed(layers: Iterable[Layer]) -> Allowed:
    return Allowed(
        by=tuple(match.grant for layer in layers for match in layer.allows if match.applies.is_yes)
    )


def _explicit(request: Request, layer: Layer) -> Denied:
    return denied_by(request, next(match for match in layer.denies if match.applies.is_yes))


def _granted(request: Request, layers: Layers) -> Truth:
    """Identity and resource policies together grant the request.

    A resource policy that names the role's session, or everybody, grants whatever the boundary says; one
    that names the role is limited by the boundary; one that names the account only hands the question to
    the identity policies.
    """
    by_identity = all_of([layers.own_side, layers.hands_on])
    within = any_of([by_identity, layers.direct, all_of([layers.role, layers.bounded])])
    between = all_of([layers.own_side, layers.other_side])
    foreign = is_foreign(request)
    if foreign.value is None:
        common = same(within, between)
        return common if common.value is not None else maybe(*common.missing, *foreign.missing)
    return between if foreign.is_yes else within


def _implicit(request: Request, policies: Policies, layers: Layers) -> Denied:
    """The kind of policy that lacks the Allow, in the order in which a person would mend it."""
    kind = resource_kind(policies)
    if _granted(request, layers).is_no:
        foreign = is_foreign(request).is_yes
        others = [layers.resource, layers.registry]
        if foreign and layers.other_side.is_no:
            side: Side = "both" if layers.identity.allow.is_no else "resource"
            return lacking(request, kind, [*others, layers.identity] if side == "both" else others, side)
        if layers.identity.allow.is_no:
            return lacking(request, "identity", [layers.identity, *others], "identity" if foreign else None)
        if layers.boundary is not None and layers.boundary.allow.is_no:
            return lacking(request, "boundary", [layers.boundary])
        return lacking(request, kind, others)
    for kind, layer in layers.named():
        if kind in ("endpoint", "scp") and layer.allow.is_no:
            return lacking(request, kind, [layer])
    raise AssertionError("an implicit denial without a policy that lacks the Allow")
