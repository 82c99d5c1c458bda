"""Repairs of VPC endpoints: create, associate, turn on private DNS, wait or make anew."""

from __future__ import annotations

from diagnostics.faults.network.fixes.repair import Repair
from diagnostics.faults.network.fixes.snippets import (
    Option,
    Reference,
    existing,
    hcl,
    joined,
    lines,
    template,
)
from diagnostics.finding import Fix
from diagnostics.snapshot import VpcEndpoint, known_or

HTTPS: dict[str, object] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
SHORT_NAMES = ("ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager", "ssm")
GROUP_NAME = "vpc-endpoints-https"


def _short(service: str) -> str:
    """The service of an endpoint service name: `ecr.api` of `com.amazonaws.us-east-1.ecr.api`."""
    return next((item for item in SHORT_NAMES if service.endswith(f".{item}")), service.rsplit(".", 1)[-1])


def _wanted(repair: Repair) -> tuple[str, ...]:
    """The endpoint services that this pull needs in the VPC's Region and that the VPC lacks."""
    needed = [leg.service for leg in repair.world.pull.legs if leg.service and leg.region == repair.region]
    names = dict.fromkeys(
        repair.service_name(service) for service in sorted(set(needed), key=SHORT_NAMES.index)
    )
    present = {item.service_name for item in repair.endpoints}
    return tuple(name for name in names if name not in present)


def _sister(repair: Repair) -> VpcEndpoint | None:
    """An interface endpoint that the pull uses already; its security groups suit another one."""
    for item in repair.endpoints:
        if item.groups and _short(item.service_name) in SHORT_NAMES:
            return item
    return None


def create_endpoints(repair: Repair, services: tuple[str, ...] = ()) -> Fix:
    """The endpoints of these services, by default all that the pull needs and the VPC lacks."""
    names = services or _wanted(repair) or (repair.endpoint_service,)
    interfaces = tuple(name for name in names if _short(name) != "s3")
    gateways = tuple(name for name in names if _short(name) == "s3")
    sister = _sister(repair)
    groups = tuple(group.group_id for group in sister.groups) if sister else ("ENDPOINT_GROUP_ID",)
    commands, terraform, cloudformation = [_dns_on(repair)], list[str](), list[str]()
    references: tuple[str | Reference, ...] = groups
    if interfaces and sister is None:
        puller = repair.puller_group_id or "PULLING_GROUP_ID"
        references = (Reference("aws_security_group.endpoints.id", "!Ref EndpointGroup"),)
        commands.extend(_new_group(repair, puller))
        terraform.extend(_group_terraform(repair, puller))
        cloudformation.append(_group_template(repair, puller))
    for name in interfaces:
        options: dict[str, Option] = {
            "vpc_endpoint_type": "Interface", "vpc_id": repair.vpc_id, "service_name": name,
            "subnet_ids": repair.endpoint_subnets, "security_group_ids": groups, "private_dns_enabled": True,
        }  # fmt: skip
        commands.append(repair.ec2("create-vpc-endpoint", **options))
        label = _short(name)
        terraform.append(hcl("aws_vpc_endpoint", label, **{**options, "security_group_ids": references}))
        cloudformation.append(
            template(
                label, "AWS::EC2::VPCEndpoint", VpcEndpointType="Interface", VpcId=repair.vpc_id, ServiceName=name,
                SubnetIds=repair.endpoint_subnets, SecurityGroupIds=references, PrivateDnsEnabled=True,
            )
        )  # fmt: skip
    for name in gateways:
        commands.append(_create_gateway(repair, name))
        terraform.append(
            hcl(
                "aws_vpc_endpoint", "s3", vpc_endpoint_type="Gateway", vpc_id=repair.vpc_id, service_name=name,
                route_table_ids=repair.gateway_tables,
            )
        )  # fmt: skip
        cloudformation.append(
            template(
                "s3", "AWS::EC2::VPCEndpoint", VpcEndpointType="Gateway", VpcId=repair.vpc_id, ServiceName=name,
                RouteTableIds=repair.gateway_tables,
            )
        )  # fmt: skip
    return Fix(
        text=_text(repair, interfaces, gateways, sister),
        cli=lines(*commands),
        terraform="\n".join(terraform),
        cloudformation="\n".join(cloudformation),
        verify=verify_endpoints(repair, names),
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
    repair: Repair, interfaces: tuple[str, ...], gateways: tuple[str, ...], sister: VpcEndpoint | None
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
            f"the interface {kind} {joined(_short(name) for name in interfaces)} in {joined(repair.endpoint_subnets)}, "
            f"with private DNS and {group}"
        )
    if gateways:
        parts.append(f"the S3 gateway endpoint on {joined(repair.gateway_tables)}")
    dns = (
        " Private DNS needs both DNS attributes of the VPC on, so they come first." if _dns_on(repair) else ""
    )
    cost = " Interface endpoints are billed by the hour in each subnet." if interfaces else ""
    if interfaces:
        others = "" if sister else ": let in whatever else in the VPC calls these services, too"
        cost += f" With private DNS they take the traffic of every subnet of the VPC{others}."
    return f"Create {'; and '.join(parts)} (VPC {repair.vpc_id}).{dns}{cost}"


