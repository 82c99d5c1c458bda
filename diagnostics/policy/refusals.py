"""Every policy that refuses a request, each judged as if all the others allowed it.

A request that two policies refuse needs two repairs, so that each policy is asked by itself. Taken together the answers are
those of `evaluate`: what is refused here is denied there, and what nothing here refuses or may refuse is allowed there.

AWS: Policy evaluation logic
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from diagnostics.policy.context import Frozen
from diagnostics.policy.document import Missing, PolicyKind
from diagnostics.policy.layers import (
    Layers,
    denied_by,
    is_foreign,
    lacking,
    match_policies,
    resource_kind,
    turns_on_boundary,
    undecided,
)
from diagnostics.policy.model import CannotTell, Denied, Policies, Request, Side
from diagnostics.policy.statement import Layer
from diagnostics.policy.truth import NO, YES, Truth, all_of, any_of, negate


class OpenQuestion(Frozen):
    """A policy that may refuse: by a Deny (`explicit`), for want of an Allow, or either of them (`None`)."""

    policy_kind: PolicyKind
    explicit: bool | None
    why: CannotTell


class Refusals(Frozen):
    """What the policies around one request say, one by one.

    Attributes:
        found: a denial for each Deny statement that certainly applies, and for each kind of policy that has to allow the
            request and certainly does not. It names the policy, the statement, and what the nearest Allows lack.
        open: the kinds of policies of which it is not known.
    """

    found: tuple[Denied, ...] = ()
    open: tuple[OpenQuestion, ...] = ()

    def first(self, kind: PolicyKind, *, explicit: bool | None = None) -> Denied | None:
        """The first denial by a kind of policy: by a Deny statement, for want of an Allow, or either of them."""
        return next((item for item in self.found if _is(item, kind, explicit)), None)

    def not_known(self, kind: PolicyKind, *, explicit: bool | None = None) -> tuple[CannotTell, ...]:
        """Why it is not known of a kind of policy."""
        return tuple(item.why for item in self.open if _is(item, kind, explicit))

    def speak_of(self, kind: PolicyKind, *, explicit: bool | None = None) -> bool:
        """A kind of policy refuses the request or may do so."""
        every: tuple[Denied | OpenQuestion, ...] = (*self.found, *self.open)
        return any(_is(item, kind, explicit) for item in every)


def _is(item: Denied | OpenQuestion, kind: PolicyKind, explicit: bool | None) -> bool:
    return item.policy_kind == kind and (explicit is None or item.explicit in (explicit, None))


_NOTHING = Refusals()


def refusals(request: Request, policies: Policies) -> Refusals:
    """Find every policy that refuses a request, whatever the others say.

    A Deny refuses by itself. An Allow has to come from an identity policy, or within one account from a policy of the
    resource's side; from the permissions boundary, unless such a policy allows it to everybody; between two accounts
    from the resource's side as well; and from each VPC endpoint and service control policy on the way.
    """
    layers = unbounded = bounded = match_policies(request, policies)
    if policies.boundary is not None and turns_on_boundary(policies):
        unbounded = match_policies(request, policies, bounded=NO)
        if isinstance(policies.boundary, Missing):
            bounded = match_policies(request, policies, bounded=YES)
    own, kind = negate(is_foreign(request)), resource_kind(policies)
    parts = (
        _denials(request, "identity", layers.identity),
        _grant(request, unbounded, own, kind),
        _boundary(request, layers, own),
        _denials_if_bounded(request, policies, kind, unbounded.resource, bounded.resource),
        _denials_if_bounded(request, policies, "registry", unbounded.registry, bounded.registry),
        _other_side(request, unbounded, own, kind),
        *(_alone(request, name, layer) for name, layer in layers.named() if name in ("endpoint", "scp")),
    )
    return _joined(parts)


def _joined(parts: Iterable[Refusals]) -> Refusals:
    every = tuple(part for part in parts if part is not _NOTHING)
    if len(every) < 2:
        return every[0] if every else _NOTHING
    return Refusals(
        found=tuple(item for part in every for item in part.found),
        open=tuple(item for part in every for item in part.open),
    )


def _not_known(kind: PolicyKind, explicit: bool | None, why: CannotTell) -> Refusals:
    return Refusals(open=(OpenQuestion(policy_kind=kind, explicit=explicit, why=why),))


# --- a Deny ------------------------------------------------------------------------------------------


def _denials(request: Request, kind: PolicyKind, layer: Layer) -> Refusals:
    """Every Deny statement of a layer that certainly applies; where there is none, why it is not known of one."""
    if layer.deny.value is None:
        return _not_known(kind, True, undecided(NO, layer.deny))
    found = tuple(denied_by(request, item) for item in layer.denies if item.applies.is_yes)
    return Refusals(found=found) if found else _NOTHING


def _denials_if_bounded(
    request: Request, policies: Policies, kind: PolicyKind, unbounded: Layer, bounded: Layer
) -> Refusals:
    """The Deny statements of the resource's side; with NotPrincipal they may turn on the role's boundary."""
    without, within = _denials(request, kind, unbounded), _denials(request, kind, bounded)
    boundary = policies.boundary
    same = (bool(without.found), bool(without.open)) == (bool(within.found), bool(within.open))
    if same or not isinstance(boundary, Missing):
        return within
    reason = f"A Deny may apply: that depends on {boundary.what}."
    return _not_known(kind, True, CannotTell(missing=(boundary.what,), unread=(boundary,), reason=reason))


# --- a missing Allow ---------------------------------------------------------------------------------


def _has_to_allow(
    request: Request, kind: PolicyKind, lacks: list[Layer], layers: Layers, allow: Callable[[Layers], Truth],
    gaps: Truth, *, deny: Truth = NO, explicit: bool | None = False, side: Side | None = None,
) -> Refusals:  # fmt: skip
    """A kind of policies that has to allow. Where those that were read do, one that was not takes nothing away."""
    if deny.is_no and allow(layers.read).is_yes:
        return _NOTHING
    allowed = allow(layers)
    if allowed.is_no:
        return Refusals(found=(lacking(request, kind, lacks, side),))
    return _not_known(kind, explicit, undecided(allowed, any_of([deny, gaps])))


def _grant(request: Request, layers: Layers, own: Truth, kind: PolicyKind) -> Refusals:
    """What grants the request to begin with: an identity policy, or the resource's side of the same account."""
    sides = [layers.resource, layers.registry]

    def allow(given: Layers) -> Truth:
        by_identity = all_of([given.identity.allow, any_of([negate(own), given.hands_on])])
        return any_of([by_identity, all_of([own, given.direct]), all_of([own, given.role])])

    gaps = any_of([layers.identity.gap, *(all_of([own, side.gap]) for side in sides)])
    if layers.hands_on.is_no and not layers.identity.allow.is_no and not own.is_no:
        # The policy of a key keeps what an identity policy allows from counting.
        return _has_to_allow(request, kind, sides, layers, allow, gaps)
    lacks = [layers.identity, *(() if own.is_no else sides)]
    side: Side | None = "identity" if own.is_no else None
    return _has_to_allow(request, "identity", lacks, layers, allow, gaps, side=side)


