"""One route: created, replaced, or made to lead to a NAT gateway; as commands and as code."""

from __future__ import annotations

from diagnostics.faults.network.fixes.repair import Repair
from diagnostics.faults.network.fixes.snippets import Option, Reference, hcl, joined, lines, template
from diagnostics.finding import Fix
from diagnostics.network import faults as ids
from diagnostics.snapshot import known_or

ANYWHERE = "0.0.0.0/0"

# How EC2 names the target of a route, by the prefix of its id: CLI and Terraform option, CloudFormation property.
TARGETS = {
    "igw-": ("gateway_id", "GatewayId"),
    "vgw-": ("gateway_id", "GatewayId"),
    "nat-": ("nat_gateway_id", "NatGatewayId"),
    "eigw-": ("egress_only_internet_gateway_id", "EgressOnlyInternetGatewayId"),
    "tgw-": ("transit_gateway_id", "TransitGatewayId"),
    "pcx-": ("vpc_peering_connection_id", "VpcPeeringConnectionId"),
    "vpce-": ("vpc_endpoint_id", "VpcEndpointId"),
    "eni-": ("network_interface_id", "NetworkInterfaceId"),
    "i-": ("instance_id", "InstanceId"),
    "NAT_": ("nat_gateway_id", "NatGatewayId"),
    "INTERNET_": ("gateway_id", "GatewayId"),
    "EGRESS_": ("egress_only_internet_gateway_id", "EgressOnlyInternetGatewayId"),
}


def _target(target: str) -> tuple[str, str]:
    return next((names for prefix, names in TARGETS.items() if target.startswith(prefix)), TARGETS["igw-"])


def _destination(destination: str) -> tuple[str, str]:
    """The option and the CloudFormation property that name this destination."""
    if destination.startswith("pl-"):
        return "destination_prefix_list_id", "DestinationPrefixListId"
    if ":" in destination:
        return "destination_ipv6_cidr_block", "DestinationIpv6CidrBlock"
    return "destination_cidr_block", "DestinationCidrBlock"


def route(repair: Repair, operation: str, table: str, destination: str, target: str = "") -> str:
    options: dict[str, Option] = {"route_table_id": table, _destination(destination)[0]: destination}
    if target:
        options[_target(target)[0]] = target
    return repair.ec2(operation, **options)


def route_code(table: str | Reference, destination: str, target: str) -> tuple[str, str]:
    """The route as Terraform and as CloudFormation."""
    name, key = _target(target)
    to, to_key = _destination(destination)
    arguments: dict[str, object] = {"route_table_id": table, to: destination, name: target}
    properties: dict[str, object] = {"RouteTableId": table, to_key: destination, key: target}
    return hcl("aws_route", "way_out", **arguments), template("WayOut", "AWS::EC2::Route", **properties)


def _present_target(repair: Repair, table_id: str, destination: str) -> str | None:
    """What a route to this destination leads to now; `None` where the table has no such route."""
    for table in known_or(repair.vpc.route_tables, ()):
        for route in table.routes if table.route_table_id == table_id else ():
            if destination not in (route.destination_cidr_block, route.destination_ipv6_cidr_block):
                continue
            named = (
                route.gateway_id, route.nat_gateway_id, route.egress_only_internet_gateway_id,
                route.transit_gateway_id, route.vpc_peering_connection_id, route.network_interface_id,
            )  # fmt: skip
            return next((item for item in named if item), "")
    return None


def verify_table(repair: Repair, table: str, destination: str = ANYWHERE) -> str:
    return repair.ec2(
        "describe-route-tables",
        route_table_ids=table,
        query=f"RouteTables[].Routes[].[{_destination(destination)[1]},State]",
    )


def _shared(repair: Repair, table: str) -> str:
    """Says which other subnets a change of this table changes."""
    own = repair.subnet_id if table == repair.route_table_id else repair.fact("nat_subnet_id")
    others = [item for item in repair.subnets_of_table(table) if item != own]
    return f" The table is also used by {joined(others)}." if others else ""


