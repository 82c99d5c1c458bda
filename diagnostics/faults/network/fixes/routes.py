"""Repairs of routes: a way out where there is none, and a route that leads to something that is gone."""

from __future__ import annotations

from diagnostics.faults.network.fixes.endpoints import create_endpoints
from diagnostics.faults.network.fixes.repair import Repair
from diagnostics.faults.network.fixes.route import (
    ANYWHERE,
    egress_only_gateway,
    point_at,
    point_at_nat,
    verify_table,
)
from diagnostics.faults.network.fixes.snippets import Option, hcl, template
from diagnostics.finding import Fix
from diagnostics.snapshot import known_or


def no_egress(repair: Repair) -> Fix:
    """A default route: to the NAT gateway there is, to the internet gateway for what has a public address, else endpoints."""
    table, gateway = repair.route_table_id, repair.internet_gateway_id
    if repair.nat_gateway_id:
        return point_at_nat(repair, table, ANYWHERE)
    if gateway and known_or(repair.interface.public_ip, False):
        text = f"Send {ANYWHERE} of route table {table} to internet gateway {gateway}: the task has a public address."
        return point_at(repair, gateway, text, table=table)
    if repair.leg.service is None or repair.leg.region != repair.region:
        return point_at_nat(repair, table, ANYWHERE)
    return create_endpoints(repair)


def blackhole(repair: Repair) -> Fix:
    """The route replaced, or its internet gateway attached again."""
    table, destination = repair.route_table_id, repair.fact("destination") or ANYWHERE
    target, gateway = repair.fact("target") or "", repair.internet_gateway_id
    if target.startswith("igw-"):
        if gateway and gateway != target:
            text = (
                f"Send {destination} of route table {table} to internet gateway {gateway}, which is attached."
            )
            return point_at(repair, gateway, text, table=table, destination=destination)
        where: dict[str, Option] = {"internet_gateway_id": target, "vpc_id": repair.vpc_id}
        return Fix(
            text=f"Attach internet gateway {target} to {repair.vpc_id} again; the route then works as it is.",
            cli=repair.ec2("attach-internet-gateway", **where),
            terraform=hcl("aws_internet_gateway_attachment", "main", **where),
            cloudformation=template(
                "Attachment", "AWS::EC2::VPCGatewayAttachment", VpcId=repair.vpc_id, InternetGatewayId=target
            ),
            verify=verify_table(repair, table),
            undo=repair.ec2("detach-internet-gateway", **where),
        )
    if target.startswith("eigw-") or ":" in destination:
        return egress_only_gateway(repair)
    return point_at_nat(repair, table, destination)
