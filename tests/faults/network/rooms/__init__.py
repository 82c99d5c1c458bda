"""One table for each room of the network faults: worlds that have the fault, and its repairs."""

from __future__ import annotations

from tests.faults.network.rooms import (
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
from tests.faults.network.tables import Broken, Case

BROKEN: tuple[Broken, ...] = (
    *route_no_egress.WORLDS,
    *route_blackhole.WORLDS,
    *nat_gateways.WORLDS,
    *nat_instance_unusable.WORLDS,
    *nat_gateways.SUBNET_WORLDS,
    *public_subnet_no_public_ip.WORLDS,
    *vpc_block_public_access.WORLDS,
    *firewall_inspection.WORLDS,
    *security_groups.WORLDS,
    *network_acls.WORLDS,
    *security_groups.INGRESS_WORLDS,
    *endpoints_missing.WORLDS,
    *s3_gateway_off_table.WORLDS,
    *endpoints_unused.WORLDS,
    *vpc_dns_off.WORLDS,
    *dns_server.WORLDS,
    *image_region.WORLDS,
    *ipv6_mismatch.WORLDS,
)

CASES: tuple[Case, ...] = (
    *route_no_egress.REPAIRS,
    *route_blackhole.REPAIRS,
    *nat_gateways.REPAIRS,
    *nat_instance_unusable.REPAIRS,
    *public_subnet_no_public_ip.REPAIRS,
    *vpc_block_public_access.REPAIRS,
    *firewall_inspection.REPAIRS,
    *security_groups.REPAIRS,
    *network_acls.REPAIRS,
    *endpoints_missing.REPAIRS,
    *s3_gateway_off_table.REPAIRS,
    *endpoints_unused.REPAIRS,
    *vpc_dns_off.REPAIRS,
    *dns_server.REPAIRS,
    *image_region.REPAIRS,
    *ipv6_mismatch.REPAIRS,
)
