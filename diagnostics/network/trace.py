"""The result of following one leg through the network: the hops, and what they amount to (data only).

A status of one fault follows from a trace in this order, which keeps what is not known from deciding: in `blockers`: it
fails; in a `could_hide`: not known; in `partly`: it may; in `considered`: it passes; else it has no part in this leg.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diagnostics.finding import Disposition
from diagnostics.network.blockers import Blocker, BlockerKind
from diagnostics.pull import LegName
from diagnostics.snapshot import Unavailable

Via = Literal[
    "interface_endpoint", "gateway_endpoint", "nat_gateway", "internet_gateway", "egress_only_internet_gateway", "local",
    "nat_instance", "appliance", "transit_gateway", "peering", "vpn", "none",
]  # fmt: skip

What = Literal[
    "network interface", "AWS-owned interface", "DNS", "subnet", "IPv6", "VPC endpoint", "interface endpoint",
    "gateway endpoint", "security group", "network ACL", "route table", "route target", "NAT gateway", "NAT instance",
    "source/destination check", "internet gateway", "egress-only internet gateway", "public address",
    "VPC Block Public Access", "transit gateway", "vpn", "appliance",
]  # fmt: skip
"""What a hop is, in AWS's words."""


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One step of the path: `what` it is, `resource` (an id) and `says` (what it decides).

    `blocker` is what stops the leg, or a part of its packets, at this step.
    """

    what: What
    resource: str | None = None
    says: str
    verdict: Literal["ok", "blocked", "partly_open", "unknown"] = "ok"
    blocker: Blocker | None = None


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A fact that the trace needed and did not have: what it was, why, and which IAM action would read it.

    `could_hide` are the kinds of blocking that this fact could have shown, so that a check knows which of its faults to
    call unknown. `question`: `what` is a question ("whether it answers"). `brief` is as much of `why` as a headline has room
    for, where that is not all. `unread` is the fact itself, where it was one that could not be read.
    """

    what: str
    why: str
    question: bool = False
    brief: str | None = None
    unread: Unavailable | None = None
    call: str | None = None
    resource: str | None = None
    could_hide: tuple[BlockerKind, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trace:
    """One leg from one interface, followed to the end or to where it stopped.

    `partly` are blockers that hold for some packets only (a network ACL that opens a part of the ephemeral ports).
    `considered` are all kinds of blocking that this trace has ruled on: those neither in `blockers`, `partly` nor in a
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
    missing: tuple[Gap, ...] = ()
    considered: tuple[BlockerKind, ...] = ()
    endpoint_id: str | None = None

    @property
    def disposition(self) -> Disposition:
        """`blocked` needs proof, `reachable` needs every fact, everything else is insufficient information."""
        if self.blockers:
            return "blocked"
        return "insufficient_information" if self.missing else "reachable"
