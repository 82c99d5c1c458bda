"""DNS resolution or DNS host names are off for the VPC."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import DnsAttribute, DnsOff
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import SymptomId
from diagnostics.write.snippets import existing, hcl, template

OPTIONS: dict[DnsAttribute, str] = {
    "enableDnsSupport": "enable_dns_support",
    "enableDnsHostnames": "enable_dns_hostnames",
}


FAULT = network_fault(
    "vpc-dns-off",
    "DNS resolution and host names are on for the VPC",
    "Without enableDnsSupport the VPC's DNS server does not answer, so no name can be looked up. Without "
    "enableDnsHostnames the private DNS of interface endpoints does not work, and their names lead to public "
    "addresses that the subnet may not reach.",
    "Turn on enableDnsSupport and enableDnsHostnames for the VPC.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html",
    kind="dns",
    also=(SymptomId.DNS_FAILURE,),
)


def _fix(repair: Repair[DnsOff]) -> Fix:
    """The DNS attribute of the VPC turned on."""
    off = repair.blocker.attribute
    known = known_value(repair.vpc.vpc)
    cidr = (known.cidr_block if known else None) or "the VPC's present range"
    return Fix(
        text=f"Turn on {off} for {repair.vpc_id}. Running tasks need no restart.",
        cli=_set(repair, True),
        terraform=existing(
            hcl("aws_vpc", "this", cidr_block=cidr, enable_dns_support=True, enable_dns_hostnames=True)
        ),
        cloudformation=existing(
            template("Vpc", "AWS::EC2::VPC", CidrBlock=cidr, EnableDnsSupport=True, EnableDnsHostnames=True)
        ),
        verify=repair.ec2("describe-vpc-attribute", vpc_id=repair.vpc_id, attribute=off),
        undo=_set(repair, False),
    )


def _set(repair: Repair[DnsOff], value: bool) -> str:
    return repair.ec2(
        "modify-vpc-attribute", vpc_id=repair.vpc_id, **{OPTIONS[repair.blocker.attribute]: {"Value": value}}
    )


ROOM = NetworkFault(fault=FAULT, means=DnsOff, repair=_fix, read_by="ec2:DescribeVpcAttribute")
