"""NAT gateways: their own state, subnet, routes and filters.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html and
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from diagnostics.network import block_public_access, inspection, internet, way_back
from diagnostics.network.blockers import (
    ACLS,
    NAT,
    BlockerKind,
    FirewallOnRoute,
    NatGatewayUnusable,
    NatWithoutInternetGateway,
    PublicAccessBlocked,
    RouteToNothing,
)
from diagnostics.network.ends import End, subnet_fact
from diagnostics.network.leg_path import LegPath, RoutedWay, RouteTaken, outcome_of
from diagnostics.network.routes import Portion, choose, destination_of, gap_of, is_blackhole, target_of
from diagnostics.network.step_result import StepResult, any_of, blocked, cannot_tell, missing, passed
from diagnostics.network.trace import Gap
from diagnostics.network.vpc_view import is_public_nat, is_regional, nat_state
from diagnostics.snapshot import Known, NatGateway, RouteTable, Unavailable, Why

_BEHIND_NAT: tuple[BlockerKind, ...] = (
    NatWithoutInternetGateway, RouteToNothing, PublicAccessBlocked, *ACLS, FirewallOnRoute,
)  # fmt: skip

_BEYOND_VPC = ("tgw-", "vgw-", "lgw-", "cagw-", "arn:", "eni-", "i-", "vpce-")
"""Targets that may lead to the internet somewhere outside of what the VPC's own facts show."""


def through_nat_gateway(path: LegPath, taken: RouteTaken, peer: End) -> RoutedWay:
    """A route to a NAT gateway."""
    nat_id = taken.target
    fact = path.vpc.nat_gateways
    if isinstance(fact, Unavailable):
        hidden = (RouteToNothing, NatGatewayUnusable) if is_blackhole(taken.route) else (*NAT, *_BEHIND_NAT)
        gap = missing(f"the state of {nat_id}", fact, hidden, nat_id)
        return RoutedWay(cannot_tell("NAT gateway", nat_id, gap), "nat_gateway", "beyond")
    every = fact.value if isinstance(fact, Known) else ()
    nat = next((item for item in every if item.nat_gateway_id == nat_id), None)
    if nat is None and isinstance(fact, Known) and fact.may_hold(nat_id):
        unread = Unavailable(reason=Why.UNREADABLE_RECORD, call="ec2:DescribeNatGateways", resource=nat_id)
        hidden = (RouteToNothing, NatGatewayUnusable) if is_blackhole(taken.route) else (*NAT, *_BEHIND_NAT)
        gap = missing(f"the state of {nat_id}", unread, hidden, nat_id)
        return RoutedWay(cannot_tell("NAT gateway", nat_id, gap), "nat_gateway", "beyond")
    usable = path.view.usable_nat_gateway(but=nat_id)
    result = _gateway(path, taken, nat, usable, peer)
    # The layers may take S3's gateway endpoint behind the NAT gateway, whose policy then decides too.
    table = path.view.table_of_nat(nat) if nat is not None else None
    endpoint_id = _s3_gateway(path, table.value) if isinstance(table, Known) else None
    return RoutedWay(result, "nat_gateway", outcome_of(result), endpoint_id)


def _gateway(
    path: LegPath, taken: RouteTaken, nat: NatGateway | None, usable: str | None, peer: End
) -> StepResult:
    nat_id = taken.target
    state = nat_state(nat) if nat else "deleted"
    if nat is None or state == "deleted" or (is_blackhole(taken.route) and state == "available"):
        gone = (
            "does not exist any more"
            if nat is None or state == "deleted"
            else "is not available to the route"
        )
        says = (
            f"Route table {taken.table_id} sends {taken.destination} to {nat_id}, which {gone}: "
            "the route is a blackhole."
        )
        return blocked("NAT gateway", nat_id, taken.leads_to_nothing(says, nat_id, usable_nat=usable))
    if state not in ("available", "pending", "failed", "deleting"):
        hidden = (RouteToNothing, NatGatewayUnusable) if is_blackhole(taken.route) else (*NAT, *_BEHIND_NAT)
        return cannot_tell("NAT gateway", nat_id, _strange(nat_id, f"it is in the state {state}", hidden))
    if state != "available":
        failure = nat.failure_message or nat.failure_code
        why = f" ({failure})" if failure else ""
        says = f"{nat_id}, which route table {taken.table_id} names, is in the state {state}{why}."
        return blocked("NAT gateway", nat_id, _unusable(taken, says, state, usable))
    kind = (nat.connectivity_type or "public").lower()
    if kind not in ("public", "private"):
        why = f"its connectivity type is {kind}"
        return cannot_tell("NAT gateway", nat_id, _strange(nat_id, why, (*NAT, *_BEHIND_NAT)))
    if not is_public_nat(nat):
        return _private(path, taken, nat, usable, peer)
    result = passed(
        "NAT gateway", nat_id, f"{nat_id} is available and public", NatGatewayUnusable, RouteToNothing
    )
    if nat.subnet_id and not is_regional(nat) and nat.subnet_id != path.subnet_id:
        gate = path.gate(nat.subnet_id, taken.table_id)
        result = result + gate.server_side(path.source)
    return (
        result + inspection.at_nat_gateway(nat) + _zone(path, nat) + _own_way(path, taken, nat, usable, peer)
    )


