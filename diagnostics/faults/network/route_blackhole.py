"""A route on the way leads to something that is gone."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault, table_page
from diagnostics.faults.network.route_changes import egress_only_gateway, point_at, point_at_nat, verify_table
from diagnostics.finding import Fix
from diagnostics.network.addresses import PRIVATE, of_cidrs
from diagnostics.network.blockers import RouteToNothing
from diagnostics.write.snippets import Option, hcl, template

FAULT = network_fault(
    "route-blackhole",
    "The route that the leg takes leads to something that exists",
    "The route is still in the table, but its target is gone: the NAT gateway was deleted or the internet gateway "
    "was detached. AWS marks such a route as a blackhole and drops every packet that matches it.",
    "Point the route at a target that works (replace-route), or attach the internet gateway again. The route does "
    "not heal by itself when a new NAT gateway is created, because that has a new id.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html",
)


def _fix(repair: Repair[RouteToNothing]) -> Fix:
    """The route replaced, or its internet gateway attached again."""
    blocker, gateway = repair.blocker, repair.view.internet_gateway_id
    table, destination, target = blocker.route_table_id, blocker.destination, blocker.target
    private = of_cidrs((destination,), 4)
    if private and private <= PRIVATE[4]:
        return _to_private_network(repair)
    if not target.startswith("igw-"):
        if target.startswith("eigw-") or ":" in destination:
            return egress_only_gateway(repair, gone=True)
        return point_at_nat(repair, destination, gone=True)
    if gateway and gateway != target:
        text = f"Send {destination} of route table {table} to internet gateway {gateway}, which is attached."
        return point_at(
            repair, gateway, text, table=table, subnet_id=blocker.subnet_id, destination=destination, gone=True
        )  # fmt: skip
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


def _to_private_network(repair: Repair[RouteToNothing]) -> Fix:
    """A route to a private network, which no gateway to the internet leads to."""
    table, destination, target = (
        repair.blocker.route_table_id,
        repair.blocker.destination,
        repair.blocker.target,
    )
    return Fix(
        text=(
            f"Connect the network {destination} again (the peering connection, attachment or interface that {target} "
            f"was), and point the route of {table} at it. A NAT or internet gateway does not lead to private addresses."
        ),
        verify=verify_table(repair, table, destination),
    )


ROOM = NetworkFault(
    fault=FAULT,
    means=RouteToNothing,
    repair=_fix,
    unless="the leg goes through {way}, so this is not what stops it",
    page=table_page,
)
