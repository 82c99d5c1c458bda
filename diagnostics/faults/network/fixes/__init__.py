"""The smallest safe repair of each network fault, with the real ids: CLI, Terraform, CloudFormation, check and undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from diagnostics.faults.network.fixes import addresses, endpoints, filters, names, nat, routes
from diagnostics.faults.network.fixes.repair import Repair
from diagnostics.faults.network.fixes.snippets import placeholder_note
from diagnostics.finding import Fix

__all__ = ["FIXES", "Repair", "fix_for"]

FIXES: Mapping[str, Callable[[Repair], Fix]] = {
    "route-no-egress": routes.no_egress,
    "route-blackhole": routes.blackhole,
    "nat-gateway-unusable": nat.nat_unusable,
    "nat-subnet-no-igw": nat.nat_without_gateway,
    "nat-instance-unusable": nat.nat_instance,
    "public-subnet-no-public-ip": addresses.public_address,
    "vpc-block-public-access": addresses.exclusion,
    "firewall-inspection": names.around_the_firewall,
    "sg-egress-blocked": filters.group_egress,
    "sg-egress-s3-blocked": filters.group_egress,
    "nacl-egress-blocked": filters.acl_request,
    "nacl-ephemeral-return-blocked": filters.acl_answers,
    "endpoint-sg-ingress-blocked": filters.endpoint_ingress,
    "endpoint-missing-ecr-api": endpoints.missing,
    "endpoint-missing-ecr-dkr": endpoints.missing,
    "endpoint-missing-s3": endpoints.missing,
    "endpoint-missing-secretsmanager": endpoints.missing,
    "endpoint-missing-ssm": endpoints.missing,
    "endpoint-missing-logs": endpoints.missing,
    "endpoint-s3-not-on-route-table": endpoints.associate_s3,
    "endpoint-private-dns-off": endpoints.private_dns_on,
    "endpoint-not-available": endpoints.make_available,
    "image-region-unreachable": names.image_region,
    "ipv6-mismatch": names.ipv6,
    "vpc-dns-off": names.dns_attributes,
    "dns-server-unusable": names.amazon_dns,
}
"""The repair of each fault by its id."""


def fix_for(repair: Repair) -> Fix:
    """The repair of a blocker; its text says what stands for each placeholder that is left in the commands."""
    fix = FIXES[repair.blocker.fault](repair)
    note = placeholder_note(fix.cli, fix.terraform, fix.cloudformation, fix.undo)
    return fix.model_copy(update={"text": fix.text + note})
