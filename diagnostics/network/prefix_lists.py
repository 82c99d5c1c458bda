"""Prefix lists: the address ranges that a route or a security group rule may stand for."""

from __future__ import annotations

from diagnostics.snapshot import Absent, Known, PrefixList, Unavailable, VpcFacts, known_or


def cidrs_of(list_id: str, vpc: VpcFacts) -> Known[tuple[str, ...]] | Unavailable:
    """The ranges of a prefix list; a list that is gone has none."""
    fact = vpc.prefix_lists.get(list_id)
    if isinstance(fact, Known) and fact.value.cidrs:
        return Known(value=fact.value.cidrs)
    for item in known_or(vpc.service_prefix_lists, ()):
        if item.prefix_list_id == list_id and item.cidrs:
            return Known(value=item.cidrs)
    if isinstance(fact, Known | Absent):
        return Known(value=())
    return fact or Unavailable(call="ec2:GetManagedPrefixListEntries", resource=list_id)


def s3_list(region: str, vpc: VpcFacts) -> Known[PrefixList] | Absent | Unavailable:
    """Amazon S3's own list of the Region.

    https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
    """
    fact = vpc.service_prefix_lists
    if not isinstance(fact, Known):
        return fact
    for item in fact.value:
        if (item.prefix_list_name or "").endswith(f".{region}.s3"):
            return Known(value=item)
    return Absent(call="ec2:DescribePrefixLists")


def is_of_a_store(list_id: str, vpc: VpcFacts) -> bool:
    """True for AWS's own list of S3's or DynamoDB's addresses, which no other service answers on.

    AWS: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
    """
    return any(
        item.prefix_list_id == list_id and (item.prefix_list_name or "").endswith((".s3", ".dynamodb"))
        for item in known_or(vpc.service_prefix_lists, ())
    )