def point_at(
    repair: Repair, target: str, text: str, *, table: str, destination: str = ANYWHERE, before: str = ""
) -> Fix:
    """A route of a table made to lead to a target: created, or replaced where the table has one already."""
    present = _present_target(repair, table, destination)
    gone = repair.blocker.fault == ids.ROUTE_BLACKHOLE
    exists = gone or present is not None
    undo = route(repair, "delete-route", table, destination)
    if present and not gone:
        undo = route(repair, "replace-route", table, destination, present)
    terraform, cloudformation = route_code(table, destination, target)
    return Fix(
        text=text + _shared(repair, table),
        cli=lines(
            before, route(repair, "replace-route" if exists else "create-route", table, destination, target)
        ),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=verify_table(repair, table, destination),
        undo=undo,
    )


def point_at_nat(repair: Repair, table: str, destination: str) -> Fix:
    """The route made to lead to a NAT gateway that works, or to a new one where the VPC has none."""
    nat = repair.nat_gateway_id
    if nat:
        text = f"Send {destination} of route table {table} to NAT gateway {nat}, which works."
        return point_at(repair, nat, text, table=table, destination=destination)
    where = repair.public_subnet_id or "a public subnet"
    text = (
        f"Create a public NAT gateway in {where} and send {destination} of route table {table} to it "
        "(a NAT gateway is billed by the hour and by the gigabyte)."
    )
    fix = point_at(
        repair, "NAT_GATEWAY_ID", text, table=table, destination=destination, before=new_nat_gateway(repair)
    )
    terraform, cloudformation = _nat_code(repair, table, destination)
    back = lines(
        fix.undo,
        repair.ec2("delete-nat-gateway", nat_gateway_id="NAT_GATEWAY_ID"),
        repair.ec2("wait nat-gateway-deleted", nat_gateway_ids="NAT_GATEWAY_ID"),
        repair.ec2("release-address", allocation_id="ALLOCATION_ID"),
    )
    return fix.model_copy(update={"terraform": terraform, "cloudformation": cloudformation, "undo": back})


def new_nat_gateway(repair: Repair) -> str:
    """The commands that make a public NAT gateway in a public subnet."""
    return lines(
        repair.ec2("allocate-address", domain="vpc"),
        repair.ec2(
            "create-nat-gateway",
            subnet_id=repair.public_subnet_id or "PUBLIC_SUBNET_ID",
            allocation_id="ALLOCATION_ID",
        ),
        repair.ec2("wait nat-gateway-available", nat_gateway_ids="NAT_GATEWAY_ID"),
    )


def _nat_code(repair: Repair, table: str, destination: str) -> tuple[str, str]:
    """A NAT gateway with its address and its route, as Terraform and as CloudFormation."""
    subnet = repair.public_subnet_id or "PUBLIC_SUBNET_ID"
    address = Reference("aws_eip.nat.id", "!GetAtt NatAddress.AllocationId")
    gateway = Reference("aws_nat_gateway.pull.id", "!Ref PullNat")
    to, to_key = _destination(destination)
    route: dict[str, object] = {"route_table_id": table, to: destination, "nat_gateway_id": gateway}
    properties: dict[str, object] = {"RouteTableId": table, to_key: destination, "NatGatewayId": gateway}
    return (
        lines(
            hcl("aws_eip", "nat", domain="vpc"),
            hcl("aws_nat_gateway", "pull", subnet_id=subnet, allocation_id=address),
            hcl("aws_route", "way_out", **route),
        ),
        lines(
            template("NatAddress", "AWS::EC2::EIP", Domain="vpc"),
            template("PullNat", "AWS::EC2::NatGateway", SubnetId=subnet, AllocationId=address),
            template("WayOut", "AWS::EC2::Route", **properties),
        ),
    )


def egress_only_gateway(repair: Repair) -> Fix:
    """A way out for IPv6 alone: nothing on the internet can open a connection through it."""
    table = repair.route_table_id
    known = known_or(repair.vpc.egress_only_internet_gateways, ())
    attached = [
        item.egress_only_internet_gateway_id
        for item in known
        if any(place.vpc_id == repair.vpc_id for place in item.attachments)
    ]
    gateway = attached[0] if attached else "EGRESS_ONLY_GATEWAY_ID"
    before = "" if attached else repair.ec2("create-egress-only-internet-gateway", vpc_id=repair.vpc_id)
    text = (
        f"Send ::/0 of route table {table} to {'an' if not attached else 'the'} egress-only internet gateway."
    )
    return point_at(repair, gateway, text, table=table, destination="::/0", before=before)
