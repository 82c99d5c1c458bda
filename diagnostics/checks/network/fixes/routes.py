"""Repairs of routes, NAT gateways, public addresses and VPC Block Public Access."""

from __future__ import annotations

from diagnostics.checks.network.fixes.endpoints import create_endpoints
from diagnostics.checks.network.fixes.repair import Repair
from diagnostics.checks.network.fixes.snippets import Option, Reference, hcl, joined, lines, template
from diagnostics.finding import Fix
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


def _route(repair: Repair, operation: str, table: str, destination: str, target: str = "") -> str:
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


def _verify_table(repair: Repair, table: str) -> str:
    return repair.ec2(
        "describe-route-tables",
        route_table_ids=table,
        query="RouteTables[].Routes[].[DestinationCidrBlock,State]",
    )


def _shared(repair: Repair, table: str) -> str:
    """Says which other subnets a change of this table changes."""
    others = [item for item in repair.subnets_of_table(table) if item != repair.subnet_id]
    return f" The table is also used by {joined(others)}." if others else ""


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


def point_at(
    repair: Repair, target: str, text: str, *, table: str, destination: str = ANYWHERE, before: str = ""
) -> Fix:
    """A route of a table made to lead to a target: created, or replaced where the table has one already."""
    present = _present_target(repair, table, destination)
    gone = repair.blocker.fault == "route-blackhole"
    exists = gone or present is not None
    undo = _route(repair, "delete-route", table, destination)
    if present and not gone:
        undo = _route(repair, "replace-route", table, destination, present)
    terraform, cloudformation = route_code(table, destination, target)
    return Fix(
        text=text + _shared(repair, table),
        cli=lines(
            before, _route(repair, "replace-route" if exists else "create-route", table, destination, target)
        ),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=_verify_table(repair, table),
        undo=undo,
    )


def _point_at_nat(repair: Repair, table: str, destination: str) -> Fix:
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
    return point_at(
        repair, "NAT_GATEWAY_ID", text, table=table, destination=destination, before=new_nat_gateway(repair)
    )


def no_egress(repair: Repair) -> Fix:
    """A default route: to the NAT gateway there is, to the internet gateway for what has a public address, else endpoints."""
    table, gateway = repair.route_table_id, repair.fact("internet_gateway_id")
    if repair.nat_gateway_id:
        return _point_at_nat(repair, table, ANYWHERE)
    if gateway and known_or(repair.interface.public_ip, False):
        text = f"Send {ANYWHERE} of route table {table} to internet gateway {gateway}: the task has a public address."
        return point_at(repair, gateway, text, table=table)
    if repair.leg.service is None or repair.leg.region != repair.region:
        return _point_at_nat(repair, table, ANYWHERE)
    return create_endpoints(repair)


def blackhole(repair: Repair) -> Fix:
    """The route replaced, or its internet gateway attached again."""
    table, destination = repair.route_table_id, repair.fact("destination") or ANYWHERE
    target, gateway = repair.fact("target") or "", repair.fact("internet_gateway_id")
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
            verify=_verify_table(repair, table),
            undo=repair.ec2("detach-internet-gateway", **where),
        )
    if target.startswith("eigw-") or ":" in destination:
        return egress_only_gateway(repair)
    return _point_at_nat(repair, table, destination)


def nat_unusable(repair: Repair) -> Fix:
    """The route moved to a NAT gateway that works; one that is being created only needs time."""
    nat, state = (
        repair.fact("nat_gateway_id") or repair.fact("target") or "NAT_GATEWAY_ID",
        repair.fact("state"),
    )
    if state == "pending":
        return Fix(
            text=f"Wait until NAT gateway {nat} is available; that takes a few minutes. Then start the task again.",
            cli=repair.ec2("wait nat-gateway-available", nat_gateway_ids=nat),
            verify=_describe_nat(repair, nat),
        )
    return _point_at_nat(repair, repair.route_table_id, repair.fact("destination") or ANYWHERE)


