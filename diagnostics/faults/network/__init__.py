"""The network faults of a pull: a room for each, or for each family of twins, and one check that judges them all.

A room holds the fault, the kind of blocking that means it, its words, its evidence and its repair. The trace of a leg is
made once and shared: what stops a leg is a blocker of `diagnostics.network.blockers`.
"""

from __future__ import annotations

from diagnostics.faults.base import Check
from diagnostics.faults.network import (
    dns_server,
    endpoints_missing,
    endpoints_unused,
    firewall_inspection,
    image_region,
    ipv6_mismatch,
    nat_gateways,
    nat_instance_unusable,
    network_acls,
    public_subnet_no_public_ip,
    route_blackhole,
    route_no_egress,
    s3_gateway_off_table,
    security_groups,
    vpc_block_public_access,
    vpc_dns_off,
)
from diagnostics.faults.network.check import leg_check
from diagnostics.faults.network.room import AnyFault, fault_of
from diagnostics.finding import Fault
from diagnostics.network import Blocker
from diagnostics.pull import Leg

ROOMS: tuple[AnyFault, ...] = (
    route_no_egress.ROOM,
    route_blackhole.ROOM,
    *nat_gateways.ROOMS,
    nat_instance_unusable.ROOM,
    public_subnet_no_public_ip.ROOM,
    vpc_block_public_access.ROOM,
    firewall_inspection.ROOM,
    *security_groups.ROOMS,
    *network_acls.ROOMS,
    security_groups.ENDPOINT_ROOM,
    *endpoints_missing.ROOMS,
    s3_gateway_off_table.ROOM,
    *endpoints_unused.ROOMS,
    image_region.ROOM,
    ipv6_mismatch.ROOM,
    vpc_dns_off.ROOM,
    dns_server.ROOM,
)
"""Every fault that a trace can show, in the order of a path: routes, filters, endpoints, names."""

NETWORK_FAULTS: tuple[Fault, ...] = tuple(room.fault for room in ROOMS)

CHECKS: tuple[Check, ...] = (leg_check(ROOMS),)


def meant_by(blocker: Blocker, leg: Leg) -> Fault:
    """The fault that a blocker means on a leg."""
    return fault_of(ROOMS, type(blocker), leg)


__all__ = ["CHECKS", "NETWORK_FAULTS", "ROOMS", "meant_by"]
