"""A route table of its own for the subnet of a NAT gateway, whose present one is shared with private subnets."""

from __future__ import annotations

from diagnostics.faults.network.gateways import Made
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.route_changes import ANYWHERE, TARGETS, route
from diagnostics.finding import Fix
from diagnostics.network.blockers import NatWithoutInternetGateway
from diagnostics.network.routes import destination_of, is_blackhole, is_default, target_of
from diagnostics.snapshot import Route, known_or
from diagnostics.write import Variable, captured, chain, found
from diagnostics.write.snippets import ROUTE, Reference, as_code, hcl, joined, lines, template

TABLE = Variable("NEW_ROUTE_TABLE_ID")
ASSOCIATION = Variable("ASSOCIATION_ID")


def own_table(repair: Repair[NatWithoutInternetGateway], nat: str, subnet: str, gateway: str | Made) -> Fix:
    """A table for the subnet alone: the other routes as they are, and the default one to an internet gateway."""
    made = gateway if isinstance(gateway, Made) else None
    target = made.named if made else str(gateway)
    old = repair.blocker.nat_route_table_id
    kept = _routes_to_keep(repair)
    endpoints = [item.vpc_endpoint_id for item in repair.endpoints if old in item.route_table_ids]
    left = [destination_of(item) for item in _others(repair) if item not in kept and not _of_endpoint(item)]
    associated = _has_own_association(repair, subnet)
    find = found(
        TABLE, repair.ec2("describe-route-tables", filters=(repair.by_mark,)), f"RouteTables[?{repair.is_mine}] | [0].RouteTableId",
        "route table that this repair made",
    )  # fmt: skip
    change: tuple[str, ...]
    if associated:
        replace = "replace-route-table-association"
        change = (
            _association(repair, subnet),
            repair.ec2(replace, association_id=ASSOCIATION, route_table_id=TABLE),
        )
        back = repair.ec2(replace, association_id=ASSOCIATION, route_table_id=old)
    else:
        change = (repair.ec2("associate-route-table", subnet_id=subnet, route_table_id=TABLE),)
        back = repair.ec2("disassociate-route-table", association_id=ASSOCIATION)
    terraform, cloudformation = _code(repair, subnet, target, made)
    return Fix(
        title=f"Give {subnet} a route table of its own",
        text=(
            f"Give {subnet}, where NAT gateway {nat} stands, a route table of its own with {ANYWHERE} to "
            f"{'a new internet gateway' if made else f'internet gateway {target}'}. Its present table {old} is shared, and "
            "a route there would open other subnets."
        ),
        warning=(
            f"Anything else in {subnet} becomes public too; if that is not wanted, make a NAT gateway elsewhere."
            + (f" The new table has no route to {joined(left)}, which {old} has." if left else "")
        ),
        cli=chain(
            *(made.make if made else ()),
            captured(
                TABLE,
                repair.ec2("create-route-table", vpc_id=repair.vpc_id, **repair.tagged("route-table")),
                "RouteTable.RouteTableId",
            ),
            route(repair, "create-route", TABLE, ANYWHERE, target),
            *(route(repair, "create-route", TABLE, destination_of(item), target_of(item)) for item in kept),
            *(repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=item, add_route_table_ids=TABLE) for item in endpoints),
            *change,
        ),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=chain(
            repair.prints(
                "describe-route-tables",
                f"RouteTables[?{repair.is_mine}].Routes[] | [?DestinationCidrBlock=='{ANYWHERE}' && GatewayId].State",
                filters=(f"Name=association.subnet-id,Values={subnet}", repair.by_mark),
            )
        ),
        expect="active",
        undo=chain(
            find,
            *(made.find if made else ()),
            _association(repair, subnet),
            back,
            *(
                repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=item, remove_route_table_ids=TABLE)
                for item in endpoints
            ),
            repair.ec2("delete-route-table", route_table_id=TABLE),
            *(made.remove if made else ()),
        ),
    )  # fmt: skip


def _others(repair: Repair[NatWithoutInternetGateway]) -> tuple[Route, ...]:
    """The routes of the present table besides the local ones and the default one."""
    tables = known_or(repair.vpc.route_tables, ())
    every = (
        item
        for table in tables
        if table.route_table_id == repair.blocker.nat_route_table_id
        for item in table.routes
    )
    return tuple(item for item in every if target_of(item) != "local" and not is_default(item, 4))


def _of_endpoint(route: Route) -> bool:
    return (route.destination_prefix_list_id or "").startswith("pl-") and target_of(route).startswith("vpce-")


def _routes_to_keep(repair: Repair[NatWithoutInternetGateway]) -> tuple[Route, ...]:
    """Those that a command can make again."""
    return tuple(
        item
        for item in _others(repair)
        if target_of(item).startswith(tuple(TARGETS))
        and not is_blackhole(item)
        and not _of_endpoint(item)
        and item.origin != "EnableVgwRoutePropagation"
    )


def _association(repair: Repair[NatWithoutInternetGateway], subnet: str) -> str:
    """The command that finds the subnet's present association with a table."""
    return found(
        ASSOCIATION,
        repair.ec2("describe-route-tables", filters=(f"Name=association.subnet-id,Values={subnet}",)),
        f"RouteTables[0].Associations[?SubnetId=='{subnet}'] | [0].RouteTableAssociationId",
        f"route table association of {subnet}",
    )


def _has_own_association(repair: Repair[NatWithoutInternetGateway], subnet: str) -> bool:
    """True if a subnet names its route table itself, and does not just use the VPC's main one."""
    tables = known_or(repair.vpc.route_tables, ())
    return any(item.subnet_id == subnet for table in tables for item in table.associations)


def _code(
    repair: Repair[NatWithoutInternetGateway], subnet: str, target: str, made: Made | None
) -> tuple[str, str]:
    table = Reference("aws_route_table.nat.id", "!Ref NatTable")
    terraform, cloudformation = as_code(
        ROUTE, "way_out", route_table_id=table, destination_cidr_block=ANYWHERE, gateway_id=made.reference if made else target
    )  # fmt: skip
    association = hcl("aws_route_table_association", "nat", subnet_id=subnet, route_table_id=table)
    return (
        lines(
            made.terraform if made else None,
            hcl("aws_route_table", "nat", vpc_id=str(repair.vpc_id)),
            terraform,
            association,
        ),
        lines(
            made.cloudformation if made else None,
            template("NatTable", "AWS::EC2::RouteTable", VpcId=str(repair.vpc_id)),
            cloudformation,
            template(
                "NatTableAssociation",
                "AWS::EC2::SubnetRouteTableAssociation",
                SubnetId=subnet,
                RouteTableId=table,
            ),
        ),
    )
