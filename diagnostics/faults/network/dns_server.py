"""The VPC's own DNS server cannot be reached, or did not answer."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.faults.network.hop_evidence import speaks_of
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network import Trace
from diagnostics.network.blockers import DnsServerUnusable
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import SymptomId
from diagnostics.write.snippets import Reference, as_code, hcl, lines, template

SHOWN_BY = (SymptomId.DNS_FAILURE,)


FAULT = network_fault(
    "dns-server-unusable",
    "The DNS servers that the VPC hands out answer",
    "The VPC's DHCP options name a DNS server of your own, and every look-up goes there. If it is down, cannot be "
    "reached on port 53 or does not forward names it does not know, the registry's name cannot be resolved. AWS's "
    "API cannot show whether a server answers, so without the error text this stays open.",
    "Bring the server back, open TCP and UDP 53 to it, let it forward to the VPC's own resolver; or give the VPC "
    "DHCP options with AmazonProvidedDNS.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html",
    kind="dns",
    text_only=True,
    also=SHOWN_BY,
    over=(),
)


def _told(world: World, leg: Leg, interface: Interface, trace: Trace) -> DnsServerUnusable | None:
    """A DNS server of the VPC's own that did not answer, where the facts name one and the error text blames it.

    The trace then says that nobody can tell whether the server answers, and which action was denied is no part of it.
    """
    facts = world.snapshot.vpcs.get(known_value(interface.vpc_id) or "")
    options = known_value(facts.dhcp_options) if facts else None
    open_question = any(DnsServerUnusable in item.could_hide and item.call is None for item in trace.missing)
    if facts is None or options is None or not open_question:
        return None
    servers = options.option("domain-name-servers")
    for symptom in world.symptoms:
        blamed = symptom.resolver is None or symptom.resolver in servers
        if symptom.id in SHOWN_BY and blamed and speaks_of(symptom, leg):
            asked = symptom.resolver or ", ".join(servers)
            return DnsServerUnusable(
                resources=(facts.vpc_id, options.dhcp_options_id),
                says=(
                    f"The DHCP options {options.dhcp_options_id} of {facts.vpc_id} name DNS server {asked}, and the "
                    f"error text says that it did not resolve {symptom.host or leg.host}."
                ),
                servers=servers,
                dhcp_options_id=options.dhcp_options_id,
            )
    return None


def _fix(repair: Repair[DnsServerUnusable]) -> Fix:
    """DHCP options with AmazonProvidedDNS, where the own server cannot be brought back."""
    vpc = known_value(repair.vpc.vpc)
    old = repair.blocker.dhcp_options_id or (vpc.dhcp_options_id if vpc else None) or "OLD_DHCP_OPTIONS_ID"
    servers = ", ".join(repair.blocker.servers)
    options = ("aws_vpc_dhcp_options", "AWS::EC2::DHCPOptions")
    terraform, cloudformation = as_code(options, "amazon_dns", domain_name_servers=("AmazonProvidedDNS",))
    return Fix(
        text=(
            f"Bring DNS server {servers or 'of the DHCP options'} back, open TCP and UDP 53 to it, and let it forward "
            f"to the VPC's own resolver. If the VPC can do without it: give {repair.vpc_id} DHCP options with "
            "AmazonProvidedDNS. That changes how every machine of the VPC resolves names; what only your server knows "
            "is then not found."
        ),
        cli=lines(
            repair.ec2(
                "create-dhcp-options",
                dhcp_configurations=[{"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}],
            ),
            repair.ec2("associate-dhcp-options", dhcp_options_id="DHCP_OPTIONS_ID", vpc_id=repair.vpc_id),
        ),
        terraform=lines(
            terraform,
            hcl(
                "aws_vpc_dhcp_options_association",
                "amazon_dns",
                vpc_id=repair.vpc_id,
                dhcp_options_id=Reference("aws_vpc_dhcp_options.amazon_dns.id", ""),
            ),
        ),
        cloudformation=lines(
            cloudformation,
            template(
                "AmazonDnsAssociation",
                "AWS::EC2::VPCDHCPOptionsAssociation",
                DhcpOptionsId=Reference("", "!Ref AmazonDns"),
                VpcId=repair.vpc_id,
            ),
        ),
        verify=repair.ec2("describe-vpcs", vpc_ids=repair.vpc_id, query="Vpcs[].DhcpOptionsId"),
        undo=repair.ec2("associate-dhcp-options", dhcp_options_id=old, vpc_id=repair.vpc_id),
    )


ROOM = NetworkFault(
    fault=FAULT,
    means=DnsServerUnusable,
    repair=_fix,
    never=lambda _leg, _region: "the VPC's own DNS server answers for it, not one of yours",
    read_by="ec2:DescribeDhcpOptions",
    shown_by=SHOWN_BY,
    told=_told,
)
