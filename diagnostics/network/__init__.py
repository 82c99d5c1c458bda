"""Follows a network leg from the interface that pulls to the host that must answer, on saved facts alone."""

from diagnostics.network.faults import NETWORK_FAULTS, applicable
from diagnostics.network.follow import trace
from diagnostics.network.owner import Owner, OwnerKind, whose
from diagnostics.network.trace import FACT_NAMES, Blocker, Disposition, Hop, Missing, Trace, Via

__all__ = [
    "FACT_NAMES",
    "NETWORK_FAULTS",
    "Blocker",
    "Disposition",
    "Hop",
    "Missing",
    "Owner",
    "OwnerKind",
    "Trace",
    "Via",
    "applicable",
    "trace",
    "whose",
]
