"""Follows a network leg from the interface that pulls to the host that must answer, on saved facts alone."""

from diagnostics.network.blockers import Blocker, BlockerKind, applicable
from diagnostics.network.follow import made_since, trace
from diagnostics.network.kept import KeptTraces
from diagnostics.network.owner import Owner, OwnerKind, whose
from diagnostics.network.trace import Gap, Hop, Trace, Via
from diagnostics.network.vpc_view import VpcView

__all__ = [
    "Blocker",
    "BlockerKind",
    "Gap",
    "Hop",
    "KeptTraces",
    "Owner",
    "OwnerKind",
    "Trace",
    "Via",
    "VpcView",
    "applicable",
    "made_since",
    "trace",
    "whose",
]
