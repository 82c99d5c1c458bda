"""The network faults of a pull: judged from the trace of each leg, explained and repaired."""

from __future__ import annotations

from diagnostics.faults.base import Check
from diagnostics.faults.network.check import leg
from diagnostics.faults.network.faults import NETWORK_FAULTS
from diagnostics.faults.network.summary import broken_path, network_summary

CHECKS: tuple[Check, ...] = (leg,)

__all__ = ["CHECKS", "NETWORK_FAULTS", "broken_path", "network_summary"]
