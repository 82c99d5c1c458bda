"""The VPC endpoints that a pull needs, made: what several repairs have in common."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.finding import Fix
from diagnostics.network import Blocker
from diagnostics.snapshot import VpcEndpoint, known_or
from diagnostics.write.snippets import (
    ENDPOINT,
    Option,
    Reference,
    as_code,
    hcl,
    joined,
    lines,
    template,
)

HTTPS: dict[str, object] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
SHORT_NAMES = ("ecr.api", "ecr.dkr", "ecr-fips.api", "ecr-fips.dkr", "s3", "logs", "secretsmanager", "ssm")
GROUP_NAME = "vpc-endpoints-https"


def short_name(service: str) -> str:
    """The service of an endpoint service name: `ecr.api` of `com.amazonaws.us-east-1.ecr.api`."""
    return next((item for item in SHORT_NAMES if service.endswith(f".{item}")), service.rsplit(".", 1)[-1])


def wanted(repair: Repair[Blocker]) -> tuple[str, ...]:
    """The endpoint services that this pull needs in the VPC's Region and that the VPC lacks."""
    needed = [leg.service for leg in repair.world.pull.legs if leg.service and leg.region == repair.region]
    names = dict.fromkeys(
        repair.service_name(service) for service in sorted(set(needed), key=SHORT_NAMES.index)
    )
    present = {item.service_name for item in repair.endpoints}
    return tuple(name for name in names if name not in present)


def _sister(repair: Repair[Blocker]) -> VpcEndpoint | None:
    """An interface endpoint that the pull uses already; its security groups suit another one."""
    for item in repair.endpoints:
        if item.groups and short_name(item.service_name) in SHORT_NAMES:
            return item
    return None


def create_endpoints(repair: Repair[Blocker], services: tuple[str, ...] = ()) -> Fix:
    """The endpoints of these services, by default all that the pull needs and the VPC lacks."""
    needed = services or wanted(repair) or (repair.leg_service_name,)
    interfaces = tuple(name for name in needed if short_name(name) != "s3")
    gateways = tuple(name for name in needed if short_name(name) == "s3")
    names = (*interfaces, *gateways)
    sister = _sister(repair)
    groups = tuple(group.group_id for group in sister.groups) if sister else ("ENDPOINT_GROUP_ID",)
    commands, terraform, cloudformation = [dns_on(repair)], list[str](), list[str]()
    references: tuple[str | Reference, ...] = groups
    if interfaces and sister is None:
        puller = repair.puller_group_id or "PULLING_GROUP_ID"
        references = (Reference("aws_security_group.endpoints.id", "!Ref EndpointGroup"),)
        commands.extend(_new_group(repair, puller))
        terraform.extend(_group_terraform(repair, puller))
        cloudformation.append(_group_template(repair, puller))
    for name in names:
        options: dict[str, Option] = {
            "vpc_endpoint_type": "Gateway",
            "vpc_id": repair.vpc_id,
            "service_name": name,
        }
        if name in gateways:
            options["route_table_ids"] = repair.gateway_tables
        else:
            options |= {"vpc_endpoint_type": "Interface", "subnet_ids": repair.endpoint_subnets}
            options |= {"security_group_ids": groups, "private_dns_enabled": True}
        commands.append(repair.ec2("create-vpc-endpoint", **options))
        coded = options if name in gateways else {**options, "security_group_ids": references}
        for made, text in zip(
            (terraform, cloudformation), as_code(ENDPOINT, short_name(name), **coded), strict=True
        ):
            made.append(text)
    return Fix(
        text=_text(repair, interfaces, gateways, sister),
        cli=lines(*commands),
        terraform="\n".join(terraform),
        cloudformation="\n".join(cloudformation),
        verify=verify_endpoints(repair, needed),
        undo=lines(
            repair.ec2(
                "delete-vpc-endpoints",
                vpc_endpoint_ids="VPC_ENDPOINT_IDS" if len(names) > 1 else "VPC_ENDPOINT_ID",
            ),
            repair.ec2("delete-security-group", group_id="ENDPOINT_GROUP_ID")
            if interfaces and sister is None
            else None,
        ),
    )


