"""What an AWS call is: the operation it belongs to, and the exact question that is asked with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from diagnostics.collect.joining import Joining
from diagnostics.snapshot import Fact

T = TypeVar("T")

Answer = Mapping[str, Any]
"""A botocore answer, its pages merged and cleaned."""

_CANONICAL = json.JSONEncoder(sort_keys=True)
"""Made once: a plan words each of its questions again after every answer."""

AbsentCode = str | tuple[str, str]
"""An error code that means "there is no such thing", or a code with a part that its message must have."""


@dataclass(frozen=True, eq=False)
class Operation(Generic[T]):
    """One way in which AWS is read.

    Attributes:
        action: the IAM action, which also names the service (`ecs:DescribeTasks`).
        method: the botocore method.
        parse: turns an answer into a value, or `None` where the answer says that there is no such thing.
            Whatever it raises makes the fact unavailable.
        purpose: what the answer is good for, for the permission table.
        resource: the resource of the IAM statement: `*`, or an ARN without `arn:PARTITION:`.
        absent: the errors that mean *absent* for this call; no other error ever does.
        list_key: where a paginated answer keeps its items.
        pages: how many pages are read at most.
        page_size: how many items a page is asked to have, where AWS's default is small.
        may_truncate: whether a list that goes on after the last page is still of use. Where it is not, such
            a list is unavailable: half a list must not say that something does not exist.
        joining: how several questions become one request, where the API takes a list of ids.
    """

    action: str
    method: str
    parse: Callable[[Answer], T | None]
    purpose: str
    resource: str = "*"
    absent: tuple[AbsentCode, ...] = ()
    list_key: str | None = None
    pages: int = 10
    page_size: int | None = None
    may_truncate: bool = False
    joining: Joining | None = None

    @property
    def service(self) -> str:
        """botocore's name of the service, which for every service read here is the IAM prefix."""
        return self.action.partition(":")[0]


@dataclass(frozen=True)
class Call(Generic[T]):
    """One question. Equal calls are made once; `resource` only says in words what is asked about."""

    operation: Operation[T]
    params: str
    region: str
    account: str | None = None
    resource: str | None = field(default=None, compare=False)

    @classmethod
    def to(
        cls,
        operation: Operation[T],
        params: Mapping[str, Any],
        *,
        region: str,
        account: str | None = None,
        resource: str | None = None,
    ) -> Call[T]:
        """A call with botocore's parameters, in a canonical form."""
        return cls(operation, _CANONICAL.encode(params), region, account, resource)

    @property
    def kwargs(self) -> dict[str, Any]:
        """botocore's parameters."""
        value: dict[str, Any] = json.loads(self.params)
        return value


class Ask(Protocol):
    """Answers a call, or notes that it is wanted and says `Unavailable("not asked")` for now."""

    def __call__(self, call: Call[T], /) -> Fact[T]: ...
