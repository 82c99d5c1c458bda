"""The result of following one leg through the network: the hops, and what they amount to (data only)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from diagnostics.pull import LegName
from diagnostics.snapshot import Model

Disposition = Literal["reachable", "blocked", "insufficient_information"]

Via = Literal[
    "interface_endpoint", "gateway_endpoint", "nat_gateway", "internet_gateway", "egress_only_internet_gateway", "local",
    "nat_instance", "appliance", "transit_gateway", "peering", "vpn", "none",
]  # fmt: skip


class Hop(Model):
    """One step of the path, in AWS's words: `what` ("route table"), `resource` (an id) and `says` (what it decides)."""

    what: str
    resource: str | None = None
    says: str
    verdict: Literal["ok", "blocked", "partly_open", "unknown"] = "ok"


class Blocker(Model):
    """One thing that stops the leg.

    `fault` is an id of the list of causes; `resources` name exactly what must change or what the missing thing
    belongs to, most telling first; `says` is one sentence with the real ids; `facts` are values that a fix needs
    (a group, a port, a prefix list, a CIDR), by name.
    """

    fault: str
    resources: tuple[str, ...]
    says: str
    facts: Mapping[str, str] = {}


class Missing(Model):
    """A fact that the trace needed and did not have: what it was, why, and which IAM action would read it.

    `could_hide` are the ids of the causes that this fact could have shown, so that a check knows which of its
    faults to call unknown.
    """

    what: str
    why: str
    call: str | None = None
    resource: str | None = None
    could_hide: tuple[str, ...] = ()


class Trace(Model):
    """One leg from one interface, followed to the end or to where it stopped.

    `partly` are faults that hold for some packets only (a network ACL that opens a part of the ephemeral ports).
    `considered` are the ids of all causes that this trace has ruled on: those neither in `blockers`, `partly` nor in a
    `could_hide` are known not to hold. `endpoint_id` is the VPC endpoint that carries the leg, whose policy is then part
    of the question; it is set also where the endpoint is what blocks.
    """

    leg: LegName
    host: str
    subnet_id: str
    via: Via
    hops: tuple[Hop, ...]
    blockers: tuple[Blocker, ...] = ()
    partly: tuple[Blocker, ...] = ()
    missing: tuple[Missing, ...] = ()
    considered: tuple[str, ...] = ()
    endpoint_id: str | None = None

    @property
    def disposition(self) -> Disposition:
        """`blocked` needs proof, `reachable` needs every fact, everything else is insufficient information."""
        if self.blockers:
            return "blocked"
        return "insufficient_information" if self.missing else "reachable"
