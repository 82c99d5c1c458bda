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


FACT_NAMES = (
    "vpc_id", "subnet_id", "route_table_id", "destination", "target", "nat_gateway_id", "nat_subnet_id",
    "nat_route_table_id", "internet_gateway_id", "usable_nat_gateway_id", "group_id", "endpoint_id", "endpoint_service",
    "endpoint_group_id", "puller_group_id", "puller_cidr", "prefix_list_id", "peer_cidr", "network_acl_id",
    "rule_number", "free_rule_number", "direction", "ports", "closed_ports", "state", "failure", "host", "region",
    "image_region", "launch", "public_ip_setting", "service_name", "instance_id", "interface_id", "dns_servers",
    "dhcp_options_id", "attribute", "mode", "exclusion_id", "gateway_table_ids", "subnet_cidr",
)  # fmt: skip
"""What `Blocker.facts` may hold, each as text; several ids in one value are joined by commas.

`destination` and `target` are those of the route that stops the leg. `usable_nat_gateway_id` and `internet_gateway_id`
name one of the same VPC that a repair can use, where there is one. `peer_cidr` is the range at the other end that a
rule must name (an endpoint's subnets, S3's ranges, 0.0.0.0/0 only where nothing narrower will do); `free_rule_number` is
the number of a new network ACL entry that comes before the one that denies. `attribute` is `enableDnsSupport` or
`enableDnsHostnames`, `mode` the mode of VPC Block Public Access.
"""


class Blocker(Model):
    """One thing that stops the leg.

    `fault` is an id of the list of causes; `resources` name exactly what must change or what the missing thing
    belongs to, most telling first; `says` is one sentence with the real ids; `facts` are values that a fix needs, by
    the names of `FACT_NAMES`.
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
