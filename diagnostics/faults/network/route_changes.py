"""One route: created, replaced, or made to lead to a NAT gateway; as commands and as code."""

from __future__ import annotations

from diagnostics.faults.network.endpoint_changes import create_endpoints
from diagnostics.faults.network.repair import Repair
from diagnostics.finding import Fix
from diagnostics.network.blockers import Blocker, Reroutable
from diagnostics.network.routes import target_of
from diagnostics.snapshot import Known, known_or
from diagnostics.write.snippets import (
    ROUTE,
    Option,
    Reference,
    as_code,
    hcl,
    joined,
    lines,
    pascal,
    template,
)

ANYWHERE = "0.0.0.0/0"

# How EC2 names the target of a route, by the prefix of its id or placeholder.
TARGETS = {
    "igw-": "gateway_id",
    "vgw-": "gateway_id",
    "nat-": "nat_gateway_id",
    "eigw-": "egress_only_internet_gateway_id",
    "tgw-": "transit_gateway_id",
    "pcx-": "vpc_peering_connection_id",
    "vpce-": "vpc_endpoint_id",
    "eni-": "network_interface_id",
    "i-": "instance_id",
    "NAT_": "nat_gateway_id",
    "INTERNET_": "gateway_id",
    "EGRESS_": "egress_only_internet_gateway_id",
}


def _target(target: str) -> str:
    return next((name for prefix, name in TARGETS.items() if target.startswith(prefix)), "gateway_id")


def _destination(destination: str) -> str:
    """The option that names this destination."""
    if destination.startswith("pl-"):
        return "destination_prefix_list_id"
    return "destination_ipv6_cidr_block" if ":" in destination else "destination_cidr_block"


def route(repair: Repair[Blocker], operation: str, table: str, destination: str, target: str = "") -> str:
    options: dict[str, Option] = {"route_table_id": table, _destination(destination): destination}
    if target:
        options[_target(target)] = target
    return repair.ec2(operation, **options)


def route_code(table: str | Reference, destination: str, target: str) -> tuple[str, str]:
    """The route as Terraform and as CloudFormation."""
    ends = {_destination(destination): destination, _target(target): target}
    return as_code(ROUTE, "way_out", route_table_id=table, **ends)


def _present_target(repair: Repair[Blocker], table_id: str, destination: str) -> str | None:
    """What a route to this destination leads to now; `None` where the table has no such route."""
    table = repair.view.table(table_id)
    for route in table.value.routes if isinstance(table, Known) else ():
        if destination in (route.destination_cidr_block, route.destination_ipv6_cidr_block):
            target = target_of(route)
            return target if target.startswith(tuple(TARGETS)) else ""
    return None


def verify_table(repair: Repair[Blocker], table: str, destination: str = ANYWHERE) -> str:
    return repair.ec2(
        "describe-route-tables",
        route_table_ids=table,
        query=f"RouteTables[].Routes[].[{pascal(_destination(destination))},State]",
    )


def _shared(repair: Repair[Blocker], table: str, subnet_id: str | None) -> str:
    """Says which other subnets a change of the table of a subnet changes."""
    others = [item for item in repair.view.subnets_of_table(table) if item != subnet_id]
    return f" The table is also used by {joined(others)}." if others else ""


def point_at(
    repair: Repair[Blocker], target: str, text: str, *, table: str, subnet_id: str | None,
    destination: str = ANYWHERE, before: str = "", gone: bool = False,
) -> Fix:  # fmt: skip
    """A route of the table of a subnet made to lead to a target: created, or replaced where the table has one already.

    Args:
        gone: what the route leads to now does not exist any more, so that no undo leads back to it.
    """
    present = _present_target(repair, table, destination)
    exists = gone or present is not None
    undo = route(repair, "delete-route", table, destination)
    if present and not gone:
        undo = route(repair, "replace-route", table, destination, present)
    terraform, cloudformation = route_code(table, destination, target)
    return Fix(
        text=text + _shared(repair, table, subnet_id),
        cli=lines(
            before, route(repair, "replace-route" if exists else "create-route", table, destination, target)
        ),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=verify_table(repair, table, destination),
        undo=undo,
    )


