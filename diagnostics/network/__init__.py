"""Follows a network leg from the interface that pulls to the host that must answer, on saved facts alone."""

from diagnostics.network.follow import trace
from diagnostics.network.trace import Blocker, Disposition, Hop, Missing, Trace, Via

__all__ = ["Blocker", "Disposition", "Hop", "Missing", "Trace", "Via", "trace"]