def _strange(nat_id: str, why: str, could_hide: tuple[BlockerKind, ...]) -> Gap:
    """A NAT gateway that is in a state, or of a kind, that this version does not know."""
    return Gap(
        what=f"whether {nat_id} carries the pull", question=True, why=f"{why}, which pullcheck does not know", resource=nat_id,
        could_hide=could_hide,
    )  # fmt: skip


def _zone(path: LegPath, nat: NatGateway) -> StepResult:
    """A regional NAT gateway that does not cover new zones by itself may have no address in the puller's.

    One that does serves a new zone from the others until it has an address there.
    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
    """
    subnet = subnet_fact(path.subnet_id, path.vpc)
    if not is_regional(nat) or (nat.auto_provision_zones or "").lower() == "enabled":
        return StepResult()
    told = [item for item in nat.nat_gateway_addresses if item.availability_zone or item.availability_zone_id]
    if not told or len(told) < len(nat.nat_gateway_addresses):
        return StepResult()
    nat_id = nat.nat_gateway_id
    question = f"whether {nat_id} serves the Availability Zone of {path.subnet_id}"
    if isinstance(subnet, Unavailable):
        return cannot_tell(
            "NAT gateway", nat_id, missing(question, subnet, (NatGatewayUnusable,), nat_id, question=True)
        )
    zone, zone_id = subnet.value.availability_zone, subnet.value.availability_zone_id
    if any(
        (zone and item.availability_zone == zone) or (zone_id and item.availability_zone_id == zone_id)
        for item in told
    ):
        return StepResult()
    zones = ", ".join(sorted({item.availability_zone or item.availability_zone_id or "" for item in told}))
    why = (
        f"it is regional, it has addresses in {zones} and none in {zone or zone_id or 'that zone'}, and nothing says that it "
        "covers further zones by itself"
    )
    gap = Gap(what=question, question=True, why=why, resource=nat_id, could_hide=(NatGatewayUnusable,))
    return cannot_tell("NAT gateway", nat_id, gap)


def _unusable(taken: RouteTaken, says: str, state: str, usable: str | None) -> NatGatewayUnusable:
    return NatGatewayUnusable(
        resources=(*taken.resources, taken.target), says=says, route_table_id=taken.table_id, nat_gateway_id=taken.target,
        state=state, destination=taken.destination, usable_nat_gateway_id=usable,
    )  # fmt: skip


def _private(path: LegPath, taken: RouteTaken, nat: NatGateway, usable: str | None, peer: End) -> StepResult:
    """A private NAT gateway has no way to the internet of its own, but may lead to another network that has one."""
    nat_id = nat.nat_gateway_id
    table = path.view.table_of(nat.subnet_id or "")
    hidden = (*NAT, FirewallOnRoute)
    if isinstance(table, Unavailable):
        return cannot_tell("route table", None, missing(f"the routes of {nat.subnet_id}", table, hidden))
    targets = [
        target_of(item.route) for item in choose(table.value, peer.addresses, path.vpc).portions if item.route
    ]
    if any(target.startswith(("tgw-", "vgw-", "arn:")) for target in targets):
        why = "it is private, and its subnet's route goes on to another network"
        gap = Gap(what=f"where {nat_id} leads", why=why, resource=nat_id, could_hide=hidden)
        return cannot_tell("NAT gateway", nat_id, gap)
    says = f"{nat_id}, which route table {taken.table_id} names, is private: it has no way to the internet."
    return blocked("NAT gateway", nat_id, _unusable(taken, says, "private", usable))


def _own_way(path: LegPath, taken: RouteTaken, nat: NatGateway, usable: str | None, peer: End) -> StepResult:
    """The route from the NAT gateway to an internet gateway, and the filters of its own subnet."""
    nat_id = nat.nat_gateway_id
    table = path.view.table_of_nat(nat)
    if isinstance(table, Unavailable):
        gap = missing(f"the routes of {nat_id}", table, _BEHIND_NAT, nat_id)
        return cannot_tell("route table", None, gap)
    name = table.value.route_table_id
    gateway = _s3_gateway(path, table.value)
    if gateway is not None:
        says = f"{name} of {nat_id}: Amazon S3 → {gateway}"
        back = way_back.from_nat_gateway(path, nat, table.value, None if is_regional(nat) else nat.subnet_id)
        return passed("route table", name, says, NatWithoutInternetGateway) + back
    choice = choose(table.value, peer.addresses, path.vpc)
    portions = [
        item
        for item in choice.portions
        if item.route is None
        or not (target_of(item.route) == "local" or path.view.gateway_endpoint_of(item.route))
    ]
    unread = [pair for pair in choice.unread if path.view.gateway_endpoint_of(pair[0]) is None]
    if unread:
        gaps = (gap_of(route, fact, _BEHIND_NAT) for route, fact in unread)
        return cannot_tell("route table", name, *gaps)
    step = _NatStep(path, taken, nat, name, usable, peer)
    ways = {_key(portion): step.judge(portion) for portion in portions}
    back = way_back.from_nat_gateway(path, nat, table.value, step.in_subnet)
    if len(ways) == 1:
        return next(iter(ways.values())) + back
    if all(not item.blockers and not item.missing for item in ways.values()):
        return any_of(tuple(ways.values())) + back
    question = Gap(
        what=f"which address {peer.who} has",
        question=True,
        why=f"{name} sends the addresses that it may have different ways",
        resource=name,
        could_hide=_BEHIND_NAT,
    )
    return cannot_tell("route table", name, question)