def point_at_nat(repair: Repair[Reroutable], destination: str = ANYWHERE, *, gone: bool = False) -> Fix:
    """The pulling subnet's route made to lead to a NAT gateway that works, or to a new one where the VPC has none."""
    nat, table = repair.blocker.usable_nat_gateway_id, repair.route_table_id
    if nat:
        text = f"Send {destination} of route table {table} to NAT gateway {nat}, which works."
        return point_at(
            repair, nat, text, table=table, subnet_id=repair.subnet_id, destination=destination, gone=gone
        )
    where = repair.view.public_subnet_id or "a public subnet"
    text = (
        f"Create a public NAT gateway in {where} and send {destination} of route table {table} to it "
        "(a NAT gateway is billed by the hour and by the gigabyte)."
    )
    fix = point_at(
        repair, "NAT_GATEWAY_ID", text, table=table, subnet_id=repair.subnet_id, destination=destination,
        before=_new_nat_gateway(repair), gone=gone,
    )  # fmt: skip
    terraform, cloudformation = _nat_code(repair, table, destination)
    back = lines(
        fix.undo,
        repair.ec2("delete-nat-gateway", nat_gateway_id="NAT_GATEWAY_ID"),
        repair.ec2("wait nat-gateway-deleted", nat_gateway_ids="NAT_GATEWAY_ID"),
        repair.ec2("release-address", allocation_id="ALLOCATION_ID"),
    )
    return fix.model_copy(update={"terraform": terraform, "cloudformation": cloudformation, "undo": back})


def _new_nat_gateway(repair: Repair[Blocker]) -> str:
    """The commands that make a public NAT gateway in a public subnet."""
    return lines(
        repair.ec2("allocate-address", domain="vpc"),
        repair.ec2(
            "create-nat-gateway",
            subnet_id=repair.view.public_subnet_id or "PUBLIC_SUBNET_ID",
            allocation_id="ALLOCATION_ID",
        ),
        repair.ec2("wait nat-gateway-available", nat_gateway_ids="NAT_GATEWAY_ID"),
    )


def _nat_code(repair: Repair[Blocker], table: str, destination: str) -> tuple[str, str]:
    """A NAT gateway with its address and its route, as Terraform and as CloudFormation."""
    subnet = repair.view.public_subnet_id or "PUBLIC_SUBNET_ID"
    address = Reference("aws_eip.nat.id", "!GetAtt NatAddress.AllocationId")
    gateway = Reference("aws_nat_gateway.pull.id", "!Ref PullNat")
    terraform, cloudformation = as_code(
        ROUTE, "way_out", route_table_id=table, **{_destination(destination): destination}, nat_gateway_id=gateway
    )  # fmt: skip
    return (
        lines(
            hcl("aws_eip", "nat", domain="vpc"),
            hcl("aws_nat_gateway", "pull", subnet_id=subnet, allocation_id=address),
            terraform,
        ),
        lines(
            template("NatAddress", "AWS::EC2::EIP", Domain="vpc"),
            template("PullNat", "AWS::EC2::NatGateway", SubnetId=subnet, AllocationId=address),
            cloudformation,
        ),
    )


def egress_only_gateway(repair: Repair[Blocker], *, gone: bool = False) -> Fix:
    """A way out for IPv6 alone: nothing on the internet can open a connection through it."""
    table, attached = repair.route_table_id, next(iter(repair.view.egress_only_gateway_ids), None)
    before = "" if attached else repair.ec2("create-egress-only-internet-gateway", vpc_id=repair.vpc_id)
    text = f"Send ::/0 of route table {table} to {'the' if attached else 'an'} egress-only internet gateway."
    return point_at(
        repair, attached or "EGRESS_ONLY_GATEWAY_ID", text, table=table, subnet_id=repair.subnet_id, destination="::/0",
        before=before, gone=gone,
    )  # fmt: skip


def way_out(repair: Repair[Reroutable]) -> Fix:
    """A default route: to the NAT gateway there is, to the internet gateway for what has a public address, else endpoints."""
    table, gateway = repair.route_table_id, repair.view.internet_gateway_id
    if repair.blocker.usable_nat_gateway_id:
        return point_at_nat(repair)
    if gateway and known_or(repair.interface.public_ip, False):
        text = f"Send {ANYWHERE} of route table {table} to internet gateway {gateway}: the task has a public address."
        return point_at(repair, gateway, text, table=table, subnet_id=repair.subnet_id)
    return create_endpoints(repair) if repair.in_region else point_at_nat(repair)
