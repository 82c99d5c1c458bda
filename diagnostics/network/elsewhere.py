"""An address in the error text that is private and no address of this VPC: the host's name leads to another network.

A private hosted zone or a Resolver rule names it, such as for endpoints that a hub VPC shares. Then the routes to the
public internet decide nothing, and AWS's API of this VPC shows neither the zone nor what stands at the address.
https://docs.aws.amazon.com/whitepapers/latest/building-scalable-secure-multi-vpc-network-infrastructure/centralized-access-to-vpc-private-endpoints.html
"""

from __future__ import annotations

from diagnostics.network import blame, endpoints, group_rules
from diagnostics.network.addresses import PRIVATE, AddressSet, family_of, of_cidrs
from diagnostics.network.blockers import (
    BlockerKind,
    EndpointGroupBlocksIn,
    FirewallOnRoute,
    GroupBlocksOut,
    NoWayOut,
    RouteToNothing,
    applicable,
    of_groups,
)
from diagnostics.network.ends import End
from diagnostics.network.leg_path import LegPath, RouteTaken
from diagnostics.network.public import Branch
from diagnostics.network.routes import choose, gap_of, is_blackhole, is_default, target_of
from diagnostics.network.step_result import StepResult, blocked, cannot_tell, considering, hop, missing
from diagnostics.network.trace import Gap, Via
from diagnostics.snapshot import Known, Unavailable, VpcFacts

_VIAS: tuple[tuple[str, Via], ...] = (
    ("pcx-", "peering"), ("tgw-", "transit_gateway"), ("arn:", "transit_gateway"), ("vgw-", "vpn"),
)  # fmt: skip


def private_address(text: str | None) -> AddressSet | None:
    """The address as a set, `None` where it is none of IPv4's private ones."""
    if text is None or family_of(text) != 4:
        return None
    address = of_cidrs((text,), 4)
    return address if address & PRIVATE[4] else None


def ranges_of(vpc: VpcFacts) -> AddressSet | None:
    """The IPv4 ranges of a VPC, `None` where they are not known."""
    if not isinstance(vpc.vpc, Known):
        return None
    found = vpc.vpc.value
    blocks = (found.cidr_block, *(item.cidr_block for item in found.cidr_block_association_set))
    return of_cidrs(blocks, 4) or None


def stands_here(text: str | None, vpc: VpcFacts) -> bool:
    """True if an interface that was read has the address, such as one of an endpoint."""
    facts = (item.value for item in vpc.interfaces.values() if isinstance(item, Known))
    return any(item.private_ip_address == text for item in facts)


def may_be_elsewhere(text: str | None, vpc: VpcFacts) -> bool:
    """True if an address is private and not known to be one of the VPC's."""
    address, ranges = private_address(text), ranges_of(vpc)
    if address is None or stands_here(text, vpc):
        return False
    return ranges is None or not address & ranges


def follow(path: LegPath) -> Branch | None:
    """The leg to the private address that the error text shows; `None` where the VPC's own facts tell the way.

    What is certain about one address stays certain: the puller's groups, the ACL of its subnet, and a route that is
    about this address and leads to nothing.
    """
    address = private_address(path.dialled)
    if address is None or path.dialled is None or stands_here(path.dialled, path.vpc):
        return None
    ranges = ranges_of(path.vpc)
    if ranges is None:
        fact = path.vpc.vpc if isinstance(path.vpc.vpc, Unavailable) else Unavailable(call="ec2:DescribeVpcs")
        hidden = applicable(path.leg, path.task_region)
        gap = missing(
            f"whether {path.dialled} belongs to {path.vpc.vpc_id}",
            fact,
            hidden,
            path.vpc.vpc_id,
            question=True,
        )
        return Branch(blame.shut_groups(path) + cannot_tell("DNS", None, gap), "none")
    if address & ranges:
        return None if _may_be_an_endpoint(path) else _inside(path, address)
    return _outside(path, address)


def _may_be_an_endpoint(path: LegPath) -> bool:
    """True if the VPC has, or may have, an endpoint of the leg's service."""
    if path.leg.service is None:
        return False
    fact = path.vpc.vpc_endpoints
    if isinstance(fact, Unavailable) or (isinstance(fact, Known) and fact.unread):
        return True
    return bool(endpoints.interfaces_of(path.vpc, path.leg.region, path.leg.service))


def _peer(path: LegPath, address: AddressSet) -> End:
    text = path.dialled or ""
    return End(words=text, addresses=address, exact=True, cidrs=(f"{text}/32",), groups=None)


