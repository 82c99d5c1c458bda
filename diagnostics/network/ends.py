"""The two ends of a connection: which addresses, groups and subnets a rule has to let through."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.network.addresses import NOT_PRIVATE, PUBLIC, AddressSet, Family, everything, of_cidrs
from diagnostics.network.prefix_lists import cidrs_of, s3_list
from diagnostics.pull import Interface
from diagnostics.snapshot import Fact, Known, Subnet, Unavailable, VpcFacts, Why, known_value

_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".on.aws", ".api.aws")


@dataclass(frozen=True)
class End:
    """One end of a connection.

    `exact` tells that every one of the addresses is really used at times, so that a rule for some of them opens the
    connection partly; otherwise the end has one of them and it is not known which. `cidrs` is what a new rule would
    name. `groups` are the security groups at this end, `None` where they could not be read.
    """

    words: str
    addresses: AddressSet
    exact: bool
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = ()
    prefix_list_id: str | None = None
    subnet_id: str | None = None
    host: str | None = None

    @property
    def who(self) -> str:
        """The end itself, where `words` speak of its addresses."""
        return self.host or self.words

    @property
    def is_of_aws(self) -> bool:
        """True for a host of an AWS service other than S3 that is reached over public addresses."""
        host = (self.host or "").lower()
        return host.endswith(_OF_AWS) and ".s3." not in host and ".s3-" not in host

    @property
    def family(self) -> Family:
        """4 or 6."""
        return self.addresses.family


def internet(host: str, family: Family = 4) -> End:
    """A host on the internet, whose addresses are not known offline."""
    anywhere = "0.0.0.0/0" if family == 4 else "::/0"
    return End(
        words=f"the public addresses of {host}",
        addresses=PUBLIC[family],
        exact=False,
        cidrs=(anywhere,),
        host=host,
    )


def somewhere(host: str) -> End:
    """A host that may have any address, public or private."""
    return End(
        words=f"the addresses of {host}",
        addresses=everything(4),
        exact=False,
        cidrs=("0.0.0.0/0",),
        host=host,
    )


def s3(host: str, region: str, vpc: VpcFacts, list_id: str | None = None) -> End:
    """Amazon S3 of the VPC's Region, by its prefix list.

    Args:
        list_id: the list's id where a gateway endpoint's route tells it.
    """
    found = s3_list(region, vpc)
    identifier = found.value.prefix_list_id if isinstance(found, Known) else list_id
    ranges = cidrs_of(identifier, vpc) if identifier else None
    cidrs = ranges.value if isinstance(ranges, Known) else ()
    addresses = of_cidrs(cidrs, 4)
    if not addresses:
        return End(
            words=f"Amazon S3 ({host})", addresses=NOT_PRIVATE[4], exact=False, cidrs=("0.0.0.0/0",),
            prefix_list_id=identifier,
        )  # fmt: skip
    return End(
        words=f"Amazon S3 ({identifier})",
        addresses=addresses,
        exact=True,
        cidrs=cidrs,
        prefix_list_id=identifier,
    )


def subnet_fact(subnet_id: str, vpc: VpcFacts) -> Known[Subnet] | Unavailable:
    """A subnet of the VPC; one that AWS does not list (a shared one) counts as unread."""
    fact = vpc.subnets
    if isinstance(fact, Known):
        for item in fact.value:
            if item.subnet_id == subnet_id:
                return Known(value=item)
        return Unavailable(reason=Why.SUBNET_NOT_LISTED, call="ec2:DescribeSubnets", resource=subnet_id)
    return (
        fact if isinstance(fact, Unavailable) else Unavailable(call="ec2:DescribeSubnets", resource=subnet_id)
    )


def puller(interface: Interface, vpc: VpcFacts) -> End:
    """The interface that pulls: its address where it is known, else the range of its subnet."""
    subnet = subnet_fact(interface.subnet_id, vpc)
    cidr = subnet.value.cidr_block if isinstance(subnet, Known) else None
    groups = group_ids(interface.security_group_ids)
    cidrs = (cidr,) if cidr else ()
    if interface.private_ip and may_be_in(interface.subnet_id, interface.private_ip, vpc):
        addresses, exact = of_cidrs((interface.private_ip,), 4), True
        words = f"{interface.private_ip} in {interface.subnet_id}"
        cidrs = cidrs or (f"{interface.private_ip}/32",)
    else:
        addresses, exact = of_cidrs((cidr,), 4), False
        words = interface.subnet_id + (f" ({cidr})" if cidr else "")
    if not addresses:
        addresses, exact = of_cidrs(("0.0.0.0/0",), 4), False
    return End(
        words=words,
        addresses=addresses,
        exact=exact,
        cidrs=cidrs,
        groups=groups,
        subnet_id=interface.subnet_id,
    )


def may_be_in(subnet_id: str, address: str, vpc: VpcFacts) -> bool:
    """True if an interface of the subnet can have this address, as far as the subnet's or the VPC's range is known.

    An address from elsewhere is a mistake in an answer; what it would say about rules is nothing.
    AWS: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
    """
    subnet = subnet_fact(subnet_id, vpc)
    home = known_value(vpc.vpc)
    if isinstance(subnet, Known) and subnet.value.cidr_block:
        ranges: tuple[str | None, ...] = (subnet.value.cidr_block,)
    elif home is not None:
        ranges = (home.cidr_block, *(item.cidr_block for item in home.cidr_block_association_set))
    else:
        return True
    allowed = of_cidrs(ranges, 4)
    return not allowed or of_cidrs((address,), 4) <= allowed


def group_ids(fact: Fact[tuple[str, ...]]) -> tuple[str, ...] | None:
    """The ids of an interface's security groups, `None` where they are not known. Every interface has one."""
    return fact.value if isinstance(fact, Known) and fact.value else None
