"""Whose an address is: an address in an error text tells which way the packets went."""

from __future__ import annotations

from typing import Literal

from diagnostics.network.addresses import PRIVATE, family_of, of_cidrs
from diagnostics.network.prefix_lists import cidrs_of
from diagnostics.snapshot import Known, Model, VpcFacts, known_or

OwnerKind = Literal["endpoint", "vpc", "s3", "private", "public", "unknown"]


class Owner(Model):
    """Who has an address.

    `endpoint`: an interface of the VPC endpoint `endpoint_id` of `service`. `vpc`: the VPC's own range. `s3`: Amazon S3's
    prefix list of the Region. `private`: a private address elsewhere. `public`: none of these. `unknown`: no address.
    """

    kind: OwnerKind
    endpoint_id: str | None = None
    service: str | None = None


def whose(address: str, vpc: VpcFacts) -> Owner:
    """The owner of an address, as far as the facts of the VPC tell. Brackets around IPv6 addresses are allowed."""
    text = address.strip().strip("[]")
    family = family_of(text)
    if family is None:
        return Owner(kind="unknown")
    one = of_cidrs((text,), family)
    for endpoint in known_or(vpc.vpc_endpoints, ()):
        for identifier in endpoint.network_interface_ids:
            fact = vpc.interfaces.get(identifier)
            if not isinstance(fact, Known):
                continue
            addresses = (
                fact.value.private_ip_address,
                *(item.ipv6_address for item in fact.value.ipv6_addresses),
            )
            if one <= of_cidrs(addresses, family):
                return Owner(
                    kind="endpoint",
                    endpoint_id=endpoint.vpc_endpoint_id,
                    service=_service(endpoint.service_name),
                )
    if isinstance(vpc.vpc, Known):
        item = vpc.vpc.value
        blocks = [item.cidr_block]
        for block in (*item.cidr_block_association_set, *item.ipv6_cidr_block_association_set):
            blocks.extend((block.cidr_block, block.ipv6_cidr_block))
        if one <= of_cidrs(blocks, family):
            return Owner(kind="vpc")
    for found in known_or(vpc.service_prefix_lists, ()):
        if (found.prefix_list_name or "").endswith(".s3"):
            cidrs = cidrs_of(found.prefix_list_id, vpc)
            if isinstance(cidrs, Known) and one <= of_cidrs(cidrs.value, family):
                return Owner(kind="s3")
    return Owner(kind="private" if one <= PRIVATE[family] else "public")


def _service(name: str) -> str:
    """`ecr.api` of `com.amazonaws.us-east-1.ecr.api`."""
    _, _, rest = name.partition("amazonaws.")
    return rest.partition(".")[2] or name
