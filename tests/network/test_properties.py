"""Route choice, CIDR sets and ACL evaluation against a plain reading of the same rules, address by address."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.network.acl_rules import flow, free_rule_number
from diagnostics.network.addresses import NOT_PRIVATE, PRIVATE, PUBLIC, AddressSet, everything, of_cidrs
from diagnostics.network.ends import End
from diagnostics.network.group_rules import answer, permitted
from diagnostics.network.routes import choose
from diagnostics.snapshot import (
    Known,
    NetworkAcl,
    NetworkAclEntry,
    PortRange,
    PrefixList,
    Route,
    RouteTable,
    SecurityGroup,
    VpcFacts,
)

# A small world, so that every address can be tried: 10.0.0.0/26.
ADDRESSES = [IPv4Address("10.0.0.0") + offset for offset in range(64)]
WORLD = of_cidrs(("10.0.0.0/26",), 4)


@st.composite
def networks(draw: st.DrawFn) -> str:
    """A network inside of the small world, or the whole internet."""
    length = draw(st.sampled_from([0, 26, 27, 28, 29, 30, 31, 32]))
    if length == 0:
        return "0.0.0.0/0"
    base = draw(st.sampled_from(ADDRESSES))
    return str(IPv4Network((int(base), length), strict=False))


def holds(cidr: str, address: IPv4Address) -> bool:
    return address in IPv4Network(cidr)


def members(found: AddressSet) -> set[IPv4Address]:
    return {item for item in ADDRESSES if any(first <= int(item) <= last for first, last in found.ranges)}


cidr_lists = st.lists(networks(), max_size=6)


# --- sets of addresses -------------------------------------------------------------------------------


@given(cidr_lists, cidr_lists)
@settings(deadline=None)
def test_sets_of_addresses(left: list[str], right: list[str]) -> None:
    one, two = of_cidrs(left, 4), of_cidrs(right, 4)
    first = {item for item in ADDRESSES if any(holds(cidr, item) for cidr in left)}
    second = {item for item in ADDRESSES if any(holds(cidr, item) for cidr in right)}
    assert members(one) == first
    assert members(one | two) == first | second
    assert members(one & two) == first & second
    assert members(one - two) == first - second
    inside = one & WORLD
    assert (inside <= two) == (first <= second)
    assert bool(inside) == bool(first)
    assert inside.size == len(first)


@given(cidr_lists)
@settings(deadline=None)
def test_ranges_are_disjoint_and_ascending(cidrs: list[str]) -> None:
    ranges = of_cidrs(cidrs, 4).ranges
    assert all(first <= last for first, last in ranges)
    assert all(one[1] + 1 < two[0] for one, two in pairwise(ranges))


def test_what_is_no_cidr_names_nobody() -> None:
    assert not of_cidrs(("nonsense", None, "", "2001:db8::/32"), 4)
    assert of_cidrs(("2001:db8::/32",), 6).size == 2**96
    assert everything(4).size == 2**32


# --- routes ------------------------------------------------------------------------------------------

ORIGINS = ("CreateRoute", "EnableVgwRoutePropagation")
LIST = "pl-ours"


@st.composite
def tables(draw: st.DrawFn) -> tuple[RouteTable, VpcFacts, list[tuple[str, int]]]:
    """A table, the facts that its prefix lists need, and its routes read plainly: CIDR and rank of each candidate."""
    routes: list[Route] = []
    lists: dict[str, Known[PrefixList]] = {}
    plain: list[tuple[str, int, int]] = []
    for place in range(draw(st.integers(1, 6))):
        target = f"nat-{place}"
        if draw(st.booleans()):
            cidr, origin = draw(networks()), draw(st.sampled_from(ORIGINS))
            routes.append(Route(destination_cidr_block=cidr, nat_gateway_id=target, origin=origin))
            plain.append((cidr, 2 if origin == "EnableVgwRoutePropagation" else 0, place))
        else:
            name, cidrs = f"{LIST}-{place}", draw(st.lists(networks(), min_size=1, max_size=3))
            lists[name] = Known[PrefixList](value=PrefixList(prefix_list_id=name, cidrs=tuple(cidrs)))
            routes.append(Route(destination_prefix_list_id=name, nat_gateway_id=target, origin="CreateRoute"))
            plain.extend((cidr, 1, place) for cidr in cidrs)
    table = RouteTable(route_table_id="rtb-1", routes=tuple(routes))
    return table, VpcFacts(vpc_id="vpc-1", prefix_lists=lists), plain  # type: ignore[return-value]


def best(plain: list[tuple[str, int, int]], address: IPv4Address) -> set[str | None]:
    """The targets that the rules of route priority allow for one address."""
    fitting = [item for item in plain if holds(item[0], address)]
    if not fitting:
        return {None}
    longest = max(IPv4Network(item[0]).prefixlen for item in fitting)
    fitting = [item for item in fitting if IPv4Network(item[0]).prefixlen == longest]
    rank = min(item[1] for item in fitting)
    return {f"nat-{item[2]}" for item in fitting if item[1] == rank}


@given(tables())
@settings(max_examples=200, deadline=None)
def test_the_chosen_route(world: tuple[RouteTable, VpcFacts, list[tuple[str, int, int]]]) -> None:
    table, facts, plain = world
    choice = choose(table, WORLD, facts)
    assert not choice.unread
    seen: set[IPv4Address] = set()
    for portion in choice.portions:
        target = portion.route.nat_gateway_id if portion.route else None
        for address in members(portion.addresses):
            assert address not in seen
            seen.add(address)
            assert target in best(plain, address)
    assert seen == set(ADDRESSES)


@given(tables())
@settings(deadline=None)
def test_a_list_that_could_not_be_read_takes_no_part(
    world: tuple[RouteTable, VpcFacts, list[tuple[str, int, int]]],
) -> None:
    table, _, plain = world
    choice = choose(table, WORLD, VpcFacts(vpc_id="vpc-1"))
    listed = [route for route in table.routes if route.destination_prefix_list_id]
    assert [route for route, _ in choice.unread] == listed
    rest = [item for item in plain if item[1] != 1]
    for portion in choice.portions:
        target = portion.route.nat_gateway_id if portion.route else None
        assert all(target in best(rest, address) for address in members(portion.addresses))


# --- network ACLs ------------------------------------------------------------------------------------

PORTS = list(range(440, 452))


@st.composite
def entries(draw: st.DrawFn) -> NetworkAclEntry:
    first = draw(st.sampled_from(PORTS))
    last = draw(st.sampled_from(PORTS))
    ranged = draw(st.booleans())
    protocol = draw(st.sampled_from(["-1", "6", "6", "17"]))
    return NetworkAclEntry(
        rule_number=draw(st.integers(1, 32766)),
        protocol=protocol,
        rule_action=draw(st.sampled_from(["allow", "deny"])),
        egress=draw(st.booleans()),
        cidr_block=draw(networks()),
        port_range=PortRange(from_=min(first, last), to=max(first, last)) if ranged else None,
    )


def lets_in(acl: NetworkAcl, egress: bool, address: IPv4Address, port: int) -> bool:
    """The first matching entry decides, read one by one."""
    for item in sorted(acl.entries, key=lambda entry: entry.rule_number):
        if (
            item.egress != egress
            or item.protocol not in ("-1", "6")
            or not holds(item.cidr_block or "", address)
        ):
            continue
        span = item.port_range
        if item.protocol == "6" and span is not None and not (span.from_ or 0) <= port <= (span.to or 0):
            continue
        return item.rule_action == "allow"
    return False


acls = st.lists(entries(), max_size=8, unique_by=lambda item: (item.egress, item.rule_number)).map(
    lambda items: NetworkAcl(network_acl_id="acl-1", entries=tuple(items))
)


@given(acls, networks(), st.sampled_from(PORTS), st.sampled_from(PORTS), st.booleans())
@settings(max_examples=200, deadline=None)
def test_an_acl(acl: NetworkAcl, cidr: str, one: int, two: int, egress: bool) -> None:
    addresses = of_cidrs((cidr,), 4) & WORLD
    ports = (min(one, two), max(one, two))
    result = flow(acl, End("there", addresses, exact=True), ports, egress=egress)
    every = [
        lets_in(acl, egress, address, port)
        for address in members(addresses)
        for port in range(ports[0], ports[1] + 1)
    ]
    expected = "all" if all(every) else "some" if any(every) else "none"
    assert result.answer == expected
    for port in range(ports[0], ports[1] + 1):
        shut = any(first <= port <= last for first, last in result.closed)
        assert shut == (not all(lets_in(acl, egress, address, port) for address in members(addresses)))
    assert (result.rule is None) == (expected == "all")


@given(acls, networks(), st.sampled_from(PORTS), st.booleans())
@settings(max_examples=200, deadline=None)
def test_an_end_that_has_one_address_of_many(acl: NetworkAcl, cidr: str, port: int, egress: bool) -> None:
    """An answer about addresses that the end may have holds for each of them."""
    addresses = of_cidrs((cidr,), 4) & WORLD
    result = flow(acl, End("there", addresses, exact=False), (port, port), egress=egress)
    every = {lets_in(acl, egress, address, port) for address in members(addresses)}
    assert result.answer == {frozenset({True}): "all", frozenset({False}): "none"}.get(
        frozenset(every), "unknown"
    )


@given(acls, st.sampled_from(PORTS), st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_number_of_a_new_entry_comes_before_the_one_that_denies(
    acl: NetworkAcl, port: int, egress: bool
) -> None:
    peer = End("there", WORLD, exact=True)
    result = flow(acl, peer, (port, port), egress=egress)
    if result.rule is None:
        return
    number = free_rule_number(acl, egress, result.rule)
    if number is None:
        return
    assert 1 <= number < result.rule
    assert number not in {item.rule_number for item in acl.entries if item.egress == egress}
    entry = NetworkAclEntry(
        rule_number=number, protocol="6", rule_action="allow", egress=egress, cidr_block="10.0.0.0/26",
        port_range=PortRange(from_=port, to=port),
    )  # fmt: skip
    repaired = acl.model_copy(update={"entries": (*acl.entries, entry)})
    assert flow(repaired, peer, (port, port), egress=egress).answer == "all"


# --- security groups ---------------------------------------------------------------------------------


@given(cidr_lists, cidr_lists, networks(), st.sampled_from(["tcp", "-1", "udp"]), st.integers(440, 446))
@settings(deadline=None)
def test_a_union_of_groups(left: list[str], right: list[str], cidr: str, protocol: str, port: int) -> None:
    def group(name: str, cidrs: list[str]) -> Known[SecurityGroup]:
        rule = {
            "IpProtocol": protocol, "FromPort": port, "ToPort": port + 2,
            "IpRanges": [{"CidrIp": item} for item in cidrs],
        }  # fmt: skip
        return Known[SecurityGroup](
            value=SecurityGroup.model_validate({"GroupId": name, "IpPermissionsEgress": [rule]})
        )

    facts = VpcFacts(
        vpc_id="vpc-1", security_groups={"sg-1": group("sg-1", left), "sg-2": group("sg-2", right)}
    )
    peer = End("there", of_cidrs((cidr,), 4) & WORLD, exact=True)
    open_port = protocol == "-1" or (protocol == "tcp" and port <= 443 <= port + 2)
    every = [
        open_port and any(holds(item, address) for item in (*left, *right))
        for address in members(peer.addresses)
    ]
    found = answer(permitted(("sg-1", "sg-2"), facts, peer, egress=True), peer)
    assert found == ("all" if all(every) else "some" if any(every) else "none")


@given(st.ip_addresses(v=4))
@settings(deadline=None)
def test_an_address_is_private_or_public(address: IPv4Address) -> None:
    one = of_cidrs((str(address),), 4)
    assert (one <= PRIVATE[4]) != (one <= NOT_PRIVATE[4])
    if one <= PUBLIC[4]:
        assert address.is_global
        assert one <= NOT_PRIVATE[4]
