"""Traces that serve many tasks: in an audit, hundreds leave by the same subnets with the same security groups."""

from __future__ import annotations

from collections.abc import Hashable

from diagnostics.network.follow import trace
from diagnostics.network.trace import Trace
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import VpcFacts


class KeptTraces:
    """Follows a leg once for all tasks of which the facts are the same. Threads may share it: at worst something is followed twice.

    A trace that speaks of who gave the interface its network (`Interface.told_by`, a service by its name) is that task's own.
    """

    def __init__(self) -> None:
        self._vpcs: dict[Hashable, list[VpcFacts]] = {}
        self._traces: dict[Hashable, Trace] = {}

    def trace(
        self,
        leg: Leg,
        interface: Interface,
        vpc: VpcFacts,
        *,
        task_region: str,
        dialled: str | None = None,
        others: tuple[tuple[Leg, str], ...] = (),
    ) -> Trace:
        """As `diagnostics.network.trace` follows it."""
        key = (
            self._number(vpc),
            tuple(value for name, value in leg.__dict__.items() if name != "containers"),
            tuple(value for name, value in interface.__dict__.items() if name != "told_by"),
            (task_region, dialled, others),
        )
        found = self._traces.get(key)
        if found is None:
            found = trace(leg, interface, vpc, task_region=task_region, dialled=dialled, others=others)
            if interface.told_by.lower() not in repr(found).lower():
                self._traces[key] = found
        return found

    def _number(self, vpc: VpcFacts) -> Hashable:
        """Which of the facts that were met these are: the facts of a VPC differ by the groups that the puller has."""
        name = (vpc.vpc_id, *sorted(vpc.security_groups))
        known = self._vpcs.setdefault(name, [])
        if vpc not in known:
            known.append(vpc)
        return name, known.index(vpc)
