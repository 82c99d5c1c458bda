"""Repairs of names, of the image's Region, of the address family and around a firewall."""

from __future__ import annotations

from diagnostics.faults.network.fixes.endpoints import create_endpoints, dual_stack
from diagnostics.faults.network.fixes.repair import Repair
from diagnostics.faults.network.fixes.route import egress_only_gateway
from diagnostics.faults.network.fixes.routes import no_egress
from diagnostics.faults.network.fixes.snippets import existing, hcl, lines, template
from diagnostics.finding import Fix
from diagnostics.image_reference import ImageReference
from diagnostics.snapshot import known_or, known_value
from diagnostics.write import OwnFile, code_string, yaml_string

DNS_OPTIONS = {"enableDnsSupport": "enable_dns_support", "enableDnsHostnames": "enable_dns_hostnames"}


def dns_attributes(repair: Repair) -> Fix:
    """The VPC's DNS attributes turned on."""
    off = tuple(name for name in repair.facts("attribute") if name in DNS_OPTIONS)
    if not off:
        off = tuple(
            name
            for name, fact in (
                ("enableDnsSupport", repair.vpc.enable_dns_support),
                ("enableDnsHostnames", repair.vpc.enable_dns_hostnames),
            )
            if known_or(fact, True) is False
        ) or tuple(DNS_OPTIONS)
    known = known_value(repair.vpc.vpc)
    cidr = (known.cidr_block if known else None) or "the VPC's present range"
    return Fix(
        text=f"Turn on {' and '.join(off)} for {repair.vpc_id}. Running tasks need no restart.",
        cli=lines(*(_set(repair, name, True) for name in off)),
        terraform=existing(
            hcl("aws_vpc", "this", cidr_block=cidr, enable_dns_support=True, enable_dns_hostnames=True)
        ),
        cloudformation=existing(
            template("Vpc", "AWS::EC2::VPC", CidrBlock=cidr, EnableDnsSupport=True, EnableDnsHostnames=True)
        ),
        verify=lines(
            *(repair.ec2("describe-vpc-attribute", vpc_id=repair.vpc_id, attribute=name) for name in off)
        ),
        undo=lines(*(_set(repair, name, False) for name in off)),
    )


def _set(repair: Repair, name: str, value: bool) -> str:
    return repair.ec2("modify-vpc-attribute", vpc_id=repair.vpc_id, **{DNS_OPTIONS[name]: {"Value": value}})


def amazon_dns(repair: Repair) -> Fix:
    """DHCP options with AmazonProvidedDNS, where the own server cannot be brought back."""
    vpc = known_value(repair.vpc.vpc)
    old = repair.fact("dhcp_options_id") or (vpc.dhcp_options_id if vpc else None) or "OLD_DHCP_OPTIONS_ID"
    servers = ", ".join(repair.facts("dns_servers"))
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
            hcl("aws_vpc_dhcp_options", "amazon_dns", domain_name_servers=("AmazonProvidedDNS",)),
            f'resource "aws_vpc_dhcp_options_association" "amazon_dns" {{\n  vpc_id          = {code_string(repair.vpc_id)}\n'
            "  dhcp_options_id = aws_vpc_dhcp_options.amazon_dns.id\n}",
        ),
        cloudformation=lines(
            template("AmazonDns", "AWS::EC2::DHCPOptions", DomainNameServers=("AmazonProvidedDNS",)),
            "AmazonDnsAssociation:\n  Type: AWS::EC2::VPCDHCPOptionsAssociation\n  Properties:\n"
            f"    DhcpOptionsId: !Ref AmazonDns\n    VpcId: {yaml_string(repair.vpc_id)}",
        ),
        verify=repair.ec2("describe-vpcs", vpc_ids=repair.vpc_id, query="Vpcs[].DhcpOptionsId"),
        undo=repair.ec2("associate-dhcp-options", dhcp_options_id=old, vpc_id=repair.vpc_id),
    )


