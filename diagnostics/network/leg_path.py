"""What every step of a trace is about: the leg, the interface and the VPC; and where a way through it ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from diagnostics.network.acl_rules import Gate
from diagnostics.network.addresses import is_public
from diagnostics.network.blockers import RouteToNothing
from diagnostics.network.ends import End, puller
from diagnostics.network.routes import destination_of, target_of
from diagnostics.network.step_result import StepResult
from diagnostics.network.trace import Via
from diagnostics.network.vpc_view import VpcView
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import Route, VpcFacts


@dataclass(frozen=True)
class LegPath:
    """One leg from one interface of one VPC. `dialled` is the address that an error text shows for the host.

    `hub` is a private address outside of the VPC that an error text shows for another AWS service of the pull, `past` a
    public one, though an endpoint of the VPC should have taken that service's name.
    """

    leg: Leg
    interface: Interface
    vpc: VpcFacts
    task_region: str
    dialled: str | None = None
    hub: str | None = None
    past: str | None = None

    @cached_property
    def view(self) -> VpcView:
        """What the facts of the VPC amount to."""
        return VpcView(self.vpc)

    @property
    def in_region(self) -> bool:
        """The host is a service of the VPC's own Region, which an endpoint can serve."""
        return self.leg.service is not None and self.leg.region == self.task_region

    @property
    def is_s3(self) -> bool:
        """The host is Amazon S3 of the VPC's own Region."""
        return self.leg.service == "s3" and self.in_region

    @property
    def resolves_publicly(self) -> bool:
        """The address that the puller dialled shows that the host's name leads to public addresses."""
        return is_public(self.dialled)

    @property
    def may_be_private(self) -> bool:
        """Nothing tells whether the registry's name leads to public addresses: it may be one of a private zone."""
        return not self.leg.public and self.dialled is None

    @property
    def dual_stack_name(self) -> bool:
        """The host's name has IPv6 addresses too: `….dkr-ecr.REGION.on.aws`, `ecr.REGION.api.aws`."""
        return self.leg.host.endswith((".on.aws", ".api.aws"))

    @property
    def subnet_id(self) -> str:
        """The subnet of the interface that pulls."""
        return self.interface.subnet_id

    def gate(self, subnet_id: str, route_table_id: str | None = None) -> Gate:
        """The network ACL of a subnet that the leg passes; a route of the table led there."""
        return Gate(subnet_id, self.vpc, self.interface.windows, self.leg.port, route_table_id)

    @cached_property
    def source(self) -> End:
        """The interface that pulls, as the end of a connection."""
        return puller(self.interface, self.vpc)


WayEnd = Literal["open", "stopped", "no_route", "beyond", "unknown"]
"""Where a way ends. `beyond`: a route is chosen, and what lies behind it is not known; `unknown`: the route is not."""


@dataclass(frozen=True)
class RoutedWay:
    """Where the routes lead.

    `no_route` has no blocker yet: who is to blame depends on the endpoints of the VPC. `why_not` says then of which table
    this is and what it lacks; `useless` is the route that takes the packets and leads to no public address, if any.
    """

    result: StepResult
    via: Via
    outcome: WayEnd
    endpoint_id: str | None = None
    why_not: str = ""
    useless: Route | None = None


@dataclass(frozen=True)
class RouteTaken:
    """A route that takes the packets of the leg, in the table of the pulling subnet."""

    subnet_id: str
    table_id: str
    route: Route

    @property
    def target(self) -> str:
        """What the route leads to."""
        return target_of(self.route)

    @property
    def destination(self) -> str:
        """The route's destination, as AWS writes it."""
        return destination_of(self.route)

    @property
    def resources(self) -> tuple[str, ...]:
        """What must change where the route is at fault."""
        return self.subnet_id, self.table_id

    def leads_to_nothing(self, says: str, *more: str, usable_nat: str | None) -> RouteToNothing:
        """The route's target is gone; `more` are resources besides the subnet and the table."""
        return RouteToNothing(
            resources=(*self.resources, *more), says=says, route_table_id=self.table_id, subnet_id=self.subnet_id,
            destination=self.destination, target=self.target, usable_nat_gateway_id=usable_nat,
        )  # fmt: skip


def outcome_of(result: StepResult) -> WayEnd:
    """Where a way that has a route ends."""
    return "stopped" if result.blockers else "beyond" if result.missing else "open"
