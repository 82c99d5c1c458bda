"""The newest task of a service and no more: what tells whether it pulled, in two kinds of call."""

from __future__ import annotations

from diagnostics.arn import partition_of_region
from diagnostics.collect import calls
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.collector import gather
from diagnostics.collect.operation import Ask
from diagnostics.collect.reaching import check_reached, region_of
from diagnostics.collect.reading import Reader
from diagnostics.collect.shared import FactStore
from diagnostics.collect.tasks import newest_of_service
from diagnostics.snapshot import Absent, Fact, Known, Reason, Task, Unavailable, Why
from diagnostics.target import Target


def newest_task(
    target: Target, clients: AwsClients, *, deadline: float, store: FactStore
) -> Fact[Task | None]:
    """The newest task of a service, `None` in a service without one; absent where there is no such service.

    Args:
        target: the service.
        clients: who asks.
        deadline: seconds after which what is missing is unavailable.
        store: what holds automatic questions back; it must keep no answers, for those of before say nothing new.

    Raises:
        RegionNeededError: neither the target nor the session names a Region.
        AwsUnreachableError: AWS could not be reached at all.
    """
    region = region_of(target, clients, None)
    found = gather(
        lambda ask: of_service(target, ask, region), clients, store=store, deadline=deadline, urgent=False
    )
    check_reached(found.facts, region, clients, target.account_id)
    return found.value


def of_service(target: Target, ask: Ask, region: str) -> Fact[Task | None]:
    """The plan of that: `ecs:ListTasks` for each desired status, and `ecs:DescribeTasks` for each hundred tasks."""
    account = target.account_id
    reader = Reader(ask, region, account, target.partition or partition_of_region(region))
    task = newest_of_service(reader, target.service or "", target.cluster)
    if not isinstance(task, Absent) or account is None:
        return task
    # What is not there for the credentials of another account may well be there.
    caller = reader.read(calls.GET_CALLER_IDENTITY)
    if not isinstance(caller, Known):
        return caller if isinstance(caller, Unavailable) else Unavailable(call=task.call)
    if caller.value.account != account:
        reason = Reason(why=Why.OTHER_ACCOUNT, of=(caller.value.account, account))
        return Unavailable(reason=reason, call=task.call)
    return task
