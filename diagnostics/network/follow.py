"""Follows one leg."""

from __future__ import annotations

from diagnostics.network.trace import Missing, Trace
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import VpcFacts


def trace(leg: Leg, interface: Interface, vpc: VpcFacts, *, task_region: str) -> Trace:
    """One leg from one interface."""
    missing = Missing(what="everything", why="not written yet")
    return Trace(
        leg=leg.name, host=leg.host, subnet_id=interface.subnet_id, via="none", hops=(), missing=(missing,)
    )
