"""Sets of IP addresses, so that a rule can be held against every address that a host may have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Literal

Family = Literal[4, 6]
IpNetwork = IPv4Network | IPv6Network

_BITS: dict[Family, int] = {4: 32, 6: 128}


@dataclass(frozen=True)
class AddressSet:
    """Addresses of one family as disjoint, ascending, inclusive ranges of whole numbers."""

    family: Family
    ranges: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ranges)

    @property
    def size(self) -> int:
        """How many addresses."""
        return sum(last - first + 1 for first, last in self.ranges)

    def __or__(self, other: AddressSet) -> AddressSet:
        if not self.ranges or not other.ranges:
            return self if self.ranges else other
        return AddressSet(self.family, _joined((*self.ranges, *other.ranges)))

    def __sub__(self, other: AddressSet) -> AddressSet:
        if not self.ranges or not other.ranges:
            return self
        if self._is_spanned_by(other):
            return _NOTHING[self.family]
        return AddressSet(self.family, tuple(_without(self.ranges, other.ranges)))

    def __and__(self, other: AddressSet) -> AddressSet:
        if self._is_spanned_by(other):
            return self
        return self - (self - other)

    def __le__(self, other: AddressSet) -> bool:
        """True if every address of this set is in the other."""
        return self._is_spanned_by(other) or not (self - other)

    def _is_spanned_by(self, other: AddressSet) -> bool:
        """What is told at once, as with a rule for every address: both are the same, or the other is one range around this."""
        if self.ranges == other.ranges:
            return True
        if len(other.ranges) != 1 or not self.ranges:
            return False
        first, last = other.ranges[0]
        return first <= self.ranges[0][0] and self.ranges[-1][1] <= last


_NOTHING: dict[Family, AddressSet] = {4: AddressSet(4), 6: AddressSet(6)}


def _joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    result: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def _without(
    ranges: Iterable[tuple[int, int]], holes: tuple[tuple[int, int], ...]
) -> Iterable[tuple[int, int]]:
    for first, last in ranges:
        for hole_first, hole_last in holes:
            if hole_last < first:
                continue
            if hole_first > last:
                break
            if hole_first > first:
                yield first, hole_first - 1
            first = hole_last + 1
            if first > last:
                break
        if first <= last:
            yield first, last


@lru_cache(4096)
def network_of(text: str) -> IpNetwork | None:
    """The network that a CIDR names, `None` where the text is no CIDR."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def everything(family: Family) -> AddressSet:
    """Every address of a family."""
    return AddressSet(family, ((0, 2 ** _BITS[family] - 1),))


@lru_cache(4096)
def of_network(network: IpNetwork) -> AddressSet:
    """The addresses of one network."""
    family: Family = 4 if isinstance(network, IPv4Network) else 6
    return AddressSet(family, ((int(network.network_address), int(network.broadcast_address)),))


@lru_cache(4096)
def prefix_of(cidr: str, family: Family) -> tuple[int, AddressSet] | None:
    """The length of a CIDR's prefix and its addresses, `None` where it is none of this family."""
    network = network_of(cidr)
    return None if network is None or network.version != family else (network.prefixlen, of_network(network))


def of_cidrs(cidrs: Iterable[str | None], family: Family) -> AddressSet:
    """The addresses of one family that any of these CIDRs names; a single address counts as one."""
    return _of_cidrs(tuple(cidrs), family)


@lru_cache(4096)
def _of_cidrs(cidrs: tuple[str | None, ...], family: Family) -> AddressSet:
    # Each leg of each subnet is held against the same few lists.
    found = [network_of(cidr) for cidr in cidrs if cidr]
    sets = [of_network(item) for item in found if item is not None]
    return AddressSet(family, _joined(pair for item in sets if item.family == family for pair in item.ranges))


def is_public(text: str | None) -> bool:
    """True if a text is an address that is not private."""
    family = family_of(text or "")
    return family is not None and not of_cidrs((text,), family) & PRIVATE[family]


@lru_cache(4096)
def family_of(address: str) -> Family | None:
    """4 or 6, `None` where the text is no address."""
    try:
        return 4 if ip_address(address.strip()).version == 4 else 6
    except ValueError:
        return None


_PRIVATE_V4 = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
    "224.0.0.0/3",
)  # fmt: skip
_DOCUMENTATION = ("192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24")

PRIVATE: dict[Family, AddressSet] = {
    4: of_cidrs(_PRIVATE_V4, 4),
    6: of_cidrs(("::/8", "fc00::/7", "fe80::/10", "ff00::/8"), 6),
}
"""Addresses that no internet gateway carries to anyone.

https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
"""

NOT_PRIVATE: dict[Family, AddressSet] = {4: everything(4) - PRIVATE[4], 6: of_cidrs(("2000::/3",), 6)}
"""Every address that is not private: what is known of a host whose own ranges could not be read."""

PUBLIC: dict[Family, AddressSet] = {
    4: NOT_PRIVATE[4] - of_cidrs(_DOCUMENTATION, 4),
    6: NOT_PRIVATE[6] - of_cidrs(("2001:db8::/32",), 6),
}
"""The addresses that a public host may have. Those set apart for documentation and measurements belong to nobody."""
