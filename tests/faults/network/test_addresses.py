"""The address in the error text chooses the way before the map does: whole verdicts, each beside a healthy twin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.build import Edit, add_endpoints, endpoints, no_way_out, vpc_of
from tests.build import network as e
from tests.build.facts import absent
from tests.faults.network.verdicts import (
    HUB,
    NO_ADDRESS,
    NOT_OPENED,
    OPENS,
    PUBLIC,
    Row,
    check,
    check_a_fact_less,
    dialled,
)


def deleted_group(world: dict[str, Any]) -> None:
    """The task's security group was deleted since."""
    vpc_of(world)["security_groups"]["sg-tasks"] = absent("ec2:DescribeSecurityGroups")


def both_ecr_endpoints(world: dict[str, Any]) -> None:
    """ECR's endpoints beside the NAT gateway."""
    add_endpoints(world, "ecr.api", "ecr.dkr")


PEERED = e.all_of(no_way_out, e.route("10.99.0.0/16", VpcPeeringConnectionId="pcx-1"))

HALVES = e.all_of(
    e.default_route(),
    e.route("128.0.0.0/1", NatGatewayId="nat-main"),
    lambda world: e.routes_of(world, "rtb-private").append(
        {"DestinationCidrBlock": "0.0.0.0/1", "GatewayId": "vgw-gone", "State": "blackhole"}
    ),
)


def made(moment: str) -> Edit:
    """The endpoint for ECR's API was created then."""
    return e.endpoint("ecr.api", CreationTimestamp=moment)


