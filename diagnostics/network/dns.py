"""Name resolution: who answers in the VPC, and whether endpoints' private names can come out.

https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html,
https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSet.html and, for private DNS,
https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

from diagnostics.network.acl_rules import acl_of, flow
from diagnostics.network.addresses import PRIVATE, AddressSet, Family, family_of, network_of, of_cidrs
from diagnostics.network.blockers import DNS, DnsAttribute, DnsOff, DnsServerUnusable
from diagnostics.network.ends import End
from diagnostics.network.group_rules import answer, permitted
from diagnostics.network.leg_path import LegPath
from diagnostics.network.routes import choose, is_blackhole, target_of
from diagnostics.network.step_result import StepResult, blocked, cannot_tell, missing, passed
from diagnostics.network.trace import Gap, What
from diagnostics.network.vpc_view import VpcView, is_public_nat
from diagnostics.snapshot import Known, Route, Unavailable, VpcFacts, known_or, known_value

_AMAZON = ("AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253")
_WHAT: What = "DNS"
DNS_PORT = (53, 53)


@dataclass(frozen=True)
class Names:
    """What resolution gives. `private` tells whether an endpoint's private DNS decides which address comes out.

    `off`: enableDnsHostnames is off, so the public addresses come out. `unknown`: `why` says what is missing.
    """

    result: StepResult
    private: Literal["works", "off", "unknown"]
    why: Gap | None = None


def resolve(path: LegPath) -> Names:
    """Who resolves the name of the leg's host."""
    servers = _servers(path.vpc)
    if isinstance(servers, Unavailable):
        gap = missing("the DNS servers of the VPC's DHCP options", servers, DNS, path.vpc.vpc_id)
        return Names(cannot_tell(_WHAT, None, gap), "unknown", gap)
    own = _own_servers(servers.value, path.vpc)
    if isinstance(own, Unavailable):
        gap = missing("whether the DNS servers are Amazon's", own, DNS, path.vpc.vpc_id, question=True)
        return Names(cannot_tell(_WHAT, None, gap), "unknown", gap)
    if own.value:
        return _custom(path, own.value)
    result = _support(path) + StepResult(considered=(DnsServerUnusable,))
    names = path.vpc.enable_dns_hostnames
    if isinstance(names, Unavailable):
        gap = missing("whether enableDnsHostnames is on", names, (DnsOff,), path.vpc.vpc_id, question=True)
        return Names(result, "unknown", gap)
    on = isinstance(names, Known) and names.value
    return Names(result, "works" if on else "off")


def _support(path: LegPath) -> StepResult:
    """Amazon's DNS server answers only where enableDnsSupport is on. Groups and ACLs do not filter it."""
    fact, vpc_id = path.vpc.enable_dns_support, path.vpc.vpc_id
    if isinstance(fact, Unavailable):
        return cannot_tell(
            _WHAT, vpc_id, missing("whether enableDnsSupport is on", fact, (DnsOff,), vpc_id, question=True)
        )
    if isinstance(fact, Known) and fact.value:
        return passed(_WHAT, vpc_id, "Amazon's DNS server of the VPC answers", DnsOff)
    return blocked(_WHAT, vpc_id, off(path, "enableDnsSupport"))


def off(path: LegPath, attribute: DnsAttribute) -> DnsOff:
    """One of the two DNS attributes of the VPC is off."""
    vpc_id = path.vpc.vpc_id
    reasons: dict[DnsAttribute, str] = {
        "enableDnsSupport": f"so Amazon's DNS server does not answer for {path.leg.host}",
        "enableDnsHostnames": f"so private DNS of its endpoints does not work and {path.leg.host} leads to public addresses",
    }
    says = f"{attribute} is off in {vpc_id}, {reasons[attribute]}."
    return DnsOff(resources=(vpc_id,), says=says, attribute=attribute)


def _servers(vpc: VpcFacts) -> Known[tuple[str, ...]] | Unavailable:
    fact = vpc.dhcp_options
    if isinstance(fact, Unavailable):
        return fact
    servers = fact.value.option("domain-name-servers") if isinstance(fact, Known) else ()
    return Known(value=servers or ("AmazonProvidedDNS",))


def _own_servers(servers: tuple[str, ...], vpc: VpcFacts) -> Known[tuple[str, ...]] | Unavailable:
    """The servers that are not Amazon's. Besides its fixed names it has the base address of the VPC's primary range plus two.

    AWS: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
    """
    others = tuple(item for item in servers if item not in _AMAZON)
    if not others:
        return Known(value=())
    fact = vpc.vpc
    if not isinstance(fact, Known):
        return fact if isinstance(fact, Unavailable) else Unavailable(call="ec2:DescribeVpcs")
    plus_two = _plus_two((fact.value.cidr_block,))
    return Known(value=tuple(item for item in others if item not in plus_two))


def _plus_two(blocks: Iterable[str | None]) -> set[str]:
    networks = [network_of(block) for block in blocks if block]
    return {str(network.network_address + 2) for network in networks if isinstance(network, IPv4Network)}


