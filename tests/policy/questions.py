"""Questions to a policy evaluator as plain data, so that ours and another one can be asked the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diagnostics.policy import (
    ContextValue,
    Decision,
    Document,
    Missing,
    NotPresent,
    Policies,
    Principal,
    Request,
    evaluate,
    parse_document,
)
from diagnostics.policy.document import PolicyKind
from tests.build.policies import Json, allow, deny, on_repository, policy, statement

__all__ = ["allow", "deny", "on_repository", "policy", "statement"]

ACCOUNT = "111122223333"
OTHER = "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ecsTaskExecutionRole"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/ecsTaskExecutionRole/0f9de17a6465404e8b1b2356dc13c2f8"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/app"
OTHERS_REPOSITORY = f"arn:aws:ecr:us-east-1:{OTHER}:repository/team/app"

# Keys that a question is complete about: what `context` does not give is not in the request.
KEYS = (
    "aws:SourceVpce",
    "aws:SourceVpc",
    "aws:SourceIp",
    "aws:VpcSourceIp",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalTag/*",
    "aws:ResourceTag/*",
    "aws:RequestedRegion",
    "aws:ResourceOrgID",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:MultiFactorAuthAge",
    "aws:TagKeys",
    "ecr:ResourceTag/*",
)


@dataclass(frozen=True)
class Question:
    """One request and the policies around it; policies are JSON, as AWS would give them."""

    name: str
    action: str = "ecr:BatchGetImage"
    resource: str = REPOSITORY
    identity: Sequence[Json] = ()
    boundary: Json | None = None
    repository: Json | None = None
    endpoint: Json | None = None
    scps: Sequence[Json] = ()
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """The account that owns the resource."""
        return ACCOUNT if self.resource == "*" else self.resource.split(":")[4]

    def request(self) -> Request:
        known: dict[str, ContextValue] = {key: NotPresent() for key in KEYS}
        known |= {key: tuple(values) for key, values in self.context.items()}
        principal = Principal(role_arn=ROLE, session_name=SESSION.rsplit("/", 1)[1])
        return Request(
            action=self.action,
            resource=self.resource,
            principal=principal,
            resource_account=None if self.resource == "*" else self.owner,
            context=known,
        )

    def policies(self) -> Policies:
        return Policies(
            identity=tuple(_read("identity", f"policy-{i}", text) for i, text in enumerate(self.identity)),
            boundary=_read_one("boundary", self.boundary),
            resource=_read_one("resource", self.repository),
            endpoint=_read_one("endpoint", self.endpoint),
            scps=tuple((_document("scp", text),) for text in self.scps),
        )

    def ask(self) -> Decision:
        """Our answer."""
        return evaluate(self.request(), self.policies())


ALL = policy(allow("ecr:*"))
ANY_PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
READ_ONLY_BOUNDARY = policy(allow("s3:*"))
Case = tuple[Question, str]


def case(name: str, expected: str, **question: Any) -> Case:
    return Question(name=name, **question), expected


def condition(name: str, expected: str, block: dict[str, Any], **context: list[str]) -> Case:
    """An Allow under a condition; context keys are written with `__` for `:` and `_S_` for `/`."""
    keys = {key.replace("__", ":").replace("_S_", "/"): values for key, values in context.items()}
    return case(name, expected, identity=[policy(allow(condition=block))], context=keys)


def to(*principals: str, **more: Any) -> dict[str, Any]:
    """A repository policy that lets these AWS principals pull."""
    return on_repository(allow(ANY_PULL, principal={"AWS": list(principals)}, **more))


def _document(kind: PolicyKind, text: Json, name: str = "") -> Document:
    found = parse_document(kind, name or kind, text)
    assert isinstance(found, Document), found
    return found


def _read(kind: PolicyKind, name: str, text: Json) -> Document | Missing:
    return _document(kind, text, name)


def _read_one(kind: PolicyKind, text: Json | None) -> Document | None:
    return None if text is None else _document(kind, text)
