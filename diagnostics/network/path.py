"""What every step of a trace is about: the leg, the interface, the VPC, and the values that a fix needs of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diagnostics.network.addresses import PRIVATE, family_of, of_cidrs
from diagnostics.network.ends import End, puller
from diagnostics.network.routes import is_blackhole, table_of, target_of
from diagnostics.network.ruling import Ruling
from diagnostics.network.trace import Via
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import InternetGateway, Known, NatGateway, Route, VpcEndpoint, VpcFacts, known_or


@dataclass(frozen=True)
class Path:
    """One leg from one interface of one VPC. `dialled` is the address that an error text shows for the host."""

    leg: Leg
    interface: Interface
    vpc: VpcFacts
    task_region: str
    dialled: str | None = None

    @property
    def resolves_publicly(self) -> bool:
        """Whether the address that the puller dialled shows that the host's name leads to public addresses."""
        family = family_of(self.dialled or "")
        if family is None or self.dialled is None:
            return False
        return not of_cidrs((self.dialled,), family) & PRIVATE[family]

    @property
    def dual_stack_name(self) -> bool:
        """Whether the host's name has IPv6 addresses too: `….dkr-ecr.REGION.on.aws`, `ecr.REGION.api.aws`."""
        return self.leg.host.endswith((".on.aws", ".api.aws"))

    @property
    def subnet_id(self) -> str:
        """The subnet of the interface that pulls."""
        return self.interface.subnet_id

    @property
    def source(self) -> End:
        """The interface that pulls, as the end of a connection."""
        return puller(self.interface, self.vpc)

    @property
    def facts(self) -> dict[str, str]:
        """The values that every blocker carries."""
        return present(
            vpc_id=self.vpc.vpc_id,
            subnet_id=self.subnet_id,
            host=self.leg.host,
            region=self.task_region,
            launch="ec2" if self.interface.kind == "container_instance" else "fargate",
            interface_id=self.interface.interface_id,
            instance_id=self.interface.instance_id,
            puller_cidr=",".join(self.source.cidrs),
            puller_group_id=",".join(self.source.groups or ()),
        )


Outcome = Literal["open", "stopped", "no_route", "beyond", "unknown"]
"""Where a way ends. `beyond`: a route is chosen, and what lies behind it is not known; `unknown`: the route is not."""


@dataclass(frozen=True)
class Way:
    """Where the routes lead. `no_route` has no blocker yet: who is to blame depends on the endpoints of the VPC."""

    ruling: Ruling
    via: Via
    outcome: Outcome
    facts: tuple[tuple[str, str], ...] = ()
    endpoint_id: str | None = None


def outcome_of(ruling: Ruling) -> Outcome:
    """Whether a way that has a route is open."""
    return "stopped" if ruling.blockers else "beyond" if ruling.missing else "open"


def present(**values: str | None) -> dict[str, str]:
    """The values that are there."""
    return {name: value for name, value in values.items() if value}


def attached_gateway(vpc: VpcFacts) -> str | None:
    """An internet gateway of the VPC, for the wording of a repair."""
    for gateway in known_or(vpc.internet_gateways, ()):
        if is_attached(gateway, vpc.vpc_id):
            return gateway.internet_gateway_id
    return None


def is_attached(gateway: InternetGateway, vpc_id: str) -> bool:
    """Whether an internet gateway is attached to the VPC; EC2 says `available` for an attached one.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html
    """
    return any(
        item.vpc_id == vpc_id and (item.state or "available").lower() in ("available", "attached")
        for item in gateway.attachments
    )


def usable_nat_gateway(vpc: VpcFacts, but: str | None = None) -> str | None:
    """A NAT gateway of the VPC that a repaired route could name: for the wording of a repair only."""
    for nat in known_or(vpc.nat_gateways, ()):
        if nat.nat_gateway_id != but and _looks_usable(nat, vpc):
            return nat.nat_gateway_id
    return None


def _looks_usable(nat: NatGateway, vpc: VpcFacts) -> bool:
    if (nat.state or "").lower() != "available" or (nat.connectivity_type or "public") == "private":
        return False
    if nat.subnet_id is None:
        return True
    table = table_of(nat.subnet_id, vpc)
    return isinstance(table, Known) and any(
        route.destination_cidr_block == "0.0.0.0/0"
        and target_of(route).startswith("igw-")
        and not is_blackhole(route)
        for route in table.value.routes
    )


def endpoint_named(route: Route, vpc: VpcFacts) -> VpcEndpoint | None:
    """The VPC endpoint that a route leads to, where the VPC lists it."""
    every = known_or(vpc.vpc_endpoints, ())
    return next((item for item in every if item.vpc_endpoint_id == route.gateway_id), None)


def is_gateway_endpoint(endpoint: VpcEndpoint) -> bool:
    """Whether an endpoint is of the type Gateway, which routes to a prefix list lead to."""
    return (endpoint.vpc_endpoint_type or "").lower() == "gateway"
