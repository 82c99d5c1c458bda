"""Repairs of public addresses and of VPC Block Public Access."""

from __future__ import annotations

from diagnostics.faults.network.fixes.repair import Repair
from diagnostics.faults.network.fixes.snippets import Option, existing, hcl, lines, template
from diagnostics.finding import Fix
from diagnostics.snapshot import known_value
from diagnostics.write import code_string


def public_address(repair: Repair) -> Fix:
    """A public address for what pulls: assignPublicIp on Fargate, an Elastic IP address on an instance."""
    return _assign_public_ip(repair) if repair.is_fargate else _elastic_address(repair)


def _elsewhere(repair: Repair, what: str) -> str:
    nat = repair.nat_gateway_id
    via = f" (NAT gateway {nat} works)" if nat else ""
    return f" Or move {what} to a private subnet whose route table leads to a NAT gateway{via}."


def _assign_public_ip(repair: Repair) -> Fix:
    configuration, service = repair.configuration, repair.service
    subnets = list(configuration.subnets) if configuration else [repair.subnet_id]
    own = known_value(repair.interface.security_group_ids)
    groups = list((configuration.security_groups if configuration else ()) or own or ("SECURITY_GROUP_ID",))

    def network(assign: str) -> dict[str, object]:
        return {
            "awsvpcConfiguration": {"subnets": subnets, "securityGroups": groups, "assignPublicIp": assign}
        }

    terraform = (
        'resource "aws_ecs_service" "this" {\n'
        f"  name = {code_string(service or 'SERVICE')}\n"
        "  network_configuration {\n"
        f"    subnets          = {_quoted(subnets)}\n"
        f"    security_groups  = {_quoted(groups)}\n"
        "    assign_public_ip = true\n"
        "  }\n"
        "}"
    )
    cloudformation = template(
        "Service", "AWS::ECS::Service",
        NetworkConfiguration={
            "AwsvpcConfiguration": {"Subnets": subnets, "SecurityGroups": groups, "AssignPublicIp": "ENABLED"}
        },
    )  # fmt: skip
    if service is None:
        definition = known_value(repair.world.snapshot.task_definition)
        name = (definition.task_definition_arn if definition else None) or "TASK_DEFINITION"
        return Fix(
            text=(
                "Run the task again with assignPublicIp ENABLED: no service holds this setting for a task that was "
                f"started alone.{_elsewhere(repair, 'it')}"
            ),
            cli=repair.aws(
                "ecs", "run-task", cluster=repair.cluster, task_definition=name, launch_type="FARGATE",
                network_configuration=network("ENABLED"),
            ),
            verify=repair.aws("ecs", "list-tasks", cluster=repair.cluster, desired_status="RUNNING"),
        )  # fmt: skip
    where: dict[str, Option] = {"cluster": repair.cluster, "service": service}
    return Fix(
        text=(
            f"Set assignPublicIp of service {service} to ENABLED; this starts a new deployment."
            f"{_elsewhere(repair, 'the service')}"
        ),
        cli=repair.aws("ecs", "update-service", **where, network_configuration=network("ENABLED")),
        terraform=existing(terraform),
        cloudformation=existing(cloudformation),
        verify=repair.aws(
            "ecs", "describe-services", cluster=repair.cluster, services=service,
            query="services[].networkConfiguration.awsvpcConfiguration.assignPublicIp",
        ),
        undo=repair.aws("ecs", "update-service", **where, network_configuration=network("DISABLED")),
    )  # fmt: skip


def _quoted(items: list[str]) -> str:
    return "[" + ", ".join(map(code_string, items)) + "]"


def _elastic_address(repair: Repair) -> Fix:
    interface = repair.fact("interface_id") or repair.interface.interface_id or "NETWORK_INTERFACE_ID"
    instance = repair.fact("instance_id") or repair.interface.instance_id or "the container instance"
    return Fix(
        text=(
            f"Give {instance} an Elastic IP address on its primary network interface {interface}: the image is pulled "
            f"by the host, not by the task's interface.{_elsewhere(repair, 'the instance')}"
        ),
        cli=lines(
            repair.ec2("allocate-address", domain="vpc"),
            repair.ec2("associate-address", allocation_id="ALLOCATION_ID", network_interface_id=interface),
        ),
        terraform=hcl("aws_eip", "host", domain="vpc", network_interface=interface),
        cloudformation=lines(
            template("HostAddress", "AWS::EC2::EIP", Domain="vpc"),
            "HostAddressAssociation:\n  Type: AWS::EC2::EIPAssociation\n  Properties:\n"
            "    AllocationId: !GetAtt HostAddress.AllocationId\n"
            f"    NetworkInterfaceId: {interface}",
        ),
        verify=repair.ec2(
            "describe-network-interfaces",
            network_interface_ids=interface,
            query="NetworkInterfaces[].Association.PublicIp",
        ),
        undo=lines(
            repair.ec2("disassociate-address", association_id="ASSOCIATION_OF_ADDRESS"),
            repair.ec2("release-address", allocation_id="ALLOCATION_ID"),
        ),
    )


def exclusion(repair: Repair) -> Fix:
    """An exclusion from VPC Block Public Access, only as wide as the path needs.

    An egress-only exclusion lets out what goes through NAT and egress-only gateways; a public address on the interface
    itself needs a bidirectional one.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
    """
    indirect = repair.trace.via in ("nat_gateway", "egress_only_internet_gateway")
    mode = "allow-egress" if indirect else "allow-bidirectional"
    where: dict[str, Option] = {"vpc_id": repair.vpc_id} if indirect else {"subnet_id": repair.subnet_id}
    excluded = repair.vpc_id if indirect else repair.subnet_id
    present = repair.fact("exclusion_id")
    if present and not indirect:
        change: dict[str, Option] = {"exclusion_id": present}
        return Fix(
            text=(
                f"Change exclusion {present} from allow-egress to {mode}: the interface has a public address of its own, "
                "so an egress-only exclusion does not cover it."
            ),
            cli=repair.ec2(
                "modify-vpc-block-public-access-exclusion", **change, internet_gateway_exclusion_mode=mode
            ),
            verify=repair.ec2("describe-vpc-block-public-access-exclusions", exclusion_ids=present),
            undo=repair.ec2(
                "modify-vpc-block-public-access-exclusion",
                **change,
                internet_gateway_exclusion_mode="allow-egress",
            ),
        )
    return Fix(
        text=(
            f"Exclude {excluded} from VPC Block Public Access with mode {mode}; it takes a few minutes. If the setting "
            "is managed by a declarative policy of the organization, ask its owners. Endpoints for ecr.api, ecr.dkr and "
            "S3 do without an exclusion."
        ),
        cli=repair.ec2(
            "create-vpc-block-public-access-exclusion", **where, internet_gateway_exclusion_mode=mode
        ),
        terraform=hcl(
            "aws_vpc_block_public_access_exclusion", "pull", **where, internet_gateway_exclusion_mode=mode
        ),
        cloudformation=template(
            "PullExclusion", "AWS::EC2::VPCBlockPublicAccessExclusion",
            **{"VpcId" if indirect else "SubnetId": excluded}, InternetGatewayExclusionMode=mode,
        ),
        verify=repair.ec2(
            "describe-vpc-block-public-access-exclusions",
            query="VpcBlockPublicAccessExclusions[].[ResourceArn,InternetGatewayExclusionMode,State]",
        ),
        undo=repair.ec2("delete-vpc-block-public-access-exclusion", exclusion_id="EXCLUSION_ID"),
    )  # fmt: skip
