"""DNS resolution or DNS host names are off for the VPC."""

from __future__ import annotations

from diagnostics.faults.network.dns_attributes import dns_code, dns_off, dns_on, dns_warning
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import DnsOff
from diagnostics.stop_reason import SymptomId
from diagnostics.write import chain

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
    short="DNS is off in its VPC",
)


def _fix(repair: Repair[DnsOff]) -> Fix:
    """The DNS attribute of the VPC turned on, after the one that it needs."""
    off = repair.blocker.attribute
    (terraform,), (cloudformation,) = dns_code(repair)
    both = (
        " EC2 turns on host names only where resolution is on, so that comes first."
        if len(dns_on(repair)) > 1
        else ""
    )
    return Fix(
        title=f"Turn on {off} of {repair.vpc_id}",
        text=f"Turn on {off} for {repair.vpc_id}.{both} Running tasks need no restart.",
        warning=dns_warning(repair),
        cli=chain(*dns_on(repair)),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=repair.prints(
            "describe-vpc-attribute", f"{off[0].upper()}{off[1:]}.Value", vpc_id=repair.vpc_id, attribute=off
        ),
        expect="True",
        undo=chain(*dns_off(repair)),
    )


ROOM = NetworkFault(fault=FAULT, means=DnsOff, repair=_fix, read_by="ec2:DescribeVpcAttribute")
