"""One route: created, replaced, or made to lead to a NAT gateway; as commands and as code."""

from __future__ import annotations

from diagnostics.faults.network.gateways import Made
from diagnostics.faults.network.gateways import egress_only_gateway as new_egress_only_gateway
from diagnostics.faults.network.gateways import nat_gateway as new_nat_gateway
from diagnostics.faults.network.repair import Repair
from diagnostics.finding import Fix
from diagnostics.network.blockers import Blocker, Reroutable
from diagnostics.network.routes import target_of
from diagnostics.snapshot import Known
from diagnostics.write import Variable, chain
from diagnostics.write.snippets import (
    ROUTE,
    Option,
    Reference,
    as_code,
    changed_code,
    joined,
    lines,
    pascal,
)

ANYWHERE = "0.0.0.0/0"

# How EC2 names the target of a route, by the prefix of its id or of the variable that holds it.
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
    "lgw-": "local_gateway_id",
    "cagw-": "carrier_gateway_id",
    "NAT_": "nat_gateway_id",
    "INTERNET_": "gateway_id",
    "EGRESS_": "egress_only_internet_gateway_id",
}


def _target(target: str) -> str:
    return next((name for prefix, name in TARGETS.items() if target.startswith(prefix)), "gateway_id")


def destination_option(destination: str) -> str:
    """The option that names this destination."""
    if destination.startswith("pl-"):
        return "destination_prefix_list_id"
    return "destination_ipv6_cidr_block" if ":" in destination else "destination_cidr_block"


def route(repair: Repair[Blocker], operation: str, table: str, destination: str, target: str = "") -> str:
    """A command that makes, changes or deletes a route."""
    options: dict[str, Option] = {"route_table_id": table, destination_option(destination): destination}
    if target:
        options[_target(target)] = target
    return repair.ec2(operation, **options)


def route_code(
    table: str | Reference, destination: str, target: str, made: Reference | None, exists: bool
) -> tuple[str, str]:
    """The route as Terraform and as CloudFormation; of one that exists, the line that changes."""
    end: dict[str, object] = {_target(target): made or target}
    if exists:
        return changed_code(ROUTE, f"route for {destination} of {table}", **end)
    return as_code(
        ROUTE, "way_out", route_table_id=table, **{destination_option(destination): destination}, **end
    )


def _present_target(repair: Repair[Blocker], table_id: str, destination: str) -> str | None:
    """What a route to this destination leads to now, empty for what no option names; `None` where there is no such route."""
    table = repair.view.table(table_id)
    for route in table.value.routes if isinstance(table, Known) else ():
        if destination in (route.destination_cidr_block, route.destination_ipv6_cidr_block):
            target = target_of(route)
            return target if target.startswith(tuple(TARGETS)) else ""
    return None


def shows_route(repair: Repair[Blocker], table: str, destination: str, what: str, but: str = "") -> str:
    """Prints members of a table's route to a destination."""
    condition = f"{pascal(destination_option(destination))}=='{destination}'{but}"
    return chain(
        repair.prints(
            "describe-route-tables", f"RouteTables[].Routes[?{condition}].{what}", route_table_ids=table
        )
    )


def _seen(
    repair: Repair[Blocker], table: str, destination: str, target: str, present: str | None
) -> tuple[str, str]:
    """Prints that the route leads there and carries packets; and what it prints."""
    member = pascal(_target(target)).replace("VpcEndpointId", "GatewayId")
    if not isinstance(target, Variable):
        return shows_route(repair, table, destination, f"[{member},State]"), f"{target} active"
    but = f" && {member}!='{present}'" if present else ""
    return shows_route(repair, table, destination, "State", f" && {member}{but}"), "active"


