"""The pulling subnet has no way out at all."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault, table_page
from diagnostics.faults.network.way_out import way_out
from diagnostics.faults.network.zones import subnet_in_zone
from diagnostics.finding import Evidence
from diagnostics.network.blockers import (
    DnsOff,
    EndpointNotAvailable,
    GatewayOffTable,
    NoWayOut,
    PrivateDnsOff,
)
from diagnostics.network.routes import is_default
from diagnostics.snapshot import Known, known_value

FAULT = network_fault(
    "route-no-egress",
    "The pulling subnet has a way to ECR",
    "The subnet's route table has no route that leads out of the VPC, and the VPC has no ECR endpoint either. "
    "Packets to ECR are dropped at the route table, so the pull waits until it times out.",
    "Give the route table a default route to a NAT gateway in a public subnet, or create the endpoints that a pull "
    "needs: ecr.api, ecr.dkr and S3. A task in a public subnet needs a route to the internet gateway and a public "
    "address instead.",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
    short="its subnet has no way to ECR",
)


def _sentence(repair: Repair[NoWayOut]) -> str | None:
    """What all legs of the subnet have in common, where its table has no default route."""
    table = repair.view.table(repair.blocker.route_table_id or "")
    if not isinstance(table, Known):
        return None
    others = [route for route in table.value.routes if route.gateway_id != "local"]
    if any(is_default(route) for route in others):
        return None
    routes = "has no default route" if others else "has only the local route"
    if repair.leg.service is None:
        endpoints = f"and no VPC endpoint serves {repair.leg.host}"
    elif not repair.in_region:
        endpoints = f"and VPC endpoints do not serve {repair.leg.region}"
    else:
        endpoints = f"and {repair.vpc_id} has no ECR endpoints"
    where = subnet_in_zone(repair.world, repair.interface)
    table_id = table.value.route_table_id
    return f"Subnet {where} has no route to the internet: route table {table_id} {routes}, {endpoints}."


def _no_endpoints(repair: Repair[NoWayOut]) -> tuple[Evidence, ...]:
    if not repair.in_region:
        return ()
    vpc_id = known_value(repair.interface.vpc_id) or "the VPC"
    what = f"{vpc_id} has neither an ecr.api nor an ecr.dkr endpoint"
    return (Evidence(what=what, source="ec2:DescribeVpcEndpoints"),)


ROOM = NetworkFault(
    fault=FAULT,
    means=NoWayOut,
    repair=way_out,
    unless="the pull goes through {way}, so this is not what stops it",
    read_by="ec2:DescribeRouteTables",
    follows=(PrivateDnsOff, EndpointNotAvailable, GatewayOffTable, DnsOff),
    page=table_page,
    sentence=_sentence,
    evidence=_no_endpoints,
)
