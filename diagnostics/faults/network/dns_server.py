"""The VPC's own DNS server cannot be reached, or did not answer."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.faults.base import World
from diagnostics.faults.network.hop_evidence import speaks_of
from diagnostics.faults.network.repair import TAG, Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network import Trace
from diagnostics.network.blockers import DnsServerUnusable
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import known_or, known_value
from diagnostics.stop_reason import SymptomId
from diagnostics.write import Variable, captured, chain, found
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
    short="the DNS server of its VPC cannot be reached",
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


AMAZON = {"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}


def _fix(repair: Repair[DnsServerUnusable]) -> Fix:
    """DHCP options with AmazonProvidedDNS and all the rest as it was, where the own server cannot be brought back."""
    vpc, present = known_value(repair.vpc.vpc), known_value(repair.vpc.dhcp_options)
    old: str = (
        repair.blocker.dhcp_options_id
        or (vpc.dhcp_options_id if vpc else None)
        or Variable("OLD_DHCP_OPTIONS_ID")
    )
    servers = ", ".join(repair.blocker.servers)
    kept = {
        item.key: tuple(value.value for value in item.values if value.value)
        for item in (present.dhcp_configurations if present else ())
        if item.key and item.key != AMAZON["Key"]
    }
    terraform, cloudformation = as_code(
        ("aws_vpc_dhcp_options", "AWS::EC2::DHCPOptions"), "amazon_dns", **_as_arguments(kept),
        domain_name_servers=("AmazonProvidedDNS",),
    )  # fmt: skip
    made = Variable("DHCP_OPTIONS_ID")
    find = found(
        made, repair.ec2("describe-dhcp-options", filters=(repair.by_mark,)), f"DhcpOptions[?{repair.is_mine}] | [0].DhcpOptionsId",
        "DHCP options set that this repair made",
    )  # fmt: skip
    subnets = len(known_or(repair.vpc.subnets, ()))
    return Fix(
        title=f"Give {repair.vpc_id} DHCP options with AmazonProvidedDNS",
        text=(
            f"Bring DNS server {servers or 'of the DHCP options'} back, open TCP and UDP 53 to it, and let it forward "
            f"to the VPC's own resolver. If the VPC can do without it: give {repair.vpc_id} DHCP options with "
            "AmazonProvidedDNS."
        ),
        warning=(
            f"That changes how every machine of {f'the {subnets} subnets of ' if subnets > 1 else ''}{repair.vpc_id} "
            "resolves names, once its lease is renewed; what only your server knows is then not found."
        ),
        cli=chain(
            captured(
                made,
                repair.ec2(
                    "create-dhcp-options",
                    dhcp_configurations=[*({"Key": key, "Values": list(values)} for key, values in kept.items()), AMAZON],
                ),
                "DhcpOptions.DhcpOptionsId",
            ),
            repair.ec2("create-tags", resources=made, tags=f"Key={TAG},Value={repair.mark}"),
            repair.ec2("associate-dhcp-options", dhcp_options_id=made, vpc_id=repair.vpc_id),
        ),
        terraform=lines(
            terraform,
            hcl(
                "aws_vpc_dhcp_options_association",
                "amazon_dns",
                vpc_id=str(repair.vpc_id),
                dhcp_options_id=Reference("aws_vpc_dhcp_options.amazon_dns.id", ""),
            ),
        ),
        cloudformation=lines(
            cloudformation,
            template(
                "AmazonDnsAssociation",
                "AWS::EC2::VPCDHCPOptionsAssociation",
                DhcpOptionsId=Reference("", "!Ref AmazonDns"),
                VpcId=str(repair.vpc_id),
            ),
        ),
        verify=chain(
            find,
            repair.prints(
                "describe-vpcs",
                "Vpcs[].VpcId",
                filters=[
                    {"Name": "vpc-id", "Values": [repair.vpc_id]},
                    {"Name": "dhcp-options-id", "Values": [made]},
                ],
            ),
        ),
        expect=str(repair.vpc_id),
        undo=chain(
            find,
            repair.ec2("associate-dhcp-options", dhcp_options_id=old, vpc_id=repair.vpc_id),
            repair.ec2("delete-dhcp-options", dhcp_options_id=made),
        ),
    )  # fmt: skip


def _as_arguments(kept: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """DHCP options as Terraform and CloudFormation name them: the names are lists, the others single."""
    single = ("domain-name", "netbios-node-type")
    return {
        key.replace("-", "_"): values[0] if key in single else values
        for key, values in kept.items()
        if values
    }


ROOM = NetworkFault(
    fault=FAULT,
    means=DnsServerUnusable,
    repair=_fix,
    never=lambda _leg, _region: "the VPC's own DNS server answers for it, not one of yours",
    read_by="ec2:DescribeDhcpOptions",
    shown_by=SHOWN_BY,
    told=_told,
)