def _key(portion: Portion) -> tuple[str, bool]:
    return (target_of(portion.route), is_blackhole(portion.route)) if portion.route else ("", False)


def _s3_gateway(path: LegPath, table: RouteTable) -> str | None:
    """S3's gateway endpoint on the NAT gateway's table, which takes the layers without an internet gateway."""
    for route in table.routes if path.is_s3 else ():
        endpoint = path.view.gateway_endpoint_of(route)
        if endpoint is not None and endpoint.service_name.endswith(".s3"):
            return endpoint.vpc_endpoint_id
    return None


@dataclass(frozen=True)
class _NatStep:
    """The way on from a NAT gateway that works, by its own route table."""

    path: LegPath
    taken: RouteTaken
    nat: NatGateway
    table_id: str
    usable: str | None
    peer: End

    @property
    def in_subnet(self) -> str | None:
        """The subnet whose table decides; a regional NAT gateway has a table of its own."""
        return None if is_regional(self.nat) else self.nat.subnet_id

    def without_gateway(self, says: str) -> StepResult:
        place = (self.in_subnet,) if self.in_subnet else ()
        blocker = NatWithoutInternetGateway(
            resources=(self.nat.nat_gateway_id, *place, self.table_id), says=says, route_table_id=self.taken.table_id,
            nat_gateway_id=self.nat.nat_gateway_id, nat_subnet_id=self.nat.subnet_id, nat_route_table_id=self.table_id,
            usable_nat_gateway_id=self.usable,
        )  # fmt: skip
        return blocked("route table", self.table_id, blocker)

    def judge(self, portion: Portion) -> StepResult:
        """One part of the addresses, by the route that takes it."""
        nat_id, table, route = self.nat.nat_gateway_id, self.table_id, portion.route
        place = f"{self.nat.subnet_id}, the subnet of {nat_id}," if self.nat.subnet_id else nat_id
        if route is None:
            return self.without_gateway(
                f"Route table {table} of {place} has no route to an internet gateway."
            )
        target, destination = target_of(route), destination_of(route)
        if target.startswith("igw-"):
            return self.to_internet(
                RouteTaken(self.nat.subnet_id or self.path.subnet_id, table, route), place
            )
        if target.startswith(_BEYOND_VPC) and not is_blackhole(route):
            why = (
                f"{table} sends {destination} of {nat_id} there, and AWS's API does not show what lies beyond"
            )
            gap = Gap(what=f"where {target} leads", why=why, resource=target, could_hide=_BEHIND_NAT)
            return cannot_tell("route table", table, gap)
        return self.without_gateway(
            f"Route table {table} of {place} sends {destination} to {target}, which is no internet gateway."
        )

    def to_internet(self, own: RouteTaken, place: str) -> StepResult:
        """The route from the NAT gateway to an internet gateway."""
        table, target = self.table_id, own.target
        if is_blackhole(own.route):
            says = f"Route table {table} of {place} sends {own.destination} to {target}, which is gone: the route is a blackhole."
            return blocked("route table", table, self.gone(own, says))
        says = f"{table}: {own.destination} → {target}"
        gone = self.gone(own, internet.not_attached(self.path, target))
        result = passed("route table", table, says, NatWithoutInternetGateway)
        result = result + internet.attached(self.path, target, gone)
        result = result + inspection.at_internet_gateway(self.path, own.route, self.in_subnet)
        result = result + block_public_access.judge(self.path, self.nat.subnet_id, direct=False)
        if self.in_subnet:
            gate = self.path.gate(self.in_subnet, self.taken.table_id)
            result = result + gate.nat_outside(self.peer)
        nat = way_back.nat_gateway(self.path, self.nat, self.in_subnet)
        return result + way_back.from_internet(self.path, target, nat)

    def gone(self, own: RouteTaken, says: str) -> RouteToNothing:
        """The NAT gateway's own route leads to nothing."""
        place = (self.in_subnet,) if self.in_subnet else ()
        blocker = own.leads_to_nothing(says, usable_nat=self.usable)
        return replace(blocker, resources=(*place, self.table_id, self.nat.nat_gateway_id))