def _boundary(request: Request, layers: Layers, own: Truth) -> Refusals:
    """A permissions boundary limits all but what the same account's resource side allows to everybody."""
    boundary = layers.boundary
    if boundary is None or boundary.deny.is_yes:
        return _NOTHING if boundary is None else _denials(request, "boundary", boundary)

    def allow(given: Layers) -> Truth:
        in_its_limits = all_of([own, given.role, given.bounded])
        return any_of([given.bounded, all_of([own, given.direct]), in_its_limits])

    gaps = any_of(all_of([own, side.gap]) for side in (layers.resource, layers.registry))
    deny = boundary.deny
    return _has_to_allow(request, "boundary", [boundary], layers, allow, gaps, deny=deny, explicit=None)


def _other_side(request: Request, layers: Layers, own: Truth, kind: PolicyKind) -> Refusals:
    """The other account's side, where the resource belongs to one."""
    sides = [layers.resource, layers.registry]

    def allow(given: Layers) -> Truth:
        return any_of([own, given.other_side])

    gaps = any_of(side.gap for side in sides)
    return _has_to_allow(request, kind, sides, layers, allow, gaps, side="resource")


def _alone(request: Request, kind: PolicyKind, layer: Layer) -> Refusals:
    """A policy on the way, which has to allow by itself and may deny."""
    if layer.gaps:
        return _not_known(kind, None, undecided(layer.allow, layer.deny))
    allows = _NOTHING
    if layer.allow.is_no:
        allows = Refusals(found=(lacking(request, kind, [layer]),))
    elif layer.allow.value is None:
        allows = _not_known(kind, False, undecided(layer.allow, NO))
    return _joined((_denials(request, kind, layer), allows))
