"""What is known of the condition keys of one request, and the principals that requests are made by.

AWS: AWS global condition context keys
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from diagnostics.snapshot import Unavailable


class Frozen(BaseModel):
    """A value that does not change."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class NotPresent(Frozen):
    """AWS does not put this key into the request's context."""

    state: Literal["not_present"] = "not_present"


class Unknown(Frozen):
    """The value of this key is not known; something about it may be.

    Attributes:
        why: why it is not known, for people.
        prefix: what the value certainly begins with.
        excluding: values that it certainly does not have; an account id also rules out the ARNs of that
            account.
        unlisted: no policy can spell the value out, because nobody outside AWS knows it.
        present: the key is in the context, or is not; `None` if that is not known.
        unread: the fact that would have told, where it could not be read.
    """

    state: Literal["unknown"] = "unknown"
    why: str = ""
    prefix: str = ""
    excluding: tuple[str, ...] = ()
    unlisted: bool = False
    present: bool | None = None
    unread: Unavailable | None = None


NOT_PRESENT = NotPresent()
UNKNOWN = Unknown()

ContextValue = tuple[str, ...] | NotPresent | Unknown
ContextMap = Mapping[str, ContextValue]


class Principal(Frozen):
    """A session of an IAM role, as ECS uses it to pull.

    Attributes:
        role_arn: `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
        session_name: the session's name (the task id for ECS, the instance id for an instance role), if
            known.
        role_id: the unique id `AROA…` of the role, if known; it is the first half of `aws:userid`.
        tags: the role's tags if they were read; `None` if not.

    Raises:
        ValueError: if `role_arn` is not the ARN of a role.
    """

    kind: Literal["role"] = "role"
    role_arn: Annotated[str, Field(pattern=r"^arn:[^:]+:iam::[^:]+:role/.+$")]
    session_name: str | None = None
    role_id: str | None = None
    tags: tuple[tuple[str, str], ...] | None = None

    @property
    def partition(self) -> str:
        return self.role_arn.split(":")[1]

    @property
    def account_id(self) -> str:
        return self.role_arn.split(":")[4]

    @property
    def role_name(self) -> str:
        """The name without its path: an assumed-role ARN does not carry the path."""
        return self.role_arn.rsplit("/", 1)[1]

    @property
    def session_prefix(self) -> str:
        """The assumed-role ARN up to the session's name."""
        return f"arn:{self.partition}:sts::{self.account_id}:assumed-role/{self.role_name}/"

    @property
    def session_arn(self) -> str | None:
        """The assumed-role ARN; `None` where the session's name is not known."""
        return None if self.session_name is None else self.session_prefix + self.session_name

    @property
    def account_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:root"


class ServicePrincipal(Frozen):
    """An AWS service acting as itself, as `ecs-tasks.amazonaws.com` does when it assumes a role."""

    kind: Literal["service"] = "service"
    service: str


class AwsOwnedPrincipal(Frozen):
    """A principal in an account that AWS owns; all that is known of the account is which ones it is not."""

    kind: Literal["aws_owned"] = "aws_owned"
    not_accounts: tuple[str, ...] = ()


AnyPrincipal = Annotated[Principal | ServicePrincipal | AwsOwnedPrincipal, Field(discriminator="kind")]


_ORGANIZATION_KEYS = {"aws:principalorgid", "aws:resourceorgid"}


