"""The checks, each a pure function of the facts."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.checks import image, network, permissions
from diagnostics.checks.base import Check
from diagnostics.finding import Fault

ALL_CHECKS: tuple[Check, ...] = (*permissions.CHECKS, *network.CHECKS, *image.CHECKS)
"""Every check, in the order of the steps of a pull."""

ALL_FAULTS: Mapping[str, Fault] = {fault.id: fault for check in ALL_CHECKS for fault in check.faults}
"""Every fault that is judged, by its id."""

__all__ = ["ALL_CHECKS", "ALL_FAULTS"]
