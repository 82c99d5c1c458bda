"""The checks, each a pure function of the facts."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.faults import host, image, network, permissions, registry, secrets, task
from diagnostics.faults.base import Check
from diagnostics.finding import Fault

ALL_CHECKS: tuple[Check, ...] = (
    *task.CHECKS,
    *permissions.ROLE_CHECKS,
    *secrets.CHECKS,
    *permissions.PULL_CHECKS,
    *network.CHECKS,
    *image.CHECKS,
    *registry.CHECKS,
    *host.CHECKS,
)
"""Every check, in the order of the steps of a pull."""

ALL_FAULTS: Mapping[str, Fault] = {fault.id: fault for check in ALL_CHECKS for fault in check.faults}
"""Every fault that is judged, by its id."""

__all__ = ["ALL_CHECKS", "ALL_FAULTS"]
