"""The question put to the evaluator, the policies it looks at, and its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from diagnostics.policy.context import AnyPrincipal, ContextMap, Frozen, Principal
from diagnostics.policy.document import KIND_NAMES, Document, Missing, PolicyKind

TOKEN_ACTION = "ecr:getauthorizationtoken"

Side = Literal["identity", "resource", "both"]


class Request(Frozen):
    """One API call.

    Attributes:
        action: `ecr:BatchGetImage`.
        resource: `*`, or an ARN.
        principal: who calls.
        resource_account: the account that owns the resource, if known; otherwise it is read from the ARN.
        context: what is known of the condition keys beyond those that `Context` fills in.
        resource_continues: `resource` is only the beginning of the ARN, and the rest is not known.
    """

    action: str
    resource: str
    principal: AnyPrincipal
    resource_account: str | None = None
    context: ContextMap = Field(default_factory=dict)
    resource_continues: bool = False

    @property
    def owner(self) -> str | None:
        """The account that owns the resource; `None` if it is not known or there is no resource.

        A login has none, and is asked of the caller's own registry.
        """
        if self.resource_account is not None:
            return self.resource_account
        if self.action.lower() == TOKEN_ACTION and isinstance(self.principal, Principal):
            return self.principal.account_id
        parts = self.resource.split(":", 5)
        return (parts[4] or None) if len(parts) == 6 else None


class Policies(Frozen):
    """The policies that bear on a request; `None`: there is none, `Missing`: it could not be read.

    Attributes:
        identity: the role's managed and inline policies; single ones may be missing.
        boundary: the role's permissions boundary.
        resource: the policy of the repository, secret, key or bucket.
        registry: the policy of the private registry.
        registry_scope: V2 if the registry policy is enforced for every ECR action, V1 if only for replication,
            import and the creation of repositories; `None` if that was not read.
        endpoint: the policy of the VPC endpoint that the call goes through.
        scps: the service control policies of the account's organization, one group for each level from the
            root down; empty where nothing is known of them, which no workload account can read.
    """

    identity: tuple[Document | Missing, ...] | Missing = ()
    boundary: Document | Missing | None = None
    resource: Document | Missing | None = None
    registry: Document | Missing | None = None
    registry_scope: Literal["V1", "V2"] | None = None
    endpoint: Document | Missing | None = None
    scps: tuple[tuple[Document, ...], ...] = ()


class StatementRef(Frozen):
    """A statement of a policy: its place (from 0), its Sid if it has one, and its JSON."""

    index: int
    sid: str | None
    text: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What people call it: its Sid, or its number from 1."""
        return f"statement {self.sid!r}" if self.sid else f"statement {self.index + 1}"


class Grant(Frozen):
    """An Allow statement that applies."""

    policy_kind: PolicyKind
    policy_name: str
    statement: StatementRef


class NearMiss(Frozen):
    """An Allow statement for this action that does not apply, and the one thing that keeps it from applying.

    `unmet` holds `principal`, `resource`, or the condition keys that are not met.
    """

    policy_kind: PolicyKind
    policy_name: str
    statement: StatementRef
    unmet: tuple[str, ...]


class Allowed(Frozen):
    """The request is allowed, by these statements."""

    outcome: Literal["allowed"] = "allowed"
    by: tuple[Grant, ...] = ()

    @property
    def reason(self) -> str:
        if not self.by:
            return "Nothing restricts the request."
        return "Allowed by " + ", ".join(
            f"{grant.statement.label} of the {KIND_NAMES[grant.policy_kind]} {grant.policy_name}"
            for grant in self.by
        )


class Denied(Frozen):
    """The request is denied.

    Attributes:
        explicit: a Deny statement applies; otherwise no Allow does.
        policy_kind: the kind of policy that denies, or that lacks the Allow.
        policy_name: its name; `None` where there is no such policy, or several none of which allows.
        statement: the Deny statement.
        missing_side: for a resource of another account, which side lacks the Allow.
        near: Allow statements that would have applied but for one thing.
        reason: one sentence.
    """

    outcome: Literal["denied"] = "denied"
    explicit: bool
    policy_kind: PolicyKind
    policy_name: str | None = None
    statement: StatementRef | None = None
    missing_side: Side | None = None
    near: tuple[NearMiss, ...] = ()
    reason: str

    @property
    def turns_on(self) -> tuple[str, ...]:
        """What it turned on: the condition keys of the Deny, or what keeps the nearest Allows from applying."""
        if self.statement is None:
            return tuple(dict.fromkeys(name for miss in self.near for name in miss.unmet))
        conditions = self.statement.text.get("Condition", {})
        return tuple(dict.fromkeys(key for keys in conditions.values() for key in keys))


class CannotTell(Frozen):
    """What is known does not decide; `missing` names what would (condition keys, policies, accounts).

    `unread` are the policies among them.
    """

    outcome: Literal["cannot_tell"] = "cannot_tell"
    missing: tuple[str, ...]
    unread: tuple[Missing, ...] = ()
    reason: str


Decision = Annotated[Allowed | Denied | CannotTell, Field(discriminator="outcome")]