def _describe_nat(repair: Repair, nat: str) -> str:
    return repair.ec2(
        "describe-nat-gateways", nat_gateway_ids=nat, query="NatGateways[].[NatGatewayId,State]"
    )


def nat_instance(repair: Repair) -> Fix:
    """The NAT instance made to forward again, or the route moved to a NAT gateway that works."""
    instance, interface = repair.fact("instance_id"), repair.fact("interface_id")
    if repair.nat_gateway_id or not (instance or interface):
        return _point_at_nat(repair, repair.route_table_id, repair.fact("destination") or ANYWHERE)
    state = repair.fact("state")
    if instance and state and state != "running":
        return Fix(
            text=f"Start NAT instance {instance}, which is {state}.",
            cli=repair.ec2("start-instances", instance_ids=instance),
            verify=repair.ec2(
                "describe-instances",
                instance_ids=instance,
                query="Reservations[].Instances[].[State.Name,SourceDestCheck]",
            ),
            undo=repair.ec2("stop-instances", instance_ids=instance),
        )
    operation, option = (
        ("modify-network-interface-attribute", "network_interface_id")
        if interface
        else ("modify-instance-attribute", "instance_id")
    )
    named = interface or instance or ""
    off: dict[str, Option] = {option: named, "source_dest_check": False}
    return Fix(
        text=f"Turn off the source/destination check of {named}: a NAT instance forwards packets of others.",
        cli=repair.ec2(operation, **off),
        verify=repair.ec2(
            f"describe-{'network-interfaces' if interface else 'instances'}",
            **{f"{option}s": named},
            query="NetworkInterfaces[].SourceDestCheck"
            if interface
            else "Reservations[].Instances[].SourceDestCheck",
        ),
        undo=repair.ec2(operation, **{**off, "source_dest_check": True}),
        terraform='resource "aws_instance" "nat" {\n  source_dest_check = false\n}',
        cloudformation="Nat:\n  Type: AWS::EC2::Instance\n  Properties:\n    SourceDestCheck: false",
    )


def nat_without_gateway(repair: Repair) -> Fix:
    """A way out for the NAT gateway's own subnet, without opening the subnets that share its route table."""
    table, gateway = repair.fact("nat_route_table_id"), repair.fact("internet_gateway_id")
    nat, subnet = repair.fact("nat_gateway_id") or "", repair.fact("nat_subnet_id") or ""
    own = [item for item in repair.subnets_of_table(table or "") if item != subnet]
    if repair.nat_gateway_id and repair.nat_gateway_id != nat:
        return _point_at_nat(repair, repair.route_table_id, ANYWHERE)
    before = "" if gateway else _new_internet_gateway(repair)
    target = gateway or "INTERNET_GATEWAY_ID"
    if table and table != repair.route_table_id and not own:
        text = f"Send {ANYWHERE} of route table {table}, the one of {nat}'s subnet, to internet gateway {target}."
        return point_at(repair, target, text, table=table, before=before)
    return _own_table(repair, nat, subnet, target, before)


def _new_internet_gateway(repair: Repair) -> str:
    return lines(
        repair.ec2("create-internet-gateway"),
        repair.ec2(
            "attach-internet-gateway", internet_gateway_id="INTERNET_GATEWAY_ID", vpc_id=repair.vpc_id
        ),
    )


def _own_table(repair: Repair, nat: str, subnet: str, gateway: str, before: str) -> Fix:
    """A route table of its own for the NAT gateway's subnet: the present one is shared with private subnets."""
    new, table = "NEW_ROUTE_TABLE_ID", repair.fact("nat_route_table_id") or repair.route_table_id
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
            _route(repair, "create-route", new, ANYWHERE, gateway),
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


def _has_own_association(repair: Repair, subnet: str) -> bool:
    """Whether a subnet names its route table itself, and does not just use the VPC's main one."""
    tables = known_or(repair.vpc.route_tables, ())
    return any(item.subnet_id == subnet for table in tables for item in table.associations)


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