def used_by(repair: Repair[Blocker], table: str, subnet_id: str | None) -> str | None:
    """What else uses the table of a subnet, as a warning before it is changed."""
    others = [item for item in repair.view.subnets_of_table(table) if item != subnet_id]
    known = repair.view.table(table)
    main = isinstance(known, Known) and any(item.main for item in known.value.associations)
    if not others:
        return None
    count = f"{len(others)} other subnet{'' if len(others) == 1 else 's'}"
    every = f"{table} is the main route table, " if main else f"Route table {table} is also "
    return f"{every}{'also ' if main else ''}used by {count}: {joined(others)}."


def point_at(
    repair: Repair[Blocker], target: str | Made, *, title: str, text: str, table: str, subnet_id: str | None,
    destination: str = ANYWHERE, gone: bool = False,
) -> Fix:  # fmt: skip
    """A route of the table of a subnet made to lead to a target: created, or replaced where the table has one already.

    Args:
        target: the id of what there is, or what is made for it.
        gone: what the route leads to now does not exist any more, so that no undo leads back to it.
    """
    made = target if isinstance(target, Made) else None
    name = made.named if made else target
    assert isinstance(name, str)
    present = _present_target(repair, table, destination)
    exists = gone or present is not None
    note = None
    back: str | None = route(repair, "delete-route", table, destination)
    if gone:
        note = (
            f"What the route led to does not exist any more, so nothing leads it back there: without this route "
            f"{table} has none for {destination}."
        )
    elif present:
        back = route(repair, "replace-route", table, destination, present)
    elif exists:
        back, note = None, f"What the route for {destination} leads to now could not be read: note it before."
    undo = chain(*(made.find if made else ()), back, *(made.remove if made else ())) if back else None
    code = route_code(table, destination, name, made.reference if made else None, exists)
    verify, expect = _seen(repair, table, destination, name, None if gone else present)
    return Fix(
        title=title,
        text=text,
        warning=used_by(repair, table, subnet_id),
        cli=chain(
            *(made.make if made else ()),
            route(repair, "replace-route" if exists else "create-route", table, destination, name),
        ),
        terraform=lines(made.terraform if made else None, code[0]),
        cloudformation=lines(made.cloudformation if made else None, code[1]),
        verify=verify,
        expect=expect,
        undo=undo,
        undo_note=note,
    )


def point_at_nat(
    repair: Repair[Reroutable], destination: str = ANYWHERE, *, gone: bool = False, new: bool = False
) -> Fix:
    """The pulling subnet's route made to lead to a NAT gateway that works, or to a new one where the VPC has none.

    Args:
        new: to a new one in any case.
    """
    nat, table = repair.blocker.usable_nat_gateway_id, repair.route_table_id
    if nat and not new:
        return point_at(
            repair, nat, title=f"Send {destination} to NAT gateway {nat}",
            text=f"Send {destination} of route table {table} to NAT gateway {nat}, which works.",
            table=table, subnet_id=repair.subnet_id, destination=destination, gone=gone,
        )  # fmt: skip
    subnet = repair.view.public_subnet_id
    return point_at(
        repair, new_nat_gateway(repair, subnet or Variable("PUBLIC_SUBNET_ID")),
        title="Send it through a new NAT gateway",
        text=(
            f"Create a public NAT gateway in {subnet or 'a public subnet'} and send {destination} of route table {table} "
            "to it (a NAT gateway is billed by the hour and by the gigabyte)."
        ),
        table=table, subnet_id=repair.subnet_id, destination=destination, gone=gone,
    )  # fmt: skip


def egress_only_gateway(repair: Repair[Blocker], *, gone: bool = False) -> Fix:
    """A way out for IPv6 alone: nothing on the internet can open a connection through it."""
    table, attached = repair.route_table_id, next(iter(repair.view.egress_only_gateway_ids), None)
    return point_at(
        repair, attached or new_egress_only_gateway(repair),
        title=f"Send ::/0 to {'the' if attached else 'an'} egress-only internet gateway",
        text=f"Send ::/0 of route table {table} to {'the' if attached else 'an'} egress-only internet gateway.",
        table=table, subnet_id=repair.subnet_id, destination="::/0", gone=gone,
    )  # fmt: skip
