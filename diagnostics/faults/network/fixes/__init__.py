"""The smallest safe repair of each network fault, with the real ids: CLI, Terraform, CloudFormation, check and undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from diagnostics.faults.network.fixes import addresses, endpoints, filters, names, nat, routes
from diagnostics.faults.network.fixes.repair import Repair
from diagnostics.faults.network.fixes.snippets import placeholder_note
from diagnostics.finding import Fix
from diagnostics.network import faults as ids

__all__ = ["FIXES", "Repair", "fix_for"]

FIXES: Mapping[str, Callable[[Repair], Fix]] = {
    ids.ROUTE_NO_EGRESS: routes.no_egress,
    ids.ROUTE_BLACKHOLE: routes.blackhole,
    ids.NAT_UNUSABLE: nat.nat_unusable,
    ids.NAT_NO_IGW: nat.nat_without_gateway,
    ids.NAT_INSTANCE: nat.nat_instance,
    ids.NO_PUBLIC_IP: addresses.public_address,
    ids.BLOCK_PUBLIC_ACCESS: addresses.exclusion,
    ids.FIREWALL: names.around_the_firewall,
    ids.SG_EGRESS: filters.group_egress,
    ids.SG_EGRESS_S3: filters.group_egress,
    ids.NACL_OUT: filters.acl_request,
    ids.NACL_BACK: filters.acl_answers,
    ids.ENDPOINT_SG: filters.endpoint_ingress,
    ids.MISSING_ECR_API: endpoints.missing,
    ids.MISSING_ECR_DKR: endpoints.missing,
    ids.MISSING_S3: endpoints.missing,
    ids.MISSING_SECRETSMANAGER: endpoints.missing,
    ids.MISSING_SSM: endpoints.missing,
    ids.MISSING_LOGS: endpoints.missing,
    ids.S3_NOT_ON_TABLE: endpoints.associate_s3,
    ids.PRIVATE_DNS_OFF: endpoints.private_dns_on,
    ids.ENDPOINT_NOT_AVAILABLE: endpoints.make_available,
    ids.IMAGE_REGION: names.image_region,
    ids.IPV6: names.ipv6,
    ids.VPC_DNS_OFF: names.dns_attributes,
    ids.DNS_SERVER: names.amazon_dns,
}
"""The repair of each fault by its id."""


def fix_for(repair: Repair) -> Fix:
    """The repair of a blocker; its text says what stands for each placeholder that is left in the commands."""
    fix = FIXES[repair.blocker.fault](repair)
    note = placeholder_note(fix.cli, fix.terraform, fix.cloudformation, fix.undo)
    return fix.model_copy(update={"text": fix.text + note})