def _text(
    repair: Repair[Blocker],
    interfaces: tuple[str, ...],
    gateways: tuple[str, ...],
    sister: VpcEndpoint | None,
) -> str:
    parts = []
    if interfaces:
        kind = "endpoint" if len(interfaces) == 1 else "endpoints"
        group = (
            f"the security group of {sister.vpc_endpoint_id}"
            if sister
            else "a new security group that admits only the security group that pulls, on 443"
        )
        parts.append(
            f"the interface {kind} {joined(short_name(name) for name in interfaces)} in {joined(repair.endpoint_subnets)}, "
            f"with private DNS and {group}"
        )
    if gateways:
        parts.append(f"the S3 gateway endpoint on {joined(repair.gateway_tables)}")
    dns = (
        " Private DNS needs both DNS attributes of the VPC on, so they come first." if dns_on(repair) else ""
    )
    cost = " Interface endpoints are billed by the hour in each subnet." if interfaces else ""
    if interfaces:
        others = "" if sister else ": let in whatever else in the VPC calls these services, too"
        cost += f" With private DNS they take the traffic of every subnet of the VPC{others}."
    return f"Create {'; and '.join(parts)} (VPC {repair.vpc_id}).{dns}{cost}"


def dns_on(repair: Repair[Blocker]) -> str:
    """The commands that turn on the VPC's DNS attributes where they are known to be off."""
    wanted = {
        "enable_dns_support": known_or(repair.vpc.enable_dns_support, True),
        "enable_dns_hostnames": known_or(repair.vpc.enable_dns_hostnames, True),
    }
    return lines(
        *(
            repair.ec2("modify-vpc-attribute", vpc_id=repair.vpc_id, **{name: {"Value": True}})
            for name, is_on in wanted.items()
            if not is_on
        )
    )


def _new_group(repair: Repair[Blocker], puller: str) -> tuple[str, str]:
    rule: dict[str, object] = {**HTTPS, "UserIdGroupPairs": [{"GroupId": puller}]}
    return (
        repair.ec2(
            "create-security-group",
            group_name=GROUP_NAME,
            description="HTTPS from tasks to VPC endpoints",
            vpc_id=repair.vpc_id,
        ),
        repair.ec2("authorize-security-group-ingress", group_id="ENDPOINT_GROUP_ID", ip_permissions=[rule]),
    )


def _group_terraform(repair: Repair[Blocker], puller: str) -> tuple[str, str]:
    return (
        hcl("aws_security_group", "endpoints", name=GROUP_NAME, vpc_id=repair.vpc_id),
        hcl(
            "aws_vpc_security_group_ingress_rule", "endpoints_https",
            security_group_id=Reference("aws_security_group.endpoints.id", ""), ip_protocol="tcp",
            from_port=443, to_port=443, referenced_security_group_id=puller,
        ),
    )  # fmt: skip


def _group_template(repair: Repair[Blocker], puller: str) -> str:
    rule = {**HTTPS, "SourceSecurityGroupId": puller}
    return template(
        "EndpointGroup", "AWS::EC2::SecurityGroup", GroupDescription="HTTPS from tasks to VPC endpoints",
        VpcId=repair.vpc_id, SecurityGroupIngress=[rule],
    )  # fmt: skip


def verify_endpoints(repair: Repair[Blocker], names: tuple[str, ...]) -> str:
    """Shows the state of the endpoints of these services in the VPC."""
    return repair.ec2(
        "describe-vpc-endpoints",
        filters=(f"Name=vpc-id,Values={repair.vpc_id}", f"Name=service-name,Values={','.join(names)}"),
        query="VpcEndpoints[].[VpcEndpointId,ServiceName,State,PrivateDnsEnabled]",
    )


def describe_endpoint(repair: Repair[Blocker], endpoint: str) -> str:
    return repair.ec2(
        "describe-vpc-endpoints",
        vpc_endpoint_ids=endpoint,
        query="VpcEndpoints[].[VpcEndpointId,ServiceName,State,PrivateDnsEnabled]",
    )