def _inside(path: LegPath, address: AddressSet) -> Branch:
    """An address of this VPC at which no endpoint of the service stands: a registry, a proxy, an endpoint that is gone."""
    stands = (
        f"no endpoint for {path.leg.host} stands there" if path.leg.service else "AWS's API does not show it"
    )
    gap = Gap(
        what=f"what answers at {path.dialled}",
        why=f"{_told(path, f'this address of {path.vpc.vpc_id}')}, and {stands}: look at {_zones(path)}what has this address",
        resource=path.vpc.vpc_id,
        could_hide=_hidden(path),
    )  # fmt: skip
    return Branch(_filtered(path, _peer(path, address), cannot_tell("DNS", None, gap)), "local")


def _outside(path: LegPath, address: AddressSet) -> Branch:
    table = path.view.table_of(path.subnet_id)
    peer = _peer(path, address)
    if isinstance(table, Unavailable):
        gap = missing(f"the route table of {path.subnet_id}", table, _hidden(path), path.subnet_id)
        return Branch(_filtered(path, peer, cannot_tell("route table", None, gap)), "none")
    choice = choose(table.value, address, path.vpc)
    name = table.value.route_table_id
    route = choice.portions[0].route if choice.portions else None
    if choice.unread:
        gaps = (gap_of(item, fact, _hidden(path)) for item, fact in choice.unread)
        return Branch(_filtered(path, peer, cannot_tell("route table", name, *gaps)), "none")
    if route is None or is_default(route):
        leads = f"{name} has no route to it" if route is None else f"{name} has only its default route for it"
        return Branch(_filtered(path, peer, _question(path, leads, "the way to that network")), "none")
    target = target_of(route)
    taken = RouteTaken(path.subnet_id, name, route)
    if is_blackhole(route):
        says = (
            f"Route table {name} sends {taken.destination}, and with it {path.dialled} of {path.leg.host}, to {target}, "
            "which is gone: the route is a blackhole."
        )
        result = blocked("route table", name, taken.leads_to_nothing(says, usable_nat=None))
        return Branch(_filtered(path, peer, result), "none")
    via: Via = next((way for prefix, way in _VIAS if target.startswith(prefix)), "none")
    step = hop("route table", name, f"{name} of {path.subnet_id}: {taken.destination} → {target}")
    leads = f"{name} leads there over {target}"
    look = f"the way back over {target}, and the security group of what stands there"
    return Branch(_filtered(path, peer, step + _question(path, leads, look)), via)


def _hidden(path: LegPath) -> tuple[BlockerKind, ...]:
    own = path.leg.service is not None
    return (NoWayOut, RouteToNothing, FirewallOnRoute, *((EndpointGroupBlocksIn,) if own else ()))


def _told(path: LegPath, where: str) -> str:
    """What tells the address: the error text, or the image reference itself."""
    if path.leg.address is not None:
        return f"the image reference names {where}"
    return f"the error text shows that {path.leg.host} leads {'' if where == 'there' else 'to '}{where}"


def _zones(path: LegPath) -> str:
    return "" if path.leg.address is not None else "the private hosted zones of the VPC, and at "


def _question(path: LegPath, leads: str, look: str) -> StepResult:
    whose = "a private hosted zone, a Resolver rule or a hub VPC's endpoint"
    zone = f"the zone or rule that names {path.leg.host}, at "
    if path.leg.address is not None:
        whose, zone = "it stands in another network", ""
    gap = Gap(
        what=f"what answers at {path.dialled}",
        why=f"{_told(path, 'there')}, and it is no address of {path.vpc.vpc_id}: {whose}. {leads}. Look at {zone}{look}",
        brief=f"{path.leg.host} leads to a private address outside of {path.vpc.vpc_id}",
        resource=path.vpc.vpc_id,
        could_hide=_hidden(path),
    )  # fmt: skip
    return cannot_tell("DNS", None, gap)


def _filtered(path: LegPath, peer: End, way: StepResult) -> StepResult:
    """The puller's groups and the ACL of its subnet, which rule on the one address."""
    gate = path.gate(path.subnet_id)
    inside = ranges_of(path.vpc)
    around = inside is None or not peer.addresses & inside
    if not around:  # It may stand in the puller's own subnet, where no ACL is read.
        return _groups_out(path, peer) + way
    return _groups_out(path, peer) + gate.request(peer, egress=True) + way + gate.answers(peer, egress=False)


def _groups_out(path: LegPath, peer: End) -> StepResult:
    groups = path.source.groups
    both = of_groups(path.leg)
    if groups is None:
        return endpoints.no_groups(path, both)
    blocker = GroupBlocksOut(
        resources=groups, says=group_rules.closed(groups, f"out to {peer.words}", port=path.leg.port),
        group_id=groups[0], port=path.leg.port, peer_cidrs=peer.cidrs,
    )  # fmt: skip
    result = group_rules.judge(groups, path.vpc, peer, blocker, egress=True, port=path.leg.port)
    return considering(result, *both)