def _dns_on(repair: Repair) -> str:
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


def _new_group(repair: Repair, puller: str) -> tuple[str, str]:
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


def _group_terraform(repair: Repair, puller: str) -> tuple[str, str]:
    return (
        hcl("aws_security_group", "endpoints", name=GROUP_NAME, vpc_id=repair.vpc_id),
        hcl(
            "aws_vpc_security_group_ingress_rule", "endpoints_https",
            security_group_id=Reference("aws_security_group.endpoints.id", ""), ip_protocol="tcp",
            from_port=443, to_port=443, referenced_security_group_id=puller,
        ),
    )  # fmt: skip


def _group_template(repair: Repair, puller: str) -> str:
    rule = {**HTTPS, "SourceSecurityGroupId": puller}
    return template(
        "EndpointGroup", "AWS::EC2::SecurityGroup", GroupDescription="HTTPS from tasks to VPC endpoints",
        VpcId=repair.vpc_id, SecurityGroupIngress=[rule],
    )  # fmt: skip


def _create_gateway(repair: Repair, name: str) -> str:
    return repair.ec2(
        "create-vpc-endpoint", vpc_endpoint_type="Gateway", vpc_id=repair.vpc_id, service_name=name,
        route_table_ids=repair.gateway_tables,
    )  # fmt: skip


def verify_endpoints(repair: Repair, names: tuple[str, ...]) -> str:
    """Shows the state of the endpoints of these services in the VPC."""
    return repair.ec2(
        "describe-vpc-endpoints",
        filters=(f"Name=vpc-id,Values={repair.vpc_id}", f"Name=service-name,Values={','.join(names)}"),
        query="VpcEndpoints[].[VpcEndpointId,ServiceName,State,PrivateDnsEnabled]",
    )


def _describe(repair: Repair, endpoint: str) -> str:
    return repair.ec2(
        "describe-vpc-endpoints",
        vpc_endpoint_ids=endpoint,
        query="VpcEndpoints[].[VpcEndpointId,ServiceName,State,PrivateDnsEnabled]",
    )


def missing(repair: Repair) -> Fix:
    """The one endpoint that is missing."""
    return create_endpoints(repair, (repair.endpoint_service,))


def _endpoint_id(repair: Repair) -> str:
    return repair.fact("endpoint_id") or repair.trace.endpoint_id or "VPC_ENDPOINT_ID"


def associate_s3(repair: Repair) -> Fix:
    """The S3 gateway endpoint put on the pulling subnet's route table."""
    endpoint, table = _endpoint_id(repair), repair.route_table_id
    known = repair.endpoint(endpoint)
    present = repair.facts("gateway_table_ids") or (known.route_table_ids if known else ())
    return Fix(
        text=(
            f"Associate S3 gateway endpoint {endpoint} with route table {table}. AWS adds the route to S3; open "
            "connections to S3 from the table's subnets are reset once."
        ),
        cli=repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, add_route_table_ids=table),
        terraform=hcl(
            "aws_vpc_endpoint_route_table_association", "s3", vpc_endpoint_id=endpoint, route_table_id=table
        ),
        cloudformation=existing(
            template(
                "s3", "AWS::EC2::VPCEndpoint", VpcEndpointType="Gateway", VpcId=repair.vpc_id,
                ServiceName=repair.endpoint_service, RouteTableIds=tuple(dict.fromkeys((*present, table))),
            )
        ),
        verify=repair.ec2(
            "describe-vpc-endpoints", vpc_endpoint_ids=endpoint, query="VpcEndpoints[].RouteTableIds"
        ),
        undo=repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, remove_route_table_ids=table),
    )  # fmt: skip


def private_dns_on(repair: Repair) -> Fix:
    """Private DNS turned on for the endpoint."""
    endpoint = _endpoint_id(repair)
    known = repair.endpoint(endpoint)
    service = known.service_name if known else repair.endpoint_service
    first = _dns_on(repair)
    need = " It needs both DNS attributes of the VPC on, so they come first." if first else ""
    return Fix(
        text=(
            f"Turn on private DNS for {endpoint} ({_short(service)}).{need} From then on the endpoint takes this "
            "service's traffic of every subnet of the VPC, so its security group must admit them all on 443."
        ),
        cli=lines(
            first, repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, private_dns_enabled=True)
        ),
        terraform=_terraform_of(repair, known, service),
        cloudformation=_template_of(repair, known, service),
        verify=_describe(repair, endpoint),
        undo=repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, private_dns_enabled=False),
    )


