"""NAT gateways on the route: out of service or private, or without a way to an internet gateway."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault, table_page
from diagnostics.faults.network.route_changes import ANYWHERE, point_at, point_at_nat, route, route_code
from diagnostics.finding import Fix
from diagnostics.network.blockers import NatGatewayUnusable, NatWithoutInternetGateway
from diagnostics.snapshot import known_or
from diagnostics.write.snippets import Reference, hcl, lines, template

UNUSABLE = network_fault(
    "nat-gateway-unusable",
    "The NAT gateway on the route is available and public",
    "The default route names a NAT gateway that cannot carry traffic to the internet: it failed, is still being "
    "created, is being deleted, or is a private NAT gateway, which only translates between private networks.",
    "Point the route at an available public NAT gateway, or create one in a public subnet. A pending one only "
    "needs a few minutes.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html",
)

NO_WAY_ON = network_fault(
    "nat-subnet-no-igw",
    "The NAT gateway stands in a subnet that reaches the internet gateway",
    "A NAT gateway sends what it translates through the route table of its own subnet. That table has no route to "
    "an internet gateway, so the NAT gateway itself cannot get out. The usual mistake is a NAT gateway that was "
    "created in a private subnet.",
    "Give the NAT gateway's subnet a route table of its own with 0.0.0.0/0 to the internet gateway, or move the "
    "default route of the tasks' subnet to a NAT gateway that stands in a public subnet.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
)


def _use_another(repair: Repair[NatGatewayUnusable]) -> Fix:
    """The route moved to a NAT gateway that works; one that is being created only needs time."""
    nat = repair.blocker.nat_gateway_id
    if repair.blocker.state != "pending":
        return point_at_nat(repair, repair.blocker.destination)
    return Fix(
        text=f"Wait until NAT gateway {nat} is available; that takes a few minutes. Then start the task again.",
        cli=repair.ec2("wait nat-gateway-available", nat_gateway_ids=nat),
        verify=repair.ec2(
            "describe-nat-gateways", nat_gateway_ids=nat, query="NatGateways[].[NatGatewayId,State]"
        ),
    )


def _way_on(repair: Repair[NatWithoutInternetGateway]) -> Fix:
    """A way out for the NAT gateway's own subnet; where that would open subnets of tasks, another NAT gateway."""
    blocker, gateway = repair.blocker, repair.view.internet_gateway_id
    table, nat, subnet = blocker.nat_route_table_id, blocker.nat_gateway_id, blocker.nat_subnet_id or ""
    shared = {item for item in repair.view.subnets_of_table(table) if item != subnet}
    pulling = {item.subnet_id for item in repair.world.interfaces()}
    if blocker.usable_nat_gateway_id:
        return point_at_nat(repair)
    before = "" if gateway else _new_internet_gateway(repair)
    target = gateway or "INTERNET_GATEWAY_ID"
    if table != repair.route_table_id and not shared and subnet not in pulling:
        of = f"{nat}'s subnet" if subnet else nat
        text = f"Send {ANYWHERE} of route table {table}, the one of {of}, to internet gateway {target}."
        return point_at(repair, target, text, table=table, subnet_id=blocker.nat_subnet_id, before=before)
    if repair.view.public_subnet_id or subnet in pulling:
        fix = point_at_nat(repair)
        more = f" {nat} stands in {subnet}, which is private, and can be deleted once nothing uses it."
        return fix.model_copy(update={"text": fix.text + more})
    return _own_table(repair, nat, subnet, target, before)


def _new_internet_gateway(repair: Repair[NatWithoutInternetGateway]) -> str:
    return lines(
        repair.ec2("create-internet-gateway"),
        repair.ec2(
            "attach-internet-gateway", internet_gateway_id="INTERNET_GATEWAY_ID", vpc_id=repair.vpc_id
        ),
    )


def _own_table(
    repair: Repair[NatWithoutInternetGateway], nat: str, subnet: str, gateway: str, before: str
) -> Fix:
    """A route table of its own for the NAT gateway's subnet: the present one is shared with private subnets."""
    new, table = "NEW_ROUTE_TABLE_ID", repair.blocker.nat_route_table_id
    if _has_own_association(repair, subnet):
        replace = "replace-route-table-association"
        change = repair.ec2(replace, association_id="ASSOCIATION_ID", route_table_id=new)
        undo = repair.ec2(replace, association_id="ASSOCIATION_ID", route_table_id=table)
    else:
        change = repair.ec2("associate-route-table", subnet_id=subnet, route_table_id=new)
        undo = repair.ec2("disassociate-route-table", association_id="ASSOCIATION_ID")
    made = Reference("aws_route_table.nat.id", "!Ref NatTable")
    terraform, cloudformation = route_code(made, ANYWHERE, gateway)
    return Fix(
        text=(
            f"Give {subnet}, where NAT gateway {nat} stands, a route table of its own with {ANYWHERE} to internet "
            f"gateway {gateway}. Its present table {table} is shared, and a route there would open other subnets. "
            f"Anything else in {subnet} becomes public too; if that is not wanted, make a NAT gateway elsewhere."
        ),
        cli=lines(
            before,
            repair.ec2("create-route-table", vpc_id=repair.vpc_id),
            route(repair, "create-route", new, ANYWHERE, gateway),
            change,
        ),
        terraform=lines(
            hcl("aws_route_table", "nat", vpc_id=repair.vpc_id),
            terraform,
            hcl("aws_route_table_association", "nat", subnet_id=subnet, route_table_id=made),
        ),
        cloudformation=lines(
            template("NatTable", "AWS::EC2::RouteTable", VpcId=repair.vpc_id),
            cloudformation,
            template(
                "NatTableAssociation",
                "AWS::EC2::SubnetRouteTableAssociation",
                SubnetId=subnet,
                RouteTableId=made,
            ),
        ),
        verify=repair.ec2(
            "describe-route-tables",
            filters=(f"Name=association.subnet-id,Values={subnet}",),
            query="RouteTables[].Routes[].[DestinationCidrBlock,GatewayId,State]",
        ),
        undo=undo,
    )


def _has_own_association(repair: Repair[NatWithoutInternetGateway], subnet: str) -> bool:
    """True if a subnet names its route table itself, and does not just use the VPC's main one."""
    tables = known_or(repair.vpc.route_tables, ())
    return any(item.subnet_id == subnet for table in tables for item in table.associations)


ROOMS = (
    NetworkFault(
        fault=UNUSABLE,
        means=NatGatewayUnusable,
        repair=_use_another,
        unless="the leg goes through {way}, not through a NAT gateway",
        page=table_page,
    ),
    NetworkFault(
        fault=NO_WAY_ON,
        means=NatWithoutInternetGateway,
        repair=_way_on,
        unless="the leg goes through {way}, not through a NAT gateway",
    ),
)
