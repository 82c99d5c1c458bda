"""Targets, and answers to a plan that need no AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from diagnostics.collect import plan
from diagnostics.collect.operation import Call, Operation
from diagnostics.snapshot import Fact, Known, Snapshot, Unavailable
from diagnostics.target import Target

REGION = "eu-central-1"
ACCOUNT = "111122223333"
TASK_ID = "0123456789abcdef0123456789abcdef"


def task_target(
    task_id: str = TASK_ID, cluster: str | None = "prod", account: str = ACCOUNT, region: str = REGION
) -> Target:
    """A task, as its ARN names it; without a cluster it is an ARN in the old format."""
    return Target(kind="task", region=region, account_id=account, cluster=cluster, task_id=task_id)


def service_target(
    service: str = "shop", account: str | None = ACCOUNT, region: str | None = REGION
) -> Target:
    """A service of cluster `prod`."""
    return Target(kind="service", region=region, account_id=account, cluster="prod", service=service)


Reply = Fact[Any] | Callable[[Mapping[str, Any]], Fact[Any]]


class Answers:
    """Answers each operation alike, or by its parameters; what has no answer is denied."""

    def __init__(self, replies: Mapping[Operation[Any], Reply]) -> None:
        self._replies = replies
        self.asked: list[Call[Any]] = []

    def __call__(self, call: Call[Any], /) -> Fact[Any]:
        if call not in self.asked:
            self.asked.append(call)
        reply = self._replies.get(call.operation)
        if reply is None:
            return Unavailable(why="denied", call=call.operation.action, resource=call.resource)
        return reply(call.kwargs) if callable(reply) else reply

    def of(self, operation: Operation[Any]) -> list[dict[str, Any]]:
        """The parameters of every call of an operation."""
        return [call.kwargs for call in self.asked if call.operation is operation]


def known(value: Any) -> Fact[Any]:
    """A known fact."""
    return Known(value=value)


def built(target: Target, answers: Answers, previous: Snapshot | None = None) -> Snapshot:
    """The snapshot that the answers make."""
    return plan.build(target, answers, region=target.region or REGION, previous=previous)
