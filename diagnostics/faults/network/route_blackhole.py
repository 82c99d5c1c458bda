"""A route on the way leads to something that is gone."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair, together
from diagnostics.faults.network.room import NetworkFault, network_fault, table_page
from diagnostics.faults.network.route_changes import (
    destination_option,
    egress_only_gateway,
    point_at,
    point_at_nat,
    shows_route,
    used_by,
)
from diagnostics.finding import Fix
from diagnostics.network.addresses import PRIVATE, network_of, of_cidrs, of_network
from diagnostics.network.blockers import RouteToNothing
from diagnostics.write import chain
from diagnostics.write.snippets import Option, hcl, pascal, template

FAULT = network_fault(
    "route-blackhole",
    "The route that the pull takes leads to something that exists",
    "The route is still in the table, but its target is gone: the NAT gateway was deleted or the internet gateway "
    "was detached. AWS marks such a route as a blackhole and drops every packet that matches it.",
    "Point the route at a target that works (replace-route), or attach the internet gateway again. The route does "
    "not heal by itself when a new NAT gateway is created, because that has a new id.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html",
    over=("endpoint", "internet"),
    short="its route leads to something that is gone",
)


def _fix(repair: Repair[RouteToNothing]) -> Fix:
    """The route replaced, or its internet gateway attached again."""
    blocker, gateway = repair.blocker, repair.view.internet_gateway_id
    table, destination, target = blocker.route_table_id, blocker.destination, blocker.target
    inside = [_within(destination, item) for item in repair.view.cidrs]
    if any(inside) and target.startswith(("eni-", "i-", "vpce-")):
        return _local_again(repair, destination in repair.view.cidrs)
    private = of_cidrs((destination,), 4)
    if private and private <= PRIVATE[4]:
        return _to_private_network(repair)
    if not target.startswith("igw-"):
        if target.startswith("eigw-") or ":" in destination:
            return egress_only_gateway(repair, gone=True)
        return point_at_nat(repair, destination, gone=True)
    if gateway and gateway != target:
        return point_at(
            repair, gateway, title=f"Send {destination} to internet gateway {gateway}",
            text=f"Send {destination} of route table {table} to internet gateway {gateway}, which is attached.",
            table=table, subnet_id=blocker.subnet_id, destination=destination, gone=True,
        )  # fmt: skip
    where: dict[str, Option] = {"internet_gateway_id": target, "vpc_id": repair.vpc_id}
    return Fix(
        title=f"Attach internet gateway {target} again",
        text=f"Attach internet gateway {target} to {repair.vpc_id} again; the route then works as it is.",
        warning=(
            f"Somebody detached it: every subnet of {repair.vpc_id} whose route leads to {target} is open to the internet "
            "again, not only this one."
        ),
        cli=chain(repair.ec2("attach-internet-gateway", **where)),
        terraform=hcl("aws_internet_gateway_attachment", "main", **where),
        cloudformation=template(
            "Attachment", "AWS::EC2::VPCGatewayAttachment", VpcId=repair.vpc_id, InternetGatewayId=target
        ),
        verify=chain(
            repair.prints(
                "describe-internet-gateways",
                "InternetGateways[].Attachments[].VpcId",
                internet_gateway_ids=target,
            )
        ),
        expect=str(repair.vpc_id),
        undo=chain(repair.ec2("detach-internet-gateway", **where)),
    )


def _within(destination: str, cidr: str) -> bool:
    inner, outer = network_of(destination), network_of(cidr)
    if inner is None or outer is None or inner.version != outer.version:
        return False
    return of_network(inner) <= of_network(outer)


def _local_again(repair: Repair[RouteToNothing], whole: bool) -> Fix:
    """A route inside the VPC to an appliance that is gone: without it the VPC's own `local` route takes the packets.

    Args:
        whole: the route took the place of the local one, which cannot be deleted and is restored.
    """
    table, destination, target = (
        repair.blocker.route_table_id,
        repair.blocker.destination,
        repair.blocker.target,
    )
    options = {destination_option(destination): destination}
    how = (
        f"Restore the local route for {destination} in"
        if whole
        else f"Delete the route for {destination} from"
    )
    command = "replace-route" if whole else "delete-route"
    local: dict[str, Option] = {"local_target": True} if whole else {}
    condition = f"{pascal(destination_option(destination))}=='{destination}'"
    shows, expect = f"length(RouteTables[0].Routes[?{condition}])", "0"
    if whole:
        shows, expect = f"RouteTables[].Routes[?{condition}].GatewayId", "local"
    return Fix(
        title=f"{'Restore the local' if whole else 'Delete the'} route for {destination}",
        text=(
            f"{how} route table {table}: the packets then take the VPC's own route, and no appliance sees them."
        ),
        warning=together(
            f"Somebody led these packets through {target} on purpose; if they are to be inspected, point the route at the "
            "interface or endpoint that took its place instead.",
            used_by(repair, table, repair.blocker.subnet_id),
        ),
        cli=chain(repair.ec2(command, route_table_id=table, **options, **local)),
        verify=chain(repair.prints("describe-route-tables", shows, route_table_ids=table)),
        expect=expect,
        undo_note=f"There is no undo: {target} does not exist, so no route can lead to it.",
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
        verify=shows_route(repair, table, destination, "State"),
        expect="active",
    )


ROOM = NetworkFault(
    fault=FAULT,
    means=RouteToNothing,
    repair=_fix,
    unless="the pull goes through {way}, so this is not what stops it",
    page=table_page,
)