def _terraform_of(repair: Repair, known: VpcEndpoint | None, service: str) -> str:
    """The endpoint as it should be, as Terraform."""
    arguments: dict[str, object] = {"vpc_id": repair.vpc_id, "service_name": service}
    if known is not None and known.route_table_ids:
        arguments |= {"vpc_endpoint_type": "Gateway", "route_table_ids": known.route_table_ids}
    else:
        arguments |= {
            "vpc_endpoint_type": "Interface",
            "subnet_ids": known.subnet_ids if known else repair.endpoint_subnets,
            "private_dns_enabled": True,
        }
    if known is not None and known.groups:
        arguments["security_group_ids"] = tuple(group.group_id for group in known.groups)
    return existing(hcl("aws_vpc_endpoint", _short(service), **arguments))


def _template_of(repair: Repair, known: VpcEndpoint | None, service: str) -> str:
    """The endpoint as it should be, as CloudFormation."""
    properties: dict[str, object] = {"VpcId": repair.vpc_id, "ServiceName": service}
    if known is not None and known.route_table_ids:
        properties |= {"VpcEndpointType": "Gateway", "RouteTableIds": known.route_table_ids}
    else:
        properties |= {
            "VpcEndpointType": "Interface",
            "SubnetIds": known.subnet_ids if known else repair.endpoint_subnets,
            "PrivateDnsEnabled": True,
        }
    if known is not None and known.groups:
        properties["SecurityGroupIds"] = tuple(group.group_id for group in known.groups)
    return existing(template(_short(service), "AWS::EC2::VPCEndpoint", **properties))


def make_available(repair: Repair) -> Fix:
    """Waits for an endpoint that is on its way, and makes one anew that is not."""
    endpoint = _endpoint_id(repair)
    known = repair.endpoint(endpoint)
    state = (repair.fact("state") or (known.state if known else None) or "").lower()
    if state == "pending":
        return Fix(
            text=f"Wait: endpoint {endpoint} is pending and should be available within minutes. Then start the task again.",
            cli=_describe(repair, endpoint),
            verify=_describe(repair, endpoint),
        )
    service = known.service_name if known else repair.endpoint_service
    made = create_endpoints(repair, (service,))
    if state in ("deleting", "deleted"):
        return made.model_copy(update={"text": f"Endpoint {endpoint} is going away. {made.text}"})
    return made.model_copy(
        update={
            "text": f"Delete endpoint {endpoint} ({state or 'not available'}) and make it anew once it is gone. {made.text}",
            "cli": lines(repair.ec2("delete-vpc-endpoints", vpc_endpoint_ids=endpoint), made.cli),
        }
    )


def dual_stack(repair: Repair) -> Fix:
    """The endpoint made dual-stack, with IPv6 addresses in its DNS answers."""
    endpoint = _endpoint_id(repair)
    known = repair.endpoint(endpoint)
    service = known.service_name if known else repair.endpoint_service
    kind = (known.vpc_endpoint_type if known else None) or "Interface"
    before = (known.ip_address_type if known else None) or "ipv4"
    named: dict[str, Option] = {"vpc_endpoint_id": endpoint}
    is_interface = kind.lower() == "interface"

    def answers(record: str) -> dict[str, Option]:
        return {"dns_options": {"DnsRecordIpType": record}} if is_interface else {}

    both = "dualstack"
    return Fix(
        text=f"Make endpoint {endpoint} dual-stack; each of its subnets needs an IPv6 range for that.",
        cli=repair.ec2("modify-vpc-endpoint", **named, ip_address_type=both, **answers(both)),
        terraform=existing(
            hcl(
                "aws_vpc_endpoint", _short(service), vpc_id=repair.vpc_id, service_name=service,
                vpc_endpoint_type=kind, ip_address_type=both,
            )
        ),
        cloudformation=existing(
            template(
                _short(service), "AWS::EC2::VPCEndpoint", VpcId=repair.vpc_id, ServiceName=service,
                VpcEndpointType=kind, IpAddressType=both,
            )
        ),
        verify=repair.ec2(
            "describe-vpc-endpoints", vpc_endpoint_ids=endpoint, query="VpcEndpoints[].[VpcEndpointId,IpAddressType]"
        ),
        undo=repair.ec2("modify-vpc-endpoint", **named, ip_address_type=before, **answers(before)),
    )  # fmt: skip