def ipv6(repair: Repair) -> Fix:
    """What only speaks IPv4 on an IPv6 path made to speak IPv6: the endpoint, the route, or the registry's name."""
    if repair.fact("endpoint_id"):
        return dual_stack(repair)
    subnet = next((item for item in repair.subnets if item.subnet_id == repair.subnet_id), None)
    if repair.fact("target") and not (subnet and subnet.ipv6_native):
        # The interface has IPv4 too, and only the routes lack it.
        return no_egress(repair)
    if not repair.fact("target") and repair.fact("route_table_id"):
        return egress_only_gateway(repair)
    definition = known_value(repair.world.snapshot.task_definition)
    family = (definition.family if definition else None) or "TASK_DEFINITION"
    references = [item.reference for item in repair.world.pull.images if item.reference is not None]
    names = [
        (item.pull_host, f"{item.account_id}.dkr-ecr.{item.region}.on.aws")
        for item in references
        if item.is_ecr and item.pull_host == repair.leg.host
    ]
    change = (
        f"{names[0][1]} instead of {names[0][0]}"
        if names
        else f"a registry name that has IPv6 for {repair.leg.host}"
    )
    describe = repair.aws("ecs", "describe-task-definition", task_definition=family, query="taskDefinition")
    return Fix(
        text=(
            f"Name {change} in the task definition and deploy the new revision, or run the task in a subnet that has "
            "IPv4."
        ),
        cli=lines(
            f"{describe} > taskdef.json",
            "# change the registry in containerDefinitions[].image, drop the read-only fields, then:",
            repair.aws("ecs", "register-task-definition", cli_input_json=OwnFile("taskdef.json")),
        ),
        verify=repair.aws(
            "ecs", "describe-task-definition", task_definition=family,
            query="taskDefinition.containerDefinitions[].image",
        ),
    )  # fmt: skip


def image_region(repair: Repair) -> Fix:
    """The image brought to the task's Region, or a way out where the VPC has a NAT gateway that works."""
    source = repair.fact("image_region") or repair.leg.region
    image = _image_of(repair, source)
    if repair.nat_gateway_id or image is None or image.account_id is None:
        return no_egress(repair)
    tag = image.tag or ("copy" if image.digest else "latest")
    base = f"{image.registry}/{image.repository}"
    old = f"{base}@{image.digest}" if image.digest else f"{base}:{tag}"
    new = f"{base.replace(f'.{source}.', f'.{repair.region}.', 1)}:{tag}"
    rule = {
        "Destinations": [{"Region": repair.region, "RegistryId": image.account_id}],
        "RepositoryFilters": [{"Filter": image.repository, "FilterType": "PREFIX_MATCH"}],
    }
    return Fix(
        text=(
            f"Copy the image to {repair.region} and name {new} in the task definition: VPC endpoints serve only their "
            "own Region. Create the repository if it is not there yet, and run the commands where both Regions can be reached and Docker is logged in to both "
            "registries. To keep the copy up to date, replicate the repository (the snippets, which stand for the "
            "whole registry's replication; it copies only what is pushed afterwards). Or give the subnet a route to a "
            "NAT gateway."
        ),
        cli=lines(
            repair.aws("ecr", "create-repository", repository_name=image.repository),
            f"docker pull {old} && docker tag {old} {new} && docker push {new}",
        ),
        terraform=_replication(repair.region, image.account_id, image.repository),
        cloudformation=template(
            "Replication", "AWS::ECR::ReplicationConfiguration", ReplicationConfiguration={"Rules": [rule]}
        ),
        verify=repair.aws("ecr", "describe-images", repository_name=image.repository),
        undo=repair.aws(
            "ecr", "batch-delete-image", repository_name=image.repository, image_ids=f"imageTag={tag}"
        ),
    )


def _image_of(repair: Repair, region: str) -> ImageReference | None:
    """The image of the leg that lives in a Region."""
    for item in repair.world.pull.images:
        found = item.reference
        if found is not None and found.region == region and set(item.containers) & set(repair.leg.containers):
            return found
    return None


def _replication(region: str, account: str, repository: str) -> str:
    return (
        'resource "aws_ecr_replication_configuration" "this" {\n'
        "  replication_configuration {\n"
        "    rule {\n"
        "      destination {\n"
        f'        region      = "{region}"\n'
        f'        registry_id = "{account}"\n'
        "      }\n"
        "      repository_filter {\n"
        f'        filter      = "{repository}"\n'
        '        filter_type = "PREFIX_MATCH"\n'
        "      }\n"
        "    }\n"
        "  }\n"
        "}"
    )


def around_the_firewall(repair: Repair) -> Fix:
    """Endpoints, which take the traffic off the inspected route; for other registries only the firewall can help."""
    if repair.leg.service is None or repair.leg.region != repair.region:
        return Fix(
            text=(
                f"Let the firewall or appliance on the route pass {repair.leg.host} on 443 without TLS inspection. "
                "AWS's API does not show its rules."
            )
        )
    made = create_endpoints(repair)
    return made.model_copy(
        update={
            "text": (
                f"Exempt {repair.leg.host} from TLS inspection and allow it on 443; or take the pull off the inspected "
                f"route with endpoints. {made.text}"
            )
        }
    )
