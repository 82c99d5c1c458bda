"""NAT gateways on the route: out of service or private, or without a way to an internet gateway."""

from __future__ import annotations

from diagnostics.faults.network.gateways import internet_gateway
from diagnostics.faults.network.nat_table import own_table
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault, table_page
from diagnostics.faults.network.route_changes import ANYWHERE, point_at, point_at_nat
from diagnostics.finding import Fix
from diagnostics.network.blockers import NatGatewayUnusable, NatWithoutInternetGateway
from diagnostics.write import chain

UNUSABLE = network_fault(
    "nat-gateway-unusable",
    "The NAT gateway on the route is available and public",
    "The default route names a NAT gateway that cannot carry traffic to the internet: it failed, is still being "
    "created, is being deleted, or is a private NAT gateway, which only translates between private networks.",
    "Point the route at an available public NAT gateway, or create one in a public subnet. A pending one only "
    "needs a few minutes.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html",
    short="the NAT gateway on its route does not work",
)

NO_WAY_ON = network_fault(
    "nat-subnet-no-igw",
    "The NAT gateway is in a subnet that reaches the internet gateway",
    "A NAT gateway sends what it translates through the route table of its own subnet. That table has no route to "
    "an internet gateway, so the NAT gateway itself cannot get out. The usual mistake is a NAT gateway that was "
    "created in a private subnet.",
    "Give the NAT gateway's subnet a route table of its own with 0.0.0.0/0 to the internet gateway, or move the "
    "default route of the tasks' subnet to a NAT gateway that stands in a public subnet.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
    short="its NAT gateway has no way to the internet",
)


def _use_another(repair: Repair[NatGatewayUnusable]) -> Fix:
    """The route moved to a NAT gateway that works; one that is being created only needs time."""
    nat = repair.blocker.nat_gateway_id
    if repair.blocker.state != "pending":
        return point_at_nat(repair, repair.blocker.destination)
    return Fix(
        title=f"Wait for NAT gateway {nat}",
        text=f"Wait until NAT gateway {nat} is available; that takes a few minutes.",
        cli=chain(repair.ec2("wait nat-gateway-available", nat_gateway_ids=nat)),
        verify=repair.prints("describe-nat-gateways", "NatGateways[].State", nat_gateway_ids=nat),
        expect="available",
        undo_note="Waiting changes nothing.",
    )


def _way_on(repair: Repair[NatWithoutInternetGateway]) -> Fix:
    """A way out for the NAT gateway's own subnet; where that would open subnets of tasks, another NAT gateway."""
    blocker, gateway = repair.blocker, repair.view.internet_gateway_id
    table, nat, subnet = blocker.nat_route_table_id, blocker.nat_gateway_id, blocker.nat_subnet_id or ""
    shared = {item for item in repair.view.subnets_of_table(table) if item != subnet}
    pulling = {item.subnet_id for item in repair.world.interfaces()}
    if blocker.usable_nat_gateway_id:
        return point_at_nat(repair)
    target = gateway or internet_gateway(repair)
    if table != repair.route_table_id and not shared and subnet not in pulling:
        of = f"{nat}'s subnet" if subnet else nat
        to = f"internet gateway {gateway}" if gateway else "a new internet gateway, attached to the VPC"
        return point_at(
            repair, target, title=f"Send {nat} on to an internet gateway",
            text=f"Send {ANYWHERE} of route table {table}, the one of {of}, to {to}.",
            table=table, subnet_id=blocker.nat_subnet_id,
        )  # fmt: skip
    if repair.view.public_subnet_id or subnet in pulling:
        fix = point_at_nat(repair)
        more = f" {nat} stands in {subnet}, which is private, and can be deleted once nothing uses it."
        return fix.model_copy(update={"text": fix.text + more})
    return own_table(repair, nat, subnet, target)


ROOMS = (
    NetworkFault(
        fault=UNUSABLE,
        means=NatGatewayUnusable,
        repair=_use_another,
        unless="the pull goes through {way}, not through a NAT gateway",
        page=table_page,
    ),
    NetworkFault(
        fault=NO_WAY_ON,
        means=NatWithoutInternetGateway,
        repair=_way_on,
        unless="the pull goes through {way}, not through a NAT gateway",
    ),
)
