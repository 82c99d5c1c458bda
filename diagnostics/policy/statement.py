"""Matching one policy with one request, statement by statement.

AWS: IAM JSON policy element reference
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from diagnostics.policy.condition import evaluate_condition
from diagnostics.policy.context import Context, Unknown
from diagnostics.policy.document import Document, Element, Missing, Statement
from diagnostics.policy.model import Grant, NearMiss, Request, StatementRef
from diagnostics.policy.principals import PrincipalMatch, match_principal
from diagnostics.policy.truth import NO, YES, Truth, all_of, any_of, maybe, negate, truth
from diagnostics.policy.variables import Expanded, expand
from diagnostics.policy.wildcard import (
    Wild,
    completed_arn,
    fold_case,
    matches,
    matches_everything,
    parse_pattern,
)


@dataclass(frozen=True, slots=True)
class Match:
    """How a statement whose action fits relates to a request."""

    document: Document
    statement: Statement
    principal: PrincipalMatch
    resource: Truth
    conditions: tuple[tuple[str, Truth], ...]
    enforced: Truth

    def given(self, principal: Truth) -> Truth:
        """The statement applies by this way of naming the principal."""
        return all_of([principal, self.resource, *(met for _, met in self.conditions), self.enforced])

    @property
    def applies(self) -> Truth:
        return self.given(self.principal.any)

    @property
    def ref(self) -> StatementRef:
        return StatementRef(index=self.statement.index, sid=self.statement.sid, text=self.statement.raw)

    @property
    def grant(self) -> Grant:
        return Grant(policy_kind=self.document.kind, policy_name=self.document.name, statement=self.ref)

    @property
    def near_miss(self) -> NearMiss | None:
        """The one thing that keeps this Allow from applying; `None` if it is not exactly one."""
        unmet_keys = tuple(key for key, met in self.conditions if met.is_no)
        reasons = [
            *([("principal",)] if self.principal.any.is_no else []),
            *([("resource",)] if self.resource.is_no else []),
            *([unmet_keys] if unmet_keys else []),
        ]
        if len(reasons) != 1:
            return None
        return NearMiss(
            policy_kind=self.document.kind,
            policy_name=self.document.name,
            statement=self.ref,
            unmet=reasons[0],
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """All policies of one kind, matched with a request; `gaps` for those not read, `names` of the rest."""

    denies: tuple[Match, ...]
    allows: tuple[Match, ...]
    gaps: tuple[Truth, ...]
    names: tuple[str, ...]

    @property
    def gap(self) -> Truth:
        """A policy that could not be read may say anything."""
        return any_of(self.gaps)

    @property
    def deny(self) -> Truth:
        return any_of([*(match.applies for match in self.denies), *self.gaps])

    def _allows(self, named: Callable[[PrincipalMatch], Truth]) -> Truth:
        return any_of([*(match.given(named(match.principal)) for match in self.allows), *self.gaps])

    @property
    def allow(self) -> Truth:
        return self._allows(lambda principal: principal.any)

    @property
    def direct(self) -> Truth:
        return self._allows(lambda principal: principal.direct)

    @property
    def role(self) -> Truth:
        return self._allows(lambda principal: principal.role)

    @property
    def account(self) -> Truth:
        return self._allows(lambda principal: principal.account)


def match_layer(
    policies: Iterable[Document | Missing | None],
    request: Request,
    context: Context,
    *,
    bounded: Truth = NO,
    enforced: Truth = YES,
) -> Layer:
    """Match the policies of one kind with a request.

    Args:
        policies: the documents; `None` is left out, `Missing` makes both Allow and Deny possible.
        request: the request.
        context: its condition keys.
        bounded: the caller has a permissions boundary, which changes what NotPrincipal means.
        enforced: policies of this kind count for this request at all.
    """
    denies: list[Match] = []
    allows: list[Match] = []
    gaps: list[Truth] = []
    names: list[str] = []
    for policy in policies:
        if isinstance(policy, Missing):
            gaps.append(all_of([maybe(policy), enforced]))
        elif policy is not None:
            names.append(policy.name)
            for statement in policy.statements:
                if action_fits(statement.action, request.action):
                    match = _match(policy, statement, request, context, bounded, enforced)
                    (allows if statement.allow else denies).append(match)
    return Layer(tuple(denies), tuple(allows), tuple(gaps), tuple(names))


def _match(
    document: Document,
    statement: Statement,
    request: Request,
    context: Context,
    bounded: Truth,
    enforced: Truth,
) -> Match:
    variables = document.has_variables
    return Match(
        document=document,
        statement=statement,
        principal=match_principal(statement.principal, request.principal, bounded=bounded),
        resource=_resource_fits(statement.resource, request, context, variables=variables),
        conditions=tuple(
            (condition.key, evaluate_condition(condition, context, variables=variables))
            for condition in statement.conditions
        ),
        enforced=enforced,
    )


def action_fits(element: Element, action: str) -> bool:
    """Actions are compared without regard to case."""
    name = action.lower()
    found = any(_action_matches(value, name) for value in element.values)
    return found is not element.negated


@lru_cache(4096)
def _action_matches(value: str, name: str) -> bool:
    return matches(fold_case(parse_pattern(value)), name)


def _resource_fits(element: Element | None, request: Request, context: Context, *, variables: bool) -> Truth:
    """Resources are compared with regard to case; an absent element means what the policy is attached to."""
    if element is None:
        return YES
    found: list[Truth] = []
    may_lack_value = False
    for value in element.values:
        expanded = expand(value, context, wildcards=True, variables=variables)
        may_lack_value |= expanded.may_lack_value
        found.append(_one_resource_fits(expanded, request))
    fits = negate(any_of(found)) if element.negated else any_of(found)
    if may_lack_value and not fits.is_no:
        # A variable without a value "might cause the entire statement to be invalid", AWS's page says.
        return maybe(*fits.missing, "how a resource is compared with a policy variable that has no value")
    return fits


def _one_resource_fits(wanted: Expanded, request: Request) -> Truth:
    """One text of a Resource element, with its variables filled in, fits what is asked for."""
    if wanted.pattern is None:
        return NO
    if request.resource == "*":
        # An action without resource-level permissions is only ever allowed on "*", never by an ARN.
        return wanted.soften(truth(matches_everything(wanted.pattern)))
    label = f"the rest of {request.resource}" if request.resource_continues else ""
    resource = Unknown(prefix=request.resource) if request.resource_continues else request.resource
    if wanted.missing:
        # A value that is not known may hold colons, so that nobody can say how many parts there are.
        complete = replace(
            wanted,
            pattern=(*wanted.pattern, Wild.MANY)
            if completed_arn(wanted.pattern) != wanted.pattern
            else wanted.pattern,
        )
        return complete.match(resource, label)
    complete = replace(wanted, pattern=completed_arn(wanted.pattern))
    as_written, as_completed = wanted.match(resource, label), complete.match(resource, label)
    if as_written.is_yes and as_completed.is_no:
        return maybe("how an ARN that ends early is completed where a * may stand for several of its parts")
    return as_completed
