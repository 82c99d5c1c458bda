"""Matches a Principal or NotPrincipal element with the one who asks, and says in what way it means them.

AWS: AWS JSON policy elements: Principal
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
and NotPrincipal
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.policy.context import AnyPrincipal, AwsOwnedPrincipal, Principal, ServicePrincipal
from diagnostics.policy.document import PrincipalElement, is_orphan
from diagnostics.policy.truth import NO, YES, Truth, all_of, any_of, maybe, negate


@dataclass(frozen=True, slots=True)
class PrincipalMatch:
    """In what way a statement's principals mean the one who asks; the ways differ in what an Allow is worth.

    Attributes:
        direct: everybody, the session itself, the service: a grant that a permissions boundary does not
            limit.
        role: the role's ARN: a grant within the limits of the role's boundary.
        account: the account: a grant that its administrators have to hand on by an identity policy.
    """

    direct: Truth = NO
    role: Truth = NO
    account: Truth = NO

    @property
    def any(self) -> Truth:
        return any_of([self.direct, self.role, self.account])


EVERYBODY = PrincipalMatch(direct=YES)


def match_principal(
    element: PrincipalElement | None, asker: AnyPrincipal, *, bounded: Truth
) -> PrincipalMatch:
    """Match a principal element; an absent one (identity policies) means the one the policy is attached to.

    Args:
        element: the statement's principals.
        asker: who makes the request.
        bounded: the asker has a permissions boundary.
    """
    if element is None:
        return EVERYBODY
    if isinstance(asker, Principal):
        named = _role_session(element.values, asker)
        return PrincipalMatch(direct=_not_named(named, bounded)) if element.negated else named
    if isinstance(asker, ServicePrincipal):
        direct = any_of(
            YES if value == "*" or (kind == "Service" and value == asker.service) else NO
            for kind, value in element.values
        )
    else:
        direct = any_of(_aws_owned(kind, value, asker) for kind, value in element.values)
    return PrincipalMatch(direct=negate(direct) if element.negated else direct)


def _role_session(values: tuple[tuple[str, str], ...], asker: Principal) -> PrincipalMatch:
    direct, role, account = [NO], [NO], [NO]
    for kind, value in values:
        if kind != "AWS":
            continue
        if value == "*" or (asker.session_arn is not None and value == asker.session_arn):
            direct.append(YES)
        elif asker.session_arn is None and value.startswith(asker.session_prefix):
            direct.append(maybe("the name of the role session"))
        elif value == asker.role_arn:
            role.append(YES)
        elif value in (asker.account_id, asker.account_arn):
            account.append(YES)
    return PrincipalMatch(any_of(direct), any_of(role), any_of(account))


def _not_named(named: PrincipalMatch, bounded: Truth) -> Truth:
    """NotPrincipal means a role session.

    It spares a session for certain only where account, role and session are all listed, as AWS's examples
    do; it never spares a role with a permissions boundary, nor a session of which neither the role nor the
    session itself is listed: AWS checks the account, then the role, then the session. Where only some of
    the three are listed AWS's page says that the statement "might" apply.
    """
    if any_of([named.direct, named.role]).is_no or bounded.is_yes:
        return YES
    spared = all_of([named.direct, named.role, named.account])
    if spared.is_yes:
        return bounded
    if spared.value is None:
        return maybe(*spared.missing)
    return maybe("how NotPrincipal treats a session whose account, role and session are not all listed")


def _aws_owned(kind: str, value: str, asker: AwsOwnedPrincipal) -> Truth:
    if value == "*":
        return YES
    if kind != "AWS" or is_orphan(value):
        return NO
    account = value.split(":")[4] if value.count(":") >= 5 else value
    return NO if account in asker.not_accounts else maybe("which AWS-owned principal signs the layer URL")