class Context:
    """The condition keys of one request: what the caller knows, and what AWS fills in by itself.

    Keys are looked up without regard to case. A family can be given as a whole: `aws:ResourceTag/*` stands
    for every tag that is not listed by name. A key that nobody said anything about is unknown, never
    absent.
    """

    def __init__(self, known: ContextMap, principal: AnyPrincipal, resource_account: str | None) -> None:
        self._values = {
            **_filled_in(principal, resource_account), **{key.lower(): value for key, value in known.items()}
        }  # fmt: skip

        self._within_one_account = isinstance(principal, Principal) and self.lookup(
            "aws:ResourceAccount"
        ) == (principal.account_id,)

    def is_same_organization(self, key: str, text: str) -> bool:
        """True where a policy compares the caller's organization with the resource's, and both are one account's.

        Which organization that is need not be known. A policy that asks so is one of an organization.
        """
        if not self._within_one_account or not text.startswith("${") or not text.endswith("}"):
            return False
        variable = text[2:-1].strip().lower()
        return ({key.lower(), variable} == _ORGANIZATION_KEYS) and all(
            isinstance(self.lookup(name), Unknown) for name in _ORGANIZATION_KEYS
        )

    def lookup(self, key: str) -> ContextValue:
        """The value of a key."""
        name = key.lower()
        if name in self._values:
            value = self._values[name]
        elif "/" in name:
            value = self._values.get(name.split("/", 1)[0] + "/*", UNKNOWN)
        else:
            value = UNKNOWN
        # A key without values is treated as absent: "ForAllValues" and "Null" speak of it so.
        return NOT_PRESENT if value == () else value


# Every request of a pull asks for them, of every policy around it.
@lru_cache(256)
def _filled_in(principal: AnyPrincipal, resource_account: str | None) -> Mapping[str, ContextValue]:
    """The keys that follow from who asks and of whom, in lower case."""
    values: dict[str, ContextValue] = {}
    if resource_account is not None:
        values["aws:ResourceAccount"] = (resource_account,)
    if isinstance(principal, Principal):
        values |= {
            "aws:PrincipalArn": (principal.role_arn,),
            "aws:PrincipalAccount": (principal.account_id,),
            "aws:PrincipalType": ("AssumedRole",),
            "aws:PrincipalIsAWSService": ("false",),
            "aws:PrincipalServiceName": NOT_PRESENT,
            "aws:PrincipalServiceNamesList": NOT_PRESENT,
            "aws:ViaAWSService": ("false",),
            "aws:CalledVia": NOT_PRESENT,
            "aws:CalledViaFirst": NOT_PRESENT,
            "aws:CalledViaLast": NOT_PRESENT,
            # The keys of a service that acts for somebody; a role session asks for itself.
            "aws:SourceAccount": NOT_PRESENT,
            "aws:SourceArn": NOT_PRESENT,
            "aws:SourceOrgID": NOT_PRESENT,
            "aws:SourceOrgPaths": NOT_PRESENT,
            "aws:username": NOT_PRESENT,
            "aws:FederatedProvider": NOT_PRESENT,
            "aws:SecureTransport": ("true",),
            "aws:userid": _user_id(principal),
            # Only a person's session has MFA; where none was used the keys are absent, AWS's page says.
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_ec2_require-mfa.html
            "aws:MultiFactorAuthPresent": NOT_PRESENT,
            "aws:MultiFactorAuthAge": NOT_PRESENT,
        }
        if principal.tags is not None:
            values |= {f"aws:PrincipalTag/{key}": (value,) for key, value in principal.tags}
            values["aws:PrincipalTag/*"] = NOT_PRESENT
    if isinstance(principal, ServicePrincipal):
        values |= {
            "aws:PrincipalIsAWSService": ("true",),
            "aws:PrincipalServiceName": (principal.service,),
            "aws:SecureTransport": ("true",),
            "aws:PrincipalOrgID": NOT_PRESENT,
            "aws:PrincipalOrgPaths": NOT_PRESENT,
            "aws:PrincipalTag/*": NOT_PRESENT,
            "sts:ExternalId": NOT_PRESENT,
        }
    if isinstance(principal, AwsOwnedPrincipal):
        stranger = Unknown(why="the principal belongs to AWS", excluding=principal.not_accounts)
        values |= {
            "aws:PrincipalAccount": stranger,
            "aws:PrincipalArn": stranger,
            "aws:SecureTransport": ("true",),
        }
    return {key.lower(): value for key, value in values.items()}


def _user_id(principal: Principal) -> ContextValue:
    if principal.role_id is None:
        return Unknown(why="the role's unique id was not read", present=True)
    if principal.session_name is None:
        return Unknown(why="the session's name is not known", prefix=f"{principal.role_id}:", present=True)
    return (f"{principal.role_id}:{principal.session_name}",)
