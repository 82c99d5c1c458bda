"""The network faults of a pull: judged from the trace of each leg, explained and repaired."""

from __future__ import annotations

from diagnostics.checks.base import Check
from diagnostics.checks.network.check import leg
from diagnostics.checks.network.faults import NETWORK_FAULTS
from diagnostics.checks.network.summary import broken_path, network_summary

CHECKS: tuple[Check, ...] = (leg,)

__all__ = ["CHECKS", "NETWORK_FAULTS", "broken_path", "network_summary"]
