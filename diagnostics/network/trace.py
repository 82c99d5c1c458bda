"""The result of following one leg through the network: the hops, and what they amount to (data only).

What `Blocker.resources` name and which `facts` are always there, by cause; tests hold it. Every blocker has `vpc_id`,
`subnet_id`, `host`, `region`, `launch` (`fargate` or `ec2`) and `puller_cidr`, and, where they are known,
`puller_group_id`, `interface_id` and `instance_id`. "Where there is one" are `usable_nat_gateway_id` and
`internet_gateway_id` for every fault of a route.

| cause | resources | facts besides |
|---|---|---|
| `route-no-egress` | subnet, route table | `route_table_id`; of a peering route `destination`, `target` |
| `route-blackhole` | subnet, route table, the NAT gateway of the route | `route_table_id`, `destination`, `target` |
| `nat-gateway-unusable` | subnet, route table, NAT gateway | the same, `nat_gateway_id`, `state` (`private` too), `failure` |
| `nat-subnet-no-igw` | NAT gateway, its subnet, that subnet's table | `nat_gateway_id`, `nat_subnet_id`, `nat_route_table_id` |
| `nat-instance-unusable` | subnet, route table, instance (or instance, groups) | `route_table_id`, `instance_id`, `state` |
| `public-subnet-no-public-ip` | subnet, the container instance | `route_table_id`, `internet_gateway_id`, `public_ip_setting` |
| `vpc-block-public-access` | VPC | `mode`, `exclusion_id` of one that does not suffice |
| `firewall-inspection` | subnet, route table, firewall endpoint | `route_table_id`, `destination`, `target` |
| `sg-egress-blocked` | the puller's groups | `group_id`, `ports`, `direction`, `peer_cidr`; with an endpoint `endpoint_id`, `endpoint_group_id` |
| `sg-egress-s3-blocked` | the puller's groups | the same and `prefix_list_id` |
| `endpoint-sg-ingress-blocked` | the endpoint's groups | `group_id`, `endpoint_id`, `endpoint_service`, `endpoint_group_id`, `peer_cidr` |
| `nacl-…` | network ACL | `network_acl_id`, `subnet_id` (the ACL's), `direction` (of the entry), `ports`, `closed_ports`, `rule_number`, `free_rule_number`, `peer_cidr` |
| `endpoint-missing-…` | VPC, subnet | `endpoint_service`, `route_table_id`; of a neighbour `endpoint_group_id`, `subnet_cidr` |
| `endpoint-private-dns-off`, `endpoint-not-available` | endpoint | `endpoint_id`, `endpoint_service`, `state` |
| `endpoint-s3-not-on-route-table` | endpoint, route table | `endpoint_id`, `route_table_id`, `gateway_table_ids` |
| `vpc-dns-off` | VPC | `attribute` |
| `dns-server-unusable` | VPC, DHCP options | `dns_servers`, `dhcp_options_id` |
| `image-region-unreachable` | VPC | `image_region`, `route_table_id` |
| `ipv6-mismatch` | subnet, route table where a route is at fault | |

A NAT gateway whose internet gateway is gone is a `route-blackhole` of its own subnet and table.

A status of one cause follows from a trace in this order, which keeps what is not known from deciding: in `blockers`: it
fails; in a `could_hide`: not known; in `partly`: it may; in `considered`: it passes; else it has no part in this leg.
"""

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
