"""What the facts of a VPC amount to: answered here once, for the trace and for the repairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diagnostics.network.routes import is_default, leads_to_internet_gateway
from diagnostics.snapshot import (
    InternetGateway,
    Known,
    NatGateway,
    Route,
    RouteTable,
    Unavailable,
    VpcEndpoint,
    VpcFacts,
    Why,
    known_or,
    known_value,
)

_TABLES = "ec2:DescribeRouteTables"


@dataclass(frozen=True)
class VpcView:
    """The tables, gateways and endpoints of one VPC.

    What gives a `Known` or an `Unavailable` may decide; what gives an id or `None` only words a repair.
    """

    facts: VpcFacts

    # --- addresses ------------------------------------------------------------------------------------

    @property
    def cidrs(self) -> tuple[str, ...]:
        """The IPv4 and IPv6 ranges of the VPC, as far as they are known."""
        vpc = known_value(self.facts.vpc)
        if vpc is None:
            return ()
        more = (*vpc.cidr_block_association_set, *vpc.ipv6_cidr_block_association_set)
        every = (vpc.cidr_block, *(one for item in more for one in (item.cidr_block, item.ipv6_cidr_block)))
        return tuple(dict.fromkeys(item for item in every if item))

    # --- route tables ---------------------------------------------------------------------------------

    def table_of(self, subnet_id: str) -> Known[RouteTable] | Unavailable:
        """The table that the subnet is associated with, else the VPC's main table."""
        tables = self.tables
        if isinstance(tables, Unavailable):
            return tables
        for table in tables.value:
            if any(item.subnet_id == subnet_id for item in table.associations):
                return Known(value=table)
        if tables.unread:
            return self.unread_table
        for table in tables.value:
            if any(item.main for item in table.associations):
                return Known(value=table)
        return Unavailable(reason=Why.NO_MAIN_ROUTE_TABLE, call=_TABLES, resource=self.facts.vpc_id)

    def table(self, table_id: str) -> Known[RouteTable] | Unavailable:
        """A route table of the VPC."""
        tables = self.tables
        if isinstance(tables, Unavailable):
            return tables
        for table in tables.value:
            if table.route_table_id == table_id:
                return Known(value=table)
        return Unavailable(reason=Why.ROUTE_TABLE_NOT_LISTED, call=_TABLES, resource=table_id)

    @property
    def tables(self) -> Known[tuple[RouteTable, ...]] | Unavailable:
        """The route tables of the VPC."""
        fact = self.facts.route_tables
        return fact if isinstance(fact, Known | Unavailable) else Unavailable(call=_TABLES)

    @property
    def unread_table(self) -> Unavailable:
        """Why a route table may be missing among those that were read."""
        return Unavailable(reason=Why.UNREADABLE_RECORD, call=_TABLES, resource=self.facts.vpc_id)

    def routes_of(self, subnet_id: str) -> tuple[Route, ...]:
        """The routes of a subnet, none where its table could not be read."""
        table = self.table_of(subnet_id)
        return table.value.routes if isinstance(table, Known) else ()

    def table_id_of(self, subnet_id: str) -> str | None:
        """The id of a subnet's table."""
        table = self.table_of(subnet_id)
        return table.value.route_table_id if isinstance(table, Known) else None

    def subnets_of_table(self, table_id: str) -> tuple[str, ...]:
        """The subnets that use a table, by its associations and as the main one."""
        every = (item.subnet_id for item in known_or(self.facts.subnets, ()))
        return tuple(item for item in every if self.table_id_of(item) == table_id)

    def table_of_nat(self, nat: NatGateway) -> Known[RouteTable] | Unavailable:
        """The table that a NAT gateway's packets go by: that of its subnet, or its own where it is regional."""
        call = "ec2:DescribeNatGateways"
        if not is_regional(nat):
            if nat.subnet_id:
                return self.table_of(nat.subnet_id)
            return Unavailable(reason=Why.SUBNET_NOT_NAMED, call=call)
        if (nat.route_table_id or "").startswith("rtb-"):
            return self.table(nat.route_table_id or "")
        return Unavailable(reason=Why.ROUTE_TABLE_NOT_NAMED, call=call, resource=nat.nat_gateway_id)

    # --- gateways ------------------------------------------------------------------------------------

    def is_public(self, subnet_id: str) -> bool:
        """True if a subnet's default route is known to lead to an internet gateway."""
        table = self.table_of(subnet_id)
        return isinstance(table, Known) and leads_out(table.value)

    @property
    def public_subnet_id(self) -> str | None:
        """A public subnet: where a NAT gateway belongs."""
        every = (item.subnet_id for item in known_or(self.facts.subnets, ()))
        return next((item for item in every if self.is_public(item)), None)

    def usable_nat_gateway(self, but: str | None = None) -> str | None:
        """A NAT gateway that works, as far as is known, and that a repaired route can name."""
        for nat in known_or(self.facts.nat_gateways, ()):
            if nat.nat_gateway_id == but or nat_state(nat) != "available" or not is_public_nat(nat):
                continue
            table = self.table_of_nat(nat)
            if isinstance(table, Known) and leads_out(table.value):
                return nat.nat_gateway_id
            # AWS makes the table of a regional one with a route to the internet gateway; it may not be named.
            if is_regional(nat) and not nat.route_table_id:
                return nat.nat_gateway_id
        return None

    def attachment_of(self, gateway: InternetGateway) -> Literal["yes", "no", "unknown"]:
        """Tells if an internet gateway is attached to the VPC; EC2 says `available` for an attached one.

        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html
        """
        here = [item for item in gateway.attachments if item.vpc_id in (self.facts.vpc_id, None)]
        states = {(item.state or "available").lower() for item in here if item.vpc_id is not None}
        if states & {"available", "attached"}:
            return "yes"
        known = {"attaching", "detaching", "detached"}
        return "unknown" if states - known or any(item.vpc_id is None for item in here) else "no"

    def is_detached(self, gateway: InternetGateway) -> bool:
        """True if EC2 says that an internet gateway is not attached to the VPC. A state that is new says nothing."""
        states = [item.state for item in gateway.attachments if item.vpc_id == self.facts.vpc_id]
        away = ("attaching", "detaching", "detached")
        return all((state or "").lower() in away for state in states)

    @property
    def internet_gateway_id(self) -> str | None:
        """The internet gateway that is attached to the VPC."""
        every = known_or(self.facts.internet_gateways, ())
        return next((item.internet_gateway_id for item in every if self.attachment_of(item) == "yes"), None)

    @property
    def egress_only_gateway_ids(self) -> tuple[str, ...]:
        """The egress-only internet gateways of the VPC, as far as they are known."""
        every = known_or(self.facts.egress_only_internet_gateways, ())
        return tuple(
            item.egress_only_internet_gateway_id for item in every if item.is_attached_to(self.facts.vpc_id)
        )

    # --- endpoints -----------------------------------------------------------------------------------

    def endpoint(self, endpoint_id: str | None) -> VpcEndpoint | None:
        """An endpoint by its id, where the VPC lists it."""
        every = known_or(self.facts.vpc_endpoints, ())
        return next((item for item in every if item.vpc_endpoint_id == endpoint_id), None)

    def gateway_endpoint_of(self, route: Route) -> VpcEndpoint | None:
        """The gateway endpoint that a route leads to, which takes its service's packets out of the VPC."""
        found = self.endpoint(route.gateway_id)
        return found if found is not None and is_gateway_endpoint(found) else None


def leads_out(table: RouteTable) -> bool:
    """True if a table's default route is known to lead to an internet gateway."""
    return any(is_default(item, 4) and leads_to_internet_gateway(item) for item in table.routes)


def is_regional(nat: NatGateway) -> bool:
    """True if a NAT gateway is a regional one, which stands in no subnet and has a route table of its own."""
    return (nat.availability_mode or "zonal").lower() == "regional"


def nat_state(nat: NatGateway) -> str:
    """The state of a NAT gateway, in lower case; one that is listed without a state is taken for available."""
    return (nat.state or "available").lower()


def is_public_nat(nat: NatGateway) -> bool:
    """True if a NAT gateway is a public one, which has an address on the internet."""
    return (nat.connectivity_type or "public").lower() != "private"


def is_gateway_endpoint(endpoint: VpcEndpoint) -> bool:
    """True if an endpoint is of the type Gateway, which routes to a prefix list lead to."""
    return (endpoint.vpc_endpoint_type or "").lower() == "gateway"
