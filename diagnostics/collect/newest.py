"""The newest task of a service and no more: what tells whether it pulled, in two kinds of call."""

from __future__ import annotations

from diagnostics.arn import partition_of_region
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.collector import Clock, gather
from diagnostics.collect.operation import Ask
from diagnostics.collect.pool import SHARED
from diagnostics.collect.reaching import check_reached, region_of
from diagnostics.collect.reading import Reader
from diagnostics.collect.shared import FactStore
from diagnostics.collect.tasks import newest_of_service
from diagnostics.snapshot import Fact, Task
from diagnostics.target import Target


def newest_task(
    target: Target,
    clients: AwsClients,
    *,
    deadline: float = 20.0,
    store: FactStore | None = None,
    clock: Clock | None = None,
) -> Fact[Task | None]:
    """The newest task of a service, `None` in a service without one; absent where there is no such service.

    `ecs:ListTasks` for each desired status, and `ecs:DescribeTasks` for each hundred tasks.

    Args:
        target: the service.
        clients: who asks.
        deadline: seconds after which what is missing is unavailable.
        store: what holds automatic questions back; it must keep no answers, for those of before say nothing new.
        clock: the time.

    Raises:
        RegionNeededError: neither the target nor the session names a Region.
        AwsUnreachableError: AWS could not be reached at all.
    """
    region = region_of(target, clients, None)
    account = target.account_id

    def build(ask: Ask) -> Fact[Task | None]:
        reader = Reader(ask, region, account, target.partition or partition_of_region(region))
        return newest_of_service(reader, target.service or "", target.cluster)

    found = gather(
        build, clients, store=store or FactStore(SHARED), deadline=deadline, clock=clock, urgent=False
    )
    check_reached(found.facts, region, clients, account)
    return found.value