def _is_reserved(server: str, vpc: VpcFacts) -> bool:
    """True if AWS reserves the address in a further range or a subnet of the VPC, without a word of who answers there.

    AWS: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
    """
    found = known_value(vpc.vpc)
    ranges = [item.cidr_block for item in found.cidr_block_association_set] if found is not None else []
    subnets = [item.cidr_block for item in known_or(vpc.subnets, ())]
    return server in _plus_two((*ranges, *subnets))


def _custom(path: LegPath, servers: tuple[str, ...]) -> Names:
    """The VPC's own DNS servers, which AWS's API shows nothing of but the way to them."""
    name = ", ".join(servers)
    options = path.vpc.dhcp_options
    options_id = options.value.dhcp_options_id if isinstance(options, Known) else None
    why = Gap(
        what=f"whether DNS server {name} answers and forwards to Amazon's",
        question=True,
        why="it is an address that AWS reserves in a subnet or a further range of the VPC, and AWS's pages put the VPC's "
        "DNS server into the primary range"
        if any(_is_reserved(server, path.vpc) for server in servers)
        else "the VPC's DHCP options name it, and AWS's API does not show what it does",
        resource=options_id,
        could_hide=(DnsServerUnusable,),
    )
    reasons = [_unreachable(path, server) for server in servers]
    if all(reasons):
        says = f"The DHCP options {options_id} name DNS server {name}: {reasons[0]}."
        resources = (path.vpc.vpc_id, options_id) if options_id else (path.vpc.vpc_id,)
        blocker = DnsServerUnusable(
            resources=resources, says=says, servers=servers, dhcp_options_id=options_id
        )
        return Names(blocked(_WHAT, options_id, blocker), "unknown", why)
    return Names(cannot_tell(_WHAT, options_id, why), "unknown", why)


def _unreachable(path: LegPath, server: str) -> str | None:
    """Why no packet can get to port 53 of a server, `None` where one may."""
    family = family_of(server)
    if family != 4 or _is_reserved(server, path.vpc):
        return None
    peer = End(words=server, addresses=of_cidrs((server,), 4), exact=True, groups=None)
    for reason in (_no_route(path, peer), _filtered(path, peer)):
        if reason:
            return reason
    return None


def _no_route(path: LegPath, peer: End) -> str | None:
    table = path.view.table_of(path.subnet_id)
    if not isinstance(table, Known):
        return None
    choice = choose(table.value, peer.addresses, path.vpc)
    if choice.unread:
        return None
    route = choice.portions[0].route
    name = table.value.route_table_id
    if route is None:
        return f"{name} of {path.subnet_id} has no route to it"
    target = target_of(route)
    if is_blackhole(route):
        return f"{name} of {path.subnet_id} leads there over {target}, which is gone"
    if target == "local":
        return _nobody_there(path, peer)
    private = peer.addresses <= PRIVATE[4]
    if private and target.startswith(("igw-", "eigw-")):
        return f"it is a private address, and {name} leads there over {target}, which is a way to public ones only"
    if private and target.startswith("nat-") and _leads_to_public_only(path.view, target):
        return f"it is a private address, and {name} leads there over {target}, which is a way to public ones only"
    return None


def _leads_to_public_only(view: VpcView, nat_id: str) -> bool:
    """True if a NAT gateway is known to lead to an internet gateway, and not to another private network."""
    for nat in known_or(view.facts.nat_gateways, ()):
        if nat.nat_gateway_id == nat_id and nat.subnet_id:
            table = view.table_of(nat.subnet_id)
            return (
                is_public_nat(nat) and isinstance(table, Known) and not _leads_elsewhere(table.value.routes)
            )
    return False


def _leads_elsewhere(routes: tuple[Route, ...]) -> bool:
    return any(not target_of(route).startswith(("igw-", "local", "vpce-")) for route in routes)


def _nobody_there(path: LegPath, peer: End) -> str | None:
    fact = path.vpc.subnets
    if not isinstance(fact, Known) or fact.unread:
        return None
    family: Family = 4
    inside: AddressSet = of_cidrs((item.cidr_block for item in fact.value), family)
    return None if peer.addresses & inside else "it lies in the VPC's range, and no subnet has that address"


def _filtered(path: LegPath, peer: End) -> str | None:
    """A resolver asks over UDP and falls back to TCP, so 53 is shut only if both are."""
    groups = path.source.groups
    if groups is not None and all(
        answer(permitted(groups, path.vpc, peer, egress=True, port=53, protocol=protocol), peer) == "none"
        for protocol in ("udp", "tcp")
    ):
        return f"{', '.join(groups)} lets nothing out to its port 53"
    acl = acl_of(path.subnet_id, path.vpc)
    if isinstance(acl, Known) and not _same_subnet(path, peer):
        flows = [flow(acl.value, peer, DNS_PORT, egress=True, protocol=number) for number in ("17", "6")]
        if all(item.answer == "none" for item in flows):
            return f"{acl.value.network_acl_id} of {path.subnet_id} lets nothing out to its port 53"
    return None


def _same_subnet(path: LegPath, peer: End) -> bool:
    """True if the server may stand in the puller's own subnet, where no ACL is read."""
    return not path.source.cidrs or bool(peer.addresses & of_cidrs(path.source.cidrs, 4))
