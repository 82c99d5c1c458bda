"""Repairs of NAT gateways and NAT instances."""

from __future__ import annotations

from diagnostics.faults.network.fixes.repair import Repair
from diagnostics.faults.network.fixes.route import ANYWHERE, point_at, point_at_nat, route, route_code
from diagnostics.faults.network.fixes.snippets import Option, Reference, existing, hcl, lines, template
from diagnostics.finding import Fix
from diagnostics.snapshot import NOT_ASKED, known_or, known_value


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
    return point_at_nat(repair, repair.route_table_id, repair.fact("destination") or ANYWHERE)


def _describe_nat(repair: Repair, nat: str) -> str:
    return repair.ec2(
        "describe-nat-gateways", nat_gateway_ids=nat, query="NatGateways[].[NatGatewayId,State]"
    )


def nat_instance(repair: Repair) -> Fix:
    """The NAT instance made to forward again, or the route moved to a NAT gateway that works."""
    instance, interface = repair.fact("instance_id"), repair.fact("interface_id")
    if not (_is_stopped(repair) or _checks_addresses(repair)):
        return point_at_nat(repair, repair.route_table_id, repair.fact("destination") or ANYWHERE)
    if instance and _is_stopped(repair):
        return Fix(
            text=f"Start NAT instance {instance}, which is {repair.fact('state')}.",
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
        terraform=existing(hcl("aws_instance", "nat", source_dest_check=False)),
        cloudformation=existing(template("Nat", "AWS::EC2::Instance", SourceDestCheck=False)),
    )


def _is_stopped(repair: Repair) -> bool:
    return repair.fact("instance_id") is not None and repair.fact("state") in ("stopped", "stopping")


def _checks_addresses(repair: Repair) -> bool:
    """Whether the source/destination check of the NAT instance's interface is on."""
    interface = known_value(repair.vpc.interfaces.get(repair.fact("interface_id") or "", NOT_ASKED))
    instance = known_value(repair.vpc.instances.get(repair.fact("instance_id") or "", NOT_ASKED))
    primary = interface or (instance.primary_interface if instance else None)
    return primary is not None and bool(primary.source_dest_check)


def nat_without_gateway(repair: Repair) -> Fix:
    """A way out for the NAT gateway's own subnet; where that would open subnets of tasks, another NAT gateway."""
    table, gateway = repair.fact("nat_route_table_id"), repair.internet_gateway_id
    nat, subnet = repair.fact("nat_gateway_id") or "", repair.fact("nat_subnet_id") or ""
    shared = {item for item in repair.subnets_of_table(table or "") if item != subnet}
    pulling = {item.subnet_id for item in repair.world.interfaces()}
    if repair.nat_gateway_id and repair.nat_gateway_id != nat:
        return point_at_nat(repair, repair.route_table_id, ANYWHERE)
    before = "" if gateway else _new_internet_gateway(repair)
    target = gateway or "INTERNET_GATEWAY_ID"
    if table and table != repair.route_table_id and not shared and subnet not in pulling:
        of = f"{nat}'s subnet" if subnet else nat
        text = f"Send {ANYWHERE} of route table {table}, the one of {of}, to internet gateway {target}."
        return point_at(repair, target, text, table=table, before=before)
    if repair.public_subnet_id or subnet in pulling:
        fix = point_at_nat(repair, repair.route_table_id, ANYWHERE)
        more = f" {nat} stands in {subnet}, which is private, and can be deleted once nothing uses it."
        return fix.model_copy(update={"text": fix.text + more})
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


def _has_own_association(repair: Repair, subnet: str) -> bool:
    """Whether a subnet names its route table itself, and does not just use the VPC's main one."""
    tables = known_or(repair.vpc.route_tables, ())
    return any(item.subnet_id == subnet for table in tables for item in table.associations)