ROWS = (
    Row("hub over peering", (PEERED, dialled(HUB)), "undecided", never=NOT_OPENED, says=(HUB, "pcx-1")),
    Row("hub over peering, a public address in the text", (PEERED, dialled(PUBLIC)), "cause_found", "route-no-egress", never=OPENS),
    Row("hub over a virtual private gateway", (no_way_out, e.route("10.99.0.0/16", GatewayId="vgw-1"), dialled(HUB)), "undecided", never=NOT_OPENED, says=("vgw-1",)),
    Row("hub over a transit gateway", (no_way_out, e.route("10.0.0.0/8", TransitGatewayId="tgw-1"), dialled(HUB)), "undecided", never=NOT_OPENED, says=("tgw-1",)),
    Row("hub over Cloud WAN", (no_way_out, e.route("10.0.0.0/8", CoreNetworkArn="arn:aws:networkmanager::111122223333:core-network/c-1"), dialled(HUB)), "undecided", never=NOT_OPENED, says=("core-network/c-1",)),
    Row("a private zone, and no route at all", (no_way_out, dialled(HUB)), "undecided", never=NOT_OPENED, says=("no route to it",)),
    Row("no route at all, a public address", (no_way_out, dialled(PUBLIC)), "cause_found", "route-no-egress"),
    Row("a private zone beside a NAT gateway that works", (dialled(HUB),), "undecided", never=OPENS, says=(HUB, "private hosted zone")),
    Row("a private zone beside a NAT gateway that is gone", (e.no_nat_gateway, dialled(HUB)), "undecided", never=("create-route",), says=(HUB,)),
    Row("a public address and a NAT gateway that is gone", (e.no_nat_gateway, dialled(PUBLIC)), "cause_found", "route-blackhole"),
    Row("an address of this VPC where no endpoint stands", (dialled("10.0.77.5"),), "undecided", never=OPENS, says=("10.0.77.5",)),
    Row("an address of the endpoint that the VPC has", (e.ingress(), dialled("10.0.10.10")), "cause_found", "endpoint-sg-ingress-blocked", never=OPENS, base=endpoints),
    Row("a hub, and a group that lets nothing out", (PEERED, e.egress(), dialled(HUB)), "cause_found", "sg-egress-blocked", never=NOT_OPENED),
    Row("a hub, and a group that lets the VPC only", (PEERED, e.egress(e.to_cidr("10.0.0.0/16")), dialled(HUB)), "cause_found", "sg-egress-blocked", never=NOT_OPENED, says=("10.99.1.5/32",)),
    Row("a hub, and a group that lets it", (PEERED, e.egress(e.to_cidr("10.99.0.0/16")), dialled(HUB)), "undecided", never=NOT_OPENED),
    Row("a hub, and an ACL that does not let it out", (PEERED, e.acl(e.entry(100, True, cidr="10.0.0.0/16"), e.entry(100, False)), dialled(HUB)), "cause_found", "nacl-egress-blocked", never=NOT_OPENED),
    Row("a hub whose peering connection is gone", (no_way_out, lambda w: e.routes_of(w, "rtb-private").append({"DestinationCidrBlock": "10.99.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "blackhole"}), dialled(HUB)), "cause_found", "route-blackhole", never=NOT_OPENED),
    Row("the VPC's ranges could not be read", (no_way_out, e.unread("vpc", call="ec2:DescribeVpcs"), dialled(HUB)), "undecided", never=NOT_OPENED),
    Row("the task's group was deleted since", (deleted_group, dialled(PUBLIC)), "undecided", never=("sg-tasks --", "authorize-security-group-egress")),
    Row("the task's group was deleted since, before endpoints", (deleted_group,), "undecided", never=("authorize-security-group",), base=endpoints),
    Row("the task's group is there and closed", (e.egress(), dialled(PUBLIC)), "cause_found", "sg-egress-blocked"),
    Row("halves of the internet, the text's leads to nothing", (HALVES, dialled(PUBLIC)), "cause_found", "route-blackhole"),
    Row("halves of the internet, the text's is the other", (HALVES, dialled("150.1.2.3")), "undecided"),
    Row("halves of the internet to one NAT gateway", (e.default_route(), e.route("0.0.0.0/1", NatGatewayId="nat-main"), e.route("128.0.0.0/1", NatGatewayId="nat-main"), dialled(PUBLIC)), "nothing_wrong"),
    Row("isolated with an endpoint of its own", (no_way_out, lambda w: add_endpoints(w, "logs"), dialled(PUBLIC)), "cause_found", "route-no-egress", never=OPENS),
    Row("the endpoint is passed by, and nothing leads out", (dialled(PUBLIC),), "undecided", never=NOT_OPENED, says=("why api.ecr.us-east-1.amazonaws.com led to 44.213.79.104 and not to vpce-ecr-api",), base=endpoints),
    Row("the endpoint is passed by, and its group is shut", (e.ingress(), dialled(PUBLIC)), "undecided", never=NOT_OPENED, base=endpoints, not_blamed=("endpoint-sg-ingress-blocked",)),
    Row("the endpoint was made after the stop", (made("2026-11-24T09:20:00Z"), dialled(PUBLIC)), "nothing_wrong", base=endpoints),
    Row("the endpoint was made after the stop, and its group is shut", (made("2026-11-24T09:20:00Z"), e.ingress(), dialled(PUBLIC)), "undecided", base=endpoints, not_blamed=("sg-egress-blocked",)),
    Row("the endpoint was made before the stop, and is passed by", (made("2026-11-24T09:00:00Z"), dialled(PUBLIC)), "undecided", base=endpoints),
    Row("the endpoint is used, and its group is shut", (e.ingress(), NO_ADDRESS), "cause_found", "endpoint-sg-ingress-blocked", never=OPENS, base=endpoints, certainty="confirmed"),
    Row("the endpoint is passed by, beside a NAT gateway that works", (both_ecr_endpoints, dialled(PUBLIC)), "undecided", never=OPENS),
    Row("the endpoint is passed by, beside a NAT gateway that works, and its group is shut", (both_ecr_endpoints, e.ingress(), dialled(PUBLIC)), "undecided", never=OPENS, not_blamed=("endpoint-sg-ingress-blocked",)),
    Row("the endpoint is passed by, beside a NAT gateway that is gone", (both_ecr_endpoints, e.no_nat_gateway, dialled(PUBLIC)), "cause_found", "route-blackhole", certainty="likely"),
    Row("the endpoint is passed by, and nothing is let out", (e.egress(), dialled(PUBLIC)), "cause_found", "sg-egress-blocked", base=endpoints),
    Row("the endpoint is passed by, since the VPC has no DNS host names", (e.attribute("enable_dns_hostnames", False), dialled(PUBLIC)), "cause_found", "vpc-dns-off", never=OPENS, base=endpoints),
    Row("the endpoint is passed by, since its private DNS is off", (e.endpoint("ecr.api", PrivateDnsEnabled=False), dialled(PUBLIC)), "cause_found", "endpoint-private-dns-off", never=OPENS, base=endpoints),
    Row("the endpoint is passed by, with a DNS server of one's own", (e.dns_servers("10.0.11.53"), dialled(PUBLIC)), "undecided", never=NOT_OPENED, says=("the DNS server of the DHCP options gives the public address",), base=endpoints),
    Row("the endpoint is used, with a DNS server of one's own, and its group is shut", (e.dns_servers("10.0.11.53"), e.ingress(), dialled("10.0.10.10")), "cause_found", "endpoint-sg-ingress-blocked", never=OPENS, base=endpoints),
    Row("a peered network, and no address", (PEERED, NO_ADDRESS), "cause_found", "route-no-egress", never=OPENS, says=("whoever runs it", "pcx-1"), certainty="likely", wants=("create-vpc-endpoint",)),
    Row("on-premises, and no address", (no_way_out, e.route("10.99.0.0/16", GatewayId="vgw-1"), NO_ADDRESS), "cause_found", "route-no-egress", never=OPENS, says=("whoever runs it", "vgw-1"), certainty="likely"),
    Row("a default route to a peered network, and no address", (e.default_route(VpcPeeringConnectionId="pcx-1"), NO_ADDRESS), "cause_found", "route-no-egress", never=OPENS, certainty="likely"),
    Row("a peered network that is gone, and no address", (no_way_out, lambda w: e.routes_of(w, "rtb-private").append({"DestinationCidrBlock": "10.99.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "blackhole"}), NO_ADDRESS), "cause_found", "route-no-egress", certainty="confirmed"),
    Row("a hub over a transit gateway, and no address", (no_way_out, e.route("10.0.0.0/8", TransitGatewayId="tgw-1"), NO_ADDRESS), "undecided", never=NOT_OPENED, says=("tgw-1",)),
    Row("a peered network beside a NAT gateway", (e.route("10.99.0.0/16", VpcPeeringConnectionId="pcx-1"), NO_ADDRESS), "nothing_wrong"),
    Row("a peered network, and a task that starts now", (PEERED,), "undecided", never=OPENS, says=("that starts now may fail",)),
    Row("nothing but the local route, and no address", (no_way_out, NO_ADDRESS), "cause_found", "route-no-egress", certainty="confirmed"),
)  # fmt: skip

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


@each_row
def test_the_verdict(row: Row) -> None:
    check(row)


@each_row
def test_a_fact_less_names_no_other_cause(row: Row) -> None:
    check_a_fact_less(row)
